"""A page that refreshes itself is logged when it is opened, and now and then while it stays open."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from django.test import Client

from lowtide.people import refreshing
from lowtide.record.models import Access

BY_ITSELF = {"X-Lowtide-Background": "1"}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    refreshing.forget()
    yield
    refreshing.forget()


def read(client: Client, patient: UUID, times: int, **headers: str) -> int:
    """How many lines of the log so many readings write."""
    before = Access.objects.filter(stream=f"chart:{patient}").count()
    for _ in range(times):
        client.get(f"/patients/{patient}/record", headers=headers)
    return Access.objects.filter(stream=f"chart:{patient}").count() - before


@pytest.mark.hazard("H049")
def test_every_page_that_somebody_opens_is_logged(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    assert read(sign_in("nurse"), new_patient(), 3) == 3


def test_the_refreshes_of_an_open_page_are_one_line(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    nurse, patient = sign_in("nurse"), new_patient()
    assert read(nurse, patient, 3, **BY_ITSELF) == 1
    assert read(sign_in("prescriber"), patient, 3, **BY_ITSELF) == 1


def test_a_page_that_stays_open_is_logged_again_after_some_minutes(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    nurse, patient = sign_in("nurse"), new_patient()
    read(nurse, patient, 1, **BY_ITSELF)
    monkeypatch.setattr(refreshing, "LOGGED_EVERY_S", 0.0)
    assert read(nurse, patient, 1, **BY_ITSELF) == 1


@pytest.mark.hazard("H049")
def test_a_refused_refresh_is_logged_each_time(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient, desk = new_patient(), sign_in("front_desk")
    before = Access.objects.filter(allowed=False).count()
    for _ in range(3):
        desk.get(f"/patients/{patient}/record", headers=BY_ITSELF)
    assert Access.objects.filter(allowed=False).count() - before == 3
