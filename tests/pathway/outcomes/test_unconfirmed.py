"""A score of which nobody is sure yet counts, and says everywhere that it is not confirmed."""

from datetime import UTC

import pytest

from lowtide.data.instruments import version
from lowtide.pathway.course.onset import turns
from lowtide.pathway.course.picture import timeline
from lowtide.pathway.course.response import Outcome, outcome_words
from lowtide.pathway.course.scores import NOT_FINISHED, TAKEN_BACK
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes import page
from lowtide.pathway.outcomes.trajectory.page import row as measure_row
from lowtide.pathway.outcomes.verdict import headline, numbers
from lowtide.record.entries.care import Answers, RiskReviewed
from tests.pathway.course.story import Story, items_for


def form(item_nine: int, *, complete: bool) -> Answers:
    items = items_for(item_nine, item_nine)
    return Answers(instrument="PHQ9", version=version("PHQ9"), items=items, mode="phone", complete=complete)


def answered_and_taken_back(*, finished: bool) -> Story:
    """Remission by the numbers: eight times “not at all”, and an answer on suicide that is nought again."""
    story = Story().planned().induced()
    first = story.after(days=3).say(form(1, complete=False))
    story.after(minutes=1).say(form(0, complete=finished), corrects=first.id, reason="answered on")
    return story


@pytest.mark.hazard("H026")
@pytest.mark.parametrize(("finished", "why"), [(False, NOT_FINISHED), (True, TAKEN_BACK)])
def test_what_rests_on_a_preliminary_score_says_so(finished: bool, why: str) -> None:
    story = answered_and_taken_back(finished=finished)
    state = fold(story.chart)
    assert state.response.outcome is Outcome.REMISSION
    assert headline(state.response, state.measure) == ("caution", "Remission, not confirmed")
    assert f"Not confirmed: {why}." in numbers(state, state.response)
    assert outcome_words(state.response) == f"remission, not confirmed: {why}"
    assert [turn.what for turn in turns(state.own)][-1] == "remission, not confirmed,"
    line = measure_row(state.own, state, UTC)
    assert line["reliable"]["word"] == "reliably better, not confirmed"
    assert line["now"]["unsure"]
    row = page.scores(state, {}, UTC, story.now)[0]
    assert (row["total"], row["unconfirmed"], row["nine"]) == (0, why, "1, changed to 0")


@pytest.mark.hazard("H026")
def test_the_row_of_item_nine_shows_the_highest_answer_of_a_form() -> None:
    story = answered_and_taken_back(finished=True)
    drawn = timeline(fold(story.chart), (), story.now, UTC).scores[-1]
    assert (drawn.item_nine, drawn.item_nine_words) == (1, "1, changed to 0")


def test_it_is_confirmed_once_somebody_has_spoken_about_the_answer_that_was_taken_back() -> None:
    story = answered_and_taken_back(finished=True)
    answers = story.drafts[-1].id
    story.after(hours=1).say(RiskReviewed(answers=answers, action="Spoke with the patient", closed=True))
    state = fold(story.chart)
    assert headline(state.response, state.measure) == ("clear", "Remission")
    assert state.scores[-1].nine == "1, changed to 0"


def test_a_form_that_was_finished_is_confirmed_and_nothing_is_said() -> None:
    story = Story().planned().induced()
    state = fold(story.chart)
    assert not any(score.unconfirmed for score in state.scores)
    assert "confirmed" not in outcome_words(state.response)
