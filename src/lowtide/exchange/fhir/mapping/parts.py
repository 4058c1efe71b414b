"""The parts FHIR resources are made of, read into the record's own: codings, words, dates, quantities (pure)."""

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from decimal import Context as Digits
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from lowtide.data import observations
from lowtide.record.dates import PartialDate, earliest, is_partial_date
from lowtide.record.entries.base import Body, Coding

Json = dict[str, Any]
Moment = tuple[datetime, PartialDate | None]
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200
LARGEST_EXPONENT = 12
FINEST = 4
_NAMED = ("code", "medicationCodeableConcept", "vaccineCode", "name", "title", "type")


class Said(msgspec.Struct, frozen=True):
    """One entry a resource gives rise to. `slot` names it within the resource; `at` is None when no time is told."""

    slot: str
    body: Body
    at: datetime | None = None


class Reading(msgspec.Struct, frozen=True):
    """What Lowtide understood of a resource, and what of it was only kept, and why."""

    said: tuple[Said, ...] = ()
    kept_because: str | None = None


class Context(msgspec.Struct, frozen=True):
    """What a resource may look up: `find` answers the resource a Reference points to, if it is here.

    `panel` is the observation, among the same resources, that has this one as its member.
    """

    zone: tzinfo
    find: Callable[[Json], Json | None]
    panel: Json | None = None


def kept(why: str) -> Reading:
    return Reading((), why)


def believed(said: Iterable[Said], kept_because: str | None = None) -> Reading:
    """A reading of what is plausible; what is not is left to the kept resource, with the reason."""
    found, reasons = [], [kept_because] if kept_because else []
    for one in said:
        problems = list(one.body.problems())
        reasons += [problem.what for problem in problems]
        found += [] if problems else [one]
    return Reading(tuple(found), "; ".join(reasons) or None)


def codings(concept: Json | None) -> tuple[Coding, ...]:
    """The codings that name both a system and a code, each once."""
    given = (concept or {}).get("coding", ())
    found = (
        Coding(c["system"], c["code"], c.get("display")) for c in given if c.get("system") and c.get("code")
    )
    return tuple({(c.system, c.code): c for c in found}.values())


def pairs(concept: Json | None) -> list[tuple[str, str]]:
    return [(c.system, c.code) for c in codings(concept)]


def loinc(concept: Json | None) -> list[str]:
    return [c.code for c in codings(concept) if c.system in observations.LOINC]


def words(concept: Json | None) -> str:
    """How the concept is written: its text, else the first display, else the first code; empty when nothing is."""
    concept = concept or {}
    given = concept.get("coding", ())
    texts = [concept.get("text"), *(c.get("display") for c in given), *(c.get("code") for c in given)]
    return next((t.strip() for t in texts if t and t.strip()), "")


def codes(concept: Json | None) -> set[str]:
    """The bare codes of a concept whose value set is fixed."""
    return {c["code"] for c in (concept or {}).get("coding", ()) if c.get("code")}


def day(value: str | None) -> PartialDate | None:
    """The day, month or year of a FHIR date or time, with the precision it has."""
    plain = (value or "")[:10]
    return plain if is_partial_date(plain) else None


def moment(value: str | None, zone: tzinfo) -> Moment | None:
    """When a FHIR date or time was: the instant, and the partial date when no time of day is told.

    A partial date's instant is its first in the clinic's zone, so that what depends on age takes it as the oldest.
    None when there is no date, or none a record can hold.
    """
    if not value or not EARLIEST_YEAR <= int(value[:4]) <= LATEST_YEAR:
        return None
    try:
        if len(value) > 10:
            return datetime.fromisoformat(
                value.replace(":60", ":59", 1) if ":60" in value[16:19] else value
            ), None
        first = earliest(value)
    except ValueError:
        return None
    return datetime(first.year, first.month, first.day, tzinfo=zone), value


def span(resource: Json, name: str) -> tuple[str | None, str | None]:
    """(start, end) of a `name[x]` that is a date, a time or a period."""
    single = resource.get(f"{name}DateTime") or resource.get(f"{name}Instant")
    period = resource.get(f"{name}Period", {})
    return single or period.get("start"), period.get("end")


def number(value: Any) -> Decimal | None:
    """A FHIR decimal or integer, exact; None for what is no number a chart can hold."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    if not found.is_finite() or abs(found.adjusted()) > LARGEST_EXPONENT or len(found.as_tuple().digits) > 28:
        return None
    return found


def plain(value: Decimal) -> Decimal:
    """The number as a person would write it: no exponent, no trailing zeros, no digits that nobody measured.

    Four decimals are kept, of a number below one four significant digits; the kept resource has the rest.
    """
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -FINEST:
        value = round(value, FINEST) if abs(value) >= 1 else Digits(prec=FINEST).plus(value)
    return Decimal(format(value.normalize(), "f"))


def title(resource: Json) -> str:
    """What a resource is called: its code, medicine or name; empty when it has none."""
    named = next((resource[n] for n in _NAMED if resource.get(n)), None)
    if isinstance(named, str):
        return named
    if isinstance(named, list):
        name = named[0]
        return str(
            name.get("text")
            or " ".join([*name.get("given", ()), name.get("family", "")]).strip()
            or words(name)
        )
    return words(named)


def notes(resource: Json) -> str:
    return "; ".join(n["text"].strip() for n in resource.get("note", ()) if n.get("text"))


def joined(*texts: str | None) -> str | None:
    """The texts that say something, as one; None when none does."""
    return "; ".join(t.strip() for t in texts if t and t.strip()) or None
