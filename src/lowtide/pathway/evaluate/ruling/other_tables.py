"""The rows of the tables beside candidacy: protocols by field, dosing, monitoring, the chair, due times, and the rest
(pure). Read as they are laid here."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from lowtide.data import approving, intake, rescue, vocabulary
from lowtide.data.protocols import Amount, Protocol, Schedule
from lowtide.pathway.course.answerable import Answerable, answerables
from lowtide.pathway.evaluate.ruling.line import Kind, Line, seen
from lowtide.pathway.evaluate.ruling.parts import parts
from lowtide.science.units import plain

FIELDS = {
    "dose": "dose",
    "dose_min": "lowest dose",
    "dose_max": "highest dose",
    "dose_basis": "weight the dose is worked out from",
    "over_min": "infusion time",
    "schedule": "schedule",
    "min_interval_h": "least interval between doses",
    "observation_min": "observation after the dose",
    "max_mg": "ceiling of a dose",
    "max_mg_per_kg": "ceiling of a dose by weight",
    "max_mg_per_h": "ceiling of the rate",
}
UNITS = {
    "over_min": "min",
    "min_interval_h": "h",
    "observation_min": "min",
    "max_mg": "mg",
    "max_mg_per_kg": "mg/kg",
    "max_mg_per_h": "mg/h",
}
LEVELS = {
    "inform": "tells somebody",
    "hold": "holds",
    "stop": "stops",
    "emergency": "calls emergency help",
    "discharge_gate": "opens the way home",
}
KINDS: dict[str, Kind] = {
    "protocol": "protocols",
    "due": "schedules",
    "limit": "schedules",
    "reconciling": "workup",
    "minimum_dose": "ledger",
    "trial": "ledger",
    "program": "programs",
}
Said = dict[str, Any]


def lines() -> Iterator[Line]:
    """Every row with its words and its numbers."""
    for row in answerables():
        yield Line(
            id=row.id if row.table not in ("workup", "trial") else f"{row.table}-{row.id}",
            kind=KINDS.get(row.table) or row.table,  # type: ignore[arg-type]
            state=seen(row.verified),
            key=row.key[0],
            value=row.key[1],
            parts=parts(row),
            **{"text": "", **TELL[row.table](row)},
        )


def _field(row: Answerable) -> Said:
    protocol, name = row.row, row.id.partition("-")[2]
    return {
        "title": f"{protocol.id} {FIELDS.get(name, name.replace('_', ' '))}: {told_field(protocol, name)}",
        "text": f"{protocol.condition}, {protocol.phase}: {protocol.source_body}.",
        "decides": "the plan, the order and the next session of this protocol",
        "note": "Its source does not give this: recalled, or a default.",
        "sources": protocol.source,
    }


def told_field(protocol: Protocol, name: str) -> str:
    """A field as a person reads it."""
    value: Any = getattr(protocol, name)
    match value:
        case Amount():
            return f"{plain(value.value)} {value.unit}"
        case Schedule():
            return protocol.schedule_note or _given(value)
        case msgspec.Struct():
            return _given(value)
        case Decimal():
            return f"{plain(value)} {UNITS.get(name, '')}".strip()
        case tuple():
            return "; ".join(_given(v) if isinstance(v, msgspec.Struct) else str(v) for v in value)
    if name in ("product", "route"):
        return vocabulary.label(name, str(value))
    return str(value)


def _given(row: msgspec.Struct) -> str:
    """What a row of a protocol gives, name by name; what it leaves open is left out."""
    said = {name: getattr(row, name) for name in row.__struct_fields__ if name != "decides"}
    given = {name: value for name, value in said.items() if value not in (None, False, ())}
    return ", ".join(
        name.replace("_", " ") if value is True else f"{name.replace('_', ' ')} {_plain(value)}"
        for name, value in given.items()
    )


def _plain(value: Any) -> str:
    match value:
        case Decimal():
            return plain(value)
        case Amount():
            return f"{plain(value.value)} {value.unit}"
        case tuple():
            return ", ".join(map(str, value))
    return str(value).replace("_", " ")


def _dosing(row: Answerable) -> Said:
    unit = {"1": "", "d": "days"}.get(row.row.unit, row.row.unit)
    return {
        "title": f"{approving.called(row.id)} {plain(row.holds)} {unit}".strip(),
        "text": row.row.why,
        "decides": "the order, its preparation and the pump",
        "sources": row.row.source,
    }


def _watched(row: Answerable) -> Said:
    item = row.row
    recalled = f"Recalled or a default: {', '.join(item.unverified)}." if item.unverified else ""
    return {
        "title": f"{item.parameter}: {item.trigger_text}",
        "text": f"{item.frequency_text}. {item.action}.",
        "decides": f"{LEVELS[item.level]}; {item.responsible}",
        "sources": item.source,
        "note": " ".join(filter(None, (recalled, item.note))),
        "place": item.phase,
    }


def _chair(row: Answerable) -> Said:
    return {
        "title": f"{approving.called(row.id)} {plain(row.holds)} {row.row.unit}",
        "text": row.row.why,
        "decides": "the work at the chair",
    }


def _rescue(row: Answerable) -> Said:
    which = row.id.partition("/")[2]
    what = {"usual": "at most, without being typed again", "never": "never more"}[which]
    by = f" {', '.join(rescue.routes()[r] for r in row.row.routes)}" if row.row.routes else ""
    return {
        "title": f"{rescue.medicines()[row.row.medicine].label}{by}: {plain(row.holds)} {row.row.unit}, {what}",
        "decides": "whether a rescue dose is typed once more with a reason, or refused as a slip",
        "sources": row.row.source,
        "note": "" if row.row.source else "A default of this project.",
    }


def _safe(row: Answerable) -> Said:
    holds = ("yes" if row.holds else "no") if row.id.startswith("witness_") else plain(row.holds)
    return {
        "title": f"{approving.called(row.id)} {holds} {row.row.unit}".strip(),
        "text": row.row.why,
        "decides": "the books of the safe, and whether a session can be signed",
        "sources": row.row.source,
    }


def _longterm(row: Answerable) -> Said:
    if row.holds is None:
        return {
            "title": f"Stop and review: {row.row.ask.lower()}",
            "text": row.row.then or "A prescriber decides, with a reason.",
            "decides": "whether the next session is held",
            "sources": row.row.source,
        }
    return {
        "title": f"{approving.called(row.id)} {plain(row.holds)} {row.row.unit}",
        "text": row.row.why,
        "decides": "what is asked again over the years, and what holds the next session",
        "sources": row.row.source,
        "note": "A default of this project.",
    }


def _due(row: Answerable) -> Said:
    rule = row.row
    return {
        "title": f"{rule.text}: {_span(rule.hours)}",
        "text": f"{rule.owner.replace('_', ' ').capitalize()} answers for it.",
        "decides": "when it turns late on the worklist",
        "sources": rule.source,
        "note": rule.note,
    }


def _limit(row: Answerable) -> Said:
    return {
        "title": f"{approving.called(row.id)} {row.holds}",
        "text": f"{row.row.text}.",
        "decides": "what counts as a change",
        "sources": row.row.source,
    }


def _span(hours: int) -> str:
    days, rest = divmod(hours, 24)
    if rest or not days:
        return f"{hours} hour{'' if hours == 1 else 's'}"
    return f"{days} day{'' if days == 1 else 's'}"


def _workup(row: Answerable) -> Said:
    test = row.row
    if test is None:
        return _default(row, "when a test of the work-up falls due")
    counts = f"{row.holds} days" if row.holds else f"as the number “{test.limit}” says"
    return {
        "title": f"{intake.items()[test.item].label} counts for {counts}",
        "text": f"Needed because {test.because}. Asked for by {test.rule}.",
        "decides": "whether a test is missing or out of date before a session",
        "sources": test.sources,
        "note": test.note,
    }


def _default(row: Answerable, decides: str = "") -> Said:
    """A default that stands in its table without a source."""
    part = parts(row)
    unit = part[0].unit if part else ""
    said = f" {plain(Decimal(str(row.holds)))} {unit}".rstrip() if row.holds is not None else ""
    return {
        "title": f"{approving.called(row.id)}{said}",
        "text": getattr(row.row, "why", "") or getattr(row.row, "meaning", ""),
        "decides": decides or DECIDES[row.table],
        "note": "A default of this project.",
    }


def _minimum_dose(row: Answerable) -> Said:
    use, _, agent = row.id.partition("|")
    return {
        "title": f"{agent}, as {use.replace('_', ' ')}: tried from {plain(row.holds)} mg a day",
        "decides": "whether an earlier treatment counts as adequate",
        "sources": (row.row.source,) if row.row.source else (),
        "note": row.row.note,
    }


def _trial(row: Answerable) -> Said:
    if not hasattr(row.row, "one"):
        return _default(row)
    unit = "weeks" if row.row.min_weeks else "sessions"
    return {
        "title": f"{row.row.one}: tried from {row.holds} {unit}",
        "decides": "whether an earlier treatment counts as adequate",
        "note": "A default of this project.",
    }


def _program(row: Answerable) -> Said:
    return {
        "title": f"{row.row.label}: {row.row.text}",
        "decides": "whether a programme stands before the first dose there",
        "sources": row.row.source,
    }


DECIDES = {
    "tolerability": "whether a session counts as borne well, before the next dose is proposed",
    "consent": "whether a consent covers a dose",
    "prescreen": "when the public page takes no more requests",
    "booking": "the days and times that are proposed",
    "reconciling": "when the list of medicines is asked for again",
    "trial": "how an earlier treatment is counted",
}
TELL: dict[str, Callable[[Answerable], Said]] = {
    "protocol": _field,
    "dosing": _dosing,
    "monitoring": _watched,
    "chair": _chair,
    "rescue": _rescue,
    "safe": _safe,
    "longterm": _longterm,
    "due": _due,
    "limit": _limit,
    "workup": _workup,
    "minimum_dose": _minimum_dose,
    "trial": _trial,
    "program": _program,
    **dict.fromkeys(("tolerability", "consent", "prescreen", "booking", "reconciling"), _default),
}
