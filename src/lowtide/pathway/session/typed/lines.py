"""A line of a paper sheet as somebody typed it: what it says, or what is wrong with which cell (pure).

Every cell is judged by the same limits as at the chair. Nothing is guessed: a time that cannot be read is asked for again.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation

import msgspec

from lowtide.data.chair import Parameter, chair, chips, parameters
from lowtide.data.plausibility import implausible, limits
from lowtide.pathway.session.rules.containers import Container
from lowtide.pathway.session.rules.drawn import holds_mg
from lowtide.pathway.session.rules.facts import Facts, facts
from lowtide.pathway.session.rules.preparation import limits_of
from lowtide.pathway.session.typed import given
from lowtide.problems import BadInput
from lowtide.record.entries.base import Body
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import (
    ChairEvent,
    DoseGiven,
    DoseStarted,
    DoseStopped,
    RateChanged,
    Rating,
    Vitals,
)
from lowtide.record.entries.events import RescueGiven
from lowtide.record.entries.longrun import ContainerChanged
from lowtide.science.units import with_point

WALL = re.compile(r"(\d{1,2})[:.]?(\d{2})([ab]?)", re.I)
BEFORE = timedelta(
    hours=12
)  # so long before the planned dose something of this session can have been measured
VERBS = {
    "start": "Infusion started, mL/h",
    "rate": "Rate on the pump, mL/h",
    "pause": "Paused",
    "stop": "Infusion ended, mL in all",
    "give": "Given, mg",
    given.BAG: "Bag changed, mL left; label’s digits in the words",
    given.MEDICINE: "Medicine given, dose; name, unit, way, by whom in the words",
}
NUMBERED = ("start", "rate", "stop", "give", given.BAG, given.MEDICINE)
Faults = dict[tuple[int, str], str]
Row = Mapping[str, str]


class Cell(msgspec.Struct, frozen=True):
    """One column of the sheet that takes a number."""

    name: str
    label: str
    unit: str
    row: Parameter


class Line(msgspec.Struct, frozen=True):
    """One entry-to-be: from which row and cell, when, what, who had measured it, and why where that is asked."""

    row: int
    cell: str
    at: datetime
    body: Body
    who: str
    verb: str = ""
    reason: str | None = None


class Frame(msgspec.Struct, frozen=True):
    """What a line is read against: the day of the sheet, the clinic's zone, the session, and now."""

    day: date
    zone: tzinfo
    now: datetime
    facts: Facts

    @property
    def earliest(self) -> datetime:
        booked = self.facts.scheduled
        return (booked[1].planned_at if booked else self.now) - BEFORE

    def then(self, at: datetime) -> Facts:
        """The session as it stood at an instant."""
        return facts(self.facts.session, (e for e in self.facts.entries if e.at <= at))

    @property
    def order(self) -> OrderSigned | None:
        return self.facts.order[1] if self.facts.order else None


def cells() -> tuple[Cell, ...]:
    """The numbers of one line, in the order of the flowsheet."""
    found = []
    for p in (p for p in parameters().values() if p.in_grid):
        labels = (p.label,) if len(p.fields) == 1 else p.field_labels
        pairs = zip(p.fields, labels, strict=True)
        found += [Cell(name, label, p.unit, p) for name, label in pairs]
        if p.scale:
            found.append(Cell(p.scale, p.label, p.unit, p))
    return tuple(found)


def is_blank(row: Row) -> bool:
    return not any(str(value).strip() for name, value in row.items() if name not in ("who", "day", "twice"))


def read(number: int, row: Row, frame: Frame, faults: Faults) -> list[Line]:
    """The entries that a row says; what is wrong with it goes into `faults` by its cell."""
    at = when(number, row, frame, faults)
    found = [*_measured(number, row, at, faults), *_happened(number, row, at, frame, faults)]
    if not found and not any(place == number for place, _ in faults):
        faults[number, "time"] = "Nothing stands in this line but its time."
    return found


