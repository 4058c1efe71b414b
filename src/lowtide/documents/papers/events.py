"""What went wrong in the session and what was given for it, as forms, summaries and letters say it (pure)."""

from collections.abc import Iterator

from lowtide.data.events import events as words
from lowtide.data.rescue import medicines
from lowtide.documents.papers.model import Field
from lowtide.documents.papers.sources import Sources, missing, said, word
from lowtide.pathway.safety.rules import Event, of_session
from lowtide.pathway.session.rules.emergencies import runs
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.events import RescueGiven
from lowtide.science.units import plain

NONE, UNSIGNED = "none recorded", "none recorded so far; the session is not signed"
LEADS_TO = "safety:all"


def of_kinds(s: Sources, kinds: tuple[str, ...], within_min: int | None = None) -> Field:
    """Whether an event of these terms is on record for the session, with its times."""
    found = [e for e in of_session(s.chart, s.session) if e.body.term in kinds]
    if not found:
        return _none(s)
    return said("", f"yes, {'; '.join(_course(s, e, within_min) for e in found)}", *_entries(found))


def serious(s: Sources) -> Field:
    """The serious ones with what makes them so; one that nobody judged is no “no”."""
    found = of_session(s.chart, s.session)
    yes = [e for e in found if e.serious is Answer.YES]
    if yes:
        return said("", f"yes: {'; '.join(_serious(e) for e in yes)}", *_entries(yes))
    open_ = [e for e in found if e.serious is Answer.NOT_KNOWN]
    if open_:
        text = f"not judged: {', '.join(_name(e) for e in open_)}"
        return missing("", text, *_entries(open_), gap=LEADS_TO)
    return (
        said("", f"no: {', '.join(_name(e) for e in found)}, not serious", *_entries(found))
        if found
        else _none(s)
    )


def told(s: Sources) -> Iterator[Field]:
    """Each emergency, adverse event and rescue medicine, a sentence each."""
    for run in runs(s.facts):
        ends = (
            words().emergency_outcomes.get(run.ended.body.outcome, run.ended.body.outcome)
            if run.ended
            else ""
        )
        until = f"until {s.clock(run.ended.at)}: {ends.lower()}" if run.ended else "nobody said how it ended"
        text = f"{run.checklist.label}, from {s.clock(run.opened.at)}, {until}"
        yield said("Emergency", text, run.opened, *([run.ended] if run.ended else []))
    for event in of_session(s.chart, s.session):
        grade = words().grades[str(event.grade)].word.lower()
        text = f"{_name(event)}, {grade}, {_course(s, event)}; {words().actions.get(event.body.action, event.body.action).lower()}"
        yield said(
            "Adverse event",
            f"{text}; {'serious' if event.serious is Answer.YES else 'not serious' if event.serious is Answer.NO else 'not judged'}",
            *_entries([event]),
        )
    for entry, body in rescues(s):
        route = word("route", body.route)
        yield said(
            "Rescue medicine",
            f"{s.clock(entry.at)} {rescue_name(body)} {plain(body.dose)} {body.unit}, {route}",
            entry,
        )


def rescues(s: Sources) -> list[tuple[Entry, RescueGiven]]:
    return list(s.about_session(RescueGiven))


def rescue_name(body: RescueGiven) -> str:
    known = medicines().get(body.medicine)
    return body.name or (known.label if known else body.medicine)


def _none(s: Sources) -> Field:
    """The signature says that the record is whole; before it nothing is a no."""
    signed = s.facts.signed
    return said("", NONE, signed[0]) if signed else missing("", UNSIGNED, gap="session:sign")


def _name(event: Event) -> str:
    known = words().terms.get(event.body.term)
    return event.body.words or (known.label if known else event.body.term)


def _course(s: Sources, event: Event, within_min: int | None = None) -> str:
    """From when to when; of one that goes on, how it stands."""
    start = s.clock(event.onset_at)
    if event.ended_at is None:
        known = words().outcomes.get(event.outcome)
        return f"from {start}: {(known.label if known else event.outcome).lower()}"
    text = f"{start} to {s.clock(event.ended_at)}"
    if within_min is None or s.facts.started_at is None:
        return text
    within = (event.ended_at - s.facts.started_at).total_seconds() <= within_min * 60
    return f"{text}; over within {within_min // 60} h: {'yes' if within else 'no'}"


def _serious(event: Event) -> str:
    why = ", ".join(words().criteria[c].label.lower() for c in event.criteria if c in words().criteria)
    known = words().outcomes.get(event.outcome)
    return (
        f"{_name(event)} ({why or 'no criterion named'}); {(known.label if known else event.outcome).lower()}"
    )


def _entries(found: list[Event] | tuple[Event, ...]) -> list[Entry]:
    return [entry for event in found for entry in (event.entry, *(e for e, _ in event.followed))]
