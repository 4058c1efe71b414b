"""What a device says reaches every open page of its session by the page's live line, from a real server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lowtide.exchange.devices.sending import Line
from lowtide.exchange.hl7v2 import made
from lowtide.exchange.pages.devices import SAID
from tests.exchange.test_device_taking import know, put_on
from tests.faults import people
from tests.faults.server import Page, Server, serving
from tests.pathway.session.conftest import Care, register


@pytest.fixture
def server(own_database: None, tmp_path: Path) -> Iterator[Server]:
    people.clinic()
    with serving(tmp_path / "home", "--devices-port", "0") as running:
        yield running


def at_a_chair(device: str, chair: str = "3") -> Care:
    care = register(datetime.now(UTC) - timedelta(minutes=8), f"Testperson {chair}")
    care.book(chair=chair)
    care.weigh()
    care.order()
    care.measure(-8)
    care.time_out(-5, chair=chair)
    care.check()
    care.begin()
    know(device)
    put_on(care, device)
    return care


def words(page: Page, stream: str) -> str:
    """What is said on the stream next."""
    while block := page.next_block():
        if block[0] == f"event: {stream}":
            return "\n".join(line.removeprefix("data: ") for line in block[1:])
    return ""


def test_two_pages_of_a_session_are_told_what_its_monitor_says_and_nothing_of_another(server: Server) -> None:
    here, there = at_a_chair("M1"), at_a_chair("M2", "4")
    pages = [
        Page(server, people.session_cookie(who), here.stream, f"{SAID}{here.session}")
        for who in ("nurse", "prescriber")
    ]
    now = datetime.now(UTC)
    for device, saturation in (("M1", 96), ("M2", 88)):
        with Line("127.0.0.1", server.devices_port) as line:
            line.send(made.monitor(device, "1", now, {"spo2_pct": saturation}, now))
    assert there.session != here.session
    for page in pages:
        said = words(page, f"{SAID}{here.session}")
        while "not heard yet" in said:
            said = words(page, f"{SAID}{here.session}")
        assert "96 %" in said
        assert "88 %" not in said


def test_what_devices_say_is_not_for_whoever_may_not_see_the_chart(server: Server) -> None:
    care = at_a_chair("M1")
    Page(server, people.session_cookie("front_desk"), f"{SAID}{care.session}", status=403)
