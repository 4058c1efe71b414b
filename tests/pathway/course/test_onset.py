"""How fast it helped, on which days it turned, and what a change is worth: each measure against its own baseline."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data.instruments import instrument, instruments, version
from lowtide.pathway.course import picture
from lowtide.pathway.course.due import due
from lowtide.pathway.course.measures import Tracked, tracked
from lowtide.pathway.course.onset import Onset, onsets, soon, span, turns
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes.trajectory import page
from lowtide.record.entries.care import Answers, Total
from tests.pathway.course.story import DAY, Story

ZONE = ZoneInfo("Europe/Berlin")


def treated(*scores: tuple[float, int], baseline: int = 20) -> Story:
    """(hours after the one before, total) from the start of the first dose on."""
    story = Story().took_history().after(days=1).decided().phq9(baseline).planned((0,)).after(days=1)
    story.ordered(1).started(1)
    for hours, total in scores:
        story.after(hours=hours).phq9(total)
    return story


def own(story: Story) -> Tracked:
    return tracked(story.chart, fold(story.chart))[0]


def seen(story: Story) -> dict[int, Onset]:
    state = fold(story.chart)
    return {o.fall.fall_pct: o for o in onsets(own(story), [s.at for s in state.given])}


def gad7(story: Story, total: int) -> Story:
    items = {str(n): min(3, max(0, total - 3 * (n - 1))) for n in range(1, 8)}
    story.say(Answers(instrument="GAD7", version=version("GAD7"), items=items, mode="tablet"))
    return story


def test_the_first_score_that_fell_enough_is_told_in_hours_from_the_first_dose() -> None:
    found = seen(treated((22, 15), (60, 9)))
    assert (soon(found[20]), soon(found[50])) == ("22 h", "82 h")
    assert [found[20].doses, found[20].held] == [1, True]


def test_it_came_between_two_looks_and_both_are_said() -> None:
    found = seen(treated((22, 19), (50, 12)))
    assert (found[20].not_before, found[20].after) == (timedelta(hours=22), timedelta(hours=72))
    words = page.speed(own(treated((22, 19), (50, 12))), fold(treated((22, 19), (50, 12)).chart), ZONE)
    assert words[0]["between"] == "not yet there at 22 h"
    alone = page.speed(own(treated((22, 12))), fold(treated((22, 12)).chart), ZONE)
    assert alone[0]["between"] == "nothing was measured between the first dose and then"


def test_a_fall_that_no_score_shows_is_not_seen_rather_than_zero() -> None:
    found = page.speed(own(treated((22, 19))), fold(treated((22, 19)).chart), ZONE)
    assert [each["is_seen"] for each in found] == [False, False]


def test_a_fall_that_the_next_score_loses_is_said_not_to_have_been_kept() -> None:
    assert seen(treated((22, 15), (48, 19)))[20].held is False
    assert seen(treated((22, 15)))[20].held is None


@pytest.mark.parametrize(
    ("hours", "words"), [(0.2, "1 h"), (2, "2 h"), (96, "96 h"), (97, "4 days"), (24 * 9, "9 days")]
)
def test_hours_become_days_where_hours_say_nothing_more(hours: float, words: str) -> None:
    assert span(timedelta(hours=hours)) == words


def test_a_score_of_which_only_the_day_is_known_is_not_told_in_hours() -> None:
    story = treated()
    story.after(hours=30).say(Total(instrument="PHQ-9", value=Decimal(9), dated="2026-09-04"))  # type: ignore[arg-type]
    assert soon(seen(story)[50]) == "1 day"


def test_before_a_dose_without_a_baseline_and_from_zero_nothing_is_told() -> None:
    assert seen(Story().took_history().phq9(20).after(days=3).phq9(10)) == {}
    story = (
        Story()
        .took_history()
        .after(days=1)
        .decided()
        .planned((0,))
        .after(days=1)
        .held(1)
        .after(days=1)
        .phq9(4)
    )
    assert seen(story) == {}
    assert seen(treated((22, 4), baseline=0)) == {}


def test_the_days_on_which_it_turned_are_those_of_the_scores_that_say_so() -> None:
    found = turns(own(treated((22, 15), (24, 10), (24, 4), (24, 6), (24, 14))))
    assert [t.what for t in found] == [
        "response",
        "remission",
        "remission lost, response holds",
        "relapse",
    ]
    lost = turns(own(treated((22, 7), (24, 8), (24, 9), (24, 12), (24, 9), (24, 6), baseline=15)))
    assert [t.what for t in lost] == [
        "response",
        "response lost",
        "relapse",
        "no longer a relapse, response still lost",
        "response",
    ]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 24), min_size=1, max_size=8))
def test_half_is_never_gone_before_a_fifth_and_each_onset_is_a_score_that_fell(totals: list[int]) -> None:
    found = seen(treated(*((24, total) for total in totals)))
    fifth, half = found[20], found[50]
    if half.score:
        assert fifth.score
        assert fifth.score.at <= half.score.at
        assert half.score.value * 2 <= 20
    assert (half.score is None) == all(total > 10 for total in totals)


# -- several measures --------------------------------------------------------------------------------------------


def test_every_outcome_is_tracked_against_its_own_baseline_the_courses_own_first() -> None:
    story = Story().took_history().after(days=1).decided().phq9(20)
    gad7(story, 14).planned((0,)).after(days=1).held(1).after(hours=20).phq9(18)
    gad7(story, 6)
    found = tracked(story.chart, fold(story.chart))
    assert [one.measure.id for one in found] == ["PHQ9", "GAD7"]
    assert [float(one.found.baseline.value) for one in found if one.found.baseline] == [20, 14]


def test_scales_for_the_day_and_for_suicide_are_no_outcome() -> None:
    story = treated((20, 10))
    for name, items in (
        ("CSSRS", {"1": 1}),
        ("ALDR", dict.fromkeys("12345", 2)),
        ("AUDITC", {"1": 1, "2": 1, "3": 0}),
    ):
        story.say(Answers(instrument=name, version="1", items=items, mode="interview"))
    assert [one.measure.id for one in tracked(story.chart, fold(story.chart))] == ["PHQ9"]


@pytest.mark.parametrize(
    ("after", "word", "level"),
    [
        (14, "reliably better", "clear"),
        (15, "within the scale’s own error", "note"),
        (26, "reliably worse", "caution"),
    ],
)
def test_a_change_beyond_the_scales_own_error_is_reliable(after: int, word: str, level: str) -> None:
    story = treated((22, min(after, 24)), baseline=20 if after < 26 else 18)
    row = page.row(own(story), fold(story.chart), ZONE)
    assert (row["reliable"]["word"], row["reliable"]["level"]) == (word, level)
    assert row["reliable"]["bound"].startswith("6 points")
    assert not row["reliable"]["verified"]


def test_a_scale_without_a_known_bound_says_that_it_is_not_known() -> None:
    name = next(
        i.id for i in instruments().values() if i.change and i.change.reliable_points is None and i.bands
    )
    story = Story().took_history().after(days=1).decided()
    story.say(Total(instrument=name, value=Decimal(20)))
    story.planned((0,)).after(days=1).held(1).after(days=1).say(Total(instrument=name, value=Decimal(8)))
    one = next(t for t in tracked(story.chart, fold(story.chart)) if t.measure.id == name)
    row = page.row(one, fold(story.chart), ZONE)
    assert (row["reliable"]["word"], row["reliable"]["level"]) == ("not known for this scale", "unknown")


def test_where_measures_disagree_that_is_said() -> None:
    rows = [{"reliable": {"word": w}} for w in ("reliably better", "reliably worse")]
    assert "disagree" in page.headline(rows)
    assert page.headline(rows[:1]) == ""


# -- the picture --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["GAD7", "PCL5", "MADRS", "QIDSSR16", "NRS", "PEG", "PDQ", "WSAS", "GAF", "ISI", "FIQR"]
)
def test_every_measure_has_a_scale_from_its_table_and_is_drawn(name: str) -> None:
    measure = instrument(name)
    low, high = picture.scale(measure)
    assert low < high
    story = treated((22, 15))
    state = fold(story.chart)
    for total in (high, low):
        story.say(Total(instrument=name, value=Decimal(total)))
    one = next(t for t in tracked(story.chart, fold(story.chart)) if t.measure.id == name)
    (chart,) = page.charts([one], state, story.now + DAY, ZONE)
    assert "<svg" in chart["svg"]
    assert len(chart["table"].rows) >= 2


def test_a_total_that_the_scale_cannot_give_is_told_and_not_drawn() -> None:
    story = treated((22, 15))
    story.say(Total(instrument="PHQ-9", value=Decimal(61)))
    state = fold(story.chart)
    drawn = picture.timeline(state, due(story.chart, state), story.now, ZONE)
    assert [s.value for s in drawn.scores] == [20, 15]
    assert page.off_scale(own(story), ZONE)[0].startswith("61 on ")


def test_the_picture_flags_the_onset_and_marks_what_was_entered_otherwise() -> None:
    story = treated((22, 15)).after(minutes=1)
    story.answered({"1": 3}, mode="paper")
    state = fold(story.chart)
    drawn = picture.timeline(state, (), story.now, ZONE)
    assert drawn.onset
    assert (drawn.onset.text, drawn.onset.detail) == ("20 % lower", "within 22 h")
    assert len(drawn.unscored) == 1
    assert picture.marks(state.scores[-1]) == ("from paper",)
