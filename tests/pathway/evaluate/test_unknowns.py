"""The law of unknowns: a chart, or an intake form, of which something is taken away never makes anybody eligible."""

from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data import intake
from lowtide.data.policies import policies, policy
from lowtide.data.rules import DECISIONS
from lowtide.pathway.evaluate.facts import Requested
from lowtide.pathway.evaluate.rules import Evaluation, evaluate
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Body, Entry
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.history import (
    Allergy,
    Diagnosis,
    HistoryItem,
    HistoryTaken,
    Measurement,
    Medicine,
    ProblemStatus,
    Result,
    TreatmentTrial,
)
from lowtide.record.entries.identity import Patient, Sex
from tests.pathway.evaluate.charts import STREAM, TODAY, YES, correction, entry, said, trial, whole_history
from tests.pathway.evaluate.charts import facts as facts_of

ACTIVE, PAST, UNCLEAR = ProblemStatus.ACTIVE, ProblemStatus.PAST, ProblemStatus.UNKNOWN
ASKED = [
    Requested(indication, product, route, "outpatient")
    for indication, product, route in (
        ("trd", "racemic_ketamine", "iv"), ("trd", "esketamine_nasal", "in"), ("mdsi", "esketamine_nasal", "in"),
        ("gad", "racemic_ketamine", "im"), ("social_anxiety", "racemic_ketamine", "iv"),
        ("panic", "racemic_ketamine", "sl"), ("ptsd", "racemic_ketamine", "iv"), ("crps", "racemic_ketamine", "iv"),
        ("fibromyalgia", "racemic_ketamine", "iv"), ("neuropathic", "racemic_ketamine", "sc"),
        ("chronic_pain", "racemic_ketamine", "po"),
    )
]  # fmt: skip
SUITS: dict[str, dict[str, HistoryItem]] = {
    "mdsi": {"dx.mdd": said("dx.mdd", YES, "active"), "cssrs_q2": said("cssrs_q2", YES)},
    "gad": {"dx.gad": said("dx.gad", YES, "active"), "gad7": said("gad7", YES, "18")},
    "social_anxiety": {"dx.social_anxiety": said("dx.social_anxiety", YES, "active")},
    "panic": {"dx.panic": said("dx.panic", YES, "active")},
    "ptsd": {"dx.ptsd": said("dx.ptsd", YES, "active"), "pcl5": said("pcl5", YES, "45")},
    "crps": {"budapest_clinical": said("budapest_clinical", YES)},
    "fibromyalgia": {"dx.fm": said("dx.fm", YES, "active"), "fiqr": said("fiqr", YES, "70")},
    "neuropathic": {"np_probable": said("np_probable", YES), "nrs": said("nrs", YES, "7")},
    "chronic_pain": {"dx.chronic_pain": said("dx.chronic_pain", YES, "active"), "nrs": said("nrs", YES, "7")},
}
"""What makes the person of the whole history one that a request is for."""
FAILED = said("first_line_failed", YES, "3")
LEDGER = ("crps", "fibromyalgia", "neuropathic", "chronic_pain")
PAINED = tuple(
    trial(agent, 10, treatment="pain", daily_dose_mg=Decimal(mg), current_episode=Answer.NO)
    for agent, mg in (("gabapentin", 1800), ("pregabalin", 300), ("duloxetine", 60), ("physiotherapy", 1))
)
CONDITIONS = [i.removeprefix("dx.") for i, item in intake.items().items() if item.kind == "condition"]
MEDICINES = ["phenelzine", "lorazepam", "theophylline", "morphine", "sertraline", "Tranquilon", "lithium"]
ABOUT = {
    "agent",
    "label",
    "name",
    "substance",
    "item",
    "test",
    "quantity",
    "keys",
    "codings",
    "items",
    "unit",
    "dated",
}
"""Fields that say what a fact is about, or that mean something when empty: `dated` empty says that the time is known."""
EMPTY = {Answer: Answer.NOT_KNOWN, ProblemStatus: ProblemStatus.UNKNOWN, Sex: Sex.UNKNOWN}

dates = st.sampled_from(["2026-11-20", "2026-10-30", "2026-05", "2026", "2025-03", "2012"])
answers = st.sampled_from(list(Answer))
statuses = st.sampled_from([ACTIVE, PAST, UNCLEAR, ProblemStatus.REFUTED])


