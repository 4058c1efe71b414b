"""Emergencies at the chair: a checklist is opened, ticked, ended; who acts on suicidality is called."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from lowtide.data import monitoring
from lowtide.data.emergencies import checklists, suggested_by
from lowtide.pathway.course.raised_forms import open_risks
from lowtide.pathway.session.actions import charting, closing, emergency, preparing
from lowtide.pathway.session.actions import dosing as pump
from lowtide.pathway.session.projections import rows
from lowtide.pathway.session.rules.emergencies import Run, running, runs, suggested
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.thresholds import crossings, pressing
from lowtide.problems import Refused
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.care import RiskReviewed
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.events import AdverseEvent
from tests.pathway.session.conftest import GOOD, READ, Care

SignIn = Callable[..., Client]


@pytest.fixture
def dosing(new_care: Callable[..., Care]) -> Care:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=32))
    care.prepare()
    care.begin()
    return care


def opened(care: Care, key: str = "hypertension", minutes: float = 20) -> Entry:
    return emergency.open_checklist(care.act(minutes), key)[0]


def run(care: Care) -> Run:
    (found,) = runs(session_facts(care.chart, care.session))
    return found


def suggestions(care: Care) -> list[str]:
    facts = session_facts(care.chart, care.session)
    return [key for key, _ in suggested(facts, pressing(crossings(facts, monitoring.items()), care.at(32)))]


def test_every_rule_that_suggests_a_checklist_is_one_that_is_watched() -> None:
    assert {rule for one in checklists().values() for rule in one.rules} <= set(monitoring.items())


def test_every_step_without_a_seen_source_says_so() -> None:
    steps = [step for one in checklists().values() for step in one.steps]
    assert not [step.id for step in steps if step.verified and not step.source]


def test_each_tick_keeps_who_and_when(dosing: Care) -> None:
    entry = opened(dosing)
    emergency.tick(dosing.act(21), entry.id, "stop")
    emergency.tick(dosing.act(22, dosing.prescriber), entry.id, "call", done=False)
    first, second, *rest = run(dosing).steps
    assert (first.state, second.state) == ("done", "not_needed")
    assert first.entry
    assert second.entry
    assert (first.entry.by, second.entry.by) == (dosing.nurse.by, dosing.prescriber.by)
    assert {step.state for step in rest} == {"open"}


def test_a_step_that_was_not_needed_can_be_done_after_all(dosing: Care) -> None:
    entry = opened(dosing)
    emergency.tick(dosing.act(21), entry.id, "stop", done=False)
    emergency.tick(dosing.act(22), entry.id, "stop")
    assert run(dosing).steps[0].state == "done"


def test_it_ends_with_an_outcome_and_ticks_nothing_for_anybody(dosing: Care) -> None:
    entry = opened(dosing)
    emergency.end(dosing.act(30), entry.id, outcome="settled")
    assert run(dosing).left == len(checklists()["hypertension"].steps)
    assert not running(session_facts(dosing.chart, dosing.session))
    with pytest.raises(Refused, match="has ended"):
        emergency.tick(dosing.act(31), entry.id, "stop")


def test_a_step_of_another_checklist_is_refused(dosing: Care) -> None:
    with pytest.raises(Refused, match="no such step"):
        emergency.tick(dosing.act(21), opened(dosing).id, "jaw")


@pytest.mark.hazard("H015")
def test_a_crossed_threshold_suggests_its_checklist_until_it_is_open(dosing: Care) -> None:
    dosing.measure(20, sbp_mmhg=204, dbp_mmhg=100)
    assert suggestions(dosing) == ["hypertension"]
    opened(dosing, minutes=21)
    assert suggestions(dosing) == []


@pytest.mark.hazard("H021")
def test_deep_sedation_suggests_the_checklist_for_breathing(dosing: Care) -> None:
    charting.rating(dosing.act(20), scale="moaas", value=Decimal(1))
    assert "respiratory_depression" in suggestions(dosing)
    assert suggested_by("M20") == "respiratory_depression"


@pytest.mark.hazard("H026")
def test_the_checklist_for_suicidality_calls_those_who_act_on_it(dosing: Care) -> None:
    entry = opened(dosing, "suicidality")
    (risk,) = open_risks(dosing.chart)
    assert (risk.form, risk.instrument) == (entry.id, "At the chair")
    body = RiskReviewed(answers=entry.id, action="prescriber at the chair, plan gone through", closed=True)
    dosing.write(body, 25)
    assert open_risks(dosing.chart) == ()


@pytest.mark.hazard("H026")
def test_another_emergency_calls_nobody_on_suicidality(dosing: Care) -> None:
    opened(dosing, "vomiting")
    assert open_risks(dosing.chart) == ()


@pytest.mark.hazard("H026")
def test_an_answer_at_the_time_out_that_speaks_of_suicide_is_raised(new_care: Callable[..., Care]) -> None:
    care = new_care()
    care.book()
    answers = GOOD | {"cssrs_since_last_visit": Answer.YES}
    preparing.time_out(care.act(-5), typed="1983-03-14", chair="3", answers=answers)
    (risk,) = open_risks(care.chart)
    assert "answered with yes" in risk.text


@pytest.mark.hazard("H026")
def test_leaving_with_not_safe_to_go_is_raised(dosing: Care) -> None:
    from decimal import Decimal

    from lowtide.pathway.session.actions import dosing as pump

    pump.stop(dosing.act(30), delivered_ml=Decimal(30), complete=False, reason="asked to stop")
    answers = {"cssrs_repeated": Answer.NO}
    closing.discharge(dosing.act(31), answers=answers, against_advice=True, reason="left")
    assert [risk.instrument for risk in open_risks(dosing.chart)] == ["At the chair"]


@pytest.mark.hazard("H026")
def test_the_risk_from_the_chair_has_its_page_and_its_place_on_today(dosing: Care, sign_in: SignIn) -> None:
    entry, client = opened(dosing, "suicidality"), sign_in("prescriber")
    page = client.get(reverse("outcomes:risk", args=[dosing.patient, entry.id]))
    assert page.status_code == 200
    assert "Suicidal thoughts" in page.content.decode()
    assert "The checklist" in client.get("/today").content.decode()


def test_the_board_tells_the_emergency_first(dosing: Care) -> None:
    dosing.measure(20, sbp_mmhg=204, dbp_mmhg=100)
    opened(dosing, minutes=21)
    (row,) = rows(dosing.chart)
    assert row["reminders"][0][3] == "Emergency: Hypertension"


def test_one_tap_opens_it_a_second_tap_finds_the_same(dosing: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    base = f"/patients/{dosing.patient}/sessions/{dosing.session}"
    first = nurse.post(f"{base}/emergencies", {"checklist": "vomiting"})
    second = sign_in("nurse").post(f"{base}/emergencies", {"checklist": "vomiting"})
    assert first["Location"] == second["Location"]
    page = nurse.get(first["Location"]).content.decode()
    form = re.search(r'action="([^"]+/steps/side)".*?name="entry_id" value="([^"]+)"', page, re.S)
    assert form
    for _ in range(2):
        nurse.post(form[1], {"entry_id": form[2], "done": "yes"})
    assert [s.state for s in run(dosing).steps][:2] == ["done", "open"]
    assert "Test Nurse" in nurse.get(first["Location"]).content.decode()


def test_a_reading_that_suggests_it_shows_the_way_on_the_session_page(dosing: Care, sign_in: SignIn) -> None:
    charting.vitals(dosing.act(30), Vitals(sbp_mmhg=204, dbp_mmhg=100))
    base = f"/patients/{dosing.patient}/sessions/{dosing.session}"
    page = sign_in("nurse").get(base).content.decode()
    assert "Open the checklist: Hypertension" in page
    assert "Open the checklist: Hypertension" in sign_in("nurse").get(f"{base}/live").content.decode()


@pytest.mark.hazard("H022")
@pytest.mark.parametrize("way", ["leave", "leave/against-advice"])
def test_the_way_out_names_what_is_not_over(dosing: Care, sign_in: SignIn, way: str) -> None:
    address = f"/patients/{dosing.patient}/sessions/{dosing.session}/{way}"
    entry = opened(dosing)
    pump.stop(dosing.act(25), delivered_ml=Decimal(30), complete=False, reason="pressure")
    body = AdverseEvent(term="blood_pressure", grade=3, serious=Answer.NO, outcome="ongoing")
    dosing.write(body, 26, session=dosing.session)
    page = sign_in("nurse").get(address).content.decode()
    assert "nobody said how it ended" in page
    assert "severe, not over yet" in page
    emergency.end(dosing.act(30), entry.id, outcome="settled")
    assert "nobody said how it ended" not in sign_in("nurse").get(address).content.decode()


def states(care: Care) -> dict[str, str]:
    return {ticked.step.id: ticked.state for ticked in run(care).steps}


def test_a_step_to_stop_the_dose_is_done_with_the_dose_paused_or_stopped_and_open_while_it_runs(
    dosing: Care,
) -> None:
    pump.pause(dosing.act(10))
    pump.resume(dosing.act(12), rate_ml_per_h=Decimal(READ["rate_ml_per_h"]))
    opened(dosing)
    assert states(dosing)["stop"] == "open"
    pump.pause(dosing.act(22))
    assert states(dosing)["stop"] == "done"
    assert states(dosing)["call"] == "open"


def test_where_only_the_end_of_the_dose_will_do_a_pause_leaves_the_step_open(dosing: Care) -> None:
    opened(dosing, "respiratory_depression")
    pump.pause(dosing.act(22))
    assert states(dosing)["stop"] == "open"
    pump.stop(dosing.act(24), delivered_ml=Decimal(30), complete=False, reason="slow breathing")
    assert states(dosing)["stop"] == "done"
