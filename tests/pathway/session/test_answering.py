"""When an answer lifts a hold, who is named when nobody answers, and the policy's gate at the chair."""

from datetime import UTC

import msgspec
import pytest

from lowtide.data import monitoring, own
from lowtide.pathway.session.actions import charting
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.gates import blockers
from lowtide.pathway.session.rules.second import second_person
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Acknowledged
from lowtide.record.entries.longrun import HandedOver
from tests.pathway.session.conftest import Care, register


def lifts(care: Care, about: Entry, minutes: float, rule: str) -> bool:
    act = care.act(minutes, who=care.prescriber)
    (entry,) = charting.acknowledge(act, rule=rule, about=about.id, reason="benefit outweighs")
    body = entry.body
    assert isinstance(body, Acknowledged)
    return body.lifts


def test_a_prescribers_answer_before_the_dose_lifts_the_hold(care: Care) -> None:
    care.prepare()
    (reading,) = care.measure(-3, sbp_mmhg=150, dbp_mmhg=85)
    assert lifts(care, reading, -2, "M02")


def test_a_prescribers_answer_during_the_dose_lifts_nothing(care: Care) -> None:
    care.prepare()
    care.begin()
    (reading,) = care.measure(10, sbp_mmhg=205, dbp_mmhg=110)
    assert not lifts(care, reading, 11, "M14")


@pytest.mark.hazard("H020")
def test_after_a_handover_nobody_is_called_who_is_at_the_chair_already(care: Care) -> None:
    care.prepare()
    msgspec.structs.replace(care, nurse=care.prescriber).order(-30)
    care.check(-3)
    care.begin()
    assert second_person(session_facts(care.chart, care.session)) == care.prescriber.by
    handed = HandedOver(
        outgoing=care.nurse.by, incoming=care.prescriber.by, phase="dosing", ready=0, counted=0
    )
    care.write(handed, 20, session=care.session)
    assert second_person(session_facts(care.chart, care.session)) == ""


def test_the_stricter_policy_has_one_gate_for_all_ages_at_the_chair_too(clinic: Entry) -> None:
    care = register(birth_date="1950-01-01")
    care.book()
    care.measure(-3, sbp_mmhg=149, dbp_mmhg=85)

    def held() -> set[str]:
        facts = session_facts(care.chart, care.session)
        return {b.id for b in blockers(care.chart, facts, monitoring.items(), care.at(-2), UTC)}

    assert "M02" not in held()
    with own.laying(own.own((), own.NONE, "strict")):
        assert "M02" in held()
