"""A “no” answers for what was known when it was said: a problem told later is not silenced by it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.data import codes, unasked
from lowtide.pathway.evaluate.asking.given import read
from lowtide.pathway.evaluate.asking.sheet import Row, sections
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Coding, Entry, Source
from lowtide.record.entries.history import Diagnosis, HistoryTaken, ProblemStatus
from tests.conftest import said as written
from tests.pathway.evaluate.charts import (
    NO,
    NOW,
    STREAM,
    TODAY,
    ZONE,
    entry,
    facts,
    judged,
    said,
    whole_history,
)

ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
COARSE = ("I50.9", "F31.9", "I25.10", "G40.909", "H40.9", "E05.90", "S06.9", "I48.91")
WORDS = ("Heart attack", "Psychosis", "Seizure", "Stroke", "AVM", "Porphyria", "Dementia", "Zxqw disease")


def coded(code: str, **more: Any) -> Diagnosis:
    body: dict[str, Any] = {"label": "x", "status": ProblemStatus.ACTIVE, "codings": (Coding(ICD10, code),)}
    return Diagnosis(**(body | more))


def worded(label: str, **more: Any) -> Diagnosis:
    return Diagnosis(**({"label": label, "status": ProblemStatus.ACTIVE} | more))


def whole(*more: Entry) -> list[Entry]:
    return [*whole_history(), *more]


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("problem", [*map(coded, COARSE), *map(worded, WORDS)], ids=str)
@pytest.mark.parametrize("source", [Source.MANUAL, Source.IMPORT])
def test_an_older_no_does_not_silence_a_newer_problem(problem: Diagnosis, source: Source) -> None:
    assert judged(whole()).decision == "eligible"
    found = judged(whole(entry(problem, source=source)))
    assert found.decision != "eligible"
    assert found.missing or found.findings


@pytest.mark.hazard("H028")
def test_a_no_settles_only_what_was_on_record_when_it_was_said() -> None:
    """The problem happened long before, and the record came to hold it after the question was asked."""
    imported = entry(coded("I50.9"), days=400, recorded_at=NOW)
    assert "dx.unstable_cardiac" in {m.item for m in judged(whole(imported)).missing}


def test_a_no_said_after_the_problem_settles_it() -> None:
    doubt = entry(coded("I50.9"), days=0.5)
    asked = {m.item for m in judged(whole(doubt)).missing}
    assert asked
    assert judged(whole(doubt, *(entry(said(item, NO)) for item in asked))).decision == "eligible"


def test_a_list_gone_through_before_the_problem_was_told_denies_nothing_of_it() -> None:
    named = entry(HistoryTaken(items=("dx.unstable_cardiac",)), days=0.6)
    history = whole_history(dx__unstable_cardiac=None)
    after = entry(coded("I50.9"), days=0.5)
    assert judged([*history, named]).decision == "eligible"
    assert "dx.unstable_cardiac" in {m.item for m in judged([*history, named, after]).missing}
    again = entry(HistoryTaken(items=("dx.unstable_cardiac",)))
    assert "dx.unstable_cardiac" not in {m.item for m in judged([*history, named, after, again]).missing}


def test_a_correction_of_its_date_asks_nothing_again_and_one_of_what_it_is_does() -> None:
    first = entry(coded("I50.9"), days=2)
    dated = entry(coded("I50.9", onset="2020"), corrects=first.id, at=first.at, recorded_at=NOW)
    history = [first, *whole_history()]
    assert facts([*history, dated]).reopened() == frozenset()
    other = entry(coded("I48.91"), corrects=first.id, at=first.at, recorded_at=NOW)
    assert "dx.unstable_cardiac" in facts([*history, other]).reopened()


@cache
def matters() -> frozenset[str]:
    """The conditions that change what is said of somebody for whom nothing speaks against treatment."""
    said_of = {
        key: Diagnosis(label=key, status=ProblemStatus.ACTIVE, keys=(key,)) for key in codes.conditions()
    }
    return frozenset(
        key for key, body in said_of.items() if judged(whole(entry(body))).decision != "eligible"
    )


def named() -> list[str]:
    """What they are called."""
    rows = (codes.conditions()[key] for key in matters())
    return [name for one in rows for name in (one.label, *one.also) if not unasked.is_of_others(name)]


def codes_of() -> list[str]:
    """The codes of each, and of what may be one of them."""
    rows = (one for key, one in codes.conditions().items() if {key, *one.may_be} & matters())
    return [start.replace("?", "1") for one in rows for start in one.icd10cm]


@pytest.mark.hazard("H028")
@pytest.mark.parametrize(
    ("onset", "decision"), [(None, "eligible"), ("2019", "eligible"), (TODAY.isoformat(), "defer")]
)
def test_suicidal_thoughts_of_the_past_without_a_date_are_left_to_the_c_ssrs(
    onset: str | None, decision: str
) -> None:
    past = Diagnosis(label="as coded", status=ProblemStatus.PAST, keys=("suicidal_ideation",), onset=onset)
    assert judged(whole(entry(past))).decision == decision


@pytest.mark.hazard("H028")
def test_law_no_problem_that_matters_leaves_anyone_eligible_in_words_or_coarsely_coded() -> None:
    """Whatever was denied before: in words, or by a code, whole or coarse."""
    bodies = (*map(worded, named()), *map(coded, codes_of()))
    assert [body for body in bodies if judged(whole(entry(body))).decision == "eligible"] == []


# -- asking again ---------------------------------------------------------------------------------------------


def row_of(chart: Chart, on: date = TODAY) -> Row:
    rows = (row for section in sections(chart, on, ZONE) for row in section.rows)
    return next(row for row in rows if row.item.id == "dx.unstable_cardiac")


def test_the_question_is_asked_again_with_nothing_chosen() -> None:
    row = row_of(Chart.of(STREAM, whole(entry(coded("I50.9")))))
    assert (row.state, row.given.answer, row.again) == ("missing", "", True)
    assert "before a problem was listed" in row.known
    assert not row_of(Chart.of(STREAM, whole_history())).again
    assert read([row], {f"was-{row.item.id}_id": row.given.was}, TODAY) == ([], {})


@pytest.mark.hazard("H028")
def test_the_same_no_said_anew_is_kept_and_settles_it(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient, client = new_patient("Halvorsen", "Ines"), sign_in("nurse")
    stream, item = f"chart:{patient}", "dx.unstable_cardiac"
    store.append([written(said(item, NO), stream)])
    store.append([written(coded("I50.9"), stream)])
    row = row_of(store.load(stream), datetime.now(UTC).date())
    assert row.again
    posted = {"entry_id": str(uuid4()), f"answer-{item}": "never", f"was-{item}_id": row.given.was}
    assert client.post(f"/patients/{patient}/history/{row.item.section}", posted).status_code == 302
    assert not row_of(store.load(stream), datetime.now(UTC).date()).again