def when(number: int, row: Row, frame: Frame, faults: Faults) -> datetime:
    """The instant that the row says; now where it says none."""
    typed, found = row.get("time", "").strip(), WALL.fullmatch(row.get("time", "").strip())
    if not typed:
        faults[number, "time"] = "The time is missing."
    elif not found or int(found[1]) > 23 or int(found[2]) > 59:
        faults[number, "time"] = "Write the time like 10:32."
    if not found or (number, "time") in faults:
        return frame.now
    try:
        day = date.fromisoformat(row["day"]) if row.get("day") else frame.day
    except ValueError:
        faults[number, "day"] = "This is no date."
        return frame.now
    local = datetime.combine(day, time(int(found[1]), int(found[2])), frame.zone)
    at = local.replace(fold=int(found[3].lower() == "b")).astimezone(UTC)
    if wrong := _no_such_time(local, said_which=bool(found[3])):
        faults[number, "time"] = wrong
    elif at > frame.now:
        faults[number, "time"] = "This time is still to come."
    elif at < frame.earliest:
        faults[number, "time"] = "This is long before the session. Check time and day."
    return at


def _no_such_time(local: datetime, *, said_which: bool) -> str:
    """In the two nights of the year in which the clock is moved: a time that never was, or that came twice."""
    clock = f"{local:%H:%M}"
    if local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        return f"The clock was put forward that night: there was no {clock}."
    if local.utcoffset() != local.replace(fold=1).utcoffset() and not said_which:
        return f"The clock was put back that night: write {clock}a for the first {clock}, {clock}b for the second."
    return ""


def _number(number: int, name: str, row: Row, faults: Faults) -> Decimal | None:
    typed = row.get(name, "").strip()
    if not typed:
        return None
    try:
        value = Decimal(with_point(typed))
    except BadInput as error:
        faults[number, name] = f"{error.problems[0].what}. {error.problems[0].mend}"
        return None
    except InvalidOperation:
        faults[number, name] = "Enter a number."
        return None
    if not value.is_finite():
        faults[number, name] = "Enter a number."
        return None
    return value


def _measured(number: int, row: Row, at: datetime, faults: Faults) -> Iterator[Line]:
    """Vital signs of the row as one entry, each rating as one."""
    values: dict[str, Decimal] = {}
    for cell in cells():
        value = _number(number, cell.name, row, faults)
        if value is None:
            continue
        problem = _problem(cell, value)
        if problem:
            faults[number, cell.name] = problem
        elif cell.row.scale:
            yield Line(number, cell.name, at, Rating(scale=cell.row.scale, value=value), row.get("who", ""))
        else:
            values[cell.name] = value
    if values:
        said = {n: v if n == "temp_c" else int(v) for n, v in values.items()}
        body = Vitals(**said)  # type: ignore[arg-type]
        for problem_found in body.problems():
            faults[number, problem_found.where] = _sentence(problem_found.what, problem_found.mend)
        yield Line(number, next(iter(values)), at, body, row.get("who", ""))


def _problem(cell: Cell, value: Decimal) -> str:
    steps = chair().scales.get(cell.row.scale or "")
    if steps and f"{value:f}" not in {step for step, _ in steps.words}:
        return f"{steps.version}: it has no {value}."
    if cell.name in limits():
        for problem in implausible(cell.name, value):
            return _sentence(problem.what, problem.mend)
    whole = cell.name != "temp_c"
    return "Enter a whole number." if whole and value != int(value) else ""


def _sentence(what: str, mend: str) -> str:
    return f"{what[:1].upper()}{what[1:]}. {mend}"


def _happened(number: int, row: Row, at: datetime, frame: Frame, faults: Faults) -> Iterator[Line]:
    """What was done or seen: a verb with its number, a chip, or words."""
    did, words, who = row.get("did", ""), row.get("words", "").strip(), row.get("who", "")
    if did in (given.BAG, given.MEDICINE):
        said = _worded(number, did, row, at, frame, faults)
        if said:
            yield Line(number, "did", at, said, who, did)
    elif did in VERBS:
        one, reason = _by_label(number, did, words, at, frame, faults)
        body = _done(number, did, row, at, frame, faults)
        if body:
            yield Line(number, "did", at, _from(body, one, frame.order), who, did, reason or None)
    elif did in chips():
        yield Line(number, "did", at, ChairEvent(what=did, detail=words or None), who)
    elif did:
        faults[number, "did"] = "Choose one of the list."
    elif words:
        yield Line(number, "words", at, ChairEvent(what="other", detail=words), who)
    if did not in NUMBERED and row.get("number", "").strip():
        faults[number, "number"] = "A number stands here without what it is of."


