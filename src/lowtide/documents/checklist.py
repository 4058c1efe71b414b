"""The checklist of a session: every document with what is missing in it, and the checks that a signature rests on."""

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import NoReverseMatch, reverse

from lowtide.data.documents import Kind, kinds
from lowtide.documents.amending import amended
from lowtide.documents.loading import sources_of
from lowtide.documents.papers.common import NOT_GIVEN
from lowtide.documents.papers.making import Made, make_all
from lowtide.documents.papers.model import Document, Field, NotNeeded
from lowtide.documents.papers.sources import Sources
from lowtide.pathway.course.sendings import Standing, Way, standing
from lowtide.pathway.course.words import few
from lowtide.pathway.session.papers import Paper
from lowtide.pathway.session.rules.due import left_undone
from lowtide.pathway.session.shown.grid import minutes
from lowtide.pathway.session.views.common import Seen
from lowtide.people.roles import Permission
from lowtide.people.who import Person, Request
from lowtide.record.entries.base import Answer
from lowtide.record.entries.chair import TimeOutItem
from lowtide.record.entries.consent import RegistryChoice

OF_NO_SESSION = (
    "people:who",
    "people:chart",
    "plan:enrolment",
    "documents:addressees",
    "session:sessions",
    "safety:all",
    "safety:long_term",
)
OF_NOBODY = ("documents:letterhead",)
LOOK = {"flowsheet": "View", "drug_use": "View"}
NEEDS = {
    "people:who": Permission.FIND_PATIENT,
    "people:chart": Permission.SEE_CHART,
    "plan:enrolment": Permission.BOOK,
    "plan:order": Permission.ORDER,
    "documents:letterhead": Permission.MANAGE_STAFF,
    "documents:addressees": Permission.SEND_DOCUMENTS,
    "session:leave": Permission.CHART_SESSION,
    "session:time_out": Permission.CHART_SESSION,
    "session:sign": Permission.SIGN_SESSION,
}


def papers(request: Request, see: Seen) -> list[Paper]:
    """Every line, in the order in which the day goes."""
    return list(_lines(request.person, see, sources_of(see.found.whole, see.facts.session, see.zone)))


def _lines(person: Person, see: Seen, sources: Sources) -> Iterator[Paper]:
    made = make_all(sources)
    for name in ("flowsheet", "drug_use"):
        yield _document(person, see, sources, kinds()[name], made[name])
    yield from _door(person, see)
    for name in made:
        if name not in ("flowsheet", "drug_use"):
            yield _document(person, see, sources, kinds()[name], made[name])
    yield _registry(see)


def _document(person: Person, see: Seen, sources: Sources, kind: Kind, made: Made) -> Paper:
    if isinstance(made, NotNeeded):
        return Paper(kind.label, "note", "Not needed", made.why)
    found = standing(see.found.whole, see.facts.session, kind.id)
    level, word, says = _stands(sources, found, made, SAYS.get(kind.id, _in_words)(see, made))
    gap = made.missing[0] if made.missing and level == "hold" else None
    may = not kind.needs or person.can(Permission[kind.needs])
    url = see_url("documents:document", see, kind.id) if may else ""
    return Paper(
        kind.label,
        level,
        word,
        says,
        f"{len(made.entries)} entries",
        url,
        LOOK.get(kind.id, "Preview"),
        blocks=_blocks(gap),
    )


def _blocks(gap: Field | None) -> bool:
    return gap is not None and gap.gap == "session:sign" and gap.label in ("In hand", "Books")


def _stands(sources: Sources, found: Standing, made: Document, says: str) -> tuple[str, str, str]:
    """(level, word, words): its way, once it went out; before that, what is missing in it."""
    changed = amended(sources, found)
    if changed:
        return (
            "hold",
            "Amended",
            f"sent before it was amended; changed since: {few(list(changed.changed))}",
        )
    if found.way is Way.FAILED:
        return (
            "hold",
            "Failed",
            f"it did not reach {found.last.body.to}: {found.last.reason}" if found.last else "",
        )
    if found.way in (Way.SENT, Way.ACKNOWLEDGED) and found.sent:
        receipt = (
            f", receipt {found.last.body.receipt}"
            if found.way is Way.ACKNOWLEDGED and found.last
            else ", no receipt yet"
        )
        return (
            "clear",
            found.way.capitalize(),
            f"to {found.sent[1].to}, {sources.date(found.sent[0].at)}{receipt}",
        )
    if found.way is Way.WAIVED and found.last:
        return "note", "Not sent", f"goes to nobody: {found.last.reason}"
    open_ = [f for f in made.missing if not _only_the_signature(f)]
    if open_ and made.id == "flowsheet":
        return "caution", "Incomplete", says  # a slot that has passed is never filled any more
    if open_:
        return "hold", "Missing", says
    return (
        ("caution", "Check", says)
        if made.to_check
        else ("clear", "Complete" if made.id == "flowsheet" else "Ready", says)
    )


def _only_the_signature(field: Field) -> bool:
    """What the signature itself brings is no gap before it."""
    return field.gap == "session:sign" and "signed" in field.text


