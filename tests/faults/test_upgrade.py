"""A clinic that another release stored is upgraded and verifies; nobody is upgraded while a patient is at a chair.

`stored/` holds a small clinic of each release, as that release left it on each engine (see `store_release`).
"""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from lowtide.pathway.session.models import Session
from lowtide.people.models import PatientIndex
from lowtide.problems import Refused
from lowtide.record import store
from lowtide.record.models import ProjectionVersion
from lowtide.record.verify import outdated, verify
from lowtide.site.demo.care import SPARSELY, Care
from lowtide.site.setup import bring_up_to_date, open_sessions
from lowtide.virtual.people import Stage
from tests.clinics import make
from tests.conftest import administer
from tests.faults.processes import ROOT, environment

STORED = Path(__file__).parent / "stored"
RELEASES = sorted(path.stem for path in STORED.glob("*.json"))


def lowtide(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lowtide.site.cli", *arguments]
    return subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


# -- a clinic of another release ------------------------------------------------------------------------------


@pytest.fixture(params=RELEASES)
def stored(
    request: pytest.FixtureRequest, own_database: None, tmp_path: Path
) -> Iterator[tuple[dict[str, str], str]]:
    """The environment of a clinic as that release left it, and which release it was."""
    home, release = tmp_path / "stored", str(request.param)
    home.mkdir()
    if connection.vendor == "sqlite":
        kept = gzip.decompress((STORED / f"{release}.sqlite3.gz").read_bytes())
        (home / "lowtide.sqlite3").write_bytes(kept)
        yield environment(home), release
        return
    env, name = environment(home), f"stored_{uuid4().hex}"
    administer(f'CREATE DATABASE "{name}"')
    env["LOWTIDE_DATABASE_URL"] = env["LOWTIDE_DATABASE_URL"].replace(connection.settings_dict["NAME"], name)
    with psycopg.connect(env["LOWTIDE_DATABASE_URL"], autocommit=True) as database:
        database.execute(gzip.decompress((STORED / f"{release}.postgresql.sql.gz").read_bytes()))
    yield env, release
    administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_clinic_that_a_release_stored_is_upgraded_and_verifies(stored: tuple[dict[str, str], str]) -> None:
    env, release = stored
    assert lowtide(env, "due").returncode == 0
    done = lowtide(env, "verify", "--json")
    heads = json.loads((STORED / f"{release}.json").read_text())[connection.vendor]
    report = json.loads(done.stdout)
    assert (report["ok"], report["first_failure"]) == (True, None)
    assert report["streams"] == len(heads)
    assert report["entries"] == sum(seq for seq, _ in heads.values())


def test_an_upgrade_leaves_every_chain_as_it_was(stored: tuple[dict[str, str], str], tmp_path: Path) -> None:
    env, release = stored
    assert lowtide(env, "export", "--no-pdf", str(tmp_path / "out")).returncode == 0
    heads = json.loads((STORED / f"{release}.json").read_text())[connection.vendor]
    assert dict(_last_lines(tmp_path / "out" / "entries")) == heads


def _last_lines(folder: Path) -> Iterator[tuple[str, list[object]]]:
    """Of each stream that was exported: its name, and where its last entry stands."""
    for path in folder.glob("*.jsonl"):
        last = json.loads(path.read_text().splitlines()[-1])
        yield last["envelope"]["stream"], [last["envelope"]["seq"], last["hash"]]


@pytest.mark.parametrize("release", RELEASES)
def test_a_stored_clinic_is_small(release: str) -> None:
    assert all(path.stat().st_size < 500_000 for path in STORED.glob(f"{release}.*"))


# -- while a session is open ----------------------------------------------------------------------------------


@pytest.fixture
def at_the_chair(own_database: None) -> Care:
    """Somebody whose infusion is running."""
    return make([Stage.LIVE])[0]


def next_release(home: Path) -> dict[str, str]:
    """The environment of a release to come, which brings a table, on the database of this test."""
    return environment(home) | {"DJANGO_SETTINGS_MODULE": "tests.faults.next_release.settings"}


def leave(care: Care) -> None:
    """The rest of the session: the end of the infusion, recovery, discharge."""
    care.events.clear()
    start = Session.objects.get(open=True).started_at
    assert start
    care.watch(3, start, SPARSELY[-1], tuple(m for m in SPARSELY if m > 26))
    care.rate(start + timedelta(minutes=162), 3, "aldrete", 10)
    care.discharge(start + timedelta(minutes=165), 3)
    for _, happen in sorted(care.events, key=lambda event: event[0]):
        happen()


@pytest.mark.hazard("H045")
def test_an_upgrade_refuses_while_a_session_is_open_and_says_where(
    at_the_chair: Care, tmp_path: Path
) -> None:
    done = lowtide(next_release(tmp_path / "home"), "due")
    number = PatientIndex.objects.get(stream=at_the_chair.stream).number
    assert done.returncode == 2
    assert f"1 session is open: chair 1, patient {number}." in done.stderr
    assert "Finish or break off what is open with the version that was running" in done.stderr
    assert "next_release_novelty" not in connection.introspection.table_names()


@pytest.mark.hazard("H045")
def test_the_present_version_starts_again_while_a_session_is_open(at_the_chair: Care, tmp_path: Path) -> None:
    done = lowtide(environment(tmp_path / "home"), "verify")
    assert done.returncode == 0, done.stderr


def test_an_upgrade_goes_ahead_once_the_session_is_over(at_the_chair: Care, tmp_path: Path) -> None:
    leave(at_the_chair)
    assert lowtide(next_release(tmp_path / "home"), "due").returncode == 0
    done = lowtide(next_release(tmp_path / "home"), "verify", "--json")
    assert json.loads(done.stdout)["ok"], done.stderr
    assert "next_release_novelty" in connection.introspection.table_names()


@pytest.mark.hazard("H045")
def test_tables_of_other_rules_are_not_made_anew_under_an_open_session(at_the_chair: Care) -> None:
    ProjectionVersion.objects.filter(name="session.sessions").update(version=0)
    with pytest.raises(Refused, match="chair 1"):
        bring_up_to_date()
    assert outdated() == ["session.sessions"]
    leave(at_the_chair)
    bring_up_to_date()
    assert outdated() == []
    store.forget()
    assert verify().ok


def test_a_clinic_without_anybody_at_a_chair_has_nothing_open(own_database: None) -> None:
    make([Stage.PLANNED])
    assert open_sessions() == []
