"""Reminders sent by real processes to a real mail server, and by the keeper of two servers at once: one mail each."""

import json
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from pytest_django import Settings

from lowtide.portal.desk import actions as desk
from lowtide.record import store
from lowtide.record.entries.clinic import Clinic
from lowtide.record.entries.identity import Contact, Patient, Sex
from lowtide.record.entries.mailed import ReminderMailed, ReminderOutcome
from lowtide.site.jobs.keeper import REMIND_EVERY_S, Keeper
from tests.conftest import CLINIC, said
from tests.faults.processes import ROOT, at_once, environment
from tests.pathway.course.story import Story
from tests.portal.conftest import act


class Post(socketserver.ThreadingTCPServer):
    """A mail server that takes everything, except for whom it does not know, and keeps to whom it went."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.taken: list[str] = []

    @property
    def url(self) -> str:
        return f"smtp+plain://127.0.0.1:{self.server_address[1]}"


class Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            self.wfile.write(self.answer(line.decode().strip()))

    def answer(self, said: str) -> bytes:
        verb = said.upper()
        if verb.startswith("RCPT") and "nobody" in said:
            return b"550 no such user\r\n"
        if verb.startswith("RCPT"):
            self.to = said.partition("<")[2].partition(">")[0]
        if verb == "DATA":
            self.wfile.write(b"354 go on\r\n")
            while self.rfile.readline().strip() != b".":
                pass
            self.server.taken.append(self.to)  # type: ignore[attr-defined]
        return b"250 well\r\n"


@pytest.fixture
def post() -> Iterator[Post]:
    with Post() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def at_noon(own_database: None) -> None:
    """A clinic in whose zone it is about noon, whenever this runs."""
    ahead = 12 - datetime.now(UTC).hour
    zone = ZoneInfo(f"Etc/GMT{-ahead:+d}" if ahead else "UTC")
    store.append(
        [said(Clinic(name="Test Clinic", zone=zone.key, country="DE", crisis_line="555 0100"), CLINIC)]
    )


def somebody(email: str) -> Story:
    story = Story(at=datetime.now(UTC) - timedelta(days=12), register=False)
    story.say(Patient(family="Testperson", given="Ada", sex=Sex.FEMALE, contact=Contact(email=email)))
    story.took_history().decided().planned((0,)).phq9(20)
    story.now = story.first_at
    story.held(1).after(hours=20).phq9(12).tell()
    desk.hand_out(act(story.patient), desk.PAPER)
    return story


def command(home: Path, post: Post | None, *flags: str) -> subprocess.Popen[str]:
    env = environment(home) | {"LOWTIDE_ADDRESS": "https://clinic.example"}
    env |= {"LOWTIDE_MAIL_URL": post.url} if post else {}
    return subprocess.Popen(
        [sys.executable, "-m", "lowtide.site.cli", "remind", "--json", *flags],
        env=env,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_at_once_send_each_mail_once(at_noon: None, post: Post, tmp_path: Path) -> None:
    addresses = [f"p{n}@example.org" for n in range(4)]
    stories = [somebody(email) for email in addresses]
    both = [command(tmp_path / "home", post) for _ in range(2)]
    answers = [json.loads(process.communicate(timeout=60)[0])["reminders"] for process in both]
    assert sorted(post.taken) == addresses
    assert sum(map(len, answers)) == len(addresses)
    store.forget()
    for story in stories:
        chart = store.load(story.stream)
        assert [b.how for _, b in chart.said(ReminderOutcome)] == ["sent"]
        assert len(chart.said(ReminderMailed)) == 1


def test_a_real_refusal_by_a_mail_server_is_told_and_a_dry_run_sends_nothing(
    at_noon: None, post: Post, tmp_path: Path
) -> None:
    somebody("nobody@example.org")
    for flags, how in ((("--dry-run",), "would be sent"), ((), "refused")):
        process = command(tmp_path / "home", post, *flags)
        said_, errors = process.communicate(timeout=60)
        (one,) = json.loads(said_)["reminders"]
        assert (one["how"], process.returncode, errors) == (how, 0, "")
    assert post.taken == []


def test_without_a_mail_server_the_command_says_in_one_line_what_to_set(
    at_noon: None, tmp_path: Path
) -> None:
    process = command(tmp_path / "home", None)
    said_, errors = process.communicate(timeout=60)
    assert (process.returncode, said_, errors.count("\n")) == (2, "", 1)
    assert "LOWTIDE_MAIL_URL: no mail server is set up" in errors


def test_the_keepers_of_two_servers_send_one_mail(at_noon: None, settings: Settings) -> None:
    settings.MAIL_IS_SET_UP, settings.PUBLIC_ADDRESS = True, "https://clinic.example"
    somebody("ada@example.org")
    keepers = [Keeper(), Keeper()]
    for one in keepers:
        one.reminded_at -= REMIND_EVERY_S
    assert at_once(*(one._remind for one in keepers)) == [None, None]
    assert [m.to for m in mail.outbox] == [["ada@example.org"]]
    again = Keeper()  # after a restart
    again.reminded_at -= REMIND_EVERY_S
    again._remind()
    assert len(mail.outbox) == 1
