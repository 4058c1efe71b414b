"""The treatment ledger: what counts under each policy, the staging, and its pages."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.test import Client

from lowtide.data.policies import policies
from lowtide.pathway.evaluate.charted_trials import charted, enough, episode_of
from lowtide.pathway.evaluate.facts import kind_by_name
from lowtide.pathway.evaluate.ledger.counting import Under, pain, under
from lowtide.pathway.evaluate.ledger.page import proposals
from lowtide.pathway.evaluate.ledger.staging import Staging, stage
from lowtide.pathway.evaluate.rules import evaluate
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Body, Entry, Source
from lowtide.record.entries.history import (
    DepressiveEpisode,
    HistoryTaken,
    Medicine,
    ProblemStatus,
    TreatmentTrial,
    TrialJudged,
)
from tests.conftest import said
from tests.pathway.evaluate.charts import TODAY, TRD, chart, facts

NewPatient = Callable[..., UUID]
SignIn = Callable[..., Client]
WHOLE = HistoryTaken(items=("trials",))


def told(agent: str, mg: int, weeks: int = 8, **more: Any) -> TreatmentTrial:
    kind = more.get("treatment", kind_by_name(agent))
    fields: dict[str, Any] = {"treatment": kind, "daily_dose_mg": Decimal(mg), "weeks": Decimal(weeks)}
    fields |= {"minimum_effective_dose": enough(agent, kind, Decimal(mg))}
    fields |= {"current_episode": Answer.YES, "adherence": "good", "result": "none"}
    return TreatmentTrial(agent=agent, **(fields | more))


def counted(*entries: Body | Entry) -> dict[str, Under]:
    made = chart(*entries)
    return {
        name: under(policy, charted(made), facts(made), TODAY, in_force=False)
        for name, policy in policies().items()
    }


def staged(*entries: Body | Entry, on: date = TODAY) -> Staging:
    made = chart(*entries)
    return stage(charted(made), episode_of(made), on, 4, whole="trials" in facts(made).complete)


def test_policies_count_side_by_side_and_say_why() -> None:
    found = counted(WHOLE, told("escitalopram", 20, 5), told("sertraline", 100, 8), told("fluoxetine", 10, 9))
    assert [(c.found, c.met) for c in found["default"].counts] == [("2", True), ("1", True)]
    assert [(c.found, c.met) for c in found["payer"].counts] == [("1", False), ("1", False)]
    why = dict(found["payer"].trials)
    assert why["escitalopram"].text == "5 weeks: at least 6 are asked"
    assert why["fluoxetine"].text == "10 mg a day: below the minimum of 20 mg"


@pytest.mark.hazard("H028")
def test_a_list_that_nobody_called_whole_may_hold_more() -> None:
    found = counted(told("escitalopram", 20))["default"]
    assert found.open
    assert [(c.found, c.met) for c in found.counts] == [("at least 1", None), ("at least 1", True)]


@pytest.mark.parametrize("policy", policies())
def test_the_rules_count_as_the_ledger_does(policy: str) -> None:
    """C045 fires exactly where the ledger says that it is not enough."""
    for trials in ((told("escitalopram", 20, 5), told("venlafaxine", 225)), (told("escitalopram", 5),)):
        made = chart(WHOLE, *trials)
        found = evaluate(facts(made), TRD, policies()[policy], TODAY)
        fires = any(f.rule.id == "C045" and f.decision == "not_eligible" for f in found.findings)
        ledger = under(policies()[policy], charted(made), facts(made), TODAY, in_force=False)
        assert fires is (ledger.met is False)


def test_failed_treatments_of_pain_are_held_against_what_is_asked() -> None:
    made = chart(
        told("gabapentin", 1800, 10, treatment="pain"),
        told("duloxetine", 30, 10, treatment="pain"),
        told("physiotherapy", 1, 12, treatment="pain", daily_dose_mg=None),
        told("pregabalin", 300, 12, treatment="pain", result=None, improvement_pct=Decimal(70)),
    )
    found = pain(policies()["default"], charted(made))
    assert {c.found for c in found} == {"2"}
    assert all(c.met is (int(c.asked) <= 2) for c in found)
    assert not pain(policies()["default"], ())


# -- the staging ----------------------------------------------------------------------------------------------

EPISODE = DepressiveEpisode(started="2025-09-01", severity="moderate")


def test_the_staging_adds_its_five_parts() -> None:
    found = staged(
        WHOLE,
        EPISODE,
        told("escitalopram", 20),
        told("venlafaxine", 225),
        told("bupropion", 300),
        told("lithium", 800, treatment="augmentation"),
    )
    assert [d.score for d in found.dimensions] == [(2, 2), (3, 3), (2, 2), (1, 1), (0, 0)]
    assert (found.score, found.band) == ("8", "moderate")


@pytest.mark.parametrize(
    ("began", "score"), [("2025-11-22", 1), ("2025-10-22", 2), ("2024-11-22", 2), ("2024-10-22", 3)]
)
def test_the_months_of_the_episode_score_at_their_boundaries(began: str, score: int) -> None:
    found = staged(WHOLE, DepressiveEpisode(started=began, severity="mild"), told("escitalopram", 20))
    assert found.dimensions[0].score == (score, score)


def test_what_is_missing_is_named_and_there_is_no_score() -> None:
    found = staged(WHOLE, DepressiveEpisode(started="2024"), told("escitalopram", 20))
    assert (found.score, found.band, found.missing) == ("", "", ("severity",))


def test_a_partial_date_and_an_open_list_make_the_score_a_range() -> None:
    found = staged(DepressiveEpisode(started="2024", severity="severe"), told("escitalopram", 20))
    assert (found.score, found.band) == ("7 to 10", "moderate")


def test_the_staging_stays_within_its_range() -> None:
    agents = [*("escitalopram", "sertraline", "venlafaxine", "bupropion", "mirtazapine", "fluoxetine"),
              *("paroxetine", "citalopram", "duloxetine", "phenelzine", "nortriptyline")]  # fmt: skip
    most = staged(
        WHOLE,
        DepressiveEpisode(started="2010", severity="psychotic"),
        *(told(agent, 400) for agent in agents),
        told("lithium", 900, treatment="augmentation"),
        TreatmentTrial(agent="ECT", treatment="ect", sessions=12, current_episode=Answer.YES),
    )
    least = staged(
        WHOLE, DepressiveEpisode(started="2026-11", severity="subsyndromal"), told("escitalopram", 20)
    )
    assert (most.score, most.band) == ("15", "severe")
    assert (least.score, least.band) == ("3", "mild")


# -- what a record proposes -----------------------------------------------------------------------------------


def test_only_antidepressants_that_ended_are_proposed() -> None:
    past, now = ProblemStatus.PAST, ProblemStatus.ACTIVE
    made = chart(
        Medicine(name="Zoloft 50 mg", status=past),
        Medicine(name="sertraline", status=now),
        Medicine(name="lithium", status=past),
        Medicine(name="fluoxetine", status=ProblemStatus.REFUTED, stopped="2020"),
    )
    assert [p.body.name for p in proposals(made, charted(made))] == ["Zoloft 50 mg"]


# -- the pages ------------------------------------------------------------------------------------------------


def kept(patient: UUID) -> Chart:
    return store.load(f"chart:{patient}")


def fields(**more: str) -> dict[str, str]:
    base = {"agent": "sertraline", "treatment": "antidepressant", "daily_dose_mg": "100", "weeks": "8"}
    rest = {"minimum_effective_dose": "not_known", "current_episode": "yes", "entry_id": str(uuid4())}
    return base | rest | more


def page(client: Client, patient: UUID) -> str:
    return client.get(f"/patients/{patient}/ledger").content.decode()


def test_an_empty_ledger_says_nothing_not_even_none(new_patient: NewPatient, sign_in: SignIn) -> None:
    html = page(sign_in("nurse"), new_patient())
    assert "An empty ledger says nothing" in html
    assert "Nobody has said that the list is whole" in html


def test_a_treatment_is_recorded_once_corrected_and_its_old_wording_struck(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse, form = (
        new_patient(),
        sign_in("nurse"),
        fields(weeks="3", adherence="good", told_by="pharmacy"),
    )
    for _ in range(2):
        assert nurse.post(f"/patients/{patient}/ledger/add", form).status_code == 302
    ((entry, body),) = kept(patient).said(TreatmentTrial)
    assert (body.treatment, body.adherence, body.result) == ("antidepressant", "good", None)
    assert "3 weeks: at least 4 are asked" in page(nurse, patient)
    changed = fields(weeks="9", corrects=str(entry.id), reason="misread the fills")
    assert nurse.post(f"/patients/{patient}/ledger/{entry.id}/correct", changed).status_code == 302
    html = page(nurse, patient)
    assert '<s class="strike">sertraline, 100 mg a day, 3 weeks' in html
    assert "misread the fills" in html


def test_two_corrections_of_one_wording_do_not_overwrite_each_other(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    nurse.post(f"/patients/{patient}/ledger/add", fields())
    entry = kept(patient).said(TreatmentTrial)[0][0]
    url = f"/patients/{patient}/ledger/{entry.id}/correct"
    first, second = (fields(weeks=w, corrects=str(entry.id), reason="as told") for w in ("9", "2"))
    assert nurse.post(url, first).status_code == 302
    assert nurse.post(url, second).status_code == 422
    assert kept(patient).said(TreatmentTrial)[0][1].weeks == 9


def test_bad_input_names_the_field_and_keeps_nothing(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    answer = nurse.post(f"/patients/{patient}/ledger/add", fields(started="May 2025", stopped="May 2024"))
    assert answer.status_code == 422
    assert "It ended before it began" in answer.content.decode()
    assert not kept(patient).said(TreatmentTrial)


@pytest.mark.hazard("H043")
def test_adequacy_is_judged_by_a_prescriber_with_a_reason(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, prescriber = new_patient(), sign_in("prescriber")
    prescriber.post(f"/patients/{patient}/ledger/add", fields(weeks="2"))
    entry = kept(patient).said(TreatmentTrial)[0][0]
    url, judged = (
        f"/patients/{patient}/ledger/{entry.id}/judge",
        {"corrects": str(entry.id), "adequate": "yes"},
    )
    judged["entry_id"] = str(uuid4())
    assert sign_in("nurse").post(url, judged | {"reason": "because"}).status_code == 403
    assert prescriber.post(url, judged).status_code == 422
    assert prescriber.post(url, judged | {"reason": "rash at full dose"}).status_code == 302
    assert kept(patient).said(TrialJudged)[0][1].adequate
    html = page(prescriber, patient)
    assert "a clinician judged it adequate" in html
    assert "rash at full dose" in html


def test_a_medicine_of_the_record_becomes_a_trial_only_by_a_person(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    past = Medicine(
        name="mirtazapine", status=ProblemStatus.PAST, dose="30 mg", started="2024-01", stopped="2024-06"
    )
    medicine = store.append([said(past, f"chart:{patient}", source=Source.IMPORT)])[0]
    assert "Record as a trial" in page(nurse, patient)
    url = f"/patients/{patient}/ledger/add?from={medicine.id}"
    form = nurse.get(url).content.decode()
    assert 'value="mirtazapine"' in form
    assert not kept(patient).said(TreatmentTrial)
    nurse.post(
        url, fields(agent="mirtazapine", daily_dose_mg="30", weeks="", started="2024-01", stopped="2024-06")
    )
    assert kept(patient).said(TreatmentTrial)[0][0].origin == f"chart:{patient}/{medicine.id}"
    assert "Record as a trial" not in page(nurse, patient)


def test_the_episode_is_recorded_and_stages(new_patient: NewPatient, sign_in: SignIn) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    url = f"/patients/{patient}/ledger/episode"
    assert nurse.post(url, {"entry_id": str(uuid4())}).status_code == 422
    began = (datetime.now(UTC) - timedelta(days=100)).strftime("%Y-%m-%d")
    assert (
        nurse.post(url, {"entry_id": str(uuid4()), "started": began, "severity": "severe"}).status_code == 302
    )
    html = page(nurse, patient)
    assert "acute, up to 12 months" in html
    assert "Missing: failed antidepressants" in html


@pytest.mark.parametrize(
    ("field", "value"), [("daily_dose_mg", Decimal(99_999_999)), ("weeks", Decimal(9_000))]
)
def test_a_dose_or_a_length_that_nobody_can_believe_is_not_written(field: str, value: Decimal) -> None:
    (found,) = msgspec.structs.replace(told("sertraline", 100), **{field: value}).problems()
    assert found.where == field
