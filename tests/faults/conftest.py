"""Faults that only one engine can be given: a test marked `sqlite` is left out of the other engine's run."""

import pytest

from tests.settings import POSTGRES


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sqlite: a fault that only SQLite can be given")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    other = [i for i in items if POSTGRES and i.get_closest_marker("sqlite")]
    config.hook.pytest_deselected(items=other)
    items[:] = [i for i in items if i not in other]
