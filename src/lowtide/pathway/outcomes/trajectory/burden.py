"""What each session cost and what it brought: the worst that was charted beside the score before and after (pure)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.trajectory import Window, attribution
from lowtide.pathway.course.measures import Tracked
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.sessions import Session
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.course.tolerated import Tolerated, tolerated
from lowtide.pathway.safety.rules import Event, events
from lowtide.record.chart import Chart
from lowtide.record.entries.chair import Rating, Vitals


class Seen(msgspec.Struct, frozen=True):
    """What a session brought by one window: the first score within it, None where none was in time."""

    window: Window
    score: Score | None


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """One session. `rise` is the systolic peak over the last reading before the dose; `cadss` the highest CADSS rating.

    `before` is the last whole score of the course's measure in the days before it, `seen` the first one in each window
    after it, with no other dose between. A score beyond the windows is no session's.
    """

    session: Session
    borne: Tolerated
    before_sbp: Decimal | None
    cadss: Decimal | None
    events: tuple[Event, ...]
    before: Score | None
    seen: tuple[Seen, ...]

    @property
    def in_time(self) -> tuple[Seen, ...]:
        return tuple(one for one in self.seen if one.score)

    @property
    def after(self) -> Score | None:
        """The first score that counts for this session."""
        return self.in_time[0].score if self.in_time else None

    @property
    def sbp(self) -> Decimal | None:
        return self.borne.worst.get("sbp_mmhg")

    @property
    def rise(self) -> Decimal | None:
        return self.sbp - self.before_sbp if self.sbp is not None and self.before_sbp is not None else None

    @property
    def change(self) -> int | None:
        """How much the score fell over this session."""
        if self.before is None or self.after is None:
            return None
        return round(self.before.value - self.after.value)


def costs(chart: Chart, state: CourseState, one: Tracked) -> tuple[Cost, ...]:
    """Every session in which a dose was given, in order of time."""
    given, happened = [s for s in state.sessions if s.dose], events(chart)
    moments = [None, *(s.at for s in given), None]
    return tuple(
        _cost(chart, session, one, moments[n], moments[n + 2], happened) for n, session in enumerate(given)
    )


def _cost(
    chart: Chart,
    session: Session,
    one: Tracked,
    start: datetime | None,
    end: datetime | None,
    happened: Sequence[Event],
) -> Cost:
    at = session.at
    rule, hour = attribution(), timedelta(hours=1)
    near = [s for s in one.whole if at - rule.before_h * hour <= s.at <= at]
    before = [s for s in near if start is None or s.at > start]
    after = [s for s in one.whole if s.at > at and (end is None or s.at <= end)]
    return Cost(
        session=session,
        borne=tolerated(chart, session.id, at),
        before_sbp=_resting(chart, session.id, at),
        cadss=_highest(chart, session.id, at),
        events=tuple(e for e in happened if e.session == session.id),
        before=before[-1] if before else None,
        seen=tuple(
            Seen(w, next((s for s in after if w.from_h * hour < s.at - at <= w.to_h * hour), None))
            for w in rule.window
        ),
    )


def _resting(chart: Chart, session: UUID, at: datetime) -> Decimal | None:
    """The last systolic pressure before the dose."""
    found = [b.sbp_mmhg for e, b in chart.said(Vitals) if e.session == session and e.at < at and b.sbp_mmhg]
    return Decimal(found[-1]) if found else None


def _highest(chart: Chart, session: UUID, at: datetime) -> Decimal | None:
    rated = (
        b.value for e, b in chart.said(Rating) if e.session == session and e.at >= at and b.scale == "cadss"
    )
    return max(rated, default=None)