def _in_words(see: Seen, made: Document) -> str:
    """What is missing, then what is to be checked, else what it says."""
    open_ = [f for f in (*made.missing, *made.to_check) if not _only_the_signature(f)]
    if open_:
        return few(list(dict.fromkeys(f"{f.label}: {f.text}" if f.label else f.text for f in open_)), 2)
    return kinds()[made.id].about


def _flowsheet(see: Seen, made: Document) -> str:
    start, planned = see.facts.started_at, [d for d in see.state.due if d.parameter.in_grid]
    missed = [f"{d.parameter.label} {minutes(start, d.due_at)}" for d in left_undone(see.state.due) if start]
    done = sum(not d.open and not d.missed for d in planned)
    late = sum("written late" in f.text for f in made.fields())
    none = f"{NOT_GIVEN}, and no slot was planned" if see.facts.undosed else "no slot was planned"
    parts = [f"{done} of {len(planned)} slots" if planned else none]
    parts += [f"missed without a reason: {few(missed)}"] if missed else []
    parts += [f"{late} written late"] if late else []
    return "; ".join(parts)


def _drug_use(see: Seen, made: Document) -> str:
    """The sum in one line, or what is open."""
    open_ = made.missing[0].text if made.missing else made.said("Sum")
    also = [f"{f.label.lower()} {f.text}" for f in made.to_check]
    return "; ".join((open_, *also))


def _bill(see: Seen, made: Document) -> str:
    codes = [row[0].text for part in made.parts for table in part.tables for row in table.rows]
    return f"{', '.join(codes) or 'no code fits'}; {_in_words(see, made)}"


SAYS: dict[str, Callable[[Seen, Document], str]] = {
    "flowsheet": _flowsheet,
    "drug_use": _drug_use,
    "bill": _bill,
}


# -- what a signature rests on beside the documents ----------------------------------------------------------


def _door(person: Person, see: Seen) -> Iterator[Paper]:
    """The checks at the door, with the two that are never overlooked on lines of their own."""
    out, undosed = see.facts.discharged, see.facts.undosed
    if undosed:
        yield Paper(
            "Leave checks", "note", "Not needed", f"{NOT_GIVEN}: {undosed.reason or 'no reason'}", "1 entry"
        )
        return
    if out is None:
        url = see.url("leave") if person.can(Permission.CHART_SESSION) else ""
        yield Paper(
            "Leave checks", "hold", "Missing", "the patient has not left", "", url, "Record", blocks=True
        )
        return
    found = {c.item: c for c in out[1].criteria}
    apart = [found.pop(name, None) for name in ("cssrs_repeated", "escort_present")]
    yield _checks(list(found.values()), out[1].against_advice, out[0].reason)
    yield from (
        _one(name, c, out[1].escort)
        for name, c in zip(("Suicidality asked again", "Escort"), apart, strict=True)
        if c
    )


def _checks(found: list[TimeOutItem], against: bool, reason: str | None) -> Paper:
    unmet = [c.item.replace("_", " ") for c in found if c.answer is not Answer.YES]
    told = f": {reason}" if reason else ""
    if against:
        return Paper("Leave checks", "caution", "Against advice", f"left against advice{told}", "1 entry")
    if unmet:
        return Paper("Leave checks", "caution", "Not all met", f"{few(unmet)}{told}", "1 entry")
    details = [c.detail for c in found if c.detail and c.detail != "yes"]
    return Paper("Leave checks", "clear", "Met", "; ".join(details) or f"{len(found)} met", "1 entry")


def _one(name: str, c: TimeOutItem, escort: str | None) -> Paper:
    said = {
        Answer.YES: ("clear", "Yes"),
        Answer.NO: ("caution", "No"),
        Answer.NOT_KNOWN: ("caution", "Not asked"),
    }
    level, word = said[c.answer]
    told = {Answer.YES: "at the door", Answer.NO: "answered no at the door"}.get(
        c.answer, "not asked before the patient left"
    )
    return Paper(
        name,
        level,
        word,
        escort if name == "Escort" and escort and c.answer is Answer.YES else told,
        "1 entry",
    )


def _registry(see: Seen) -> Paper:
    found = see.found.chart.last(RegistryChoice)
    if found is None:
        return Paper("Registry row", "note", "Not asked", "nobody asked whether these data may be used")
    joins = found[1].joins
    return Paper(
        "Registry row",
        "clear" if joins else "note",
        "Opted in" if joins else "Opted out",
        "without a name",
        "1 entry",
    )


# -- addresses -----------------------------------------------------------------------------------------------


def see_url(name: str, see: Seen, *more: Any) -> str:
    return reverse(name, args=[see.found.patient_id, see.facts.session, *more])


def gap_url(person: Person, patient: object, session: object, gap: str) -> str:
    """Where a missing field is mended; nothing for somebody who may not."""
    if not gap or not person.can(NEEDS.get(gap, Permission.SEE_CHART)):
        return ""
    args = [] if gap in OF_NOBODY else [patient] if gap in OF_NO_SESSION else [patient, session]
    try:
        return reverse(gap, args=args)
    except NoReverseMatch:
        return ""
