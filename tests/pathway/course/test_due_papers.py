"""What must stand on paper before the next session: asked for in time, and cleared by the entry that settles it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from django.test import Client

from lowtide.pathway.course.due import DueItem, due
from lowtide.pathway.course.models import DueRow
from lowtide.pathway.course.state import fold
from lowtide.pathway.plan.enrolling.lapsing import lapses, notice
from lowtide.people.clinic import CLINIC
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.record import store
from lowtide.record.entries.care import CoursePlanned, ProgramEnrolled
from lowtide.record.entries.clinic import SiteCertified
from lowtide.record.entries.consent import Consent, ConsentWithdrawn
from tests.conftest import said
from tests.pathway.course.story import DAY, Story

SignIn = Callable[..., Client]
REMS, ZONE = "spravato_rems", ZoneInfo("Europe/Berlin")


def items(story: Story) -> dict[str, DueItem]:
    return {item.task.name: item for item in due(story.chart, fold(story.chart))}


def planned(days: tuple[float, ...] = (0, 3, 7)) -> Story:
    return Story().took_history().decided().planned(days)


def test_a_session_without_a_consent_asks_the_nurse_for_one_a_week_before_and_until_the_day_before() -> None:
    story = planned()
    item = items(story)["consent"]
    assert (item.opens_at, item.due_at) == (story.first_at - 7 * DAY, story.first_at - DAY)
    assert (item.rule.owner, item.detail) == ("nurse", "No consent is signed.")
    assert "consent" not in items(story.consented())


def test_a_consent_that_runs_out_before_the_session_is_asked_for_again() -> None:
    story = planned((0, 182)).consented()
    story.now = story.first_at
    story.held(1)
    item = items(story)["consent"]
    assert item.label == "The consent runs out before session 2"
    assert item.due_at == story.first_at + timedelta(days=181)
    story.after(days=100).consented()
    assert "consent" not in items(story)


def test_a_consent_that_still_holds_on_the_day_is_not_asked_for() -> None:
    story = planned((0, 179)).consented()
    story.now = story.first_at
    assert "consent" not in items(story.held(1))


def test_a_withdrawn_consent_is_the_prescribers_at_once_and_a_new_one_settles_it() -> None:
    story = planned((20,)).consented()
    signed = next(d.id for d in story.drafts if isinstance(d.body, Consent))
    story.after(hours=2).say(ConsentWithdrawn(consent=signed))
    item = items(story)["consent"]
    assert (item.rule.owner, item.opens_at, item.due_at) == ("prescriber", story.now, story.now + 2 * DAY)
    assert item.is_open(story.now)
    story.after(hours=1).consented()
    assert "consent" not in items(story)


@pytest.mark.parametrize("settled", ["consented", "chose", "ended"])
def test_a_consent_taken_back_between_two_sessions_is_spoken_about_though_none_lies_ahead(
    settled: str,
) -> None:
    story = Story().took_history().decided().planned().consented().induced()
    assert "consent" not in items(story)
    signed = next(d.id for d in story.drafts if isinstance(d.body, Consent))
    story.after(days=2).say(ConsentWithdrawn(consent=signed), by=f"patient:{story.patient}")
    item = items(story)["consent"]
    assert (item.rule.owner, item.opens_at, item.due_at) == ("prescriber", story.now, story.now + 2 * DAY)
    assert item.detail.startswith("No session lies ahead. Speak to the patient")
    story.after(hours=3)
    story.chose("pause", None) if settled == "chose" else getattr(story, settled)()
    assert "consent" not in items(story)


def test_who_has_no_session_ahead_needs_no_consent() -> None:
    assert "consent" not in items(planned().ended())


# -- risk programmes ---------------------------------------------------------------------------------------------


def nasal(*enrolled: ProgramEnrolled) -> Story:
    story = Story().took_history().decided().planned((0, 3), protocol="P01")
    plan = story.drafts[-1]
    assert isinstance(plan.body, CoursePlanned)
    story.drafts[-1] = msgspec.structs.replace(
        plan, body=msgspec.structs.replace(plan.body, programs=(REMS,))
    )
    for one in enrolled:
        story.say(one)
    return story


def enrolment(since: str = "2026-08-01", until: str | None = None) -> ProgramEnrolled:
    return ProgramEnrolled(program=REMS, enrolment="E-1", enrolled_on=since, ended_on=until)


def test_an_enrolment_that_ends_before_the_session_is_due_and_a_new_one_settles_it() -> None:
    story = nasal(enrolment(until="2026-09-02"))
    item = items(story)["enrolment"]
    assert "ended 2 Sep 2026" in item.detail
    assert item.due_at == story.first_at - timedelta(hours=48)
    story.after(hours=1).say(enrolment("2026-09-01"))
    assert "enrolment" not in items(story)


def test_an_enrolment_that_reaches_past_the_session_is_enough() -> None:
    assert "enrolment" not in items(nasal(enrolment(until="2027-09-02")))
    assert "enrolment" in items(nasal())


def certify(until: str | None) -> None:
    body = SiteCertified(program=REMS, certificate="HCS-1", certified_on="2026-01-01", expires_on=until)
    store.append([said(body, CLINIC)])


@pytest.mark.django_db
def test_a_site_certification_that_lapses_before_a_session_is_told_and_a_renewal_clears_it(
    clinic: object,
) -> None:
    story = nasal(enrolment()).tell()
    now = story.now
    assert [one.sessions for one in lapses(store.load(CLINIC), now, ZONE)] == [2]
    certify("2026-09-03")
    found = lapses(store.load(CLINIC), now, ZONE)
    assert [(one.sessions, one.due_at) for one in found] == [(1, story.first_at + 3 * DAY - 14 * DAY)]
    assert "ends 3 Sep 2026; 1 session lies after that" in found[0].text
    certify("2027-09-03")
    assert lapses(store.load(CLINIC), now, ZONE) == []


@pytest.mark.django_db
def test_whoever_manages_the_clinic_is_told_on_their_page_and_nobody_else(
    clinic: object, sign_in: SignIn
) -> None:
    story = Story(at=datetime.now(UTC)).took_history().decided().planned((5,), protocol="P01")
    plan = story.drafts[-1]
    body = msgspec.structs.replace(plan.body, programs=(REMS,))
    story.drafts[-1] = msgspec.structs.replace(plan, body=body)
    story.tell()
    assert "Site certification" in sign_in("medical_director").get("/today").content.decode()
    nurse = Person("staff:n", "N", ("nurse",), permissions(("nurse",)), False)
    assert notice(nurse) is None


@pytest.mark.django_db
def test_the_rows_of_the_worklist_follow_the_consent(clinic: object) -> None:
    story = planned().tell()
    assert DueRow.objects.get(stream=story.stream, task="consent").owner == "nurse"
    signed = planned()
    signed.stream, signed.course = story.stream, story.course
    consent = Story(stream=f"chart:{uuid4()}").planned().consented().drafts[-1]
    body = msgspec.structs.replace(consent.body, course=story.course)
    store.append([said(body, story.stream, at=story.now)])
    assert not DueRow.objects.filter(stream=story.stream, task="consent").exists()
