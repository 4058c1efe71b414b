"""Who made an entry without the network: whoever held the tablet's token then, and nobody else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from lowtide.data.tablet import tablet
from lowtide.people.models import StaffIndex, Tablet, TabletShare, TabletToken
from lowtide.people.roles import Permission
from lowtide.people.tablets import tokens
from lowtide.people.tablets.tokens import Untaken, author_of, issue
from lowtide.people.who import Person, person_from
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import Staff
from tests.conftest import CLINIC, said

NOW = datetime.now(UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HERE, THERE = str(uuid4()), str(uuid4())


def hire(login: str = "sam", name: str = "Sam Ortega") -> tuple[Entry, Person]:
    staff = Staff(staff=uuid4(), name=name, roles=("nurse",), login=login)
    entry = store.append([said(staff, CLINIC)])[0]
    return entry, person_from(StaffIndex.objects.get(login=login))


@pytest.fixture
def sam(clinic: Entry) -> Person:
    return hire()[1]


def made(token: str, at: datetime, *, device: str = HERE, now: datetime | None = None) -> str:
    """Who the entry is by, or the word with which it is refused."""
    try:
        return author_of(token, device, made_at=at, now=now or max(at, NOW)).by
    except Untaken as error:
        return error.why


@pytest.mark.hazard("H043")
def test_the_token_says_who_made_an_entry(sam: Person) -> None:
    _, tomasz = hire("tomasz", "Tomasz Lind")
    hers, his = issue(sam, HERE, now=NOW), issue(tomasz, HERE, now=NOW)
    assert [made(t.token, NOW + MINUTE) for t in (hers, his)] == [sam.by, tomasz.by]


@pytest.mark.hazard("H043")
def test_a_token_is_worth_nothing_on_another_tablet(sam: Person) -> None:
    assert made(issue(sam, HERE, now=NOW).token, NOW, device=THERE) == "other_tablet"


def test_a_token_that_was_never_given_names_nobody(sam: Person) -> None:
    assert made("made-up", NOW) == "unknown"


def test_what_was_made_while_a_token_held_is_taken_after_its_end(sam: Person) -> None:
    given = issue(sam, HERE, now=NOW)
    late = given.expires_at + 20 * HOUR
    assert made(given.token, given.expires_at - MINUTE, now=late) == sam.by
    assert made(given.token, given.expires_at + 5 * MINUTE, now=late) == "expired"


def test_who_unlocks_again_answers_for_what_waited_past_the_end(sam: Person) -> None:
    _, tomasz = hire("tomasz", "Tomasz Lind")
    ended = issue(sam, HERE, now=NOW)
    late = ended.expires_at + HOUR
    again, other = issue(sam, HERE, now=late + HOUR), issue(tomasz, HERE, now=late + HOUR)
    assert made(again.token, late, now=late + HOUR) == sam.by
    assert made(other.token, late, now=late + HOUR) == "early"


def test_a_queue_waits_its_days_and_no_longer(sam: Person) -> None:
    given = issue(sam, HERE, now=NOW)
    waited = given.expires_at + tablet().queue_waits
    assert made(given.token, NOW, now=waited - HOUR) == sam.by
    assert made(given.token, NOW, now=waited + HOUR) == "expired"


def test_what_is_dated_before_the_unlock_is_not_taken_under_it(sam: Person) -> None:
    assert made(issue(sam, HERE, now=NOW).token, NOW - 2 * MINUTE) == "early"


def test_a_token_taken_back_ends_then_and_not_before(sam: Person) -> None:
    given = issue(sam, HERE, now=NOW)
    tokens.revoke(sam.by, now=NOW + HOUR)
    assert made(given.token, NOW + HOUR - MINUTE, now=NOW + 3 * HOUR) == sam.by
    assert made(given.token, NOW + HOUR + 5 * MINUTE, now=NOW + 3 * HOUR) == "revoked"


def test_taking_back_on_one_tablet_leaves_the_other(sam: Person) -> None:
    here, there = issue(sam, HERE, now=NOW), issue(sam, THERE, now=NOW)
    tokens.revoke(sam.by, now=NOW, device=HERE)
    assert made(here.token, NOW + HOUR) == "revoked"
    assert made(there.token, NOW + HOUR, device=THERE) == sam.by


@pytest.mark.hazard("H043")
def test_somebody_who_left_is_still_named_for_what_they_made_before(clinic: Entry) -> None:
    entry, sam = hire()
    given = issue(sam, HERE, now=NOW - HOUR)
    gone = Staff(staff=entry.body.staff, name="Sam Ortega", roles=("nurse",), login="sam", active=False)  # type: ignore[union-attr]
    store.append([said(gone, CLINIC, corrects=entry.id, reason="left")])
    left = datetime.now(UTC)
    assert made(given.token, NOW - 30 * MINUTE) == sam.by
    assert made(given.token, left + MINUTE) == "left"


@pytest.mark.hazard("H043")
def test_a_lost_tablet_gives_nothing_and_sends_nothing_until_it_is_found(sam: Person) -> None:
    given = issue(sam, HERE, now=NOW)
    Tablet.objects.filter(device=HERE).update(lost_at=NOW)
    assert made(given.token, NOW) == "lost"
    with pytest.raises(Untaken, match="reported lost"):
        issue(sam, HERE, now=NOW)
    Tablet.objects.filter(device=HERE).update(lost_at=None)
    assert made(given.token, NOW) == sam.by


def test_nothing_stored_is_the_token(sam: Person) -> None:
    given = issue(sam, HERE, now=NOW)
    row = TabletToken.objects.get()
    assert given.token not in {str(getattr(row, f.name)) for f in row._meta.fields}


def test_a_tablet_has_one_share_for_all_who_work_at_it(sam: Person) -> None:
    _, tomasz = hire("tomasz", "Tomasz Lind")
    shares = [issue(p, d, now=NOW).share for p, d in ((sam, HERE), (sam, HERE), (sam, THERE), (tomasz, HERE))]
    assert shares[0] == shares[1] == shares[3]
    assert shares[2] != shares[0]


def test_what_only_one_person_may_read_on_a_tablet_has_a_secret_of_theirs_there(sam: Person) -> None:
    _, tomasz = hire("tomasz", "Tomasz Lind")
    found = [tokens.own_share(p, d) for p, d in ((sam, HERE), (sam, HERE), (sam, THERE), (tomasz, HERE))]
    assert found[0] == found[1]
    assert len(set(found)) == 3


@pytest.mark.hazard("H017")
def test_a_database_set_back_to_before_the_unlock_still_knows_token_and_share(sam: Person) -> None:
    given = issue(sam, HERE, now=NOW)
    TabletToken.objects.all().delete()
    TabletShare.objects.all().delete()
    Tablet.objects.all().delete()
    assert made(given.token, NOW + MINUTE) == sam.by
    assert made(given.token, NOW, device=THERE) == "other_tablet"
    assert made(given.token, NOW - HOUR) == "early"
    assert made(given.token[:-1] + ("A" if given.token[-1] != "A" else "B"), NOW) == "unknown"
    assert issue(sam, HERE, now=NOW + HOUR).share == given.share


def test_a_pin_opens_no_tablet_that_nobody_has_signed_in_at(sam: Person) -> None:
    with pytest.raises(Untaken, match="does not take PINs yet"):
        issue(sam, HERE, now=NOW, by_pin=True)
    issue(sam, HERE, now=NOW)
    assert issue(sam, HERE, now=NOW, by_pin=True).token


def test_tokens_that_are_of_no_use_any_longer_are_forgotten(sam: Person) -> None:
    issue(sam, HERE, now=NOW - timedelta(days=60))
    issue(sam, HERE, now=NOW)
    assert TabletToken.objects.count() == 1


def ask(client: Client, body: object, **more: object) -> object:
    return client.post("/tablet/token", body, content_type="application/json", **more)  # type: ignore[arg-type]


def test_after_a_sign_in_the_page_asks_for_its_token(sign_in: Callable[..., Client]) -> None:
    answer = ask(sign_in("nurse"), {"device": HERE}).json()  # type: ignore[attr-defined]
    by = answer["person"]["id"]
    assert made(answer["token"], datetime.now(UTC)) == by
    told = {
        "token",
        "share",
        "own_share",
        "expires_at",
        "person",
        "has_pin",
        "full",
        "csrf",
        "lock_after_s",
        "server_now",
        "signed_in_at",
    }
    assert set(answer) == told
    assert abs(datetime.fromisoformat(answer["server_now"]) - datetime.now(UTC)) < timedelta(seconds=30)


def test_nobody_is_given_a_token_and_the_script_is_told_why(clinic: Entry) -> None:
    answer = ask(Client(), {"device": HERE})
    assert answer.status_code == 403  # type: ignore[attr-defined]
    assert answer.json()["error"]["why"] == "signed_out"  # type: ignore[attr-defined]


def test_another_site_cannot_ask_for_a_token(sign_in: Callable[..., Client]) -> None:
    client = sign_in("nurse")
    form = client.post("/tablet/token", {"device": HERE})
    other = ask(client, {"device": HERE}, headers={"Origin": "https://elsewhere.example"})
    assert (form.status_code, other.status_code) == (400, 400)  # type: ignore[attr-defined]
    assert not TabletToken.objects.exists()


def test_a_device_that_is_no_id_is_refused(sign_in: Callable[..., Client]) -> None:
    assert ask(sign_in("nurse"), {"device": "x"}).status_code == 422  # type: ignore[attr-defined]


@pytest.mark.hazard("H043")
def test_what_was_made_under_a_pin_is_by_somebody_who_may_what_a_pin_opens(clinic: Entry) -> None:
    staff = Staff(staff=uuid4(), name="Petra Scribe", roles=("prescriber",), login="petra")
    store.append([said(staff, CLINIC)])
    petra = person_from(StaffIndex.objects.get(login="petra"))
    full, by_pin = issue(petra, HERE, now=NOW), issue(petra, HERE, now=NOW, by_pin=True)
    may = [author_of(t.token, HERE, made_at=NOW, now=NOW).can(Permission.ORDER) for t in (full, by_pin)]
    assert may == [True, False]
