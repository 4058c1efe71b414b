"""Whoever is held by stop and review is told as held, led to the review, and given no day by somebody who was not told."""

import html
from collections.abc import Callable
from datetime import UTC
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from lowtide.pathway.course.state import fold
from lowtide.pathway.maintenance import actions
from lowtide.pathway.maintenance.steps import standing
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.problems import Refused
from lowtide.record import store
from lowtide.record.entries.longterm import StopReviewed
from lowtide.record.entries.words import summary
from tests.pathway.course.story import Story
from tests.pathway.maintenance.test_pages import choice, decided, induced, open_day, path

SignIn = Callable[..., Client]
WHY = "ALT 3.8 times the upper limit"
pytestmark = pytest.mark.django_db


@pytest.fixture
def held(clinic: object) -> Story:
    story = induced().after(hours=1)
    story.say(StopReviewed(stop="other", choice="hold"), reason=WHY)
    return story.tell()


def words(client: Client, story: Story) -> str:
    return html.unescape(client.get(path(story)).content.decode())


def test_the_page_says_held_points_to_the_review_and_offers_no_time(held: Story, sign_in: SignIn) -> None:
    page = words(sign_in("prescriber"), held)
    assert "Where it stands: Held" in page
    assert "<h2>Held; by the protocol " in page
    assert "STEP-HELD" in page
    assert "STEP-STRETCH" not in page
    assert "No time is offered: the next session is held." in page
    assert "Put into the form" not in page
    review = reverse("safety:stop_review", args=[held.patient])
    # the banner, the rule, the times, the form
    assert page.count(f'<a href="{review}">Stop and review</a>') == 4


def test_every_rule_that_leads_to_a_session_is_silent_while_it_is_held(held: Story) -> None:
    state = fold(store.load(held.stream))
    assert [one.rule.id for one in standing(state, UTC).advice] == ["STEP-STRETCH"]
    now = standing(state, UTC, held=True)
    assert ([one.rule.id for one in now.advice], now.state.id) == (["STEP-HELD"], "held")
    assert now.choices == standing(state, UTC).choices


def test_a_day_is_not_recorded_without_the_hold_named_and_is_kept_with_it(
    held: Story, sign_in: SignIn
) -> None:
    client = sign_in("prescriber")
    refused = client.post(path(held), choice())
    assert refused.status_code == 422
    assert WHY in html.unescape(refused.content.decode())
    assert decided(held) == []
    assert client.post(path(held), choice(held="on")).status_code == 302
    (body,) = decided(held)
    assert any(WHY in text for text in body.held)
    entry = store.load(held.stream).said(type(body))[-1][0]
    assert f"while held by stop and review: {body.held[0]}" in summary(entry)


def test_a_pause_needs_no_word_on_the_hold_and_keeps_it(held: Story, sign_in: SignIn) -> None:
    assert sign_in("prescriber").post(path(held), choice("pause")).status_code == 302
    assert any(WHY in text for body in decided(held) for text in body.held)


def test_the_verb_itself_refuses_a_day_for_a_session_that_is_held(held: Story) -> None:
    who = Person("staff:test", "Dr Test", ("prescriber",), permissions(("prescriber",)))
    state = fold(store.load(held.stream))
    said = actions.Choice("next", "It holds well", open_day(5))
    with pytest.raises(Refused, match="the next session is held"):
        actions.decide(held.stream, state, said, who, held.now, uuid4())


def test_the_planner_says_held_and_leads_to_what_holds_it(held: Story, sign_in: SignIn) -> None:
    page = sign_in("prescriber").get("/planner").content.decode()
    row = page[page.index(f"/patients/{held.patient}") :].partition("</tr>")[0]
    assert "<td>Held" in row
    assert "Stop and review" in row
    assert "Decide<" not in row
