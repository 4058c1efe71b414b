"""The safety review of a year: how much was given, what was checked, what went wrong, what was decided (pure).

Made for its reader: what is kept for few eyes stands in it only for those. Every field leads to its entries.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from lowtide.data import longterm
from lowtide.data.events import events as event_words
from lowtide.data.events import word as grade_word
from lowtide.data.risk import closings
from lowtide.documents.papers import common
from lowtide.documents.papers.model import Document, Field, Part, Table
from lowtide.documents.papers.sources import Sources, missing, said, word
from lowtide.pathway.course.approved import NOTHING, monitored
from lowtide.pathway.course.exposure import (
    WINDOWS,
    Amount,
    Elsewhere,
    counted,
    drug_label,
    elsewhere,
    exposure,
)
from lowtide.pathway.course.given import first_doses
from lowtide.pathway.course.response import outcome_words
from lowtide.pathway.course.state import CourseState, Phase, fold
from lowtide.pathway.outcomes.risk import Risk, risks
from lowtide.pathway.outcomes.rules import risk_words
from lowtide.pathway.plan.reviewing import EXPOSURE, by_exposure
from lowtide.pathway.safety.longterm import page, signals, stops
from lowtide.pathway.safety.longterm.concerns import concern
from lowtide.pathway.safety.longterm.known import done
from lowtide.pathway.safety.longterm.schedule import Standing, standing
from lowtide.pathway.safety.longterm.values import values
from lowtide.pathway.safety.rules import events
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import DoseGiven, DoseStarted, DoseStopped
from lowtide.record.entries.event_words import called
from lowtide.record.entries.longterm import CheckPostponed, SafetyReviewed, StopReviewed
from lowtide.record.entries.words import day, moment

YEAR = timedelta(days=365)
NO_SESSION = UUID(int=0)
LIVER = {"alt_x_uln": "ALT", "ast_x_uln": "AST", "alp_x_uln": "Alkaline phosphatase", "ggt_x_uln": "gamma-GT"}

WORDS = {
    "bad": "out of range",
    "seen": "out of range, seen by a clinician",
    "unread": "not read by anybody",
    "untold": "what it showed is not on record",
}


class Scene(msgspec.Struct, frozen=True):
    """What the parts look at: the sources, the state of the treatment, the policy, and the last day of the year."""

    s: Sources
    state: CourseState
    policy: str
    until: datetime
    since: datetime

    @property
    def last(self) -> date:
        return self.until.astimezone(self.s.zone).date()

    @property
    def first(self) -> date:
        return self.since.astimezone(self.s.zone).date()

    def within(self, at: datetime) -> bool:
        return self.since < at <= self.until


def scene(s: Sources, policy: str, now: datetime) -> Scene | None:
    """The year up to now, or since the first dose; None where no dose was ever given."""
    state = fold(s.whole)
    if not state.doses:
        return None
    end_of_day = now.astimezone(s.zone).replace(hour=23, minute=59, second=59, microsecond=0)
    begun = min(d.started_at for d in state.doses) - timedelta(days=1)
    return Scene(s, state, policy, end_of_day, max(end_of_day - YEAR, begun))


def made(x: Scene) -> Document:
    parts = (
        Part("Who", (*common.who(x.s), *_treatment(x))),
        _exposure(x),
        _checks(x),
        _findings(x),
        _events(x),
        _raised(x),
        _decisions(x),
        _use(x),
    )
    about = f"{day(x.first.isoformat())} to {day(x.last.isoformat())}"
    hidden = len(x.s.whole) - len(x.s.chart)
    return Document("safety_review", "Safety review", about, parts, left_out=hidden)


def _treatment(x: Scene) -> Iterator[Field]:
    yield Field("Days", f"{day(x.first.isoformat())} to {day(x.last.isoformat())}")
    if x.state.plans:
        entry, plan = x.state.plans[-1]
        yield said(
            "Treatment", f"{word('indication', plan.indication)}, {plan.protocol}, {plan.phase}", entry
        )
    found = x.state.response
    if found.baseline and found.since:
        latest = found.since[-1]
        text = f"{x.state.measure.name} {found.baseline.value} before the first dose, {latest.value} on {x.s.date(latest.at)}: {outcome_words(found)}"
        yield Field("Response", text, (found.baseline.entry, latest.entry))
    else:
        yield missing("Response", "no score before or since the first dose", gap="safety:long_term")
    before = x.s.chart.last(SafetyReviewed)
    if before:
        yield said("Last review", f"{moment(before[0].at, x.s.zone)}, {before[1].printed_name}", before[0])


# -- exposure --------------------------------------------------------------------------------------------------------


def _exposure(x: Scene) -> Part:
    others = elsewhere(x.s.chart)
    rows = []
    for days in WINDOWS:
        found = exposure(x.state.doses, others, x.until, days)
        rows += [_amount(x, days, amount) for amount in found.amounts] or [_none(days)]
    head = ("Last", "Drug", "Sessions here", "Elsewhere", "mg, free base", "mg/kg, here")
    table = Table("Exposure, by time and drug", head, tuple(rows))
    told = [said("Elsewhere", row["text"], x.s.chart.entries[row["id"]]) for row in page.others(x.s.chart)]
    told += _much(x, others)
    nothing = Field("Elsewhere", "nothing is on record; that nobody told of any is not that there was none")
    return Part("Exposure", lines=tuple(told or [nothing]), tables=(table,))


def _none(days: int) -> tuple[Field, ...]:
    """Said too: a span that is left out looks like one that nobody looked at."""
    said_ = ("nothing on record", "0", "0", "0", "")
    names = ("Drug", "Sessions here", "Elsewhere", "mg", "mg/kg")
    return (Field("Last", f"{days} days"), *(Field(*pair) for pair in zip(names, said_, strict=True)))


def _much(x: Scene, others: tuple[Elsewhere, ...]) -> list[Field]:
    """What a second clinician looks at, for there was so much in so short a time."""
    found = by_exposure(x.state.doses, others, monitored(NOTHING)[EXPOSURE])
    begun = (e.id for kind in (DoseStarted, DoseGiven) for e, _ in x.s.chart.said(kind) if x.within(e.at))
    doses = tuple(begun)
    return [Field("Much in a short time", one.text, doses, unverified=not one.verified) for one in found]


def _amount(x: Scene, days: int, one: Amount) -> tuple[Field, ...]:
    entries = _doses(x, one, days)
    theirs = counted(one.elsewhere_least, one.elsewhere_most, one.uncounted)
    unread = f" + {one.unread} not read off" if one.unread else ""
    unknown = " + an amount not known" if one.unknown else ""
    way = one.route.upper() or "way not known"
    return (
        Field("Last", f"{days} days"),
        Field("Drug", f"{drug_label(one.drug)}, {way}"),
        Field("Sessions here", str(one.sessions), entries),
        Field("Elsewhere", f"{theirs}{', not known in full' if one.unknown else ''}"),
        Field("mg", f"{one.mg_known:.1f}{unread}{unknown}"),
        Field("mg/kg", f"{one.mg_per_kg:.2f}" if one.mg_per_kg else "not given by weight"),
    )


def _doses(x: Scene, one: Amount, days: int) -> tuple[UUID, ...]:
    """The entries that say what went in."""
    start = x.until - timedelta(days=days)
    given = (d for d in x.state.doses if (d.drug, d.route) == (one.drug, one.route))
    sessions = {d.session for d in given if start < d.started_at <= x.until}
    kinds = (DoseStarted, DoseStopped, DoseGiven)
    found = (e for kind in kinds for e, _ in x.s.chart.said(kind) if e.session in sessions)
    return tuple(e.id for e in sorted(found, key=lambda e: e.order))


# -- checks ----------------------------------------------------------------------------------------------------------


def _checks(x: Scene) -> Part:
    others = elsewhere(x.s.whole)
    rows = []
    for check in longterm.checks().values():
        one = standing(x.s.whole, x.state, check, others)
        if check.does(x.policy) != "off" and (one or not check.childbearing):
            rows.append(_check(x, check, one))
    head = ("Check", "In these days", "Last", "State")
    postponed = [
        said("Put off", f"{longterm.checks()[b.check].label} until {day(b.until.isoformat())}: {e.reason}", e)
        for e, b in x.s.chart.said(CheckPostponed)
        if x.within(e.at) and b.check in longterm.checks()
    ]
    return Part("Checks", lines=tuple(postponed), tables=(Table("Checks, one by one", head, tuple(rows)),))


def _check(x: Scene, check: longterm.Check, one: Standing | None) -> tuple[Field, ...]:
    found = done(x.s.chart, check)
    inside = [d for d in found if x.within(d.at)]
    last = found[-1] if found else None
    state = "in order"
    if one and x.state.phase is Phase.ENDED:
        state = "treatment has ended; asked for again with another course"
    elif one and one.is_overdue(x.until):
        state = f"overdue, {one.first.text}"
        if one.blocks(x.until, x.policy):
            state += "; blocks the next session"
    elif one:
        state = f"due {day(one.due_at.astimezone(x.s.zone).date().isoformat())}"
    if against := concern(x.s.whole, check):
        state = f"{WORDS['seen' if against.seen else against.reading.value]}; {state}"
    label = f"{check.label[:1].upper()}{check.label[1:]}"
    times = f"{len(inside)} time{'' if len(inside) == 1 else 's'}"
    return (
        Field(check.key, label, unverified=not check.verified),
        Field("In these days", times, tuple(dict.fromkeys(d.entry.id for d in inside))),
        said("Last", f"{x.s.date(last.at)}: {last.text}", last.entry)
        if last
        else missing("Last", "never done", gap="safety:long_term"),
        Field("State", state),
    )


def _findings(x: Scene) -> Part:
    """What drifted, and the worst liver values of these days."""
    lines = [
        Field(
            row["label"],
            f"{row['text']}{', ' + row['since'] if row['since'] else ''}{': drifted' if row['drifted'] else ''}",
        )
        for row in page.drifts(x.s.chart, x.state, x.s.zone)
    ]
    worst: dict[str, tuple[Entry, str, float]] = {}
    for one in values(x.s.chart):
        if one.name in LIVER and x.within(one.at):
            height = float(one.value)
            if one.name not in worst or height > worst[one.name][2]:
                worst[one.name] = (one.entry, one.text, height)
    lines += [
        said(LIVER[name], f"highest {text}, {x.s.date(e.at)}", e) for name, (e, text, _) in worst.items()
    ]
    return Part("Drift and values", lines=tuple(lines))


# -- what went wrong, and what was decided ------------------------------------------------------------------------------


def _events(x: Scene) -> Part:
    found = [e for e in events(x.s.chart) if x.within(e.onset_at) or not e.is_over]
    rows = tuple(
        (
            said("Event", called(e.body), e.entry),
            Field("Grade", grade_word(e.grade)),
            Field("Serious", e.serious.value.replace("_", " ")),
            Field("Began", x.s.date(e.onset_at)),
            Field(
                "How it stands", event_words().outcomes[e.outcome].label, tuple(f.id for f, _ in e.followed)
            ),
        )
        for e in found
    )
    none = () if rows else (Field("Events", "none is on record in these days"),)
    head = ("Event", "Grade", "Serious", "Began", "How it stands")
    return Part(
        "Adverse events", lines=none, tables=(Table("Events, one by one", head, rows),) if rows else ()
    )


def _raised(x: Scene) -> Part:
    """Answers on suicide, and such that were left out: when, and what became of each."""
    found = [
        one
        for one in risks(x.s.chart, x.state.measure, x.state.response.outcome)
        if x.within(one.answered_at)
    ]
    lines = [
        Field("Raised", f"{risk_words(one)}, {x.s.date(one.answered_at)}: {_ended(one)}", (one.form,))
        for one in found
    ]
    none = Field("Raised", "no answer on suicide was raised in these days")
    return Part("Answers on suicide", lines=tuple(lines or [none]))


def _ended(one: Risk) -> str:
    if not one.closed:
        return "open"
    because = next((step.because for step in reversed(one.trail) if step.closes), "")
    return f"closed: {closings()[because].label.lower()}" if because in closings() else "closed"


def _decisions(x: Scene) -> Part:
    lines = [
        Field("Open now", f"{one.title}: {one.text}", tuple(i for i in one.sources if i in x.s.chart.entries))
        for one in stops.open_stops(x.s.whole, x.state)
    ]
    for entry, body in x.s.chart.said(StopReviewed):
        if x.within(entry.at):
            stop = longterm.stops().get(body.stop)
            what = "held" if body.choice == "hold" else "released"
            label = stop.label if stop else body.stop
            text = f"{label}, {what} by {x.s.name(entry.by)}, {moment(entry.at, x.s.zone)}: {entry.reason}"
            sources = tuple(i for i in body.sources if i in x.s.chart.entries)
            lines.append(Field("Decided", text, (entry.id, *sources)))
    none = (Field("Decided", "no stop and review in these days"),)
    return Part("Stop and review", lines=tuple(lines) or none)


def _use(x: Scene) -> Part:
    found = [one for one in signals.signals(x.s.chart) if x.within(one.at)]
    lines = tuple(said("Kept in mind", f"{one.text}, {x.s.date(one.at)}", one.entry) for one in found)
    none = Field("Kept in mind", "nothing that this reader may see")
    doses = len(first_doses(x.s.chart))
    orders = len({e.session for e, _ in x.s.chart.said(OrderSigned) if e.session})
    count = Field("Orders and doses", f"{orders} sessions ordered, {doses} begun, in the whole record")
    return Part("About use", lines=(*(lines or (none,)), count))
