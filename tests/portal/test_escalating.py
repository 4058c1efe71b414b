"""An urgent answer that nobody takes goes to a second role in time, and its trail says so (hazard H026)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.data import schedules
from lowtide.pathway.course.models import DueRow
from lowtide.pathway.course.referrals import Waiting, referrals
from lowtide.people.clinic import INBOX
from lowtide.record import store
from lowtide.record.entries.base import Draft, Source
from lowtide.record.entries.referral import Referral, ReferralContacted
from tests.pathway.course.story import Story

SignIn = Callable[..., Client]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clinic")]
LIMIT = timedelta(minutes=schedules.thresholds()["escalate_referral_min"].value)


def asked(minutes_ago: float, *, urgent: bool = True) -> UUID:
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    body = Referral(
        family="Testfall", given="Tomas", birth_date="1991-11-19", condition="trd", answers=(), urgent=urgent,
        consent="I agree.", version="1", phone="555 0142",
    )  # fmt: skip
    draft = Draft(id=uuid4(), stream=INBOX, body=body, by="public:prescreen", at=at, source=Source.PATIENT)
    return store.append([draft], now=at)[0].id


def waiting(item: UUID) -> Waiting:
    return next(w for w in referrals(store.load(INBOX)) if w.id == item)


def attempt(outcome: str = "spoke", what: str = "Safe tonight; comes tomorrow at nine") -> dict[str, str]:
    return {"entry_id": str(uuid4()), "outcome": outcome, "what": what}


@pytest.mark.hazard("H026")
@pytest.mark.parametrize(("after", "escalated"), [(timedelta(0), True), (timedelta(seconds=-1), False)])
def test_an_urgent_referral_goes_to_the_second_role_when_its_limit_is_over(
    after: timedelta, escalated: bool
) -> None:
    one = waiting(asked(0))
    assert one.second == "medical_director"
    assert one.is_escalated(one.entry.at + LIMIT + after) is escalated


@pytest.mark.hazard("H026")
def test_the_second_role_sees_it_on_top_of_today_and_in_the_inbox(sign_in: SignIn) -> None:
    item, director = asked(25), sign_in("medical_director")
    assert "Escalated since" in director.get("/today").content.decode()
    assert "Escalated" in director.get("/referrals/").content.decode()
    page = director.get(f"/referrals/{item}").content.decode()
    assert "Medical director, nobody has taken it yet" in page
    assert "Nobody had taken it: went to the medical director as well" in page


@pytest.mark.hazard("H026")
def test_taken_in_time_it_is_not_escalated_and_taken_late_the_trail_keeps_that_it_was(
    sign_in: SignIn,
) -> None:
    early, late, nurse = asked(2), asked(25), sign_in("nurse")
    for item in (early, late):
        nurse.post(f"/referrals/{item}/take", {"entry_id": str(uuid4())})
        assert not waiting(item).is_escalated(datetime.now(UTC) + timedelta(hours=2))
    assert [waiting(i).was_escalated for i in (early, late)] == [False, True]
    assert "went to the medical director" in nurse.get(f"/referrals/{late}").content.decode()


def test_who_only_asks_to_be_contacted_is_not_escalated() -> None:
    assert not waiting(asked(9_999, urgent=False)).is_escalated(datetime.now(UTC))


@pytest.mark.hazard("H026")
def test_each_attempt_to_reach_the_person_stands_in_the_trail_by_name(sign_in: SignIn) -> None:
    item, nurse = asked(3), sign_in("nurse")
    data = attempt("no_answer", "rang twice")
    for sent in (data, data, attempt()):
        nurse.post(f"/referrals/{item}/contact", sent)
    said = [b.outcome for _, b in store.load(INBOX).said(ReferralContacted)]
    assert said == ["no_answer", "spoke"]
    page = nurse.get(f"/referrals/{item}").content.decode()
    assert page.index("No answer") < page.index("Spoke to them")
    assert "rang twice" in page


@pytest.mark.hazard("H026")
def test_the_front_desk_neither_calls_an_urgent_person_nor_reads_what_was_said(sign_in: SignIn) -> None:
    item, desk = asked(3), sign_in("front_desk")
    assert desk.post(f"/referrals/{item}/contact", attempt()).status_code == 422
    sign_in("nurse").post(f"/referrals/{item}/contact", attempt())
    page = desk.get(f"/referrals/{item}").content.decode()
    assert "Spoke to them" in page
    assert "Safe tonight" not in page


def test_an_attempt_without_its_outcome_is_refused_with_what_is_missing(sign_in: SignIn) -> None:
    item = asked(3)
    response = sign_in("nurse").post(f"/referrals/{item}/contact", attempt(""))
    assert response.status_code == 422
    assert store.load(INBOX).said(ReferralContacted) == []


@pytest.mark.hazard("H026")
def test_an_urgent_answer_of_a_patient_is_the_second_roles_too_until_somebody_has_it(sign_in: SignIn) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(minutes=20))
    story.answered({"9": 2}, mode="phone")
    story.tell()
    row = DueRow.objects.get(task="risk")
    assert (row.owner, row.second) == ("prescriber", "medical_director")
    assert row.escalates_at == story.now + timedelta(minutes=10)
    page = sign_in("medical_director").get("/today").content.decode()
    assert "Escalated since" in page
    assert "Medical director, nobody has taken it yet" in page
