"""In which measure a course is told and foreseen: its condition's own, where it was asked, and never one converted into
another."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from django.test import Client

from lowtide.pathway.course.due import due
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes.fade.asking import FadeAsk, NoFade, ask
from lowtide.pathway.outcomes.outlook import ahead, told_in
from lowtide.record.entries.care import CoursePlanned, Total
from lowtide.record.entries.history import Measurement
from tests.pathway.course.story import Story

SignIn = Callable[..., Client]
ZONE = ZoneInfo("Europe/Berlin")


def course(indication: str, instrument: str, before: int, *after: int, days: float = 30) -> Story:
    """Six sessions with a PHQ-9 after each, and totals of another measure before and after them."""
    story = Story(at=datetime.now(UTC) - timedelta(days=days)).took_history().decided()
    story.say(Measurement(quantity="weight_kg", value=Decimal(73), device="scale"))
    story.say(Total(instrument=instrument, value=Decimal(before)))
    story.planned()
    plan = story.drafts[-1]
    assert isinstance(plan.body, CoursePlanned)
    story.drafts[-1] = msgspec.structs.replace(
        plan, body=msgspec.structs.replace(plan.body, indication=indication)
    )
    story.induced((20, 16, 13, 12, 10, 8, 7))
    for total in after:
        story.after(days=2).say(Total(instrument=instrument, value=Decimal(total)))
    return story


@pytest.mark.parametrize("instrument", ["MADRS", "HAMD17", "QIDSSR16"])
def test_a_course_can_be_foreseen_in_each_measure_that_the_model_answers_for(instrument: str) -> None:
    story = course("trd", instrument, 26, 11)
    state = fold(story.chart)
    able = told_in(story.chart, state)
    assert [t.measure.id for t in able] == ["PHQ9", instrument]
    found, _ = ahead(state, able[1])
    assert found
    assert found.instrument == able[1].measure.name
    assert (found.person.scores.baseline, len(found.person.scores.seen)) == (26.0, 1)


@pytest.mark.parametrize(("indication", "instrument"), [("crps", "NRS"), ("ptsd", "PCL5"), ("gad", "GAD7")])
def test_the_conditions_own_measure_leads_where_it_was_asked(indication: str, instrument: str) -> None:
    state = fold(course(indication, instrument, 9 if instrument == "NRS" else 20, 3).chart)
    assert state.lead.measure.id == instrument
    found, _ = ahead(state)
    assert found
    assert found.one.measure.id == instrument


def test_a_scale_of_mood_says_nothing_of_pain() -> None:
    story = course("crps", "MADRS", 30, 12)
    state = fold(story.chart)
    assert told_in(story.chart, state) == ()
    found, missing = ahead(state)
    assert found is None
    assert "does not speak of PHQ-9 in this condition" in missing


def test_the_fading_of_pain_is_asked_of_pain() -> None:
    story = course("crps", "NRS", 9, 3)
    asked = ask(story.chart, fold(story.chart), datetime.now(UTC).date(), ZONE)
    assert isinstance(asked, FadeAsk)
    assert (asked.instrument, asked.baseline, asked.cut) == ("NRS", 9.0, 6)


def test_pain_that_came_back_is_a_relapse_of_pain_whatever_the_mood_says() -> None:
    story = course("crps", "NRS", 9, 3, 7)
    state = fold(story.chart)
    (item,) = (i for i in due(story.chart, state) if i.task.name == "relapse")
    assert "7" in item.detail
    assert state.response.helped
    gone = ask(story.chart, state, datetime.now(UTC).date(), ZONE)
    assert isinstance(gone, NoFade)
    assert "has faded already" in gone.why


@pytest.mark.django_db
def test_the_page_offers_each_measure_and_says_that_nothing_is_converted(
    clinic: object, sign_in: SignIn
) -> None:
    story = course("trd", "MADRS", 30, 12).tell()
    url = f"/patients/{story.patient}/outcomes/outlook"
    client = sign_in("prescriber")
    first = client.get(url).content.decode()
    assert "?by=MADRS" in first
    told = client.get(f"{url}?by=MADRS").content.decode()
    assert "MADRS 30 before the first dose" in told
    assert "converted into no other scale" in told
