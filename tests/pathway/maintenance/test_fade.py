"""When an answer will likely fade: the person's own scores move it, more is never less, and what is not known is said."""

from datetime import UTC, date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data import pharmacology
from lowtide.pathway.course.state import fold
from lowtide.pathway.maintenance.fade import picture
from lowtide.pathway.outcomes.fade.asking import DAY, Fade, NoFade
from lowtide.pathway.outcomes.fade.making import fade, kept
from lowtide.pathway.outcomes.outlook import ahead
from lowtide.record.entries.history import Measurement
from lowtide.science.pharmacology.response.conditioning import Scores, Setting
from lowtide.science.pharmacology.response.fading import Fading, fading
from lowtide.science.pharmacology.response.model import Session
from lowtide.science.pharmacology.response.outlook import Cuts
from tests.pathway.course.story import Story

BERLIN = ZoneInfo("Europe/Berlin")
NUMBERS = pharmacology.response()
TRD = Setting(NUMBERS, NUMBERS.conditions["trd"])
DAYS = (0.0, 3.0, 7.0, 10.0, 14.0, 17.0)


def by_model(*seen: tuple[float, float], baseline: float = 20, until: float = 80, seed: int = 1) -> Fading:
    reference = NUMBERS.exposure["reference_ng_h_ml"].value
    sessions = tuple(Session(day, reference) for day in DAYS)
    found = Scores(baseline, seen, Cuts(5, 10, 27))
    return fading(TRD, sessions, found, until, 512, seed)


def test_relapse_only_grows_and_is_a_share() -> None:
    shares = [one.p_relapse for one in by_model((18.0, 6.0)).days]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1


@given(st.floats(0.01, 0.4), st.floats(0.01, 0.4))
@settings(max_examples=20, deadline=None)
def test_a_larger_share_relapses_no_sooner(one: float, other: float) -> None:
    found = by_model((18.0, 6.0))
    days = [day if (day := found.first(share)) is not None else 1e9 for share in sorted((one, other))]
    assert days == sorted(days)


def test_somebody_whose_scores_hold_is_predicted_to_fade_later_than_somebody_whose_scores_rise() -> None:
    holds = by_model((10.0, 6.0), (18.0, 4.0), (32.0, 4.0))
    rises = by_model((10.0, 6.0), (18.0, 5.0), (32.0, 9.0))
    assert holds.by(46) < rises.by(46)


def test_whom_the_model_takes_for_relapsed_already_does_not_count() -> None:
    """At the last score the person is known to be well: relapse begins near nothing, however many members are put aside."""
    unsure = by_model()
    assert unsure.well < 0.9
    assert unsure.days[0].p_relapse < (1 - unsure.well) / 2


def test_the_same_question_has_the_same_answer() -> None:
    assert by_model((18.0, 6.0)) == by_model((18.0, 6.0))


def weighed(story: Story) -> Story:
    story.say(Measurement(quantity="weight_kg", value=Decimal("73.0"), device="scale"))
    return story


def induced(totals: tuple[int | None, ...] = (20, 16, 13, 12, 10, 8, 7)) -> Story:
    return weighed(Story().took_history().decided().planned()).induced(totals)


def of(story: Story) -> Fade | NoFade:
    return fade(story.chart, fold(story.chart), date(2026, 10, 1), BERLIN)


@pytest.fixture(scope="module")
def predicted() -> Fade:
    found = of(induced())
    assert isinstance(found, Fade)
    return found


def test_the_window_is_an_interval_after_the_last_dose(predicted: Fade) -> None:
    assert predicted.opens_at
    assert predicted.closes_at
    assert predicted.from_at < predicted.opens_at < predicted.closes_at
    assert predicted.asked.cut == 10
    assert [week for week, _, _ in predicted.weeks] == list(range(1, 13))


def test_what_is_kept_with_a_choice_says_relapse_by_week_and_what_it_was_made_on(predicted: Fade) -> None:
    said = kept(predicted)
    assert said
    assert [r.pct for r in said.relapse] == [pct for *_, pct in predicted.weeks]
    assert (said.instrument, said.scores, said.opens_at) == ("PHQ9", 6, predicted.opens_at)


def test_the_picture_says_in_words_what_it_shows(predicted: Fade) -> None:
    drawn = picture.Drawn(
        found=predicted,
        first_at=predicted.from_at - 18 * DAY,
        name="PHQ-9",
        high=27,
        cut_text="PHQ-9 of 10 or more",
        protocol="P26",
        proposed=(predicted.from_at + 6 * DAY, predicted.from_at + 9 * DAY),
        now=predicted.from_at + timedelta(hours=3),
        zone=UTC,
    )
    assert f"by week 1 in {predicted.weeks[0][2]} of 100" in picture.sentence(drawn)
    assert picture.sentence(drawn) in picture.draw(drawn)
    assert len(picture.table(drawn).rows) == 12


def test_the_outlook_and_the_maintenance_page_answer_the_same_question_alike(predicted: Fade) -> None:
    """Relapse if nothing more is given: one table of cuts, one exposure, one model."""
    found, _ = ahead(fold(induced().chart))
    assert found is not None
    stop = {round(day.day): day.p_relapse for day in found.found.futures["stop"].days}
    first = predicted.from_at - predicted.asked.doses[-1].day * DAY
    for week, at, pct in predicted.weeks[:8:2]:
        day = min(stop, key=lambda day: abs(day - (at - first) / DAY))
        assert stop[day] == pytest.approx(pct / 100, abs=0.12), week


WHY_NOT = {
    "No session has been held yet.": lambda: weighed(Story().took_history().decided().planned()).phq9(20),
    "There is no score before the first dose to compare with.": lambda: induced((None, 16, 13, 12, 10, 8, 7)),
    "There is no score since the first dose": lambda: induced((20, *[None] * 6)),
    "There is no response to lose": lambda: induced((20, 18, 17, 16, 16, 15, 15)),
    "It has faded already": lambda: induced().after(days=9).phq9(15),
    "No weight is recorded.": lambda: Story().took_history().decided().planned().induced(),
    "The course has ended.": lambda: induced().after(days=3).ended(),
    "was not above the relapse cut": lambda: induced((9, 8, 7, 6, 5, 4, 4)),
}


@pytest.mark.parametrize("why", WHY_NOT)
def test_where_nothing_can_be_predicted_the_page_says_why(why: str) -> None:
    found = of(WHY_NOT[why]())
    assert isinstance(found, NoFade)
    assert why in found.why
