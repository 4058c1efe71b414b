"""Laboratory values that hardly anybody has, or that were called otherwise, are asked about once more and never refused."""

from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from lowtide.pathway.evaluate.workup.odd import odd
from lowtide.record import store
from lowtide.record.entries.base import Answer
from lowtide.record.entries.history import Result
from tests.pathway.course.story import Story

SignIn = Callable[..., Client]


@pytest.mark.parametrize(
    ("name", "value", "limit", "called", "says"),
    [
        ("alt_u_l", "999999", None, "yes", "lies outside 1 to 15000"),
        ("alt_u_l", "300", None, "no", "lies above 1.5 times the usual upper limit of 40"),
        ("alt_u_l", "50", "45", "no", "lies above the limit of 45"),
        ("bilirubin_mg_dl", "85", None, "yes", "Look at the unit"),
        ("alt_u_l", "55", None, "no", ""),
        ("alt_u_l", "300", None, "yes", ""),
        ("alt_u_l", "390", "45", "yes", ""),
    ],
)
def test_what_does_not_fit_is_said(name: str, value: str, limit: str | None, called: str, says: str) -> None:
    found = " ".join(odd([(name, Decimal(value), Decimal(limit) if limit else None)], Answer(called)))
    assert (says in found) if says else found == ""


@pytest.mark.django_db
def test_the_form_asks_once_more_and_then_takes_it(clinic: object, sign_in: SignIn) -> None:
    story, client = Story().took_history().tell(), sign_in("nurse")
    form = f"/patients/{story.patient}/workup/lft"
    said = {
        "entry_id": str(uuid4()),
        "alt_u_l": "300",
        "abnormal": "no",
        "on": story.now.date().isoformat(),
    }
    page = client.post(form, said)
    assert page.status_code == 422
    assert "was called in range, and lies above 1.5 times" in page.content.decode()
    assert 'name="sure"' in page.content.decode()
    assert not store.load(story.stream).said(Result)
    assert client.post(form, {**said, "sure": "on"}).status_code == 302
    ((_, body),) = store.load(story.stream).said(Result)
    assert (body.value, body.abnormal) == (Decimal(300), Answer.NO)
