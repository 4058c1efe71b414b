"""What the patient takes home: plain sentences by the way it was given and by what happened (pure)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from lowtide.data import documents, monitoring
from lowtide.data.documents import PlainLine
from lowtide.data.vocabulary import label
from lowtide.documents.papers import common, events
from lowtide.documents.papers.model import Document, Field, NotNeeded, Part, State
from lowtide.documents.papers.sources import Sources, ids
from lowtide.documents.papers.summary import following
from lowtide.pathway.course.escorts import name_of
from lowtide.pathway.session.rules.readings import happenings
from lowtide.pathway.session.rules.thresholds import crossings
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.chair import ChairEvent, SessionScheduled
from lowtide.science.units import amount, plain

UNKNOWN = "(we will tell you)"
Happened = dict[str, tuple[Entry, ...]]
Say = Callable[[str], str]
When = Callable[[datetime], str]


def made(
    s: Sources, say: Say = str, when: When | None = None, day: When | None = None
) -> Document | NotNeeded:
    """`say` turns a sentence of the table into the reader's language, before anything is filled in; `when` says an instant
    in it, `day` a date."""
    if s.facts.started is None:
        return NotNeeded("instructions", common.NOT_GIVEN)
    table, happened, words = documents.instructions(), happenings_of(s), _words(s, say, when, day)
    fitting = [line for line in table.line if _fits(s, line, happened)]
    parts = tuple(
        Part(
            say(name), lines=tuple(_said(line, words, happened, say) for line in fitting if line.part == name)
        )
        for name in dict.fromkeys(line.part for line in fitting)
    )
    return Document(
        "instructions", "For you: until tomorrow", "what to do after today’s treatment", parts, table.language
    )


def _fits(s: Sources, line: PlainLine, happened: Happened) -> bool:
    by_form = not line.forms or s.facts.way.form in line.forms
    return by_form and (not line.happened or any(name in happened for name in line.happened))


def _said(
    line: PlainLine, words: dict[str, tuple[str, tuple[Entry, ...]]], happened: Happened, say: Say
) -> Field:
    used = [name for name in words if f"{{{name}}}" in line.text]
    text = say(line.text).format(**{name: words[name][0] for name in used})
    made_from = [e for name in used for e in words[name][1]] + [
        e for n in line.happened for e in happened.get(n, ())
    ]
    open_: State = "check" if say(UNKNOWN) in text else ""
    return Field(line.part, text, ids(made_from), open_, unverified=not line.verified)


def _words(
    s: Sources, say: Say, when: When | None, day: When | None
) -> dict[str, tuple[str, tuple[Entry, ...]]]:
    """What is filled in from the record, with the entries it was read from."""
    f, out, bp = s.facts, s.facts.discharged, [r for r in s.facts.readings["bp"] if r.whole]
    mg, order, next_visit = f.given_mg, common.order(s), following(s)
    escort = name_of(out[1].escort or "") if out else ""
    clinic, head = s.about_clinic, s.letterhead
    return {
        "dose": (
            f"{plain(amount(mg))} mg" if mg is not None else say(UNKNOWN),
            tuple(common.dose_entries(s)),
        ),
        "drug": (say(label("drug", order.drug)) if order else say(UNKNOWN), (f.order[0],) if f.order else ()),
        **_times(s, say, day or s.date),
        "escort": (
            say("your {escort}").format(escort=escort)
            if escort[:1].islower()
            else escort or say("your escort"),
            (out[0],) if out else (),
        ),
        "last_bp": (bp[-1].text if bp else say(UNKNOWN), (bp[-1].entry,) if bp else ()),
        "crisis_line": (clinic[1].crisis_line if clinic else say(UNKNOWN), (clinic[0],) if clinic else ()),
        "phone": (
            (head[1].phone if head else None) or say(UNKNOWN),
            (head[0],) if head else (),
        ),
        "rescue": (
            ", ".join(events.rescue_name(b) for _, b in events.rescues(s)),
            tuple(e for e, _ in events.rescues(s)),
        ),
        "next": (_next(s, next_visit, when), tuple(s.chart.entries[e] for e in next_visit.entries)),
    }


def _times(s: Sources, say: Say, day: When) -> dict[str, tuple[str, tuple[Entry, ...]]]:
    """The instants of the visit as the patient reads them at home: by the clock alone while all are of one day, and always
    with its date what lies ahead."""
    out, known = (
        s.facts.discharged,
        {"start": s.facts.started, "end": s.facts.stopped, "left": s.facts.discharged},
    )
    entries = {name: fact[0] for name, fact in known.items() if fact}
    days = {entry.at.astimezone(s.zone).date() for entry in entries.values()}

    def dated(at: datetime) -> str:
        return say("{clock} on {day}").format(clock=s.hours(at), day=day(at))

    tell = s.hours if len(days) == 1 else dated
    found = {
        name: (tell(entries[name].at), (entries[name],)) if name in entries else (say(UNKNOWN), ())
        for name in known
    }
    sober = out and dated(out[0].at + timedelta(hours=float(documents.instructions().sober_h)))
    return {**found, "sober": (sober or say(UNKNOWN), (out[0],) if out else ())}


def _next(s: Sources, visit: Field, when: When | None) -> str:
    booked = [b for b in (s.chart.entries[e].body for e in visit.entries) if isinstance(b, SessionScheduled)]
    return when(booked[-1].planned_at) if when and booked else visit.text


def happenings_of(s: Sources) -> Happened:
    """What happened that the patient is told about, with the entries that say so."""
    return {name: tuple(found) for name, found in _happened(s) if found is not None}


def _happened(s: Sources) -> Iterator[tuple[str, list[Entry] | None]]:
    f = s.facts
    sick = [r.entry for r in f.readings["nausea"] if next(iter(r.values.values())) > 0]
    sick += [
        e for e in f.entries if isinstance(e.body, ChairEvent) and e.body.what in ("nauseous", "vomited")
    ]
    yield "nausea", sick or None
    high = [
        c.first
        for c in crossings(f, monitoring.items())
        if c.complete and "sbp_mmhg" in c.rule.values and c.rule.phase != "pre"
    ]
    yield "pressure", high or None
    hard = [
        r.entry
        for r in f.readings["distress"]
        if Decimal(next(iter(r.values.values()))) >= documents.instructions().hard_from
    ]
    hard += [e for e, means in happenings(f.entries) if means in ("unsafe", "asked_to_stop")]
    yield "distress", hard or None
    yield "rescue", [e for e, _ in events.rescues(s)] or None
    order, mg = common.order(s), f.given_mg
    yield "short", common.dose_entries(s) if order and mg is not None and mg < order.dose_mg else None
    if f.discharged:
        entry, body = f.discharged
        here = any(c.item == "escort_present" and c.answer is Answer.YES for c in body.criteria)
        yield "accompanied", [entry] if body.escort or here else None
        yield "alone", None if body.escort or here else [entry]
        yield "against_advice", [entry] if body.against_advice else None
    visit = following(s)
    booked = visit.state == "" and "not booked" not in visit.text
    yield "next", [s.chart.entries[e] for e in visit.entries] if booked else None
    yield "no_next", None if booked else []
