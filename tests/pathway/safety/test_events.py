"""Adverse events: how one stands, who is told of a serious one, and what falls due."""

from datetime import timedelta
from typing import Any

import pytest

from lowtide.pathway.course.due import DueItem, due
from lowtide.pathway.course.state import fold
from lowtide.pathway.safety import actions
from lowtide.problems import BadInput, Refused
from lowtide.record import store
from lowtide.record.entries.base import Answer, Source
from lowtide.record.entries.chair import AgainstAdvice, Discharged
from lowtide.record.entries.clinic import Clinic
from lowtide.record.entries.events import FollowUpCall, ReportSent
from tests.conftest import CLINIC, said
from tests.pathway.safety.conftest import Told


def items(care: Told, minutes: float = 0) -> dict[str, DueItem]:
    found = due(care.chart, fold(care.chart))
    names = ("event", "event_judged", "advice_call")
    return {i.task.name: i for i in found if i.task.name in names or i.task.name.startswith("report")}


def in_country(country: str) -> None:
    body = Clinic(name="Test Clinic", zone="Europe/Berlin", country=country, crisis_line="555", demo=True)
    store.append([said(body, CLINIC, source=Source.SYSTEM)])


def test_an_event_is_asked_about_until_it_is_over(care: Told) -> None:
    event = care.event(20)
    assert items(care)["event"].due_at == event.at + timedelta(hours=48)
    care.followed(event, 60, "improving")
    assert items(care)["event"].due_at == care.at(60) + timedelta(hours=48)
    care.followed(event, 90)
    assert "event" not in items(care)
    assert care.known(event).lasted == timedelta(minutes=70)


def test_a_severe_event_is_asked_about_sooner_and_keeps_its_gravest_grade(care: Told) -> None:
    event = care.event(20, term="headache", grade=3)
    assert items(care)["event"].due_at == event.at + timedelta(hours=24)
    care.followed(event, 60, "improving", grade=1)
    assert care.known(event).grade == 3


def test_an_event_that_nobody_judged_waits_for_a_prescriber(care: Told) -> None:
    event = care.event(20, serious=Answer.NOT_KNOWN)
    assert items(care)["event_judged"].task.needs.name == "DECIDE"
    care.followed(event, 30, "ongoing", serious=Answer.NO)
    assert "event_judged" not in items(care)


def test_a_serious_event_asks_for_the_report_of_the_country_within_its_time(care: Told) -> None:
    event = care.serious(20)
    assert event.body.reports == ("bfarm",)
    assert items(care)["report_bfarm"].due_at == event.recorded_at + timedelta(hours=168)


def test_one_that_is_serious_but_not_grave_has_the_longer_time(care: Told) -> None:
    event = care.serious(20, grade=3, criteria=("hospital",))
    assert items(care)["report_bfarm"].due_at == event.recorded_at + timedelta(hours=360)


def test_a_nasal_spray_in_the_united_states_asks_for_the_programme_and_the_regulator(other: Any) -> None:
    in_country("US")
    sprayed = other(protocol="P01")
    sprayed.book()
    event = sprayed.serious(20)
    assert event.body.reports == ("rems", "fda")


def test_where_no_row_names_the_regulator_it_is_asked_for_all_the_same(care: Told) -> None:
    in_country("Norway")
    assert care.serious(20).body.reports == ("regulator",)


def test_an_event_that_turns_out_serious_asks_for_its_report_from_then_on(care: Told) -> None:
    event = care.event(20)
    later = care.followed(event, 600, "ongoing", serious=Answer.YES, criteria=("hospital",))
    assert items(care)["report_bfarm"].due_at == later.recorded_at + timedelta(hours=360)


def test_an_overdue_report_goes_to_the_medical_director_although_somebody_has_it(care: Told) -> None:
    event = care.serious(20)
    actions.take_report(care.safely(30), event.id, "bfarm")
    found = items(care)
    assert found["report_bfarm"].taken == care.nurse.by
    late = found["report_overdue_bfarm"]
    assert (late.opens_at, late.rule.owner) == (found["report_bfarm"].due_at, "medical_director")


