"""What long-term safety says to the next session: what holds it back, and what it is only marked with (pure)."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from lowtide.data import longterm, own
from lowtide.pathway.course.state import CourseState, Phase, fold
from lowtide.pathway.safety.longterm.concerns import concern, looked
from lowtide.pathway.safety.longterm.reading import Reading
from lowtide.pathway.safety.longterm.schedule import Standing, standings
from lowtide.pathway.safety.longterm.stops import Open, open_stops, stop_name
from lowtide.pathway.safety.longterm.triggers import Trigger, triggers
from lowtide.record.chart import Chart

RESULT = "-RESULT"
LOOK = "Open long-term safety in this chart."


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that stands in the way of a session, or (`blocks` False) that it is marked with. `desk` says what has to
    happen, in words for those who read no chart: they name no finding and no illness."""

    id: str
    what: str
    mend: str
    blocks: bool
    level: str = "hold"
    verified: bool = True
    desk: str = "a check that belongs between two sessions is overdue"


def holds(chart: Chart, at: datetime, state: CourseState | None = None) -> tuple[Hold, ...]:
    """Everything for a session at an instant, what blocks it first. Under the policy that is laid here."""
    state = state or fold(chart)
    policy = own.laid().policy
    said = triggers(chart)
    found = [*(_stop(one) for one in open_stops(chart, state, said))]
    if state.phase is not Phase.ENDED:  # then no next session is there to be marked
        found += [_check(one, at, policy) for one in standings(chart, state, policy) if one.marks(at, policy)]
        found += _out_of_range(chart, policy, said)
    return tuple(sorted(found, key=lambda one: not one.blocks))


def blocking(chart: Chart, at: datetime, state: CourseState | None = None) -> tuple[Hold, ...]:
    return tuple(one for one in holds(chart, at, state) if one.blocks)


def at_booking(chart: Chart, now: datetime, state: CourseState | None = None) -> tuple[Hold, ...]:
    """What stands in the way of a new date, what blocks it first: stops that are open and checks that are late by now.
    One that falls due with the session itself does not: there is time until then."""
    state = state or fold(chart)
    policy = own.laid().policy
    found = [_stop(one) for one in open_stops(chart, state)]
    if state.phase is not Phase.ENDED:
        late = (one for one in standings(chart, state, policy) if not one.comes_with_the_session(now))
        found += [_check(one, now, policy) for one in late if one.marks(now, policy)]
    return tuple(sorted(found, key=lambda one: not one.blocks))


def _stop(one: Open) -> Hold:
    what = f"stop and review: {one.title.lower()}, {_lower(one.text).rstrip('.')}"
    mend = "A prescriber decides, with a reason, whether the next session may go on."
    return Hold(
        id=stop_name(one.key),
        what=what,
        mend=mend,
        blocks=True,
        level="stop",
        verified=one.verified,
        desk="a prescriber has to say first whether the next session may go on",
    )


def _out_of_range(chart: Chart, policy: str, said: tuple[Trigger, ...]) -> Iterator[Hold]:
    """Checks that were done and came out badly, or that nobody has read; what stops is told by its stop."""
    known = looked(chart, said)
    for check in longterm.checks().values():
        one = concern(chart, check, known) if check.does(policy) != "off" else None
        if one and one.waits and not one.held:
            word = "out of range" if one.reading is Reading.BAD else "not read by anybody yet"
            yield Hold(
                id=f"{check.rule_id}{RESULT}",
                what=f"{check.label} {word}, {one.text}",
                mend="A clinician looks at the result and reviews it.",
                blocks=False,
                level="caution",
                verified=check.verified,
            )


def _check(one: Standing, at: datetime, policy: str) -> Hold:
    blocks = one.blocks(at, policy)
    last = f"last done {one.last.at.date():%-d %b %Y}" if one.last else "never done"
    what = ", ".join(dict.fromkeys((f"{one.check.label} overdue", last, one.first.text)))
    mend = "Ask or test, and record it; a prescriber may put it off with a reason." if blocks else LOOK
    return Hold(
        id=one.check.rule_id,
        what=what,
        mend=mend,
        blocks=blocks,
        level="hold" if blocks else "caution",
        verified=one.check.verified,
    )


def _lower(text: str) -> str:
    """A sentence in the middle of another one; an abbreviation stays as it is."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
