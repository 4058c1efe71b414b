"""The session on one page: what was ordered and given, how it was borne, how the patient left, what comes next (pure)."""

from collections.abc import Iterator
from decimal import Decimal

from lowtide.data import monitoring
from lowtide.data.chair import chair, chips
from lowtide.documents.papers import common, events
from lowtide.documents.papers.model import Document, Field, Part
from lowtide.documents.papers.sources import Sources, missing, said
from lowtide.pathway.course.sessions import sessions
from lowtide.pathway.session.rules.thresholds import crossings
from lowtide.record.entries.base import Answer
from lowtide.record.entries.care import NextSessionDecided
from lowtide.record.entries.chair import ChairEvent, Note
from lowtide.record.entries.words import moment

RATINGS = ("sedation", "dissociation", "cadss", "nausea", "distress", "pain")


def made(s: Sources) -> Document:
    parts = (_who(s), _dose(s), _borne(s), _leaving(s), _next(s))
    return Document("summary", "Session summary", "for whoever treats next", parts, left_out=s.left_out)


def _who(s: Sources) -> Part:
    fields = (*common.who(s), common.indication(s), common.which_session(s), common.treated_on(s), _nurse(s))
    return Part("Who", fields)


def _nurse(s: Sources) -> Field:
    if s.facts.time_out is None:
        return common.unless_undosed(s, missing("Nurse", "no time-out was taken", gap="session:time_out"))
    entry, body = s.facts.time_out
    return said("Nurse", s.name(body.nurse), entry)


def _dose(s: Sources) -> Part:
    times = (common.began(s), *common.stood_still(s), common.ended(s))
    return Part("Dose", (common.ordered(s), common.given(s), *times, *_lots(s)))


def _lots(s: Sources) -> Iterator[Field]:
    for lot, vial, amount, entries in common.lots(s):
        yield Field("From the safe", f"{amount}, lot {lot}{f', vial {vial}' if vial else ''}", entries)


def _borne(s: Sources) -> Part:
    before, last = common.before_dose(s), common.last_since(s)
    fields = [
        common.read(s, "bp", "Pressure before", before, "not measured before the dose"),
        common.read(
            s, "bp", "Highest pressure", common.highest(s, "sbp_mmhg"), "not measured since the start"
        ),
        common.read(s, "bp", "Last pressure", last, "not measured since the start"),
        common.read(s, "spo2", "Lowest saturation", common.lowest("spo2_pct"), "not measured"),
        *ratings(s),
    ]
    return Part(
        "How it was borne", tuple(fields), lines=(*events.told(s), *_reminders(s), *_happened(s), *_notes(s))
    )


def ratings(s: Sources) -> Iterator[Field]:
    """The worst of each rating that was made."""
    for name in RATINGS:
        found = [r for r in s.facts.readings[name] if s.facts.started_at and r.at >= s.facts.started_at]
        if not found:
            continue
        low_is_worse = name == "sedation"
        worst = sorted(found, key=lambda r: Decimal(next(iter(r.values.values()))), reverse=not low_is_worse)[
            0
        ]
        scale = chair().scales.get(worst.parameter.scale or "")
        spoken = dict(scale.words).get(worst.text, "") if scale else ""
        text = f"{worst.text} ({worst.parameter.unit}){f', {spoken.lower()}' if spoken else ''} at {s.clock(worst.at)}"
        end = s.facts.stopped_at
        if end and all(r.at > end for r in found):
            text += f"; rated {'once' if len(found) == 1 else f'{len(found)} times'}, never while the dose went in"
        yield said(f"Worst {worst.parameter.name.lower()}", text, worst.entry)


def _reminders(s: Sources) -> Iterator[Field]:
    for c in crossings(s.facts, monitoring.items()):
        if c.due:
            ends = f"answered: {c.answered.reason}" if c.answered else "not answered"
            yield Field(
                "Reminder",
                f"{c.told}: {ends} ({c.rule.id})",
                (c.answered.id,) if c.answered else (),
                unverified=not c.rule.verified,
            )


def _happened(s: Sources) -> Iterator[Field]:
    for entry in s.facts.entries:
        if isinstance(entry.body, ChairEvent):
            known = chips().get(entry.body.what)
            text = known.label if known else entry.body.what
            detail = f": {entry.body.detail}" if entry.body.detail else ""
            yield said("Seen", f"{s.clock(entry.at)} {text}{detail}", entry)


def _notes(s: Sources) -> Iterator[Field]:
    for entry in s.facts.entries:
        if isinstance(entry.body, Note):
            yield said("Note", f"{s.clock(entry.at)} {entry.body.text}", entry)


def _leaving(s: Sources) -> Part:
    return Part("How the patient left", (common.left(s), *_criteria(s), _signed(s)))


def _criteria(s: Sources) -> Iterator[Field]:
    if s.facts.discharged is None:
        return
    entry, body = s.facts.discharged
    met = [c for c in body.criteria if c.answer is Answer.YES]
    yield said("Leave checks", f"{len(met)} of {len(body.criteria)} met", entry)
    names = monitoring.items()
    asked = {q.id: q.short for q in chair().leaving}
    for c in body.criteria:
        if c.answer is not Answer.YES:
            label = asked.get(c.item) or (names[c.item].parameter if c.item in names else c.item)
            yield said(
                label, f"{c.answer.value.replace('_', ' ')}{f': {c.detail}' if c.detail else ''}", entry
            )


def _signed(s: Sources) -> Field:
    if s.facts.signed is None:
        return missing("Signed", "not signed yet", gap="session:sign")
    entry, body = s.facts.signed
    return said(
        "Signed",
        f"{body.printed_name}, {moment(entry.at, s.zone)}",
        entry,
        note="this is the record of the session as I know it",
    )


def _next(s: Sources) -> Part:
    return Part("Next", (following(s),))


def following(s: Sources) -> Field:
    """The next visit: what is booked after this session, else what was decided; of a signed one as it was known then."""
    chart = s.chart.as_of(s.facts.signed[1].known) if s.facts.signed else s.chart
    mine = s.facts.started_at or (s.facts.scheduled[1].planned_at if s.facts.scheduled else None)
    ahead = [
        x
        for x in sessions(chart)
        if x.is_ahead and x.booked and x.id != s.session and mine and x.planned_at > mine
    ]
    if ahead:
        booked = [e for e in chart.session(ahead[0].id) if e.kind.startswith("session_scheduled")]
        return said("Next visit", moment(ahead[0].planned_at, s.zone), *booked[-1:])
    decided = [(e, b) for e, b in chart.said(NextSessionDecided) if mine and e.at >= mine]
    if decided:
        entry, body = decided[-1]
        at = f" {moment(body.planned_at, s.zone)}" if body.planned_at else ""
        return said("Next visit", f"{body.choice.replace('_', ' ')}{at}, not booked", entry)
    return Field("Next visit", "nothing is booked", state="check", gap="session:sessions")
