"""The comparison of three doses as its template takes it: rows of small pictures, chances, readiness, and the twin."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.utils.safestring import mark_safe

from lowtide.data.forecast import numbers
from lowtide.data.monitoring import items
from lowtide.pathway.course.drawing.bands_data import figure
from lowtide.pathway.course.given import first_doses
from lowtide.pathway.plan import comparing, forecasting
from lowtide.pathway.plan.comparing_picture import Reading, axis, hundred, in_words, small
from lowtide.pathway.plan.forecast_picture import model_name
from lowtide.pathway.plan.ordering import DoseSheet
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.forecast import Forecast, ForecastQuantity
from lowtide.science.units import plain

RISES = {"sbp_rise_mmhg": "sbp_mmhg", "dbp_rise_mmhg": "dbp_mmhg"}


class Before(msgspec.Struct, frozen=True):
    """The last pressure on the chart outside a dose: what the forecast of a pressure stands on."""

    entry: Entry
    values: dict[str, float]


def before(chart: Chart) -> Before | None:
    """The last pressure that no running dose has moved: measured before the dose of its session, or at no session."""
    starts: dict[UUID | None, datetime] = {s: e.at for s, e in first_doses(chart).items()}
    for entry, body in reversed(chart.said(Vitals)):
        calm = entry.session not in starts or entry.at <= starts[entry.session]
        if calm and body.sbp_mmhg is not None and body.dbp_mmhg is not None:
            return Before(entry, {"sbp_mmhg": float(body.sbp_mmhg), "dbp_mmhg": float(body.dbp_mmhg)})
    return None


def last_session(chart: Chart, field: str) -> list[Reading]:
    """What was read in the session dosed last: (minutes from its start, value)."""
    starts = list(first_doses(chart).values())
    if not starts:
        return []
    start = starts[-1]
    return [
        ((e.at - start.at).total_seconds() / 60, float(getattr(body, field)))
        for e, body in chart.said(Vitals)
        if e.session == start.session and getattr(body, field) is not None
    ]


def context(chart: Chart, sheet: DoseSheet, limits: Any, on: date, zone: ZoneInfo) -> dict[str, Any] | None:
    """None while no weight is known. Raises BadInput for a dose beyond what the models describe."""
    if sheet.weighed is None:
        return None
    offered = comparing.options(sheet.protocol, sheet.weighed.weight_kg, limits)
    who = forecasting.about(chart, float(sheet.weighed.recorded_kg), on, zone)
    found = before(chart)
    rest = found.values if found else {}
    made = comparing.compare(sheet.protocol, offered, who, rest)
    if not made.forecasts:
        return None
    return {
        "options": [
            {"dose": o.dose, "mg": plain(_tenth(o.mg)), "note": o.note, "chosen": o.chosen}
            for o in made.options
        ],
        "rows": list(_rows(chart, made, rest)),
        "chances": list(_chances(made)),
        "ready": [_ready(r) | {"chosen": o.chosen} for r, o in zip(made.ready, made.options, strict=True)],
        "criteria": made.criteria,
        "before": found and {"text": _pressure(found.values), "at": found.entry.at.astimezone(zone)},
        "members": made.forecasts[0].members,
        "confidence": made.forecasts[0].confidence,
        "models": ", ".join(
            dict.fromkeys(model_name(m) for q in made.forecasts[0].quantities for m in q.models)
        ),
        "twin": _twin(made),
        "observed": sheet.protocol.observation_min,
    }


def _tenth(mg: Decimal) -> Decimal:
    return mg.quantize(Decimal("0.1"))


def _pressure(values: dict[str, float]) -> str:
    return f"{values['sbp_mmhg']:g}/{values['dbp_mmhg']:g}"


def _rows(chart: Chart, made: comparing.Compared, rest: dict[str, float]) -> Iterator[dict[str, Any]]:
    """One row a quantity: the same axes for every dose, the last session's readings beside the protocol's dose."""
    for wanted in numbers().compare.panels:
        found = [next((q for q in f.quantities if q.name == wanted), None) for f in made.forecasts]
        rows = [q for q in found if q is not None]
        if len(rows) != len(made.forecasts):
            continue
        field = RISES.get(wanted, wanted)
        base = rest.get(field, 0.0)
        read = last_session(chart, field) if base else []
        along = axis(rows, base, [value for _, value in read])
        words = numbers().words(wanted)
        yield {
            "name": _name(wanted, made.forecasts[0], base),
            "unit": f"{words.unit}, from {base:g} before" if base else words.unit,
            "read": bool(read),
            "cells": [
                {"svg": _drawn(q, f, o, base, along, field, read), "chosen": o.chosen}
                for q, f, o in zip(rows, made.forecasts, made.options, strict=True)
            ],
        }


def _name(wanted: str, found: Forecast, base: float) -> str:
    return "Systolic pressure" if base and wanted == "sbp_rise_mmhg" else _plain_name(wanted, found)


def _plain_name(wanted: str, found: Forecast) -> str:
    return numbers().name(wanted, (d.drug for d in found.doses))


def _drawn(
    q: ForecastQuantity,
    found: Forecast,
    option: comparing.Option,
    base: float,
    along: tuple[float, float],
    field: str,
    read: list[Reading],
) -> str:
    until = numbers().compare.until_min
    words = f"{_plain_name(q.name, found)} at {option.dose}: peak {figure(base + q.peak.median)} ({figure(base + q.peak.p5)} to {figure(base + q.peak.p95)})"
    made = small(
        q,
        found,
        base=base,
        along=along,
        until=until,
        words=words,
        limit=_limit(field),
        readings=read if option.chosen else (),
    )
    return mark_safe(made)  # noqa: S308  drawn from numbers and escaped words


def _limit(field: str) -> float | None:
    """The lowest bound that a counted monitoring item sets on what is drawn."""
    bounds = (
        b.at_least if b.at_least is not None else b.above
        for rule in numbers().compare.limits
        for either in (items()[rule].trigger.when if items()[rule].trigger else ())  # type: ignore[union-attr]
        for b in either
        if b.value == field
    )
    return min((float(b) for b in bounds if b is not None), default=None)


def _chances(made: comparing.Compared) -> Iterator[dict[str, Any]]:
    for chance in made.chances:
        cells = [
            {
                "count": in_words(c.median),
                "band": f"{in_words(c.low)} to {in_words(c.high)}",
                "dots": mark_safe(hundred(round(c.median))),  # noqa: S308  drawn from a number
                "chosen": option.chosen,
            }
            for c, option in zip(chance.counted, made.options, strict=False)
        ]
        yield {
            "rule": chance.rule,
            "words": chance.words,
            "verified": chance.verified,
            "why": chance.why,
            "cells": cells,
        }


def _ready(found: comparing.Ready) -> dict[str, Any]:
    if found.median is None or found.earliest is None:
        return {"text": "not within the hours followed", "band": ""}
    low, high = (f"{v:.0f}" if v is not None else "later" for v in (found.low, found.high))
    band = f"{low} to {high}"
    if found.observed > found.median:
        band = f"watched until then; the criteria alone at {found.median:.0f}, {band}"
    return {"text": f"{found.earliest:.0f} min", "band": band}


def _twin(made: comparing.Compared) -> list[tuple[str, list[str]]]:
    """The same in a table: peaks, chances and readiness with their bands."""
    found = []
    for wanted in numbers().compare.panels:
        cells = [
            f"{figure(q.peak.median)} ({figure(q.peak.p5)} to {figure(q.peak.p95)})"
            for f in made.forecasts
            for q in f.quantities
            if q.name == wanted
        ]
        found.append(
            (f"{_plain_name(wanted, made.forecasts[0])}, peak, {numbers().words(wanted).unit}", cells)
        )
    found += [
        (f"Chance of {c.words}, in 100", [_counted(one) for one in c.counted])
        for c in made.chances
        if c.counted
    ]
    return [*found, ("Likely ready to leave, from the start", [_spoken(_ready(r)) for r in made.ready])]


def _counted(found: comparing.Counted) -> str:
    return f"{in_words(found.median)} ({in_words(found.low)} to {in_words(found.high)})"


def _spoken(found: dict[str, Any]) -> str:
    return f"{found['text']} ({found['band']})" if found["band"] else str(found["text"])
