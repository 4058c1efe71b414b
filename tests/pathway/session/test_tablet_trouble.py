"""What goes wrong at a chair without a network is written there as well, and arrives as it would from its form."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from lowtide.pathway.session.rules.emergencies import runs
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.people.tablets.tokens import issue
from lowtide.record.entries.base import Answer
from lowtide.record.entries.events import AdverseEvent, RescueGiven
from lowtide.record.entries.history import Allergy, ProblemStatus
from lowtide.record.entries.reminding import ArtefactMarked
from tests.pathway.session.conftest import Care
from tests.pathway.session.test_containers import begin, checked, long_care
from tests.pathway.session.test_tablet_entries import BP, DEVICE, Chair, chair, hire, states

__all__ = ["chair"]
SignIn = Callable[..., Client]
GIVEN = {"medicine": "ondansetron", "dose": "4", "unit": "mg", "route": "iv", "ordered_by": "Dr Reed"}
FELL = {"term": "nausea", "grade": "2", "serious": "no", "criteria": [], "outcome": "ongoing"}


@pytest.mark.hazard("H017")
def test_a_rescue_medicine_that_was_given_without_a_network_arrives_with_its_time(chair: Chair) -> None:
    made = chair.made("rescue", GIVEN, minutes=21)
    assert states(chair.send(made, made)) == ["stored", "stored"]
    entry = chair.stored(made)
    assert abs(entry.at - chair.care.at(21)) < timedelta(minutes=1)
    assert entry.body == RescueGiven(
        medicine="ondansetron", dose=Decimal(4), unit="mg", route="iv", ordered_by="Dr Reed"
    )


def test_whose_word_it_was_is_somebody_who_may_order_by_the_name_that_the_clinic_knows(chair: Chair) -> None:
    doctor, nurse = hire("Dora Reed", "prescriber"), hire("Udo Klein")
    right = chair.made("rescue", {**GIVEN, "orderer": doctor.by, "ordered_by": "someone"})
    wrong = chair.made("rescue", {**GIVEN, "orderer": nurse.by})
    assert states(chair.send(right, wrong)) == ["stored", "refused"]
    assert (chair.stored(right).body.orderer, chair.stored(right).body.ordered_by) == (doctor.by, "Dora Reed")


@pytest.mark.hazard("H017")
def test_what_was_given_is_never_sent_back_and_keeps_what_the_chart_said_against_it(chair: Chair) -> None:
    """The tablet may not have known of the allergy; it was given all the same."""
    chair.care.write(Allergy(substance="Ondansetron", status=ProblemStatus.ACTIVE), -60)
    made = chair.made("rescue", GIVEN)
    assert states(chair.send(made)) == ["stored"]
    assert chair.stored(made).body.warnings == ("an allergy is recorded: Ondansetron",)


def test_what_it_did_arrives_after_it(chair: Chair) -> None:
    given = chair.made("rescue", GIVEN)
    did = chair.made("rescue_effect", {"rescue": given["id"], "effect": "settled"}, minutes=25)
    assert states(chair.send(given, did)) == ["stored", "stored"]


@pytest.mark.hazard("H017")
def test_an_adverse_event_is_written_when_it_happened_and_suspects_what_was_given(chair: Chair) -> None:
    made = chair.made("adverse_event", FELL, minutes=22)
    assert states(chair.send(made)) == ["stored"]
    entry = chair.stored(made)
    assert isinstance(entry.body, AdverseEvent)
    assert (entry.body.serious, entry.body.suspected) == (Answer.NO, "racemic_ketamine")
    assert (entry.session, entry.device, entry.counter) == (chair.care.session, chair.device, 1)
    assert abs(entry.at - chair.care.at(22)) < timedelta(minutes=1)


def test_a_serious_event_asks_for_its_reports_when_it_arrives(chair: Chair) -> None:
    made = chair.made("adverse_event", {**FELL, "serious": "yes", "criteria": ["hospital"], "grade": "3"})
    chair.send(made)
    assert chair.stored(made).body.reports


@pytest.mark.hazard("H017")
def test_a_checklist_is_worked_through_without_a_network(chair: Chair) -> None:
    opened = chair.made("emergency", {"checklist": "hypertension"}, minutes=20)
    ticks = [
        chair.made("emergency_step", {"run": opened["id"], "step": step, "done": done}, minutes=21 + n)
        for n, (step, done) in enumerate([("stop", True), ("call", True), ("ambulance", False)])
    ]
    ended = chair.made("emergency_end", {"run": opened["id"], "outcome": "settled"}, minutes=25)
    assert set(states(chair.send(opened, *ticks, ended))) == {"stored"}
    (run,) = runs(session_facts(chair.care.chart, chair.care.session))
    assert {t.step.id: t.state for t in run.steps if t.entry} == {
        "stop": "done",
        "call": "done",
        "ambulance": "not_needed",
    }
    assert run.ended
    assert run.ended.by == chair.nurse.by


def test_a_step_of_before_the_end_is_taken_after_another_tablet_ended_it(chair: Chair) -> None:
    opened = chair.made("emergency", {"checklist": "hypertension"}, minutes=15)
    ended = chair.made("emergency_end", {"run": opened["id"], "outcome": "settled"}, minutes=25)
    before = chair.made("emergency_step", {"run": opened["id"], "step": "stop"}, minutes=20)
    after = chair.made("emergency_step", {"run": opened["id"], "step": "call"}, minutes=26)
    assert states(chair.send(opened, ended, before, after)) == ["stored", "stored", "stored", "refused"]


@pytest.mark.hazard("H017")
def test_a_reading_that_was_none_is_marked_without_a_network(chair: Chair) -> None:
    read = chair.made("vitals", BP)
    marked = chair.made("artefact", {"about": read["id"], "rows": [], "reason": "the cuff was not in place"})
    assert states(chair.send(read, marked)) == ["stored", "stored"]
    assert chair.stored(marked).body == ArtefactMarked(about=UUID(read["id"]))
    assert not [
        r
        for r in session_facts(chair.care.chart, chair.care.session).readings["bp"]
        if r.entry.id == UUID(read["id"])
    ]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("rescue", {**GIVEN, "medicine": "snake oil"}),
        ("rescue", {**GIVEN, "dose": "0"}),
        ("rescue", {**GIVEN, "ordered_by": " "}),
        ("adverse_event", {**FELL, "grade": "9"}),
        ("adverse_event", {**FELL, "serious": "yes"}),
        ("emergency", {"checklist": "boredom"}),
        ("emergency_step", {"run": str(uuid4()), "step": "stop"}),
        ("artefact", {"about": str(uuid4()), "reason": "slipped"}),
        ("container", {"residual_ml": "0", "scanned_code": "1", "rate_ml_per_h": "20"}),
    ],
)
def test_what_the_form_would_refuse_is_refused_in_words(
    chair: Chair, kind: str, body: dict[str, Any]
) -> None:
    answer = chair.send(chair.made(kind, body))[0]
    assert answer["state"] == "refused"
    assert "fault of the program" not in answer["problems"][0]["what"]


@pytest.mark.hazard("H017")
def test_a_tablet_takes_along_what_helps_when_something_goes_wrong(chair: Chair, sign_in: SignIn) -> None:
    care: Care = chair.care
    care.write(Allergy(substance="Ondansetron", status=ProblemStatus.ACTIVE), -60)
    opened = chair.made("emergency", {"checklist": "hypertension"}, minutes=20)
    read = chair.made("vitals", BP, minutes=20)
    given = chair.made("rescue", {**GIVEN, "medicine": "metoclopramide", "dose": "10"}, minutes=21)
    chair.send(opened, read, given)
    told = sign_in("nurse").get(f"/patients/{care.patient}/sessions/{care.session}/tablet").json()
    assert [(run["id"], run["key"], run["ticked"]) for run in told["runs"]] == [
        (opened["id"], "hypertension", {})
    ]
    assert ["an allergy is recorded: Ondansetron", True] in told["against"]["ondansetron"]
    assert told["read"][0]["rows"] == [["bp", "BP 143/88"]]
    assert told["rescues"] == [
        {"id": given["id"], "text": "Metoclopramide 10 mg into a vein, ordered by Dr Reed"}
    ]
    assert {c["key"] for c in told["sheet"]["checklists"]} >= {"hypertension", "vomiting"}


def test_a_bag_is_changed_without_a_network(clinic: object) -> None:
    care = long_care(start=timezone.now() - timedelta(hours=2))
    one, two = checked(care, -4), checked(care, -3)
    begin(care, one)
    nurse = hire("Nina Holt")
    tablet = Chair(care, nurse, issue(nurse, DEVICE, now=care.at(-20)).token)
    made = tablet.made(
        "container", {"residual_ml": "1", "scanned_code": two.body.code, "rate_ml_per_h": "25"}, minutes=60
    )
    assert states(tablet.send(made)) == ["stored"], tablet.send(made)
    assert tablet.stored(made).body.begun == two.id
