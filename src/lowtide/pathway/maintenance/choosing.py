"""What a clinician chose, as it was said, and whether it is whole: one clear error where it is not (pure)."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime

import msgspec

from lowtide.data import maintenance
from lowtide.data.maintenance import Step
from lowtide.pathway.course.state import CourseState
from lowtide.problems import BadInput, Problem


class EndingSaid(msgspec.Struct, frozen=True, kw_only=True):
    """How a course ends: the word for it, what was achieved, who goes on, when somebody asks how things are."""

    why: str
    achieved: tuple[str, ...] = ()
    goes_on_with: str = ""
    ask_on: tuple[date, ...] = ()


class Choice(msgspec.Struct, frozen=True):
    """What the clinician chose, and why. What else it needs follows from the step: a date, a first day of a series, a
    day to look again, an ending. `seen` is the mark of what stood on the page; `held` is what held the next session, as it
    was named there."""

    choice: str
    reason: str
    planned_at: datetime | None = None
    look_again_on: date | None = None
    series_from: date | None = None
    ending: EndingSaid | None = None
    seen: str = ""
    held: tuple[str, ...] = ()

    @property
    def step(self) -> Step | None:
        return maintenance.steps().get(self.choice)


def check(choice: Choice, today: date) -> None:
    """Raises BadInput naming everything that is missing or past; whether a date can be is `when`'s."""
    found = tuple(_problems(choice, today))
    if found:
        raise BadInput(*found)


def _problems(choice: Choice, today: date) -> Iterator[Problem]:
    step = choice.step
    if step is None:
        labels = "; ".join(one.label.partition(":")[0] for one in maintenance.steps().values())
        yield Problem("choose what comes next", "choice", f"One of: {labels}.")
    if not choice.reason.strip():
        yield Problem("the reason is missing", "reason", "Say in a few words why.")
    if step and step.needs == "date" and choice.planned_at is None:
        yield Problem("the date is missing", "date", "Enter day and time of the session.")
    if step and step.needs == "series" and (choice.series_from is None or choice.series_from < today):
        yield Problem("the first day of the new series is missing", "series_from", "Today or a later day.")
    if choice.look_again_on and choice.look_again_on <= today:
        yield Problem("the day to look again is past", "look_again_on", "Choose a day to come.")
    if choice.ending:
        yield from _of_ending(choice.ending, today)


def _of_ending(said: EndingSaid, today: date) -> Iterator[Problem]:
    if said.why not in maintenance.endings():
        yield Problem("say how the course ended", "why", "Choose the one that fits best.")
    if any(day < today for day in said.ask_on):
        yield Problem("a day on which somebody asks is past", "ask_on", "Choose days to come.")


def mark(state: CourseState) -> str:
    """A fingerprint of what a choice was made on: choices, doses, scores, what lies ahead. Another one means that the
    page is older than the chart."""
    ahead = state.next_session
    known = (
        state.phase,
        state.decision.entry if state.decision else "",
        *(f"{s.id} {s.dose.started_at}" for s in state.given if s.dose),
        *(f"{s.entry} {s.total}" for s in (*state.scores, *state.lead.scores)),
        f"{ahead.id} {ahead.planned_at} {ahead.booked}" if ahead else "",
    )
    return hashlib.sha256("|".join(map(str, known)).encode()).hexdigest()[:16]