@st.composite
def trials(draw: st.DrawFn) -> TreatmentTrial:
    return trial(
        draw(st.sampled_from(["sertraline", "venlafaxine", "lithium", "quetiapine", "gabapentin", "CBT", "ECT"])),
        draw(st.none() | st.integers(2, 12)),
        treatment=draw(st.sampled_from([None, "antidepressant", "augmentation", "pain", "psychotherapy", "ect"])),
        daily_dose_mg=draw(st.none() | st.sampled_from([Decimal(10), Decimal(150), Decimal(900)])),
        minimum_effective_dose=draw(answers),
        current_episode=draw(answers),
        adherence=draw(st.sampled_from([None, "good", "partial", "poor"])),
        result=draw(st.sampled_from([None, "none", "partial", "response", "remission", "worse"])),
        improvement_pct=draw(st.none() | st.sampled_from([Decimal(10), Decimal(80)])),
        sessions=draw(st.none() | st.sampled_from([4, 20])),
    )  # fmt: skip


facts: st.SearchStrategy[Body] = st.one_of(
    trials(),
    st.builds(
        Diagnosis,
        label=st.just("as coded"),
        status=statuses,
        keys=st.sampled_from(CONDITIONS).map(lambda key: (key,)),
        onset=st.none() | dates,
    ),
    st.builds(
        Medicine,
        name=st.sampled_from(MEDICINES),
        status=statuses,
        daily_dose_mg=st.none() | st.sampled_from([Decimal(1), Decimal(9), Decimal(120)]),
    ),
    st.builds(Allergy, substance=st.sampled_from(["ketamine", "penicillin", "excipient"]), status=statuses),
    st.builds(Vitals, sbp_mmhg=st.sampled_from([120, 150, 190]), dbp_mmhg=st.sampled_from([70, 95, 115])),
    st.builds(Vitals, spo2_pct=st.sampled_from([88, 98])),
    st.builds(
        Measurement, quantity=st.just("weight_kg"), value=st.sampled_from([Decimal(60), Decimal(100)]), dated=dates
    ),
    st.builds(Result, label=st.just("TSH"), test=st.just("tsh_miu_l"), value=st.sampled_from([Decimal("0.05"), Decimal(2)])),
    st.sampled_from([e.body for e in whole_history() if isinstance(e.body, HistoryItem)]).map(
        lambda item: said(item.item, YES, {"number": "50", "condition": "active"}.get(intake.items()[item.item].kind))
    ),
)  # fmt: skip


def history(asked: Requested, *, ledger: bool) -> list[Entry]:
    """A history in which nothing is open and that suits the request; failed treatments counted, or told as a number."""
    suits = {**SUITS.get(asked.indication, {}), "first_line_failed": FAILED}
    entries = whole_history(**{key.replace(".", "__"): body for key, body in suits.items()})
    if ledger and asked.indication in LEDGER:
        kept = [e for e in entries if getattr(e.body, "item", "") != "first_line_failed"]
        entries = [*kept, *(entry(body, days=1, id=UUID(int=900 + n)) for n, body in enumerate(PAINED))]
    return entries


def one_word_each(entries: list[Entry], added: list[Body]) -> list[Entry]:
    """The entries with facts added in place of those that spoke of the same: another fact must not answer for it."""
    replaced = {word for body in added for word in _about(body)}
    kept = [e for e in entries if not _about(e.body) & replaced]
    return [*kept, *(entry(body, days=0.5, id=UUID(int=500 + n)) for n, body in enumerate(added))]


OF_MEDICINES = {i for i, item in intake.items().items() if item.kind == "medicine" or item.total_over}


def _about(body: Body) -> set[str]:
    match body:
        case HistoryItem(item=item):
            return {item}
        case Diagnosis(keys=keys):
            return {f"dx.{key}" for key in keys}
        case Vitals():
            return {n for n in ("sbp_mmhg", "dbp_mmhg", "spo2_pct") if getattr(body, n) is not None}
        case Measurement(quantity=word) | Result(test=str(word)):
            return {word}
        case Medicine():
            return OF_MEDICINES
        case TreatmentTrial(agent=agent):
            return {f"trial {agent}"}
        case Allergy(substance=substance):
            return {f"allergy.{substance}"}
    return set()


def rank(evaluation: Evaluation) -> int:
    return DECISIONS.index(evaluation.decision)


def judge(entries: list[Entry], asked: Requested, profile: str) -> Evaluation:
    return evaluate(facts_of(Chart.of(STREAM, entries)), asked, policy(profile), TODAY)


def taken_away(one: Entry) -> Iterator[tuple[str, list[Entry]]]:
    """What stands in a fact's place once it is retracted, and once each of its fields is unknown."""
    yield (
        "retracted",
        [one, msgspec.structs.replace(correction(one, EnteredInError()), recorded_at=one.recorded_at)],
    )
    for field in one.body.__struct_fields__:
        value = getattr(one.body, field)
        if field in ABOUT or value in (None, ()) or isinstance(value, bool):
            continue
        if field == "onset" and "suicidal_ideation" in getattr(one.body, "keys", ()):
            continue  # C043 leaves past thoughts without a date to the C-SSRS, which asks everybody about the last month
        if isinstance(value, Enum):
            unknown = EMPTY.get(type(value))
        elif None in _choices(one.body, field):
            unknown = None
        else:
            continue
        body = msgspec.structs.replace(one.body, **{field: unknown})
        yield f"without {field}", [msgspec.structs.replace(one, body=body)]


