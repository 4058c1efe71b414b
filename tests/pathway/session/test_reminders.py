"""Reminders are rare, are answered or name somebody, and never fall silent for good."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from lowtide.data import monitoring
from lowtide.data.chair import numbers
from lowtide.pathway.session.actions import charting, reminding
from lowtide.pathway.session.called import called
from lowtide.pathway.session.rules.burden import burden, of_session
from lowtide.pathway.session.rules.compiled import plan, readings
from lowtide.pathway.session.rules.due import Status, due_items
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.rules.facts import facts as facts_of
from lowtide.pathway.session.rules.second import second_person
from lowtide.pathway.session.rules.steps import own_steps
from lowtide.pathway.session.rules.thresholds import crossings, pressing
from lowtide.people.clinic import CLINIC, clinic_chart
from lowtide.problems import Refused
from lowtide.record.entries.base import Body, Draft, Entry
from lowtide.record.entries.chair import Acknowledged, ChairEvent, NotDone, RateChanged, Rating, Vitals
from lowtide.record.entries.reminding import ActionsWritten
from lowtide.virtual.people import people
from lowtide.virtual.readings import vitals
from tests.pathway.session.conftest import Care, person
from tests.pathway.session.making import SESSION, at, bp, dosing, entry, order, scheduled, timed_out
from tests.spec.watched import scene

ITEMS = monitoring.items()
SignIn = Callable[..., Client]
CRISES: tuple[tuple[Body, str], ...] = (
    (Vitals(sbp_mmhg=206, dbp_mmhg=104), "M14"),
    (Vitals(spo2_pct=86), "M18"),
    (Rating(scale="moaas", value=Decimal(1)), "M20"),
    (ChairEvent(what="chest_pain"), "M15"),
    (ChairEvent(what="unsafe"), "M22"),
)


def asks(facts: Facts, minute: float) -> list[str]:
    return [c.rule.id for c in pressing(crossings(facts, ITEMS), at(minute))]


# ---------- rare, and every crisis kept ----------


def quiet_sessions() -> Iterator[list[Entry]]:
    """Fifty sessions of invented people, charted every five minutes by a monitor."""
    crowd = people(7, date(2026, 11, 1))
    for number in range(50):
        chance = random.Random(number)
        someone = crowd[number % len(crowd)]
        yield [entry(vitals(someone, minute, chance), minute) for minute in range(5, 125, 5)]


@pytest.mark.hazard("H019")
def test_fifty_sessions_stay_under_the_agreed_rate_and_keep_every_true_crisis() -> None:
    sessions, crises = [], []
    for number, read in enumerate(quiet_sessions()):
        body, rule = CRISES[number // 5 % len(CRISES)]
        crisis = entry(body, 32) if number % 5 == 0 else None
        facts = dosing(*read, *([crisis] if crisis else []))
        if crisis:
            crises.append(rule)
            known = [e for e in read if e.at <= at(32)]
            assert rule in asks(dosing(*known, crisis), 32)
        sessions.append(of_session(facts, ITEMS))
    found = burden(sessions)
    assert found.sessions == 50
    assert found.asking_per_session <= numbers().reminders_per_session
    assert found.grave == len(crises) == 10


def test_the_report_says_what_was_answered_and_how_soon() -> None:
    high = bp(205, 95, 10)
    session = dosing(
        high, entry(Acknowledged(rule="M14", about=high.id), 13, reason="stopped"), bp(165, 90, 20)
    )
    found = burden([of_session(session, ITEMS), of_session(dosing(), ITEMS)])
    assert [(r.rule, r.count, r.answered, r.median_min) for r in found.rules] == [
        ("M14", 1, 1, 3.0),
        ("M12", 1, 0, None),
    ]
    assert (found.sessions, found.reminders, found.grave_answered, found.per_session) == (2, 2, 1, 1.0)


def test_a_reading_that_two_rules_speak_of_is_one_reminder() -> None:
    assert [t.rule for t in of_session(dosing(bp(205, 125, 10)), ITEMS).told] == ["M14"]
    low = entry(Vitals(spo2_pct=88), 10)
    assert [t.rule for t in of_session(dosing(low), ITEMS).told] == ["M18"]


# ---------- an answer quiets, never for good ----------


@pytest.mark.hazard("H020")
def test_an_answered_emergency_that_goes_on_asks_again_after_two_minutes() -> None:
    low = entry(Rating(scale="moaas", value=Decimal(1)), 10)
    facts = dosing(low, entry(Acknowledged(rule="M20", about=low.id), 11, reason="airway held"))
    assert asks(facts, 12.9) == []
    assert asks(facts, 13) == ["M20"]


@pytest.mark.hazard("H020")
def test_a_pressure_that_rises_after_an_answer_asks_at_once() -> None:
    high = bp(185, 95, 10)
    said = entry(Acknowledged(rule="M13", about=high.id), 10.5, reason="measure again")
    assert asks(dosing(high, said, bp(202, 95, 12)), 12) == ["M14"]


@pytest.mark.hazard("H020")
@pytest.mark.parametrize("level", ["inform", "hold", "stop", "emergency"])
def test_no_answer_quiets_for_longer_than_half_an_hour(level: str) -> None:
    sent = plan(dosing(), ITEMS)
    quiet = [rule["quiet_min"].get(level, 0) for rule in sent["rules"].values()]
    assert max(quiet) <= 30


# ---------- without the line the chair knows the same ----------


@pytest.mark.hazard("H017")
def test_the_plan_that_came_with_the_page_is_the_same_before_the_dose_and_after_it() -> None:
    """What is due is laid at the chair, so a dose that begins there without the line needs nothing else."""
    before = facts_of(SESSION, (scheduled(), entry(order(), -30), timed_out()))
    assert plan(before, ITEMS) == plan(dosing(), ITEMS)


@pytest.mark.hazard("H017")
def test_everything_that_decides_at_the_chair_is_among_the_readings_that_are_sent() -> None:
    high = bp(205, 95, 10)
    said = (
        entry(NotDone(item="nausea", why="asleep"), 15),
        entry(ChairEvent(what="chest_pain"), 16),
        entry(Acknowledged(rule="M14", about=high.id), 17, reason="stopped"),
    )
    sent = readings(dosing(high, *said))
    assert [sorted(set(r) - {"id", "at", "counter"}) for r in sent] == [
        ["dose", "values"],
        ["values"],
        ["omitted", "why"],
        ["event"],
        ["answers"],
    ]


# ---------- the pump and half a pressure ----------


@pytest.mark.hazard("H014")
def test_a_rate_that_differs_from_the_order_asks_and_a_check_that_nobody_made_turns_late() -> None:
    changed = dosing(entry(RateChanged(rate_ml_per_h=Decimal(60)), 5))
    assert asks(changed, 5) == ["M24"]
    checks = [d for d in due_items(changed, ITEMS, at(12)) if d.parameter.id == "pump" and d.due_at == at(10)]
    assert checks[0].status(at(12)) is Status.LATE


@pytest.mark.hazard("H016")
def test_half_a_pressure_neither_does_the_check_nor_clears_the_reminder() -> None:
    half = entry(Vitals(dbp_mmhg=80), 20)
    facts = dosing(bp(165, 95, 10), half)
    assert asks(facts, 22) == ["M12"]
    assert any(
        d.parameter.id == "bp" and d.status(at(22)) is Status.LATE for d in due_items(facts, ITEMS, at(22))
    )


# ---------- a reading that was none ----------


def high(care: Care, minute: float = 10) -> Entry:
    care.prepare()
    care.begin()
    return care.measure(minute, sbp_mmhg=205, dbp_mmhg=95, heart_rate_bpm=90, spo2_pct=97)[0]


def test_a_marked_reading_asks_nothing_and_stays_in_the_record(care: Care) -> None:
    about = high(care)
    reminding.artefact(care.act(11), about=about.id, rows=("bp",), reason="the cuff was not in place")
    facts = session_facts(care.chart, care.session)
    assert pressing(crossings(facts, ITEMS), care.at(12)) == []
    assert [r.text for r in facts.artefacts["bp"]] == ["205/95"]
    assert [r.text for r in facts.readings["hr"]] == ["76", "90"]
    assert about in care.chart.standing()


def test_what_happened_or_was_given_is_no_reading_to_be_marked(care: Care) -> None:
    high(care)
    tapped = charting.event(care.act(12), what="chest_pain")[0]
    with pytest.raises(Refused, match="no reading"):
        reminding.artefact(care.act(13), about=tapped.id, rows=(), reason="by mistake")


# ---------- nobody answers ----------


def test_the_prescriber_is_named_unless_they_are_the_nurse_of_the_session() -> None:
    signed = entry(order(), -20, by="staff:doctor")
    assert second_person(dosing(signed)) == "staff:doctor"
    assert second_person(dosing(entry(order(), -20, by="staff:nurse"))) == ""


def test_who_is_called_is_said_with_the_chair_and_how_long_nobody_answered(care: Care) -> None:
    high(care)
    assert called(care.nurse, care.at(11)) == []
    (call,) = called(care.nurse, care.at(14))
    assert (call.level, call.found, call.minutes) == ("stop", "BP 205/95", 4)


def test_an_answer_takes_the_call_back(care: Care) -> None:
    about = high(care)
    charting.acknowledge(care.act(12), rule="M14", about=about.id, reason="stopped, treated")
    assert called(care.nurse, care.at(14)) == []


def test_the_front_desk_sees_the_chair_and_no_value(new_care: Callable[..., Care], sign_in: SignIn) -> None:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=20))
    high(care)
    desk = sign_in("front_desk").get("/chairs/calls").content.decode()
    nurse = sign_in("nurse").get("/chairs/calls").content.decode()
    assert "asks for" in desk or "call" in desk
    assert "205/95" not in desk
    assert "205/95" in nurse


# ---------- the clinic's own steps, and the report ----------


def steps(
    text: tuple[str, ...], rule: str = "M14", by: str = "medical_director", seen: str = ""
) -> list[Entry]:
    who = person(by)
    body = ActionsWritten(rule=rule, steps=text)
    draft = Draft(id=uuid4(), stream=CLINIC, body=body, by=who.by, at=datetime.now(UTC))
    return reminding.write_steps(who, draft, seen)


def test_the_steps_of_the_clinic_stand_in_the_plan_and_on_the_page(care: Care) -> None:
    steps(("Stop the pump", "Call Dr Lange"))
    assert own_steps(clinic_chart()) == {"M14": ("Stop the pump", "Call Dr Lange")}
    sent = plan(dosing(), ITEMS, own_steps(clinic_chart()))
    assert sent["rules"]["M14"]["steps"] == ("Stop the pump", "Call Dr Lange")


def test_only_who_answers_for_the_rules_writes_steps_and_nobody_overwrites_a_colleague(care: Care) -> None:
    with pytest.raises(Refused):
        steps(("Stop",), by="nurse")
    steps(("Stop",))
    with pytest.raises(Refused, match="a moment ago"):
        steps(("Go on",))


def test_the_director_reads_the_report_and_a_nurse_does_not(
    new_care: Callable[..., Care], sign_in: SignIn
) -> None:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=20))
    high(care)
    page = sign_in("medical_director").get("/chairs/reminders")
    assert "M14" in page.content.decode()
    table = sign_in("medical_director").get("/chairs/reminders?format=csv").content.decode()
    assert table.splitlines()[1].startswith("M14,1,0,1,")
    assert sign_in("nurse").get("/chairs/reminders").status_code == 403


def test_the_page_at_the_chair_shows_rule_steps_and_who_is_called(
    new_care: Callable[..., Care], sign_in: SignIn
) -> None:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=20))
    high(care)
    steps(("Stop the pump", "Measure again"))
    shown = sign_in("nurse").get(f"/patients/{care.patient}/sessions/{care.session}").content.decode()
    assert "<li>Measure again</li>" in shown
    assert "Nobody answered for" in shown
    assert "No true reading" in shown
    assert "alarm" not in shown.lower().replace("device alarm", "")


def test_a_scene_of_the_table_is_what_a_page_would_send() -> None:
    sent = scene({"at": [{"min": 10, "bp": "205/95"}], "now": 12}).as_sent()
    assert set(sent["plan"]["rules"]) >= {"M12", "M13", "M14"}
    assert sent["readings"][-1]["values"] == {"sbp_mmhg": "205", "dbp_mmhg": "95"}
