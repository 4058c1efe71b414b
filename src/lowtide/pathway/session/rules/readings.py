"""What was measured, rated or seen in a session, laid out by row of the flowsheet."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from uuid import UUID

import msgspec

from lowtide.data.chair import Parameter, chips, parameters
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import (
    ChairEvent,
    DoseStarted,
    DoseStopped,
    NotDone,
    RateChanged,
    Rating,
    Vitals,
)
from lowtide.record.entries.devices import PumpTold
from lowtide.record.entries.longrun import ContainerChanged
from lowtide.record.entries.reminding import ArtefactMarked

Value = Decimal | bool


class Reading(msgspec.Struct, frozen=True):
    """One value of one parameter: `values` by the names that monitoring items use, `text` as it is shown."""

    parameter: Parameter
    entry: Entry
    values: dict[str, Value]
    text: str

    @property
    def at(self) -> datetime:
        return self.entry.at

    @property
    def whole(self) -> bool:
        """False for half a pressure."""
        return all(name in self.values for name in self.parameter.fields)


class Omission(msgspec.Struct, frozen=True):
    """A due item was not done, with the reason given."""

    parameter: str
    entry: Entry
    why: str

    @property
    def at(self) -> datetime:
        return self.entry.at


Readings = dict[str, tuple[Reading, ...]]


def readings(entries: Iterable[Entry]) -> Readings:
    """Every parameter's readings in fold order; a parameter without any has none. What somebody marked as an artefact
    is no reading."""
    ordered = tuple(entries)
    marked = _marked(ordered)
    return _laid_out(ordered, lambda reading: not _is_marked(reading, marked))


def artefacts(entries: Iterable[Entry]) -> Readings:
    """What was marked as an artefact, row by row: shown struck, and nothing is decided by it."""
    ordered = tuple(entries)
    marked = _marked(ordered)
    about = [entry for entry in ordered if entry.id in marked] if marked else []
    return _laid_out(about, lambda reading: _is_marked(reading, marked))


def _laid_out(entries: Iterable[Entry], wanted: Callable[[Reading], bool]) -> Readings:
    found: dict[str, list[Reading]] = {name: [] for name in parameters()}
    for entry in entries:
        for reading in _of(entry):
            if wanted(reading):
                found[reading.parameter.id].append(reading)
    return {name: tuple(each) for name, each in found.items()}


def _marked(entries: Iterable[Entry]) -> dict[UUID, frozenset[str]]:
    """entry -> the rows of it that are artefacts; empty for all of them."""
    found: dict[UUID, frozenset[str]] = {}
    for body in (e.body for e in entries if isinstance(e.body, ArtefactMarked)):
        rows, before = frozenset(body.parameters), found.get(body.about)
        whole = not rows or (before is not None and not before)
        found[body.about] = frozenset() if whole else rows | (before or frozenset())
    return found


def _is_marked(reading: Reading, marked: dict[UUID, frozenset[str]]) -> bool:
    rows = marked.get(reading.entry.id)
    return rows is not None and (not rows or reading.parameter.id in rows)


def omissions(entries: Iterable[Entry]) -> tuple[Omission, ...]:
    return tuple(Omission(e.body.item, e, e.body.why) for e in entries if isinstance(e.body, NotDone))


def happenings(entries: Iterable[Entry]) -> Iterator[tuple[Entry, str]]:
    """Events that mean something to a monitoring item, with the value they make true."""
    for entry in entries:
        if isinstance(entry.body, ChairEvent) and entry.body.what in chips():
            means = chips()[entry.body.what].means
            if means:
                yield entry, means


def _of(entry: Entry) -> Iterator[Reading]:
    match entry.body:
        case Vitals() as vitals:
            yield from _vitals(entry, vitals)
        case Rating(scale=scale, value=value):
            for parameter in parameters().values():
                if parameter.scale == scale:
                    name = parameter.value or scale
                    yield Reading(parameter, entry, {name: value}, f"{value.normalize():f}")
        case DoseStarted() | RateChanged() | ContainerChanged():
            yield _rate(entry, entry.body.rate_ml_per_h)
        case PumpTold(event=str()) as told:  # a plain report is nobody's look at it
            yield from _told(entry, told)
        case DoseStopped(delivered_ml=delivered):
            yield Reading(parameters()["pump"], entry, {"delivered_ml": delivered}, "ended")


def _told(entry: Entry, told: PumpTold) -> Iterator[Reading]:
    """What the pump itself says of its rate, in mL/h or else in mg/h, and what is programmed beside it."""
    if told.rate_ml_per_h is None and told.rate_mg_per_h is None:
        return
    said = {
        "rate_ml_per_h": told.rate_ml_per_h,
        "rate_mg_per_h": told.rate_mg_per_h,
        "concentration_mg_per_ml": told.mg_per_ml,
        "vtbi_ml": told.vtbi_ml,
    }
    values: dict[str, Value] = {name: value for name, value in said.items() if value is not None}
    in_mg = told.rate_ml_per_h is None
    unit = " mg/h" if in_mg else "" if told.mg_per_ml is None else " mL/h"
    strength = "" if told.mg_per_ml is None else f" of {told.mg_per_ml:f} mg/mL"
    rate = told.rate_mg_per_h if in_mg else told.rate_ml_per_h
    yield Reading(parameters()["pump"], entry, values, f"{rate:f}{unit}{strength}")


def _rate(entry: Entry, rate_ml_per_h: Decimal) -> Reading:
    return Reading(parameters()["pump"], entry, {"rate_ml_per_h": rate_ml_per_h}, f"{rate_ml_per_h:f}")


def _vitals(entry: Entry, vitals: Vitals) -> Iterator[Reading]:
    for parameter in _measured():
        given = {name: getattr(vitals, name) for name in parameter.fields}
        values: dict[str, Value] = {n: Decimal(v) for n, v in given.items() if v is not None}
        if values:
            text = "/".join("–" if v is None else str(v) for v in given.values())
            yield Reading(parameter, entry, values, text)


@cache
def _measured() -> tuple[Parameter, ...]:
    """The parameters that vital signs can fill."""
    return tuple(p for p in parameters().values() if p.fields)


def in_words(reading: Reading, values: Mapping[str, object]) -> str:
    """“BP 185/95”; what a pump runs at with its unit, and that it is not what was ordered."""
    words = f"{reading.parameter.label} {reading.text}"
    if not {"rate_ml_per_h", "rate_mg_per_h"} & set(reading.values):
        return words
    bare = "rate_ml_per_h" in reading.values and "concentration_mg_per_ml" not in reading.values
    unit = " mL/h" if bare else ""
    return words + unit + (", not as ordered" if values.get("pump_matches_order") is False else "")
