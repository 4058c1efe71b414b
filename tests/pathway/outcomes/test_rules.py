"""When the next PHQ-9 is due, and who drifts."""

from datetime import timedelta
from uuid import UUID

from lowtide.pathway.course.due import DueItem, due
from lowtide.pathway.course.state import fold
from lowtide.record.entries.care import RiskReviewed
from tests.pathway.course.story import DAY, START, Story


def items(story: Story) -> dict[str, DueItem]:
    return {item.task.name: item for item in due(story.chart, fold(story.chart))}


def eligible() -> Story:
    return Story().after(days=1).took_history().after(days=1).decided()


def test_a_new_patient_needs_a_baseline() -> None:
    item = items(Story())["phq9"]
    assert item.due_at == START + 14 * DAY
    assert item.rule.rule_id == "DUE-PHQ9-BASELINE"


def test_a_score_from_elsewhere_is_a_score() -> None:
    assert "phq9" not in items(Story().phq9(18, mode="import"))


def test_each_session_wants_a_score_of_the_day_before_it() -> None:
    story = eligible().phq9(20).planned((5,))
    item = items(story)["phq9"]
    assert item.rule.rule_id == "DUE-PHQ9-BEFORE"
    assert item.due_at == story.first_at + 5 * DAY
    assert item.opens_at == item.due_at - timedelta(hours=24)
    story.now = item.due_at - timedelta(hours=23)
    assert "phq9" not in items(story.phq9(20))


def test_a_score_a_minute_too_early_does_not_count_for_the_session() -> None:
    story = eligible().planned((5,))
    story.now = story.first_at + 4 * DAY - timedelta(minutes=1)
    assert items(story.phq9(20))["phq9"].rule.rule_id == "DUE-PHQ9-BEFORE"


def test_a_day_after_each_session_a_score_is_due() -> None:
    story = eligible().phq9(20).planned((0,)).after(days=1).held(1)
    item = items(story)["phq9"]
    assert item.rule.rule_id == "DUE-PHQ9-24H"
    assert item.due_at == fold(story.chart).given[-1].at + DAY


def test_after_that_a_score_is_due_every_week() -> None:
    story = eligible().phq9(20).planned((0,)).after(days=1).held(1).after(days=1).phq9(12)
    item = items(story)["phq9"]
    assert item.rule.rule_id == "DUE-PHQ9-WEEKLY"
    assert item.due_at == story.now + 7 * DAY


def test_an_unfinished_form_leaves_the_questionnaire_due() -> None:
    story = eligible().phq9(20).planned((0,)).after(days=1).held(1).after(days=1)
    story.answered({"1": 1, "2": 0})
    assert items(story)["phq9"].rule.rule_id == "DUE-PHQ9-24H"


def test_nothing_is_asked_once_the_course_has_ended() -> None:
    assert "phq9" not in items(eligible().planned((0,)).after(days=1).held(1).ended())


def in_treatment(*totals: int) -> Story:
    story = eligible().phq9(20).planned((0,)).after(days=1).held(1)
    for total in totals:
        story.after(days=7).phq9(total)
    return story


def test_five_points_above_the_best_score_are_a_drift() -> None:
    assert "drift" not in items(in_treatment(4, 8))
    item = items(in_treatment(4, 9))["drift"]
    assert item.label == "PHQ-9 4 → 9"
    assert not item.rule.verified


def test_a_drift_that_somebody_looked_at_is_not_shown_again() -> None:
    story = in_treatment(3, 8)
    form: UUID = story.drafts[-1].id
    story.say(RiskReviewed(answers=form, action="Spoke with her; session moved forward", closed=True))
    assert "drift" not in items(story)
    assert "drift" in items(story.after(days=7).phq9(9))


def test_a_relapse_is_told_once_and_not_as_a_drift_beside_it() -> None:
    found = items(in_treatment(6, 15))
    assert "drift" not in found
    assert found["relapse"].label == "Relapse"


def test_nobody_who_was_found_not_eligible_is_asked_for_a_score_or_a_work_up() -> None:
    found = items(Story().after(days=1).took_history().after(days=1).decided("not_eligible"))
    assert "phq9" not in found
    assert "workup" not in found