def test_a_report_is_sent_only_with_its_proof(care: Told) -> None:
    event = care.serious(20)
    with pytest.raises(BadInput, match="proof is missing"):
        actions.tell(
            care.safely(30), ReportSent(event=event.id, report="bfarm", state="sent", channel="online")
        )


def test_a_failed_sending_leaves_the_report_open_and_a_sent_one_waits_for_its_answer(care: Told) -> None:
    event = care.serious(20)

    def tell(minutes: float, state: str, **more: str) -> None:
        actions.tell(care.safely(minutes), ReportSent(event=event.id, report="bfarm", state=state, **more))

    tell(30, "failed", note="the fax did not answer")
    assert "Sending failed" in items(care)["report_bfarm"].detail
    tell(40, "sent", channel="online", reference="DE-2026-118")
    assert "report_overdue_bfarm" not in items(care)
    assert items(care)["report_bfarm"].label == "BfArM has not acknowledged the report"
    tell(50, "acknowledged")
    assert not [name for name in items(care) if name.startswith("report")]
    assert care.known(event).reports[0].reference == "DE-2026-118"


def test_only_a_prescriber_says_that_a_report_is_not_needed(care: Told) -> None:
    event = care.serious(20)
    body = ReportSent(event=event.id, report="bfarm", state="not_needed", note="told by the hospital")
    with pytest.raises(Refused, match="a prescriber decides"):
        actions.tell(care.safely(30), body)
    actions.tell(care.safely(30, care.prescriber), body)
    assert not [name for name in items(care) if name.startswith("report")]


@pytest.mark.hazard("H050")
@pytest.mark.parametrize("grade", [4, 5])
def test_what_threatens_life_is_never_said_not_to_be_serious(care: Told, grade: int) -> None:
    with pytest.raises(BadInput, match="is always serious"):
        care.event(20, grade=grade)


def test_serious_needs_what_makes_it_serious(care: Told) -> None:
    with pytest.raises(BadInput, match="say what makes it serious"):
        care.event(20, serious=Answer.YES)


def test_a_corrected_event_shows_as_corrected_and_drops_reports_it_no_longer_asks_for(care: Told) -> None:
    event = care.serious(20)
    body = event.body.__class__(term="headache", grade=1, serious=Answer.NO)
    actions.correct(care.safely(30), care.known(event), body, "it was another patient’s reading")
    known = care.known(event)
    assert (known.id, known.reports, known.grade) == (event.id, (), 1)
    assert not [name for name in items(care) if name.startswith("report")]


@pytest.mark.hazard("H050")
def test_a_correction_on_a_later_day_does_not_turn_back_the_clock_of_a_report(care: Told) -> None:
    event = care.serious(20)
    due_at = items(care)["report_bfarm"].due_at
    actions.correct(care.safely(6 * 24 * 60), care.known(event), event.body, "the term was misspelt")
    assert items(care)["report_bfarm"].due_at == due_at


def test_a_correction_after_a_move_keeps_the_reports_that_were_owed(care: Told) -> None:
    event = care.serious(20)
    in_country("US")
    actions.correct(care.safely(60), care.known(event), event.body, "the term was misspelt")
    assert [report.key for report in care.known(event).reports] == ["bfarm"]


def test_pressing_twice_writes_one_event(care: Told) -> None:
    act = care.safely(20)
    body = care.event(19).body
    assert actions.record(act, body).id == actions.record(act, body).id


def test_somebody_who_left_against_advice_is_called_until_a_call_closes_it(care: Told) -> None:
    advice = AgainstAdvice(advised_by=care.nurse.by, risks=("fall",), signature="refused")
    left = care.write(Discharged(criteria=(), against_advice=True, advice=advice), 50, session=care.session)
    assert items(care)["advice_call"].due_at == left.at + timedelta(hours=4)
    actions.call(care.safely(60), FollowUpCall(about=left.id, reached=False, words="no answer"))
    assert "Called 1 time so far" in items(care)["advice_call"].detail
    actions.call(
        care.safely(90), FollowUpCall(about=left.id, reached=True, words="at home, well", closes=True)
    )
    assert "advice_call" not in items(care)
