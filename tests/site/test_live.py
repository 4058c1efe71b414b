"""Open pages hear within a second that a stream has grown, from a real server, and nothing of what was written."""

import json
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection

from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.record import store
from lowtide.record.entries.chair import Note
from lowtide.record.entries.clinic import Staff
from lowtide.site.live import may_follow
from tests.conftest import said
from tests.faults import people
from tests.faults.processes import release, start
from tests.faults.server import Page, Server, eventually, serving


@pytest.fixture(scope="module")
def home(module_database: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    people.clinic()
    return tmp_path_factory.mktemp("live") / "home"


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    """One server for all of these tests: a second of start-up each would be a minute."""
    with serving(home, LOWTIDE_HEARTBEAT_S="0.5") as running:
        yield running


@pytest.fixture
def chart(home: Path) -> str:
    """A patient of one's own."""
    return f"chart:{people.patient()}"


@pytest.fixture
def nurse(home: Path) -> str:
    """A nurse's cookie."""
    return people.session_cookie("nurse")


def write(stream: str) -> None:
    store.append([said(Note(text="something private"), stream)])


def test_an_entry_of_another_process_reaches_an_open_page_within_a_second(
    server: Server, nurse: str, chart: str
) -> None:
    page = Page(server, nurse, chart)
    write(chart)
    written = time.monotonic()
    assert page.next_event() == chart
    assert time.monotonic() - written < 1


def test_an_event_says_nothing_of_what_was_written(server: Server, nurse: str, chart: str) -> None:
    page = Page(server, nurse, chart)
    write(chart)
    block = [": still here"]
    while block == [": still here"]:
        block = page.next_block()
    assert block == [f"event: {chart}", "data: grown"]


def test_a_page_hears_only_of_the_streams_it_asked_for(server: Server, nurse: str, chart: str) -> None:
    page = Page(server, nurse, "calendar:main", f"chart:{UUID(int=0)}")
    write(chart)
    write("calendar:main")
    assert page.next_event() == "calendar:main"


def test_the_board_hears_of_any_chart(server: Server, nurse: str, chart: str) -> None:
    page = Page(server, nurse, "chart:*")
    write(chart)
    assert page.next_event() == "chart:*"


def test_every_open_page_hears_of_a_burst_of_other_processes(
    server: Server, nurse: str, chart: str, home: Path
) -> None:
    pages = [Page(server, nurse, chart) for _ in range(5)]
    release([start(home, "tests.faults.writer", "vitals", chart, "20")])
    assert [page.next_event() for page in pages] == [chart] * 5


def test_a_page_that_nothing_happens_to_is_told_that_the_server_is_there(server: Server, nurse: str) -> None:
    assert Page(server, nurse, "calendar:main").next_block() == [": still here"]


def test_signing_out_ends_it_before_another_event(server: Server, nurse: str, chart: str) -> None:
    page = Page(server, nurse, chart)
    import_module(settings.SESSION_ENGINE).SessionStore(nurse).delete()
    write(chart)
    assert page.last_event() == "signed-out"


def test_an_idle_sign_in_ends_it_though_the_page_listens(nurse: str, chart: str, home: Path) -> None:
    with serving(home.with_name("other"), LOWTIDE_HEARTBEAT_S="0.3", LOWTIDE_IDLE_S="7") as server:
        server.get("/alive", nurse)
        assert Page(server, nurse, chart).last_event() == "signed-out"


def test_losing_the_right_to_a_chart_ends_it(server: Server, nurse: str, chart: str) -> None:
    page = Page(server, nurse, chart)
    entry, staff = store.load("clinic:main").said(Staff)[-1]
    gone = Staff(staff=staff.staff, name=staff.name, roles=("front_desk",), login=staff.login)
    store.append([said(gone, "clinic:main", reason="moved to the desk").correcting(entry)])
    write(chart)
    assert page.last_event() == "signed-out"


def test_nobody_hears_nothing(server: Server, chart: str) -> None:
    Page(server, "", chart, status=401)
    assert server.get(f"/live/heads?streams={chart}").status == 401


def test_a_stream_that_is_not_for_somebody_is_refused(server: Server, chart: str) -> None:
    desk = people.session_cookie("front_desk")
    Page(server, desk, chart, status=403)
    Page(server, desk, "calendar:main", status=200)


def test_asking_for_nothing_or_for_far_too_much_is_refused(server: Server, nurse: str) -> None:
    Page(server, nurse, status=400)
    Page(server, nurse, *(f"chart:{n}" for n in range(101)), status=400)


def test_a_page_without_event_streams_can_ask_where_they_stand(
    server: Server, nurse: str, chart: str
) -> None:
    write(chart)
    answer = server.get(f"/live/heads?streams={chart}&streams=calendar:elsewhere", nurse)
    assert json.loads(answer.read()) == {chart: 2, "calendar:elsewhere": 0}


def test_pages_that_listen_hold_one_connection_together(nurse: str, chart: str, home: Path) -> None:
    with serving(home.with_name("quiet"), LOWTIDE_HEARTBEAT_S="60") as server:
        pages = [Page(server, nurse, chart) for _ in range(6)]
        assert eventually(lambda: _connections(server) == 2)  # theirs, and the one that watches
        write(chart)
        assert [page.next_event() for page in pages] == [chart] * 6
        assert eventually(lambda: _connections(server) == 2)


def _connections(server: Server) -> int:
    if connection.vendor == "sqlite":  # each connection has the write-ahead log open once
        log = Path(f"{connection.settings_dict['NAME']}-wal").resolve()
        opened = Path(f"/proc/{server.process.pid}/fd").iterdir()
        return sum(_target(link) == log for link in opened)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [server.name])
        return int(cursor.fetchone()[0])


def _target(link: Path) -> Path | None:
    try:
        return link.resolve()
    except OSError:  # closed in between
        return None


def test_a_server_that_stops_keeps_no_page_waiting(server: Server, nurse: str, chart: str) -> None:
    pages = [Page(server, nurse, chart) for _ in range(3)]
    assert server.stop() == 0
    assert {page.last_event() for page in pages} <= {
        "",
        chart,
    }  # word of the chart's own beginning may come late
    assert not any("graceful shutdown exceeded" in line for line in server.said)


# -- who may follow what --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("nurse", ["chart:x", "chart:*", "calendar:main", "inbox:main", "safe:a"], ["elsewhere:x", ""]),
        ("front_desk", ["chart:*", "calendar:main", "clinic:main", "inbox:main"], ["chart:x", "safe:a"]),
        ("administrator", ["clinic:main"], ["chart:x", "chart:*", "calendar:main", "inbox:main"]),
        ("researcher", [], ["chart:x", "chart:*", "calendar:main", "clinic:main", "inbox:main"]),
    ],
)
def test_a_role_follows_what_it_may_see(role: str, may: list[str], may_not: list[str]) -> None:
    person = Person("staff:1", "Test", (role,), permissions((role,)))
    assert [s for s in may + may_not if may_follow(person, s)] == may


def test_a_patient_follows_their_own_chart_alone() -> None:
    own = UUID(int=7)
    person = Person(f"patient:{own}", "Test", ("patient",), permissions(("patient",)))
    assert may_follow(person, f"chart:{own}")
    assert not may_follow(person, f"chart:{UUID(int=8)}")
    assert not may_follow(person, "chart:*")
    assert not may_follow(None, f"chart:{own}")
