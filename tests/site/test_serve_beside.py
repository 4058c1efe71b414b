"""What a server without https says at its start, and what another is told that would serve beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import people
from tests.faults.server import Server, serving


@pytest.fixture(scope="module")
def home(module_database: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    people.clinic()
    return tmp_path_factory.mktemp("serve") / "home"


@pytest.fixture(scope="module")
def plain(home: Path) -> Iterator[Server]:
    """The server of these tests; a second of start-up for each adds up."""
    with serving(home) as server:
        yield server


def test_it_says_plainly_what_does_not_work_without_https(plain: Server) -> None:
    told = "".join(plain.said)
    assert "No https: offline work at the chair and passkeys need it" in told
    assert "serves http://127.0.0.1:" in told


@pytest.mark.sqlite
def test_two_servers_on_one_home_refuse(home: Path, plain: Server) -> None:
    with pytest.raises(AssertionError, match=f"already running .*{plain.process.pid}"):
        Server(home)


def test_a_port_that_is_taken_is_named(home: Path, plain: Server) -> None:
    with pytest.raises(AssertionError, match=f"port {plain.port}: cannot listen there"):
        Server(home.with_name("second"), "--port", str(plain.port))
