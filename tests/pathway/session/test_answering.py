"""When an answer lifts a hold, who is named when nobody answers, and the policy's gate at the chair."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from django.test import Client

from lowtide.data import answers, monitoring, own
from lowtide.pathway.session.actions import charting
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.gates import blockers
from lowtide.pathway.session.rules.second import second_person
from lowtide.pathway.session.rules.thresholds import watching
from lowtide.people.charts import whole_chart
from lowtide.record import store
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


# -- one tap --------------------------------------------------------------------------------------------------


@pytest.fixture
def crossed(new_care: Callable[..., Care]) -> Callable[..., str]:
    """The address at which a pressure of an infusion that runs now is answered."""
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=12))
    care.prepare()
    care.begin()
    (reading,) = care.measure(10, sbp_mmhg=205, dbp_mmhg=121)
    return lambda rule="M14": f"/patients/{care.patient}/sessions/{care.session}/answer/{rule}/{reading.id}"


@pytest.mark.hazard("H020")
def test_one_tap_answers_a_reminder_and_a_second_one_is_the_same_answer(
    crossed: Callable[..., str], sign_in: Callable[..., Client]
) -> None:
    nurse, url = sign_in("nurse"), crossed()
    page = nurse.get(url).content.decode()
    assert "Infusion stopped" in page
    assert "No further dose" not in page
    tapped = {"entry_id": uuid4(), "tap": "stopped", "reason": ""}
    assert [nurse.post(url, tapped).status_code for _ in range(2)] == [302, 302]
    chart = whole_chart(store.find(tapped["entry_id"]).stream)
    assert [e.reason for e, _ in chart.said(Acknowledged)] == ["Infusion stopped"]


def test_own_words_stand_behind_what_was_tapped_and_nothing_at_all_is_no_answer(
    crossed: Callable[..., str], sign_in: Callable[..., Client]
) -> None:
    nurse, url, entry_id = sign_in("nurse"), crossed(), uuid4()
    empty = nurse.post(url, {"entry_id": entry_id, "reason": " "})
    assert (empty.status_code, "Tap one, or write it" in empty.content.decode()) == (422, True)
    nurse.post(url, {"entry_id": entry_id, "tap": "called", "reason": "she comes at once"})
    stored = store.find(entry_id)
    assert stored is not None
    assert stored.reason == "Prescriber called: she comes at once"


def test_every_wording_fits_some_rule_that_is_watched_and_says_that_it_is_ours() -> None:
    watched = [item for item, _ in watching(monitoring.items())]
    forms = ("infusion", "injection", "device", "portion")
    taps = {t for i in watched for f in forms for t in answers.fitting(i.values, f, measured=True)}
    assert taps == set(answers.every())
    assert not [tap.id for tap in taps if tap.verified and not tap.source]
