"""What tests share: a signed-in person of each role, a chart to write to, and a database of one's own."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import setup_databases, teardown_databases

from lowtide.people.models import User
from lowtide.people.roles import ROLES
from lowtide.record import store
from lowtide.record.entries.base import Body, Draft, Entry, Source
from lowtide.record.entries.clinic import Clinic, Staff
from lowtide.record.entries.identity import Identifier, Patient, Sex
from tests import hazard_results
from tests.settings import POSTGRES

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # many small matrices: threads would only wait for one another

gc.set_threshold(20_000, 20, 20)  # thousands of collected tests are looked through each time, for nothing

CLINIC = "clinic:main"
HERE = Path(__file__).parent
PURE = tuple((room,) for room in ("benchmarks", "data", "repository", "science", "spec", "virtual"))
"""Rooms whose tests ask for no database."""


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[None]:
    """The test database, for every test: also for those that commit to a copy of it and carry no mark."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        made = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        teardown_databases(made, verbosity=0)


@pytest.fixture
def own_database(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[None]:
    """A copy of the migrated database, committed to for real: for races, kills and refusals by the engine."""
    with django_db_blocker.unblock(), _copied(tmp_path):  # type: ignore[attr-defined]
        yield


@pytest.fixture(scope="module")
def module_database(
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Such a copy for all tests of a module, where each brings streams of its own."""
    with django_db_blocker.unblock(), _copied(tmp_path_factory.mktemp("database")):  # type: ignore[attr-defined]
        yield


@contextmanager
def _copied(folder: Path) -> Iterator[None]:
    settings = connections.settings["default"]
    original = connection.settings_dict["NAME"]
    connections.close_all()
    settings["NAME"] = _copy(original, folder)
    _use(settings["NAME"])
    store.forget()
    yield
    connections.close_all()
    _drop(settings["NAME"], original)
    settings["NAME"] = original
    _use(original)
    store.forget()


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _copy(original: str, folder: Path) -> str:
    if connection.vendor == "sqlite":
        copy = folder / "own.sqlite3"
        shutil.copy(original, copy)
        return str(copy)
    name = f"own_{uuid4().hex}"
    administer(f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
    return name


def _drop(name: str, original: str) -> None:
    if connection.vendor == "postgresql":
        administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def administer(sql: str) -> None:
    """Run a statement on PostgreSQL outside of any of the tests' databases."""
    import psycopg

    s = connections.settings["default"]
    with psycopg.connect(
        host=s["HOST"],
        user=s["USER"],
        password=s["PASSWORD"],
        port=s["PORT"] or None,
        dbname="postgres",
        autocommit=True,
    ) as server:
        server.execute(sql.encode())


@pytest.fixture(autouse=True)
def _no_charts_left_over() -> None:
    store.forget()


def said(
    body: Body, stream: str, *, by: str = "staff:test", at: datetime | None = None, **more: object
) -> Draft:
    """A draft with the usual envelope."""
    return Draft(stream=stream, body=body, by=by, at=at or datetime.now(UTC), **more)  # type: ignore[arg-type]


@pytest.fixture
def new_patient(db: None) -> Callable[..., UUID]:
    """Register a synthetic patient and answer the id."""

    def make(
        family: str = "Testperson", given: str = "Ada", birth_date: str = "1980-05-17", **more: object
    ) -> UUID:
        patient = uuid4()
        body = Patient(
            family=family,
            given=given,
            birth_date=birth_date,
            sex=more.pop("sex", Sex.FEMALE),  # type: ignore[arg-type]
            identifiers=(Identifier("lowtide", f"LT-{patient.hex[:4]}"),),
            **more,  # type: ignore[arg-type]
        )
        store.append([said(body, f"chart:{patient}")])
        return patient

    return make


@pytest.fixture
def clinic_zone() -> str:
    """The zone of the test clinic; a module whose people act now may keep another."""
    return "Europe/Berlin"


@pytest.fixture
def clinic(db: None, clinic_zone: str) -> Entry:
    """The clinic's own stream with its name, zone and crisis line."""
    body = Clinic(name="Test Clinic", zone=clinic_zone, country="DE", crisis_line="555 0100", demo=True)
    return store.append([said(body, CLINIC, source=Source.SYSTEM)])[0]


@pytest.fixture
def sign_in(clinic: Entry) -> Callable[..., Client]:
    """A client signed in as somebody with a role (or as the patient with an id)."""

    def make(role: str, *, patient: UUID | None = None, clinical_lead: bool = False) -> Client:
        login = f"{role}-{uuid4().hex[:6]}"
        user = User.objects.create_user(login, password=None)
        if role == "patient":
            user.patient = str(patient or uuid4())
            user.save()
        else:
            staff = Staff(
                staff=uuid4(),
                name=f"Test {ROLES[role].label}",
                roles=(role,),
                login=login,
                clinical_lead=clinical_lead,
            )
            store.append([said(staff, CLINIC, by="system:setup", source=Source.SYSTEM)])
        client = Client()
        client.force_login(user)
        return client

    return make


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database-only", action="store_true", help="leave out tests that touch no database")
    parser.addoption("--hazard-results", metavar="FILE", help="keep there how the tests of hazards ended")


def pytest_configure(config: pytest.Config) -> None:
    file = config.getoption("--hazard-results")
    if file and not hasattr(config, "workerinput"):
        config.pluginmanager.register(hazard_results.Collector(config.rootpath / file))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With --database-only the rooms that know none are not even read."""
    return (config.getoption("--database-only") and _is_pure(collection_path)) or None


def _is_pure(path: Path) -> bool:
    return path.is_relative_to(HERE) and path.relative_to(HERE).parts[:1] in PURE


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the run on the other engine covers: with --database-only all that asks for no database."""
    belongs = [_belongs_here(config, i) for i in items]
    config.hook.pytest_deselected(items=[i for i, b in zip(items, belongs, strict=True) if not b])
    items[:] = [i for i, b in zip(items, belongs, strict=True) if b]
    hazard_results.tell(items)


def _belongs_here(config: pytest.Config, item: pytest.Item) -> bool:
    left = ("sqlite",) if "LOWTIDE_TEST_WHOLE" in os.environ else ("sqlite", "either")
    if POSTGRES and any(item.get_closest_marker(name) for name in left):
        return False
    asks = {"db", "own_database", "module_database"} & set(getattr(item, "fixturenames", ()))
    asks_for_one = bool(asks or item.get_closest_marker("django_db"))
    if asks_for_one and _is_pure(item.path):
        raise pytest.UsageError(
            f"{item.nodeid} asks for a database in a room whose tests are run without one"
        )
    return not config.getoption("--database-only") or asks_for_one