def _by_label(
    number: int, did: str, words: str, at: datetime, frame: Frame, faults: Faults
) -> tuple[Container | None, str]:
    """What was begun, and the words without its label's digits."""
    if did not in ("start", "give"):
        return None, words
    found = given.begun(words, frame.facts, at)
    if isinstance(found, str):
        faults[number, "words"] = found
        return None, words
    return found


def _from(body: Body, one: Container | None, order: OrderSigned | None) -> Body:
    """The start or the part as it is given from a container with a label."""
    if one is None or order is None or not isinstance(body, DoseStarted | DoseGiven):
        return body
    body = msgspec.structs.replace(body, container=one.id, scanned=one.body.code, lot=one.body.lot)
    if isinstance(body, DoseStarted):
        return msgspec.structs.replace(body, volume_ml=one.body.final_volume_ml)
    holds = holds_mg(order, one.body, order.dose_mg, limits_of(order))
    return msgspec.structs.replace(body, of_mg=max(holds, body.mg))


def _worded(
    number: int, did: str, row: Row, at: datetime, frame: Frame, faults: Faults
) -> ContainerChanged | RescueGiven | None:
    value, words = _number(number, "number", row, faults), row.get("words", "").strip()
    if value is None or value < 0:
        faults.setdefault((number, "number"), "Enter the number that the sheet says.")
        return None
    bag = did == given.BAG
    found = given.bag(value, words, frame.facts, frame.then(at), at) if bag else given.medicine(value, words)
    if isinstance(found, str):
        faults[number, "words"] = found
        return None
    return found


def _done(number: int, did: str, row: Row, at: datetime, frame: Frame, faults: Faults) -> Body | None:
    value, order = _number(number, "number", row, faults), frame.order
    if did == "pause":
        return RateChanged(rate_ml_per_h=Decimal(0))
    if (number, "number") in faults:
        return None
    if value is None or value < 0 or (did in ("start", "rate") and value == 0):
        faults[number, "number"] = "Enter the number that the sheet says."
        return None
    if did == "rate":
        return RateChanged(rate_ml_per_h=value)
    if did == "stop":
        return DoseStopped(delivered_ml=value, complete=_is_whole(frame.then(at), value))
    if order is None or frame.facts.order is None:
        faults[number, "did"] = "No dose is ordered for this session: a prescriber signs the order first."
        return None
    return _begun(number, did, value, frame.facts, order, faults)


def _is_whole(then: Facts, delivered_ml: Decimal) -> bool:
    if then.infusion is None:
        order = then.order[1] if then.order else None
        return order is None or order.final_volume_ml is None or delivered_ml >= order.final_volume_ml
    return delivered_ml >= then.infusion.loaded_ml + then.more_ml


def _begun(
    number: int, did: str, value: Decimal, facts: Facts, order: OrderSigned, faults: Faults
) -> Body | None:
    assert facts.order
    if did == "give":
        if facts.way.form == "infusion":
            faults[number, "did"] = "This dose runs by a pump."
            return None
        each = order.each_mg if order.apart_min is not None and order.each_mg else order.dose_mg
        return DoseGiven(
            order=facts.order[0].id,
            form=facts.way.form,
            route=order.route,
            number=1,
            mg=value,
            of_mg=max(each, value),
        )
    if order.final_volume_ml is None:
        faults[number, "did"] = "This dose has no pump."
        return None
    return DoseStarted(
        order=facts.order[0].id,
        rate_ml_per_h=value,
        mg_per_ml=order.dose_mg / order.final_volume_ml,
        volume_ml=order.final_volume_ml,
    )
