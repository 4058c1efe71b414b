"""Today's worklist: from projections alone, for each role what it may see, always true to the last entry."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lowtide.pathway.course.models import DueRow, SessionRow
from lowtide.people.models import PatientIndex
from lowtide.record import projections, store
from lowtide.record.entries.care import RiskReviewed
from lowtide.record.entries.chair import SessionCancelled
from lowtide.record.entries.referral import Referral
from tests.conftest import said
from tests.pathway.course.story import Story, items_for

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


def eligible(days: float = 30) -> Story:
    return Story(at=ago(days=days)).took_history().after(hours=1).decided().after(hours=1).phq9(20)


def html(client: Client, path: str = "/today") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def due_of(story: Story) -> set[str]:
    return set(DueRow.objects.filter(stream=story.stream).values_list("task", flat=True))


@pytest.mark.hazard("H026")
def test_an_urgent_answer_stands_first_with_its_deadline_and_its_owner(sign_in: SignIn) -> None:
    story = eligible()
    story.now = ago(minutes=10)
    story.answered({"9": 2}, mode="phone", by=f"patient:{story.patient}")
    story.tell()
    page = html(sign_in("prescriber"))
    assert "Call Ada Testperson before" in page
    assert "nobody has taken it yet" in page
    assert "The form was not finished." in page
    assert page.index("Urgent") < page.index("Decisions waiting")


@pytest.mark.hazard("H026")
def test_the_gravest_call_stands_first_and_every_other_right_under_it(sign_in: SignIn) -> None:
    story = eligible()
    story.now = ago(minutes=10)
    story.answered({"9": 2}, mode="phone", by=f"patient:{story.patient}")
    story.tell()
    asks = Referral(family="Hollis", given="Ada", birth_date="1980", condition="trd", answers=(), urgent=True, consent="yes", version="1", phone="555")  # fmt: skip
    store.append([said(asks, "inbox:main", at=ago(minutes=50))])
    for role, first in (("prescriber", "Ada Hollis"), ("front_desk", "Ada Hollis")):
        page = html(sign_in(role))
        assert re.findall(r"<h2>Call (\S+ \S+)", page) == [first]
        assert page.index("Ada Hollis") < page.index("Today by chair")
    assert "Ada Testperson" in html(sign_in("prescriber")).split("Waiting for a call, too")[1]


def test_a_patient_of_whom_two_decisions_wait_is_named_once(crowd: int, sign_in: SignIn) -> None:
    now = datetime.now(UTC)
    again = [row.stream for row in DueRow.objects.filter(group="decision")]
    more = [_row(stream, "decision", "DECIDE", now) for stream in again]
    for row in more:
        row.key += "|again"
    DueRow.objects.bulk_create(more)
    page = html(sign_in("prescriber"))
    section = page[page.index('id="decisions"') : page.index('id="day"')]
    named = re.findall(r'scope="rowgroup" rowspan="(\d+)">.*?href="([^"]+)"', section)
    assert len(named) == len({chart for _, chart in named}) == 12
    assert {int(rows) for rows, _ in named} == {2}
    assert section.count('class="btn"') >= 24


def test_the_row_follows_every_entry_at_once(clinic: object) -> None:
    story = Story(at=ago(days=2)).tell()
    first = due_of(story)
    assert {"history", "phq9", "workup_ecg", "workup_pdmp"} <= first
    assert all(task in ("history", "phq9") or task.startswith("workup_") for task in first)
    story.after(hours=1).took_history().tell()
    assert "candidacy" in due_of(story)
    story.after(hours=1).decided().tell()
    assert "plan" in due_of(story)
    story.after(hours=1).planned((0,)).tell()
    assert {"book", "order", "session"} <= due_of(story)
    first = story.answered(items_for(9, 3))
    story.tell()
    assert "risk" in due_of(story)
    story.after(minutes=5).say(RiskReviewed(answers=first.id, action="Called", closed=True))
    story.tell()
    assert "risk" not in due_of(story)


def test_the_tables_say_what_their_folds_say(clinic: object) -> None:
    story = eligible().planned().induced().chose().tell()
    chart = store.load(story.stream)
    for name in ("course.due", "course.sessions"):
        assert not projections.differs(projections.REGISTERED[name], chart)


def test_decisions_are_shown_to_who_takes_them(sign_in: SignIn) -> None:
    story = Story(at=ago(days=3)).took_history().tell()
    link = f'href="/patients/{story.patient}/evaluate"'
    assert "Decide candidacy" in html(sign_in("prescriber"))
    assert link in html(sign_in("medical_director"))
    for role in ("nurse", "therapist", "front_desk"):
        assert "Decide candidacy" not in html(sign_in(role))


def test_the_front_desk_sees_bookings_and_names_and_nothing_of_the_care(sign_in: SignIn) -> None:
    story = eligible(2).planned((0,))
    story.scheduled(1, datetime.now(UTC).replace(hour=11, minute=0)).ordered()
    story.tell()
    raised = eligible(3).planned((9,))
    raised.answered(items_for(9, 2))
    raised.tell()
    page = html(sign_in("front_desk"))
    assert "Chairs to book" in page
    assert "Ada Testperson" in page
    for word in ("PHQ-9", "36.5", " mg", "Urgent", "Clocks", "Decisions", "Item 9", "dose"):
        assert word not in re.sub(r"<(script|style|head).*?</\1>", "", page, flags=re.S), word


def test_a_therapist_sees_risks_and_clocks_and_no_orders_to_sign(sign_in: SignIn) -> None:
    story = eligible().planned((0,))
    story.now = ago(hours=1)
    story.answered(items_for(9, 2))
    story.tell()
    page = html(sign_in("therapist"))
    assert "Open and call" in page
    assert "Clocks" in page
    assert "dose sheet" not in page


def test_a_session_of_today_stands_by_its_chair_and_a_cancelled_one_does_not(sign_in: SignIn) -> None:
    noon = datetime.now(UTC).replace(hour=10, minute=30)
    story = eligible().planned((0,)).scheduled(1, noon, "Chair 7").tell()
    assert "Chair 7" in html(sign_in("nurse"))
    story.say(SessionCancelled(), session=story.sessions[0], reason="ill")
    story.tell()
    assert "Chair 7" not in html(sign_in("nurse"))


def test_who_has_taken_a_risk_is_named(sign_in: SignIn) -> None:
    client = sign_in("prescriber")
    me = client.get("/today").wsgi_request.person.by  # type: ignore[attr-defined]
    story = eligible()
    story.now = ago(minutes=30)
    form = story.answered(items_for(9, 2)).id
    story.after(minutes=5).say(RiskReviewed(answers=form, action="Left a message", closed=False), by=me)
    story.tell()
    assert "Owner: you" in html(client)
    assert "Owner: Test Prescriber" in html(sign_in("nurse"))


def test_nobody_without_the_right_reaches_it(sign_in: SignIn) -> None:
    assert sign_in("patient").get("/today").status_code == 403
    assert sign_in("researcher").get("/today").status_code == 403
    assert Client().get("/today").status_code == 302


@pytest.fixture
def crowd(clinic: object) -> int:
    """Five thousand patients with something due, as rows of the tables alone."""
    streams = [f"chart:{uuid4()}" for _ in range(5000)]
    now = datetime.now(UTC)
    PatientIndex.objects.bulk_create(
        PatientIndex(
            key=stream,
            stream=stream,
            number=f"LT-{n}",
            family=f"Family{n}",
            given="Given",
            birth_date="1980-01-01",
            sex="female",
            phone="",
            deceased=False,
            **{
                f.name: ""
                for f in PatientIndex._meta.fields
                if f.name in ("names", "sound", "email", "preferred", "former")
            },
        )
        for n, stream in enumerate(streams)
    )
    DueRow.objects.bulk_create(
        _row(stream, group, needs, now + timedelta(minutes=n - 2500))
        for n, stream in enumerate(streams)
        for group, needs in (KINDS[n % len(KINDS)], ("drift", "CLOSE_RISK"))
    )
    SessionRow.objects.bulk_create(
        SessionRow(
            key=str(uuid4()),
            stream=stream,
            number=1,
            at=now,
            status="planned",
            chair=f"Chair {n}",
            dose="",
            dose_min=40,
            observation_min=120,
            ended_at=None,
        )
        for n, stream in enumerate(streams[:20])
    )
    return len(streams)


KINDS = [("risk", "CLOSE_RISK"), ("decision", "DECIDE"), ("clock", "SCORE"), ("booking", "BOOK")]


def _row(stream: str, group: str, needs: str, due_at: datetime) -> DueRow:
    return DueRow(
        key=f"{stream}|{group}",
        stream=stream,
        task=group,
        group=group,
        rank=1,
        label=group,
        detail="",
        verb="Open",
        level="note",
        word="Word",
        due_at=due_at,
        owner="prescriber",
        rule_id="R",
        rule_text="Rule",
        verified=False,
        needs=needs,
        page="course:course",
        place="",
        taken="",
    )


@pytest.mark.parametrize("role", ["prescriber", "nurse", "front_desk"])
def test_five_thousand_patients_take_no_more_than_twelve_queries(
    crowd: int, sign_in: SignIn, role: str
) -> None:
    client = sign_in(role)
    client.get("/today")
    with CaptureQueriesContext(connection) as caught:
        page = html(client)
    asked = [q["sql"] for q in caught.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(asked) <= 12, asked
    assert len(page) < 120_000
    assert not any("record_storedentry" in sql and "chart:" in sql for sql in asked)


def test_a_section_turns_its_own_pages_and_leaves_the_others(crowd: int, sign_in: SignIn) -> None:
    client = sign_in("prescriber")
    first, second = html(client), html(client, "/today?of=decision&page=2")
    risk = re.compile(r"<h2>Call (\S+ \S+) now")
    assert risk.findall(first) == risk.findall(second)
    assert "Page 2 of" in second
    assert "Page 1 of" in html(client, "/today?of=nonsense&page=-4")
    assert html(client, "/today?page=99999999")


def test_while_sessions_lie_ahead_therapy_stands_at_the_sessions(sign_in: SignIn) -> None:
    story = eligible().planned((0, 3)).after(days=1).held(1).after(days=1).phq9(12).tell()
    page = html(sign_in("prescriber"), f"/patients/{story.patient}/")
    here = re.search(r'aria-current="step"><b>(\w+)', page)
    assert here is not None
    assert here[1] == "Session"


def test_the_tests_of_one_patient_stand_together_each_owner_with_theirs(sign_in: SignIn) -> None:
    story = Story(at=ago(days=10)).took_history()
    story.tell()
    page = html(sign_in("nurse"))
    section = page[page.index('id="workups"') :]
    assert re.search(r"Ada Testperson, \d+ tests", section)
    assert "Prescriber: Prescription monitoring programme checked" in section
    assert re.search(r"Nurse: .*ECG", section)


@pytest.mark.hazard("H026")
def test_a_page_of_today_that_is_open_learns_of_an_answer_that_is_given_now(sign_in: SignIn) -> None:
    client = sign_in("nurse")
    assert 'hx-get="/today/alarms"' in html(client)
    assert "Call Ada" not in client.get("/today/alarms").content.decode()
    story = eligible()
    story.now = ago(minutes=1)
    story.answered({"9": 2}, mode="phone", by=f"patient:{story.patient}")
    story.tell()
    assert "Call Ada Testperson before" in client.get("/today/alarms").content.decode()
    assert "Call Ada" not in sign_in("front_desk").get("/today/alarms").content.decode()
