"""The letter to the referrer at the end of a course: what was given, what it did, what to watch, how to come back (pure).

It holds what the whole care team may read and nothing narrower. Figures stand with their dates; a course that did not
help is told as plainly as one that did.
"""

from collections.abc import Iterator
from decimal import Decimal

from lowtide.data.course_letters import letters
from lowtide.data.events import events as event_words
from lowtide.data.events import word as grade_word
from lowtide.documents.papers import common, letter
from lowtide.documents.papers.course_end import Given, Scene, given, lines, number, words
from lowtide.documents.papers.model import Document, Field, NotNeeded, Part, Table
from lowtide.documents.papers.sources import missing, said, word
from lowtide.pathway.course.measures import Tracked, tracked
from lowtide.pathway.course.onset import turns
from lowtide.pathway.course.response import outcome_words
from lowtide.pathway.course.scores import Score
from lowtide.pathway.safety.rules import events
from lowtide.record.entries.base import Answer
from lowtide.record.entries.event_words import called
from lowtide.record.entries.papers import Correspondent
from lowtide.record.entries.upkeep_words import ending
from lowtide.record.entries.words import day, moment
from lowtide.science.units import plain

WATCH = "What to watch"
OLD_DAYS = 14  # the questionnaire of every course asks about two weeks


def made(x: Scene) -> Document | NotNeeded:
    to = x.s.chart.last(Correspondent)
    if to and to[1].agreed is Answer.NO:
        return NotNeeded("end_letter", f"the patient does not want letters to go to {to[1].name}")
    parts = (
        letter.addressed(x.s),
        _in_short(x),
        Part("About", tuple(common.who(x.s))),
        _given(x),
        _did(x),
        _reached(x),
        _events(x),
        Part(WATCH, lines=tuple(lines(x, letters().referrer, words(x), WATCH))),
        Part("What follows", tuple(_follows(x))),
        Part(
            "Decided", (said("Decided", f"{x.s.name(x.entry.by)}, {moment(x.entry.at, x.s.zone)}", x.entry),)
        ),
    )
    about = f"the end of a course, {x.s.date(x.entry.at)}"
    return Document("end_letter", "Letter at the end of a course", about, parts)


def _in_short(x: Scene) -> Part:
    patient = x.s.patient[1]
    name, plan = f"{patient.given} {patient.family}".strip(), x.state.plans[-1]
    why = ending(x.over.why)
    ended = f"{why}: {x.over.outcome}" if why else x.over.outcome
    course = f"The course for {word('indication', plan[1].indication)} ended on {x.s.date(x.entry.at)}."
    told = (
        Field("In short", f"Thank you for letting us treat {name}.", (x.s.patient[0].id,)),
        Field("In short", course, (plan[0].id, x.entry.id)),
        Field("In short", f"{ended.rstrip('.')}.", (x.entry.id,)),
        _judged(x),
    )
    return Part("In short", lines=told)


def _judged(x: Scene) -> Field:
    """The figures that a busy reader looks for, or what of them is missing."""
    one, found = x.one, x.one.found
    if found.baseline is None or not found.since:
        lacks = "before the first dose" if found.baseline is None else "since the first dose"
        return missing("In short", f"How much it helped is not known: no {one.measure.name} {lacks}.")
    latest = found.since[-1]
    fall = (
        f", {abs(round(found.fall_pct))} % {'lower' if found.fall_pct >= 0 else 'higher'}"
        if found.fall_pct
        else ""
    )
    apart = (x.entry.at - latest.at).days
    old = f" That score is {apart} days older than the end." if apart > OLD_DAYS else ""
    text = (
        f"{one.measure.name} {number(found.baseline.value)} on {x.s.date(found.baseline.at)},"
        f" {number(latest.value)} on {x.s.date(latest.at)}{fall}: {outcome_words(found)}.{old}"
    )
    return Field("In short", text, (found.baseline.entry, latest.entry))


def _given(x: Scene) -> Part:
    plans = tuple(said("Protocol", f"{p.protocol}, {p.phase}", e) for e, p in x.state.plans)
    doses = tuple(_doses(x, one) for one in given(x))
    return Part(
        "What was given", (*plans, *(doses or (Field("Given", "no dose was given", state="not_needed"),)))
    )


