"""What a condition asks for beside the course's own measure, when, and as the shortest valid set of a visit."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from lowtide.data import schedules
from lowtide.data.instruments import instrument, instruments
from lowtide.data.vocabulary import words
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes.scales import Wanted, due_now, of_scales, wanted
from lowtide.record.entries import care
from lowtide.record.entries.base import Draft
from tests.pathway.course.story import DAY, Story


def treated_for(indication: str, held: int = 0) -> Story:
    """A person with a course of the condition, so many sessions held."""
    story = Story().took_history().decided().planned()
    for index, draft in enumerate(story.drafts):
        if isinstance(draft.body, care.CoursePlanned):
            story.drafts[index] = _with(draft, indication)
    for number in range(1, held + 1):
        story.now = story.first_at + timedelta(days=(0, 3, 7, 10, 14, 17)[number - 1])
        story.held(number)
    return story


def _with(draft: Draft, indication: str) -> Draft:
    return msgspec.structs.replace(draft, body=msgspec.structs.replace(draft.body, indication=indication))


def asked(story: Story) -> dict[str, Wanted]:
    return {w.instrument.id: w for w in wanted(story.chart, fold(story.chart))}


def answered(story: Story, name: str, window: str = "") -> None:
    one = instrument(name)
    items = {item: (one.item(item).range or (0, 0))[0] for item in one.ids}
    story.say(care.Answers(instrument=name, version="1", items=items, mode="paper", window=window))


@pytest.mark.parametrize(
    ("indication", "names"),
    [
        ("gad", {"GAD7"}), ("ptsd", {"PCL5"}), ("chronic_pain", {"NRS"}), ("fibromyalgia", {"NRS", "FIQR"}),
        ("crps", {"NRS", "CSS"}), ("trd", {"MADRS"}),
    ],
)  # fmt: skip
def test_each_condition_asks_for_its_own_before_the_first_dose(indication: str, names: set[str]) -> None:
    assert set(asked(treated_for(indication))) == names


def test_a_baseline_is_due_before_the_first_session_at_the_latest() -> None:
    story = treated_for("fibromyalgia")
    assert asked(story)["FIQR"].due_at <= story.first_at


def test_whoever_answered_one_of_a_scale_has_answered_all_of_it() -> None:
    story = treated_for("trd")
    answered(story, "HAMD17")
    assert "MADRS" not in asked(story)


def test_a_total_from_elsewhere_counts_as_a_baseline() -> None:
    story = treated_for("trd")
    story.say(care.Total(instrument="MADRS", value=Decimal(31)))
    assert "MADRS" not in asked(story)


def test_an_unfinished_form_does_not() -> None:
    story = treated_for("gad")
    story.say(care.Answers(instrument="GAD7", version="1", items={"1": 1}, mode="paper", complete=False))
    assert "GAD7" in asked(story)


def test_pain_is_asked_before_a_session_after_it_and_every_week() -> None:
    story = treated_for("chronic_pain", held=1)
    assert asked(story)["NRS"].rule.rule_id == "DUE-SCALE-24H"
    answered(story.after(hours=20), "NRS")
    assert asked(story)["NRS"].rule.rule_id == "DUE-SCALE-BEFORE"


def test_ptsd_is_followed_by_the_week_from_its_baseline_on() -> None:
    story = treated_for("ptsd")
    assert asked(story)["PCL5"].window == "week"
    answered(story, "PCL5", "week")
    assert "PCL5" not in asked(story)
    story.now = story.first_at
    story.held(1)
    found = asked(story)["PCL5"]
    assert (found.window, found.rule.rule_id) == ("week", "DUE-SCALE-WEEKLY")


def test_a_rating_closes_an_induction_once() -> None:
    story = treated_for("trd", held=6)
    assert asked(story)["MADRS"].rule.rule_id == "DUE-RATING-INDUCTION"
    answered(story.after(days=1), "MADRS")
    assert "MADRS" not in asked(story)


def test_nothing_is_asked_for_the_sake_of_a_course_that_ended_or_never_was() -> None:
    assert asked(treated_for("gad", held=1).ended()) == {}
    assert asked(Story()) == {}
    assert asked(Story().took_history().decided("not_eligible")) == {}


def test_a_visit_asks_the_shortest_first_and_each_once() -> None:
    story = treated_for("fibromyalgia", held=1)
    found = wanted(story.chart, fold(story.chart))
    now = story.now + 40 * DAY
    names = [w.instrument.id for w in due_now(found, now, self_rated=True)]
    assert names == ["NRS", "PGIC", "FIQR"]
    assert due_now(found, now, self_rated=False) == ()


def test_all_that_the_patient_answers_is_one_task_and_all_ratings_another() -> None:
    story = treated_for("crps")
    found = {item.task.name: item.label for item in of_scales(story.chart, fold(story.chart))}
    assert found == {"scales": "Pain NRS", "ratings": "CRPS Severity Score"}


def test_the_schedule_names_what_there_is() -> None:
    for indication in words()["indication"]:
        found = schedules.scales(indication)
        assert found
        for scale in found:
            assert {*scale.instruments} <= instruments().keys()
            assert {*scale.windows} <= {*scale.when}
            assert all(schedules.occasion(rule) and schedules.rules()[rule] for rule in scale.when)
            for window in scale.windows.values():
                assert window in instrument(scale.instruments[0]).windows
