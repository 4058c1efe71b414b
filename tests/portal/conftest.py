"""What the portal's tests share: somebody in treatment, signed in, and pages as text."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from lowtide.people.charts import PatientChart, identity, whole_chart
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.portal.actions import Act
from lowtide.portal.desk import actions as desk
from tests.pathway.course.story import Story

SignIn = Callable[..., Client]
DESK = Person("staff:test", "Test Desk", ("front_desk",), permissions(("front_desk",)))


def treated(days: float = 20, totals: tuple[int, ...] = (20, 16, 13, 12, 10, 9, 8)) -> Story:
    """Somebody whose induction is over."""
    at = datetime.now(UTC) - timedelta(days=days)
    return Story(at=at).took_history().decided().planned().induced(totals).tell()


def html(client: Client, path: str, **more: str) -> str:
    response = client.get(path, **more)  # type: ignore[arg-type]
    assert response.status_code == 200, (path, response.status_code)
    return response.content.decode()


def chart_of(patient: UUID) -> PatientChart:
    whole = whole_chart(f"chart:{patient}")
    who = identity(whole, patient)
    assert who
    return PatientChart(patient, who, whole, whole)


def act(patient: UUID, by: Person = DESK, now: datetime | None = None) -> Act:
    return Act(by, chart_of(patient), uuid4(), now or datetime.now(UTC))


def link_for(patient: UUID, how: str = desk.PAPER, now: datetime | None = None) -> str:
    """A link that the desk hands out: its code."""
    return desk.hand_out(act(patient, now=now), how)


def sent(**said: object) -> dict[str, object]:
    """A form with an id of its own."""
    return {"entry_id": str(uuid4()), **said}


@pytest.fixture
def mine(sign_in: SignIn) -> tuple[Client, Story]:
    """Somebody after their first session, signed in at their own place."""
    at = datetime.now(UTC) - timedelta(days=5)
    story = Story(at=at).took_history().decided().planned().phq9(20)
    story.now = story.first_at
    story.held(1).after(hours=20).phq9(8).tell()
    return sign_in("patient", patient=story.patient), story


@pytest.fixture
def mailing(settings: Settings) -> None:
    """A clinic that sends mail, and knows where patients open their place."""
    settings.MAIL_IS_SET_UP, settings.PUBLIC_ADDRESS = True, "https://clinic.example"
