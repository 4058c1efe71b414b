"""A running session, and a monitor or a pump on it."""

import pytest

from lowtide.record.entries.base import Entry
from tests.exchange.test_device_taking import Bed, know, put_on
from tests.pathway.session.conftest import Care, register


@pytest.fixture
def running(clinic: Entry) -> Care:
    care = register()
    care.prepare()
    care.begin()
    know("M1")
    return care


@pytest.fixture
def bed(running: Care) -> Bed:
    put_on(running, "M1")
    return Bed(running)


@pytest.fixture
def pump(running: Care) -> Bed:
    know("P1", kind="pump")
    put_on(running, "P1", 1)
    return Bed(running, "P1")
