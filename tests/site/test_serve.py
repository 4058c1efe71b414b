"""Serving a clinic: https, one server a home, what it says at the start, and a kill in the middle of work."""

import http.client
import signal
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from lowtide.record import store
from lowtide.record.entries.chair import Note
from lowtide.record.verify import verify
from lowtide.site import certificate
from lowtide.site.cli import main
from tests.conftest import said
from tests.faults import people
from tests.faults.server import Server, serving, trusting


@pytest.fixture(scope="module")
def home(module_database: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    people.clinic()
    return tmp_path_factory.mktemp("serve") / "home"


def test_it_speaks_https_with_the_certificate_of_its_home(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOWTIDE_HOME", str(home.with_name("tls")))
    certificate.make(["localhost", "127.0.0.1"], datetime.now(UTC))
    with serving(home.with_name("tls")) as server:
        trusted = trusting(certificate.folder() / "authority.pem")
        asked = http.client.HTTPSConnection("127.0.0.1", server.port, context=trusted, timeout=10)
        asked.request("GET", "/accounts/login/")
        answer = asked.getresponse()
        page, cookies = answer.read(), answer.getheader("Set-Cookie") or ""
        asked.close()
        assert "No https" not in "".join(server.said)
    assert answer.status == 200
    assert page
    assert "Secure" in cookies
    assert answer.getheader("Strict-Transport-Security")


def test_behind_a_proxy_pages_are_https_pages(home: Path) -> None:
    with serving(home.with_name("proxied"), "--behind-proxy") as server:
        answer = server.get(
            "/accounts/login/", **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        )
        assert "No https" not in "".join(server.said)
    assert "Secure" in (answer.getheader("Set-Cookie") or "")


def test_half_a_certificate_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--cert", "clinic.pem"]) == 2
    assert "a certificate and its key come together" in capsys.readouterr().err


@pytest.mark.hazard("H023")
def test_a_clock_behind_the_record_is_told_at_the_start(own_database: None, tmp_path: Path) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    store.append([said(Note(text="calm"), "chart:a", at=later)], now=later)
    with serving(tmp_path / "home") as server:
        assert "s behind the newest entry. Entries will be marked" in "".join(server.said)


# -- kill -9 --------------------------------------------------------------------------------------------------


class Nurse(threading.Thread):
    """Somebody who writes one note after another, and keeps those that the server said were written."""

    def __init__(self, server: Server, cookie: str, patient: UUID) -> None:
        super().__init__(daemon=True)
        self.server, self.cookie, self.page = server, cookie, f"/patients/{patient}/notes/new"
        self.acknowledged: list[str] = []

    def run(self) -> None:
        token = "a" * 32
        try:
            while True:
                entry = str(uuid4())
                form = {
                    "csrfmiddlewaretoken": token,
                    "entry_id": entry,
                    "topic": "clinical",
                    "text": f"note {entry}",
                }
                asked = self.server.connect()
                asked.request(
                    "POST",
                    self.page,
                    urlencode(form),
                    {
                        "Cookie": f"sessionid={self.cookie}; csrftoken={token}",
                        "Content-Type": "application/x-www-form-urlencoded",
                    },
                )
                if asked.getresponse().status == 302:
                    self.acknowledged.append(entry)
                asked.close()
        except (OSError, http.client.HTTPException):
            return  # killed


@pytest.mark.hazard("H045")
def test_a_server_killed_in_a_burst_of_posts_loses_nothing_it_acknowledged_and_starts_again(
    own_database: None, tmp_path: Path
) -> None:
    people.clinic()
    patients = [people.patient() for _ in range(3)]
    with serving(tmp_path / "home") as server:
        nurses = [Nurse(server, people.session_cookie("nurse"), p) for p in patients]
        for nurse in nurses:
            nurse.start()
        while min(len(nurse.acknowledged) for nurse in nurses) < 5:
            assert all(nurse.is_alive() for nurse in nurses), "".join(server.said)
        server.process.send_signal(signal.SIGKILL)
        for nurse in nurses:
            nurse.join()
    store.forget()
    for nurse, patient in zip(nurses, patients, strict=True):
        kept = {str(e.id): body for e, body in store.load(f"chart:{patient}").said(Note)}
        assert set(nurse.acknowledged) <= set(kept)
        assert len(kept) - len(nurse.acknowledged) in (0, 1)  # the one whose answer the kill cut off
        assert all(body.text == f"note {entry}" for entry, body in kept.items())
    assert verify().ok
    with serving(tmp_path / "home") as again:
        assert again.get("/alive").read() == b"ok\n"
