"""Where the ledger decides: failed treatments of pain, and the page that names what is missing of a treatment."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lowtide.data.policies import policy
from lowtide.pathway.evaluate.facts import Requested
from lowtide.pathway.evaluate.rules import evaluate
from lowtide.record import store
from lowtide.record.entries.base import Answer, Body
from lowtide.record.entries.history import HistoryTaken, TreatmentTrial
from tests.conftest import said
from tests.pathway.evaluate.charts import NO, TODAY, YES, chart, facts, trial
from tests.pathway.evaluate.charts import said as answered

CRPS = Requested("crps", "racemic_ketamine", "iv", "outpatient")
BUDAPEST = answered("budapest_clinical", YES)


def pained(agent: str, **changes: Any) -> TreatmentTrial:
    told = {"treatment": "pain", "daily_dose_mg": None, "current_episode": NO}
    return trial(agent, changes.pop("weeks", 10), **(told | changes))


def says(*bodies: Body) -> tuple[str, str]:
    """What the rule on CRPS decides, and what it still asks."""
    found = evaluate(
        facts(chart(BUDAPEST, *bodies)), CRPS, policy("default"), TODAY, among=frozenset({"C050"})
    )
    return found.decision, "".join(m.question for m in found.missing)


def test_the_ledger_counts_failed_treatments_of_pain() -> None:
    assert says(pained("physiotherapy"), pained("mirror therapy")) == ("eligible", "")
    assert says(pained("physiotherapy"), HistoryTaken(items=("trials",))) == ("not_eligible", "")


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("field", ["adherence", "result", "weeks"])
def test_a_treatment_of_pain_of_which_something_is_not_known_may_count_and_is_named(field: str) -> None:
    decision, asks = says(pained("physiotherapy"), pained("mirror therapy", **{field: None}))
    assert decision == "defer"
    assert "mirror therapy" in asks
    assert "physiotherapy" not in asks


@pytest.mark.hazard("H028")
def test_a_number_said_and_the_ledger_do_not_cancel_each_other() -> None:
    none, many = answered("first_line_failed", YES, "0"), answered("first_line_failed", YES, "3")
    both = (pained("physiotherapy"), pained("mirror therapy"))
    assert says(none, *both)[0] == "eligible"
    assert says(many, both[0])[0] == "eligible"
    assert says(none, both[0])[0] == "not_eligible"


def test_a_treatment_that_helped_or_was_not_taken_is_no_failure() -> None:
    helped, missed = pained("physiotherapy", result="response"), pained("mirror therapy", adherence="partial")
    assert says(helped, missed, HistoryTaken(items=("trials",)))[0] == "not_eligible"


def test_the_page_says_what_is_missing_of_which_treatment_and_leads_to_the_ledger(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient = new_patient()
    bodies: list[Body] = [trial("sertraline", adherence=None), trial("venlafaxine")]
    store.append([said(body, f"chart:{patient}") for body in bodies])
    asked = "indication=trd&product=racemic_ketamine&route=iv"
    html = sign_in("prescriber").get(f"/patients/{patient}/evaluate?{asked}").content.decode()
    assert "sertraline: whether it was taken as prescribed is not recorded" in html
    assert f'href="/patients/{patient}/ledger"' in html


def test_by_the_dose_writes_down_what_the_table_says(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    form = {"agent": "sertraline", "treatment": "antidepressant", "current_episode": "yes"}
    for mg, entry_id in (("100", UUID(int=71)), ("25", UUID(int=72))):
        told = form | {"daily_dose_mg": mg, "minimum_effective_dose": "by_dose", "entry_id": str(entry_id)}
        assert nurse.post(f"/patients/{patient}/ledger/add", told).status_code == 302
    kept = store.load(f"chart:{patient}").said(TreatmentTrial)
    assert {b.daily_dose_mg: b.minimum_effective_dose for _, b in kept} == {100: Answer.YES, 25: Answer.NO}
