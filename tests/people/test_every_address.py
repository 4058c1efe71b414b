"""Every address of the whole site, tried as nobody and as each role: refused unless the role includes it."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse

from lowtide.people.middleware import OPEN_MODULES
from lowtide.people.roles import ROLES, Permission
from lowtide.record import access_log, store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Note
from tests.conftest import said
from tests.people.walking import SECRET, Step, Walks, walk

pytestmark = pytest.mark.either

ENDS_THE_SIGN_IN = ("account_logout",)


class Address(NamedTuple):
    """A pattern of the site: its name, the view behind it, and what its path asks for."""

    name: str
    view: Any
    asks: dict[str, Any]

    @property
    def permission(self) -> Permission | None:
        return getattr(self.view, "permission", None)

    @property
    def is_open(self) -> bool:
        return bool(getattr(self.view, "public", False)) or self.view.__module__.startswith(OPEN_MODULES)

    def url(self, ids: dict[str, Any]) -> str:
        return reverse(
            self.name, kwargs={name: ids.get(name, _some(kind)) for name, kind in self.asks.items()}
        )


def _some(converter: Any) -> Any:
    """A value of the right shape that names nothing."""
    return {"UUIDConverter": uuid4(), "IntConverter": 9}.get(type(converter).__name__, "none")


def _walk(patterns: Any, space: str = "", asks: dict[str, Any] | None = None) -> Iterator[Address]:
    for pattern in patterns:
        wanted = {**(asks or {}), **pattern.pattern.converters}
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, inner, wanted)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern.pattern} has no name"
            yield Address(f"{space}{pattern.name}", pattern.callback, wanted)


ADDRESSES = list(_walk(get_resolver().url_patterns))
OURS = [a for a in ADDRESSES if not a.is_open]


@pytest.fixture
def entry(new_patient: Callable[..., UUID]) -> Entry:
    """A therapy note in somebody's chart."""
    patient = new_patient("Zebrafinkov", "Quillon")
    draft = said(Note(text=SECRET, topic="therapy"), f"chart:{patient}", visible_to=("therapist",))
    return store.append([draft])[0]


@pytest.fixture
def ids(entry: Entry) -> dict[str, Any]:
    """What the addresses ask for, all of it real and somebody else's."""
    patient = UUID(entry.stream.partition(":")[2])
    return {"patient": patient, "entry": entry.id, "item": entry.id, "answers": entry.id}


WALKS, LOGGED = Walks(), dict[tuple[str, ...], str]()
Steps = Callable[..., tuple[Step, ...]]


@pytest.fixture
def steps(db: None, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Steps:
    """What a role is answered on every address, where it asks for somebody by name."""

    def make(method: str, role: str) -> Iterator[Step]:
        ids, client = request.getfixturevalue("ids"), request.getfixturevalue("sign_in")(role)
        caplog.set_level("DEBUG", logger="lowtide")
        caplog.set_level("INFO", logger="django.request")
        yield from walk(
            client, method, ((a, a.url(ids)) for a in OURS), q="zebrafinkov", family="Zebrafinkov"
        )
        LOGGED[method, role] = caplog.text

    return lambda method, role: WALKS((method, role), lambda: make(method, role))


def test_every_view_says_what_it_takes() -> None:
    silent = [a.name for a in ADDRESSES if not a.is_open and not isinstance(a.permission, Permission)]
    assert not silent


def test_nobody_is_shown_the_way_in_and_nothing_else(ids: dict[str, Any], clinic: Entry) -> None:
    nobody = Client()
    wrong = {}
    for address in OURS:
        url = address.url(ids)
        got, posted = nobody.get(url), nobody.post(url)
        door = "/my/enter" if address.permission is Permission.OWN_PLACE else "/accounts/login/"
        if not got.get("Location", "").startswith(door) or posted.status_code != 403:
            wrong[address.name] = (got.status_code, posted.status_code)
    assert not wrong


@pytest.mark.hazard("H043")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_role_reaches_what_it_includes_and_is_refused_the_rest(
    role: str, method: str, steps: Steps
) -> None:
    wrong = {}
    for step in steps(method, role):
        allowed = step.permission in ROLES[role].permissions
        if (step.status == 403) is allowed or step.status >= 500:
            wrong[step.name] = step.status
    assert not wrong


@pytest.mark.parametrize("role", [None, *ROLES])
def test_open_pages_answer_everybody(role: str | None, sign_in: Callable[..., Client], clinic: Entry) -> None:
    client = sign_in(role) if role else Client()
    client.raise_request_exception = False
    asked = [a for a in ADDRESSES if a.is_open and a.name not in ENDS_THE_SIGN_IN]
    wrong = {a.name: s for a in asked if (s := client.get(a.url({})).status_code) >= 500}
    assert not wrong


@pytest.mark.hazard("H049")
@pytest.mark.parametrize("role", [r for r in ROLES if r != "therapist"])
def test_what_only_therapists_may_read_is_on_no_page_of_anybody_else(role: str, steps: Steps) -> None:
    assert not [step.name for step in steps("get", role) if step.tells]


def test_a_therapist_finds_it_so_that_the_test_before_can_fail(steps: Steps) -> None:
    assert any(step.tells for step in steps("get", "therapist"))


@pytest.mark.hazard("H049")
def test_a_patient_opens_nothing_of_another_patient(
    ids: dict[str, Any], new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    own = new_patient("Own", "Person")
    client = sign_in("patient", patient=own)
    client.raise_request_exception = False
    opened = [
        a.name for a in OURS if a.asks and client.get(a.url(ids)).status_code not in (302, 403, 404, 405)
    ]
    assert not opened


def test_every_refusal_is_in_the_access_log(ids: dict[str, Any], sign_in: Callable[..., Client]) -> None:
    client = sign_in("front_desk")
    url = reverse("people:chart", args=[ids["patient"]])
    client.get(url)
    line = access_log.recent()[0]
    assert (line.action, line.allowed) == (f"GET {url}", False)


@pytest.mark.hazard("H049")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_logs_of_the_server_carry_no_name(role: str, method: str, steps: Steps) -> None:
    steps(method, role)
    logged = LOGGED[method, role]
    assert logged
    assert "zebrafinkov" not in logged.lower()


def unmarked(request: HttpRequest) -> HttpResponse:
    return HttpResponse("should never be seen")


urlpatterns = [path("unmarked", unmarked), *get_resolver().url_patterns]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("role", ROLES)
def test_a_view_without_a_mark_is_refused_to_everybody(role: str, sign_in: Callable[..., Client]) -> None:
    assert sign_in(role).get("/unmarked").status_code == 403
