"""For the record's commands: a home of one's own, and an empty database of the engine that is tested."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from lowtide.record import store
from tests.conftest import _use, administer


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `$LOWTIDE_HOME` for this test."""
    place = tmp_path / "home"
    monkeypatch.setenv("LOWTIDE_HOME", str(place))
    return place


@pytest.fixture
def use_empty_database(own_database: None, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Leave the test's own database for one without any table."""
    own, made = connection.settings_dict["NAME"], list[str]()

    def leave() -> None:
        store.forget()
        name = f"empty_{uuid4().hex}"
        made.append(name)
        if connection.vendor == "postgresql":
            administer(f'CREATE DATABASE "{name}"')
            _use(name)
        else:
            _use(str(tmp_path / f"{name}.sqlite3"))

    yield leave
    _use(own)
    if connection.vendor == "postgresql":
        for name in made:
            administer(f'DROP DATABASE "{name}" WITH (FORCE)')
