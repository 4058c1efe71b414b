"""States of maintenance and the rules that point at a step: what leads where, what may follow, when a score is a relapse."""

from datetime import UTC, timedelta

import pytest

from lowtide.data import maintenance
from lowtide.data.instruments import instruments
from lowtide.pathway.course.due import due
from lowtide.pathway.course.state import fold
from lowtide.pathway.maintenance.rules import propose
from lowtide.pathway.maintenance.steps import Standing, drifting, standing
from tests.pathway.course.story import DAY, Story

WELL = (20, 16, 13, 12, 10, 8, 7)


def induced(totals: tuple[int | None, ...] = WELL) -> Story:
    return Story().took_history().decided().planned().induced(totals)


def kept_up(story: Story, *steps: tuple[str, float], score: int = 7) -> Story:
    """Maintenance sessions, each chosen by a step and held so many days after the one before, with a score after it."""
    last = story.now
    for step, days in steps:
        story.now = last + timedelta(hours=1)
        story.chose(step)
        story.planned((0,), protocol="P26", phase="maintenance")
        story.now = last = last + days * DAY
        story.held(1).after(hours=20).phq9(score)
    return story


def found(story: Story) -> Standing:
    return standing(fold(story.chart), UTC)


def pointed(story: Story) -> list[str]:
    return [one.step.id for one in found(story).advice]


def test_every_rule_and_step_names_what_exists() -> None:
    table, steps, states = maintenance.maintenance(), maintenance.steps(), maintenance.states()
    assert {name for r in table.rules for name in (r.step, *r.also)} <= set(steps)
    assert {s.leads_to for s in table.steps} | {name for s in table.steps for name in s.from_} <= set(states)
    assert {r.instrument for r in table.relapse} <= set(instruments())
    assert all(r.source for r in table.rules if r.verified)


def test_a_held_response_points_one_step_down_and_a_lost_one_one_step_up() -> None:
    assert pointed(induced()) == ["step_down"]
    lost = induced().after(days=2).phq9(11)
    assert pointed(induced((16, 12, 10, 9, 8, 7, 7)).after(days=3).phq9(9)) == ["step_up"]
    assert pointed(lost)[0] == "reinduce"  # from 10 on it is a relapse by the table


def test_nobody_who_never_responded_has_relapsed() -> None:
    never = induced((20, 20, 19, 19, 18, 18, 18))
    assert fold(never.chart).response.relapse is None
    assert pointed(never) == ["stop"]


@pytest.mark.parametrize(("score", "is_one"), [(9, False), (10, True)])
def test_a_relapse_begins_at_the_cut_of_the_table_exactly(score: int, is_one: bool) -> None:
    story = induced().after(days=5).phq9(score)
    assert bool(fold(story.chart).response.relapse) is is_one


@pytest.mark.parametrize(("score", "is_one"), [(8, False), (9, True), (13, False)])
def test_drifting_is_a_change_that_matters_above_the_best_and_less_than_a_loss(
    score: int, is_one: bool
) -> None:
    story = induced((24, 16, 13, 12, 8, 6, 4)).after(days=5).phq9(score)
    assert bool(drifting(fold(story.chart))) is is_one


def test_a_new_response_ends_the_relapse() -> None:
    story = induced().after(days=5).phq9(15).after(days=9).phq9(6)
    assert fold(story.chart).response.relapse is None


@pytest.mark.parametrize(
    ("step", "state"),
    [("hold", "holding"), ("step_up", "stepped_up"), ("step_down", "stepped_down"), ("taper", "tapering")],
)
def test_the_last_choice_is_the_state(step: str, state: str) -> None:
    assert found(kept_up(induced(), (step, 7))).state.id == state


def test_a_pause_is_a_state_until_the_next_dose() -> None:
    story = induced().after(hours=1).chose("pause", None)
    assert found(story).state.id == "paused"
    assert "pause" not in {one.id for one in found(story).choices}
    assert found(kept_up(story, ("next", 9))).state.id == "holding"


def test_nothing_can_be_tapered_or_reinduced_within_an_induction() -> None:
    story = Story().took_history().decided().planned().phq9(20)
    story.now = story.first_at
    offered = {one.id for one in found(story.held(1)).choices}
    assert offered == {"next", "step_up", "pause", "stop"}


def window_days(story: Story) -> int:
    state = fold(story.chart)
    window = propose(state).window
    assert window
    return (window[0] - state.given[-1].at).days


def test_a_held_interval_is_not_stretched_and_a_step_up_shortens_it() -> None:
    assert window_days(kept_up(induced(), ("next", 7), ("next", 14))) == 21
    assert window_days(kept_up(induced(), ("next", 7), ("hold", 7))) == 14
    assert window_days(kept_up(induced(), ("next", 7), ("next", 14), ("step_up", 7))) == 14


def test_at_the_longest_interval_a_hold_and_after_half_a_year_a_taper_is_pointed_at() -> None:
    at_longest = kept_up(induced(), ("next", 7), ("next", 14), ("next", 21), ("next", 28))
    assert pointed(at_longest) == ["hold"]
    long_ = kept_up(induced(), ("next", 7), ("next", 14), ("next", 21), *(("next", 28),) * 8)
    assert pointed(long_) == ["taper"]
    assert "held_long" in found(long_).facts


def items(story: Story) -> dict[str, object]:
    state = fold(story.chart)
    return {item.task.name: item for item in due(story.chart, state)}


def test_a_relapse_is_due_until_somebody_decides_after_it() -> None:
    story = induced().after(days=5).phq9(14)
    assert "relapse" in items(story)
    assert "relapse" not in items(story.after(hours=3).chose("step_up"))


def test_who_is_not_heard_of_becomes_due_and_a_word_puts_it_off() -> None:
    story = induced()
    heard = story.now
    item = items(story)["lost"]
    assert item.opens_at == heard + 42 * DAY  # type: ignore[attr-defined]
    later = items(story.after(days=20).phq9(8))["lost"]
    assert later.opens_at == heard + 62 * DAY  # type: ignore[attr-defined]


def test_a_session_ahead_and_a_pause_are_not_lost() -> None:
    ahead = induced().after(days=1).planned((3,), protocol="P26", phase="maintenance")
    assert "lost" not in items(ahead)
