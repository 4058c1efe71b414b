"""What several documents say the same way: who, what was ordered and given, times, readings, the way out (pure)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from lowtide.data.safe import pieces
from lowtide.documents.papers.model import Field
from lowtide.documents.papers.sources import Sources, missing, said, word
from lowtide.pathway.course.escorts import name_of
from lowtide.pathway.course.ordered import in_short
from lowtide.pathway.session.rules.readings import Reading
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import DoseGiven, DoseStarted, DoseStopped, DosingEnded, RateChanged
from lowtide.record.entries.identity import Sex
from lowtide.record.entries.longrun import ContainerChanged
from lowtide.record.entries.words import day
from lowtide.safe.ledger import PATIENT
from lowtide.safe.places import books_of
from lowtide.science.units import amount, plain

MINUTE = timedelta(minutes=1)
SEXES = {Sex.FEMALE: "female", Sex.MALE: "male", Sex.OTHER: "other"}
NOT_GIVEN = "no dose was given"
STEPS = RateChanged, ContainerChanged, DoseStopped  # what a pause begins and ends with


def who(s: Sources) -> Iterator[Field]:
    """The patient: name, birth date, sex, number."""
    entry, p = s.patient
    yield said("Patient", f"{p.given} {p.family}".strip(), entry)
    yield born(s)
    yield (
        said("Sex", SEXES[p.sex], entry)
        if p.sex in SEXES
        else missing("Sex", "not known", entry, gap="people:who")
    )
    number = next((i.value for i in p.identifiers if i.system == "lowtide"), "")
    yield said("Number", number, entry) if number else missing("Number", "none", entry, gap="people:who")


def born(s: Sources) -> Field:
    entry, p = s.patient
    if not p.birth_date:
        return missing("Born", "not known", entry, gap="people:who")
    return said("Born", day(p.birth_date), entry)


def which_session(s: Sources) -> Field:
    scheduled, course = s.facts.scheduled, s.course
    number = scheduled[1].number if scheduled else None
    if number is None and course:
        number = next(p.number for p in course[1].sessions if p.session == s.session)
    text = (
        f"{number} of {len(course[1].sessions)} planned, {course[1].phase}"
        if course and number
        else str(number or "")
    )
    entries = [fact[0] for fact in (scheduled, course) if fact]
    return said("Session", text, *entries) if text else missing("Session", "not booked")


def indication(s: Sources) -> Field:
    if s.course is None:
        return missing("For", "no course plans this session")
    entry, plan = s.course
    return said("For", word("indication", plan.indication), entry)


def order(s: Sources) -> OrderSigned | None:
    return s.facts.order[1] if s.facts.order else None


def medicine(s: Sources) -> str:
    found = order(s)
    return word("drug", found.drug) if found else "medicine"


def ordered(s: Sources) -> Field:
    if s.facts.order is None:
        return unless_undosed(s, missing("Ordered", "no order was signed", gap="plan:order"))
    entry, body = s.facts.order
    how = in_short(body)
    by_weight = (
        f" ({plain(body.dose_mg_per_kg)} mg/kg at {plain(body.weight_kg)} kg)"
        if body.dose_mg_per_kg and body.weight_kg
        else ""
    )
    text = f"{plain(body.dose_mg)} mg {word('drug', body.drug)}, {word('route', body.route)}{by_weight}, {how}; signed by {body.printed_name}"
    return said("Ordered", text, entry)


def unless_undosed(s: Sources, field: Field) -> Field:
    """What a session lacks that ended without a dose was never to come: it is no gap."""
    return field if s.facts.undosed is None else Field(field.label, field.text, state="not_needed")


def dose_entries(s: Sources) -> list[Entry]:
    """The entries that say what went in."""
    return [e for e in s.facts.entries if isinstance(e.body, DoseStarted | DoseStopped | DoseGiven)]


def given(s: Sources) -> Field:
    """What went in by the chart, in mg."""
    mg, made = s.facts.given_mg, dose_entries(s)
    if s.facts.started is None:
        return Field("Given", NOT_GIVEN, state="not_needed")
    if mg is None:
        return missing("Given", "the dose has not ended", *made)
    ml = f", {plain(s.facts.given_ml)} mL" if s.facts.given_ml is not None else ""
    parts = f", {len(s.facts.parts.parts)} parts" if s.facts.parts and len(s.facts.parts.parts) > 1 else ""
    return said("Given", f"{plain(amount(mg))} mg {medicine(s)}{ml}{parts}", *made)


def began(s: Sources) -> Field:
    if s.facts.started is None:
        return Field("Started", NOT_GIVEN, state="not_needed")
    return said("Started", s.clock(s.facts.started[0].at), s.facts.started[0])


def ended(s: Sources) -> Field:
    if s.facts.started is None:
        return Field("Ended", NOT_GIVEN, state="not_needed")
    if s.facts.stopped is None:
        return missing("Ended", "the dose has not ended", s.facts.started[0])
    at, early = s.facts.stopped[0].at, _cut_short(s)
    why = "; ".join(e.reason for e in early if e.reason)
    told = f", before its end{f': {why}' if why else ''}" if early else ""
    return said("Ended", f"{s.clock(at)}{told}", s.facts.stopped[0], *early)


def _cut_short(s: Sources) -> list[Entry]:
    """What says that not all of the dose went in, each with its reason: an early stop, or parts that did not go in whole
    and the word that no more came; nothing where all of it did."""
    entry, body = s.facts.stopped or (None, None)
    if entry and isinstance(body, DoseStopped):
        return [] if body.complete else [entry]
    if s.facts.parts is None or s.facts.parts.open_mg <= 0:
        return []
    parts = [e for e, body in s.facts.parts.parts if body.mg < body.of_mg]
    return [*parts, *(e for e in s.facts.entries if isinstance(e.body, DosingEnded))]


def stood_still(s: Sources) -> Iterator[Field]:
    """Each time at which the pump was paused; nothing where it never was."""
    told = {e.at: e for e in s.facts.entries if isinstance(e.body, STEPS)}
    for since, until in s.facts.infusion.pauses if s.facts.infusion else ():
        text = f"{s.clock(since)} to {s.clock(until) if until else 'not told when it went on'}"
        yield said("Paused", text, *(told[at] for at in (since, until) if at in told))


def left(s: Sources) -> Field:
    if s.facts.undosed:
        return broken_off(s, s.facts.undosed)
    if s.facts.discharged is None:
        return missing("Left at", "has not left yet", gap="session:leave")
    entry, body = s.facts.discharged
    against = ", against advice" if body.against_advice else ""
    escort = f", with {name_of(body.escort) or body.escort}" if body.escort else ""
    return said("Left at", f"{s.clock(entry.at)}{escort}{against}", entry, note=entry.reason or "")


def broken_off(s: Sources, entry: Entry) -> Field:
    """That the session ended before a dose, and why."""
    why = f": {entry.reason}" if entry.reason else ""
    label = "Cancelled" if s.facts.cancelled else "Broken off"
    return said(label, f"{s.clock(entry.at)}, before any dose{why}", entry)


def treated_on(s: Sources) -> Field:
    at = s.facts.started_at or (s.facts.scheduled[1].planned_at if s.facts.scheduled else None)
    entry = s.facts.started or s.facts.scheduled
    return said("Date", s.date(at), entry[0]) if at and entry else missing("Date", "not booked")


def infused_min(s: Sources) -> int | None:
    """Whole minutes in which the pump ran; pauses do not count."""
    infusion, stopped = s.facts.infusion, s.facts.stopped_at
    if infusion is None or stopped is None:
        return None
    ends = [step.at for step in infusion.steps[1:]] + [stopped]
    ran = (
        min(end, stopped) - step.at
        for step, end in zip(infusion.steps, ends, strict=True)
        if step.rate_ml_per_h
    )
    return int(sum((max(one, timedelta(0)) for one in ran), timedelta(0)) / MINUTE)


def observed_min(s: Sources) -> int | None:
    """Whole minutes from the first of the dose until the patient left."""
    start, out = s.facts.started_at, s.facts.discharged
    return int((out[0].at - start) / MINUTE) if start and out else None


# -- readings ------------------------------------------------------------------------------------------------


def read(
    s: Sources, parameter: str, label: str, pick: Callable[[list[Reading]], Reading | None], none: str
) -> Field:
    """One reading of a parameter with its time."""
    found = pick([r for r in s.facts.readings[parameter] if r.whole])
    if found is None:
        return unless_undosed(
            s, missing(label, NOT_GIVEN if s.facts.undosed else none, gap="session:session")
        )
    return said(label, f"{found.text} {found.parameter.unit} at {s.clock(found.at)}", found.entry)


def before_dose(s: Sources) -> Callable[[list[Reading]], Reading | None]:
    start = s.facts.started_at
    return lambda found: next((r for r in reversed(found) if start is None or r.at < start), None)


def last_since(s: Sources) -> Callable[[list[Reading]], Reading | None]:
    start = s.facts.started_at
    return lambda found: next((r for r in reversed(found) if start and r.at >= start), None)


def highest(s: Sources, value: str) -> Callable[[list[Reading]], Reading | None]:
    start = s.facts.started_at
    return lambda found: max(
        (r for r in found if start and r.at >= start), key=lambda r: Decimal(r.values[value]), default=None
    )


def lowest(value: str) -> Callable[[list[Reading]], Reading | None]:
    return lambda found: min(found, key=lambda r: Decimal(r.values[value]), default=None)


def nearest(s: Sources, minute: int, within: int) -> Callable[[list[Reading]], Reading | None]:
    """The reading closest to so many minutes after the start, if one is near enough."""

    def pick(found: list[Reading]) -> Reading | None:
        start = s.facts.started_at
        if start is None:
            return None
        wanted = start + minute * MINUTE
        near = [r for r in found if abs(r.at - wanted) <= within * MINUTE]
        return min(near, key=lambda r: abs(r.at - wanted), default=None)

    return pick


# -- the safe ------------------------------------------------------------------------------------------------


def lots(s: Sources) -> list[tuple[str, str, str, tuple[UUID, ...]]]:
    """(lot, vial, unit as given, entries) of each draw for the ordered drug."""
    found, drug = [], order(s)
    for one in s.custody.draws:
        if drug and one.drug == drug.drug:
            body = one.draw.body
            amount = quantity(one.given, one.unit)
            found.append(
                (
                    body.lot,
                    body.vial or "",
                    amount,
                    (one.draw.entry.id, *given_entries(s, one.stream, one.draw.id)),
                )
            )
    return found


def given_entries(s: Sources, stream: str, draw: UUID) -> tuple[UUID, ...]:
    postings = books_of(s.safes[stream]).postings
    return tuple(p.entry.id for p in postings if p.source.name == str(draw) and p.target.kind == PATIENT)


def quantity(value: Decimal, unit: str) -> str:
    """0.73 mL, 2 devices."""
    return f"{plain(value)} {pieces(unit, value)}"
