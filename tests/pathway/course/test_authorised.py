"""Whether a payer agrees: how a request stands, what an agreement covers, and what is due about it and when."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from lowtide.pathway.course import due_authorised
from lowtide.pathway.course.authorised import Case, Standing, cases, in_force, not_needed, present
from lowtide.pathway.course.due import DueItem
from lowtide.pathway.course.state import fold
from lowtide.record.entries.authorising import (
    ANSWERS,
    DENIED,
    GRANTED,
    MORE,
    WITHDRAWN,
    AuthorisationAnswered,
    AuthorisationAppealed,
    AuthorisationAsked,
    AuthorisationNotNeeded,
)
from lowtide.record.entries.papers import Coverage
from tests.pathway.course.story import Story

SPRAY, PAYER = "esketamine_nasal", "Harbour Mutual"


def planned(*, covered: bool = True) -> Story:
    """A course of the spray is planned; an insurer pays for it."""
    story = Story().took_history().decided()
    if covered:
        story.say(Coverage(payer_kind="commercial", payer=PAYER))
    return story.planned(protocol="P01")


def ask(story: Story, **more: object) -> UUID:
    return story.say(AuthorisationAsked(payer=PAYER, product=SPRAY, **more)).id  # type: ignore[arg-type]


def answer(story: Story, case: UUID, said: str, **more: object) -> None:
    story.say(AuthorisationAnswered(case=case, answer=said, **more))  # type: ignore[arg-type]


def granted(story: Story, days: int, sessions: int | None = None) -> UUID:
    """Asked, and agreed to until so many days after the first session."""
    case = ask(story)
    answer(story, case, GRANTED, last=(story.first_at + timedelta(days=days)).date(), sessions=sessions)
    return case


def found(story: Story) -> tuple[Case, ...]:
    return cases(story.chart, fold(story.chart).doses)


def due(story: Story) -> dict[str, DueItem]:
    return {i.task.name: i for i in due_authorised.of_the_payer(story.chart, fold(story.chart))}


# -- how it stands ----------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from([*ANSWERS, "appealed"]), max_size=6))
def test_a_request_stands_as_its_last_step_says(steps: list[str]) -> None:
    story = Story()
    case = ask(story)
    for step in steps:
        story.after(hours=1)
        if step == "appealed":
            story.say(AuthorisationAppealed(case=case))
        else:
            answer(story, case, step, last=date(2027, 1, 1), why="so")
    (one,) = found(story)
    expected = steps[-1] if steps else "asked"
    assert one.standing.value == expected
    assert one.last == (date(2027, 1, 1) if expected == GRANTED else None)


def test_sessions_held_under_an_agreement_are_counted_and_the_last_one_is_the_last() -> None:
    story = planned()
    granted(story, 30, sessions=2)
    story.now = story.first_at
    story.held(1).held(2)
    (one,) = found(story)
    assert (one.used, one.left) == (2, 0)
    assert not one.covers(story.first_at.date() + timedelta(days=5))


def test_of_two_agreements_the_longer_one_holds_and_a_new_request_does_not_end_the_old() -> None:
    story = planned()
    first = granted(story, 10)
    longer = granted(story.after(hours=1), 40)
    ask(story.after(hours=1))
    day = story.first_at.date()
    assert in_force(found(story), day).id == longer  # type: ignore[union-attr]
    assert present(found(story), day).id == longer  # type: ignore[union-attr]
    assert present(found(story), day + timedelta(days=50)).standing is Standing.ASKED  # type: ignore[union-attr]
    assert first != longer


def test_that_none_is_needed_holds_until_somebody_asks_all_the_same() -> None:
    story = planned()
    story.say(AuthorisationNotNeeded(product=SPRAY), reason="their letter of May")
    assert not_needed(story.chart, SPRAY)
    assert not due(story)
    ask(story.after(hours=1))
    assert not not_needed(story.chart, SPRAY)


# -- what is due ------------------------------------------------------------------------------------------------


def test_a_payer_that_agrees_first_is_asked_before_the_next_session() -> None:
    story = planned()
    one = due(story)["authorisation"]
    assert one.due_at == fold(story.chart).next_session.planned_at - timedelta(days=14)  # type: ignore[union-attr]


def test_nobody_is_asked_for_a_person_of_whose_payer_nothing_is_known_nor_for_a_drip() -> None:
    assert not due(planned(covered=False))
    drip = Story().took_history().decided()
    drip.say(Coverage(payer_kind="commercial", payer=PAYER))
    assert not due(drip.planned())


def test_a_request_without_an_answer_is_asked_about_again() -> None:
    story = planned()
    ask(story)
    assert list(due(story)) == ["authorisation_answer"]
    assert due(story)["authorisation_answer"].due_at == story.now + timedelta(days=14)


def test_an_agreement_is_renewed_before_it_runs_out() -> None:
    story = planned()
    granted(story, 30)
    one = due(story)["authorisation_ends"]
    ends = story.first_at.date() + timedelta(days=31)
    assert (one.due_at.date(), one.opens_at and one.opens_at.date()) == (
        ends - timedelta(days=14),
        ends - timedelta(days=28),
    )
    ask(story.after(hours=1))
    assert "authorisation_ends" not in due(story)


def test_an_agreement_that_does_not_reach_the_next_session_is_renewed_at_once() -> None:
    story = planned()
    granted(story, -1)
    one = due(story)["authorisation_ends"]
    assert one.is_open(story.now)
    assert "It holds until" in one.detail


def test_the_last_session_that_is_paid_asks_for_more() -> None:
    story = planned()
    granted(story, 300, sessions=1)
    one = due(story)["authorisation_ends"]
    assert one.is_open(story.now)
    assert "1 of 1 sessions left" in one.detail


def test_a_refusal_is_objected_to_before_the_day_that_it_names() -> None:
    story = planned()
    case = ask(story)
    answer(story, case, DENIED, why="two trials are missing", by=story.now.date() + timedelta(days=30))
    one = due(story)["authorisation_appeal"]
    assert one.due_at.date() == story.now.date() + timedelta(days=24)
    story.after(hours=1).say(AuthorisationAppealed(case=case))
    assert list(due(story)) == ["authorisation_answer"]
    answer(story.after(hours=1), case, WITHDRAWN, why="pays without an insurer")
    assert "authorisation_appeal" not in due(story)


def test_what_a_payer_wants_is_due_by_its_day_or_within_days_where_it_names_none() -> None:
    story = planned()
    answer(story, ask(story), MORE, why="the PHQ-9 scores")
    assert due(story)["authorisation_more"].due_at == story.now + timedelta(days=3)


def test_a_treatment_that_has_ended_asks_for_nothing_new() -> None:
    story = planned()
    story.now = story.first_at
    story.held(1).ended()
    assert not due(story)