def _choices(body: Body, field: str) -> tuple[Any, ...]:
    defaults = dict(zip(reversed(body.__struct_fields__), reversed(body.__struct_defaults__), strict=False))
    return (defaults.get(field, "required"),)


@pytest.mark.hazard("H028")
@settings(max_examples=100, deadline=None)
@given(
    st.data(),
    st.sampled_from(ASKED),
    st.booleans(),
    st.sampled_from(sorted(policies())),
    st.lists(facts, max_size=3),
)
def test_a_chart_of_which_something_is_taken_away_never_makes_anybody_eligible(
    data: st.DataObject, asked: Requested, ledger: bool, profile: str, added: list[Body]
) -> None:
    entries = one_word_each(
        history(asked, ledger=ledger), list({frozenset(_about(b)): b for b in added}.values())
    )
    own = [e for e in entries if e.id.int in range(500, 510)]
    one = data.draw(
        st.sampled_from(own or [e for e in entries if not isinstance(e.body, HistoryTaken | Patient)])
    )
    _, instead = data.draw(st.sampled_from(list(taken_away(one))))
    before = judge(entries, asked, profile)
    after = judge([*(e for e in entries if e is not one), *instead], asked, profile)
    assert rank(after) > 0 or rank(before) == 0
    # A condition may come and go; whoever was not to be treated, or to wait, waits at least.
    assert rank(after) >= min(rank(before), DECISIONS.index("defer"))


TURNS: dict[str, tuple[Any, ...]] = {
    "treatment": ("augmentation", "psychotherapy"),
    "daily_dose_mg": (Decimal(10),),
    "minimum_effective_dose": (Answer.NO,),
    "weeks": (Decimal(2),),
    "current_episode": (Answer.NO,),
    "adherence": ("partial", "poor"),
    "result": ("response", "remission"),
}
"""What makes a treatment that counts one that does not, field by field."""


@pytest.mark.hazard("H028")
@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(["trd", *LEDGER]),
    st.sampled_from(sorted(policies())),
    st.dictionaries(st.sampled_from(sorted(TURNS)), st.just(0) | st.just(-1), min_size=1, max_size=2),
    st.sampled_from(["sertraline", "gabapentin"]),
    st.sampled_from([{}, {"started": "2025-01", "stopped": "2025-12"}, {"improvement_pct": Decimal(10)}]),
)
def test_a_treatment_that_does_not_count_waits_once_that_is_not_known(
    indication: str, profile: str, turned: dict[str, int], agent: str, more: dict[str, Any]
) -> None:
    asked = next(r for r in ASKED if r.indication == indication)
    told = trial(agent, 10, **more) if agent == "sertraline" else msgspec.structs.replace(PAINED[0], **more)
    spoilt = msgspec.structs.replace(told, **{f: TURNS[f][way] for f, way in turned.items()})
    rest = [e for e in history(asked, ledger=True) if getattr(e.body, "agent", "") != agent]
    before = judge([*rest, entry(spoilt)], asked, profile)
    for field in turned:
        unknown = EMPTY.get(type(getattr(spoilt, field)))
        after = judge([*rest, entry(msgspec.structs.replace(spoilt, **{field: unknown}))], asked, profile)
        assert rank(after) >= min(rank(before), DECISIONS.index("defer"))
        assert rank(after) > 0 or rank(before) == 0


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("field", ["adherence", "result", "daily_dose_mg", "weeks", "minimum_effective_dose"])
def test_what_is_not_recorded_of_a_treatment_defers_and_is_named(field: str) -> None:
    unknown = Answer.NOT_KNOWN if field == "minimum_effective_dose" else None
    kept = [e for e in whole_history() if getattr(e.body, "agent", "") != "sertraline"]
    found = judge([*kept, entry(trial("sertraline", **{field: unknown}))], ASKED[0], "default")
    assert (found.decision, [m.item for m in found.missing]) == ("defer", ["treatment_trials"])
    assert "sertraline" in found.missing[0].question
    assert "venlafaxine" not in found.missing[0].question


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("asked", ASKED, ids=lambda r: f"{r.indication}-{r.product}")
def test_each_request_has_a_person_that_it_is_for(asked: Requested) -> None:
    for ledger in (False, True):
        found = judge(history(asked, ledger=ledger), asked, "default")
        assert found.decision in ("eligible", "conditional"), [f.rule.id for f in found.findings] + [
            m.item for m in found.missing
        ]
