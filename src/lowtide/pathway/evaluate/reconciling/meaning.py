"""What a medicine means for a session: its interactions by this way in, and from when until when it is held (pure)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import expression
from lowtide.data.policies import Number
from lowtide.data.rules import Hold, Interaction, interactions
from lowtide.pathway.course.approved import Approvals, interaction_key
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.evaluate.facts import Facts, Medicine
from lowtide.pathway.evaluate.lookup import Asked
from lowtide.pathway.evaluate.reconciling.lines import Line
from lowtide.pathway.evaluate.ruling.adopted import interaction_is_settled
from lowtide.record.chart import Chart
from lowtide.record.dates import days_between
from lowtide.record.entries.care import CandidacyDecided, CoursePlanned

ORDER = ("contraindicated", "major", "moderate", "minor", "none")
NOTHING_ASKED = ("indication", "product", "route")


class Treatment(msgspec.Struct, frozen=True):
    """For what, with what and by which way: as planned, else as decided. Empty words: nobody said yet."""

    indication: str = ""
    product: str = ""
    route: str = ""
    basis: str = "no treatment is decided yet: every interaction is shown"


class Window(msgspec.Struct, frozen=True):
    """When a medicine is held. `starts` None: not timed by the clock. `discharge`: until the patient has left."""

    starts: datetime | None = None
    ends: datetime | None = None
    discharge: bool = False


class Meaning(msgspec.Struct, frozen=True):
    """One interaction of one medicine, and what is held because of it."""

    interaction: Interaction
    severity: str
    hold: Hold
    window: Window | None

    def is_settled(self, approved: Approvals) -> bool:
        """Whether its words are seen in a source or approved here."""
        return interaction_is_settled(self.interaction, approved)

    def hold_is_settled(self, approved: Approvals) -> bool:
        """Whether its hours are too."""
        answered = interaction_key(self.interaction) in approved
        return answered or (self.hold.verified and self.is_settled(approved))


def treatment(chart: Chart) -> Treatment:
    """What is planned, else what was decided on last."""
    plan = chart.last(CoursePlanned)
    protocol = protocol_of(plan[1]) if plan else None
    if plan and protocol:
        return Treatment(
            plan[1].indication, protocol.product, protocol.route or "", f"course under {protocol.id}"
        )
    decided = chart.last(CandidacyDecided)
    if decided:
        said = decided[1]
        return Treatment(said.indication, said.product, said.route, "as decided on")
    return Treatment()


def meanings(
    line: Line,
    numbers: Mapping[str, Number],
    asked: Treatment,
    session: datetime | None,
    zone: ZoneInfo,
) -> tuple[Meaning, ...]:
    """The interactions of this one medicine, the most severe first."""
    found = (
        Meaning(row, row.severity_for(asked.route), hold, window(hold, session, zone))
        for row in _met(line, numbers, asked)
        for hold in (row.hold if row.hold.concerns(line.name) else Hold(),)
    )
    return tuple(sorted(found, key=lambda m: ORDER.index(m.severity)))


def _met(line: Line, numbers: Mapping[str, Number], asked: Treatment) -> Iterator[Interaction]:
    facts = Facts(medicines=(Medicine(line.name, line.classes),), complete=frozenset({"medicines"}))
    lookup = Asked(facts, dict.fromkeys(NOTHING_ASKED), numbers, date.min)
    for row in interactions().values():
        speaks = not asked.route or row.applies_to.includes(asked.indication, asked.product, asked.route)
        if speaks and expression.answer(row.when, lookup).value is True:
            yield row


def window(hold: Hold, session: datetime | None, zone: ZoneInfo) -> Window | None:
    """The hours of holding around a session; None where none is booked or the hold is not timed."""
    if session is None or not hold.is_timed:
        return None
    exact = session.astimezone(
        UTC
    )  # hours are real ones, also in the night in which the clock is put forward
    morning = datetime.combine(session.astimezone(zone).date(), time(), zone).astimezone(UTC)
    hours = [exact - timedelta(hours=hold.before_h)] if hold.before_h else []
    starts = min([*hours, *([morning] if hold.same_day else [])], default=None)
    ends = exact + timedelta(hours=hold.after_h) if hold.after_h else None
    return Window(starts and starts.astimezone(zone), ends and ends.astimezone(zone), hold.same_day)


def acts_until(line: Line, days: int, on: date) -> int | None:
    """How many days a medicine that was stopped still acts at most; None once it does not, or its end is not known."""
    ends = [t.body.stopped for t in line.counted if t.body.stopped]
    if not days or not ends:
        return None
    left = days - min(days_between(end, on)[0] for end in ends)
    return left if left > 0 else None