def _doses(x: Scene, one: Given) -> Field:
    """One medicine: how often, from when to when, how much each time and in all."""
    count, first, last = len(one.doses), one.doses[0].started_at, one.doses[-1].started_at
    when = x.s.date(first) if count == 1 else f"{x.s.date(first)} to {x.s.date(last)}"
    unread = f" + {one.unread} not read off" if one.unread else ""
    in_all = f"{plain(sum(one.mg, Decimal(0)))} mg{unread}" if one.mg else "not known"
    text = (
        f"{one.name}, {count} session{'' if count == 1 else 's'}, {when}; each {one.per_session} of free base,"
        f" in all {in_all}"
    )
    return Field("Given", text, one.entries)


def _did(x: Scene) -> Part:
    """Each measure with its figures and their dates; on which days the answer turned."""
    head = ("Measure", "Before the first dose", "Best since", "Last", "What it says")
    found = [t for t in tracked(x.s.chart, x.state) if t.whole]
    if not found:
        return Part("What it did", (missing("Scores", "no score is recorded", gap="outcomes:outcomes"),))
    rows = tuple(_measure(x, one) for one in found)
    turned = tuple(
        Field(
            "Turned",
            f"{turn.what}: {x.one.measure.name} {number(turn.score.value)}, {x.s.date(turn.score.at)}",
            (turn.score.entry,),
        )
        for turn in turns(x.one)
    )
    return Part("What it did", lines=turned, tables=(Table("Scores, each on its own scale", head, rows),))


def _measure(x: Scene, one: Tracked) -> tuple[Field, ...]:
    found = one.found
    latest = found.since[-1] if found.since else None
    judged = outcome_words(found) if found.outcomes else "nothing to compare"
    return (
        Field("Measure", one.measure.name),
        _score(x, "Before", found.baseline),
        _score(x, "Best", one.best if found.baseline else None),
        _score(x, "Last", latest),
        Field("What it says", judged),
    )


def _score(x: Scene, label: str, score: Score | None) -> Field:
    if score is None:
        return missing(label, "none")
    return Field(
        label, f"{number(score.value)}, {x.s.date(score.at)}", (score.entry,), note=score.band.lower()
    )


def _reached(x: Scene) -> Part:
    told = tuple(Field("Reached", text, (x.entry.id,)) for text in x.over.achieved)
    goals = x.state.plans[-1][1].goals
    wanted = tuple(Field("Wanted", goal, (x.state.plans[-1][0].id,)) for goal in goals)
    nothing = () if told or wanted else (Field("Reached", "nothing was written down", state="check"),)
    return Part("In the person’s own words", lines=(*wanted, *told, *nothing))


def _events(x: Scene) -> Part:
    """What happened that is an adverse event, the grave ones with the rest."""
    since = x.state.given[0].at if x.state.given else x.entry.at
    rows = tuple(
        (
            said("Event", called(e.body), e.entry),
            Field("Grade", grade_word(e.grade)),
            Field("Serious", e.serious.value.replace("_", " ")),
            Field("Began", x.s.date(e.onset_at)),
            Field("How it stands", event_words().outcomes[e.outcome].label),
        )
        for e in events(x.s.chart)
        if e.onset_at >= since
    )
    head = ("Event", "Grade", "Serious", "Began", "How it stands")
    if not rows:
        return Part("Adverse events", (Field("Adverse events", "none was recorded"),))
    return Part("Adverse events", tables=(Table("Since the first dose", head, rows),))


def _follows(x: Scene) -> Iterator[Field]:
    on = x.over.goes_on_with
    yield said("Goes on with", on, x.entry) if on else missing("Goes on with", "nobody is named", x.entry)
    days = " and ".join(day(d.isoformat()) for d in x.over.ask_on)
    yield said("We ask on", days, x.entry) if days else Field("We ask on", "no day is agreed", state="check")
    yield (
        said("The patient was told to come back when", "; ".join(x.over.told), x.entry)
        if x.over.told
        else Field("Told", "nothing is recorded", state="check")
    )
