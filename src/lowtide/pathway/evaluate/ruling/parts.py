"""The numbers of a row that a clinic may set itself: what each is called, its unit, its published value (pure)."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from lowtide.data import approving, dosing, monitoring, own, vocabulary
from lowtide.pathway.course.answerable import Answerable, Place, answerables, places
from lowtide.pathway.evaluate.ruling.line import Part

FINE = ("pump_share", "pump_mg", "count_slack_ml")
"""Numbers of the safe that need not be whole."""
BOUNDS = {"at_least": "from", "above": "over", "below": "under", "at_most": "up to"}


def parts(row: Answerable) -> tuple[Part, ...]:
    """The numbers of this row with the values that the tables and policies give them."""
    return tuple(_part(row, place, published()) for place in places(row))


@cache
def published() -> Mapping[str, float]:
    """Key of a number -> its value in the tables as they were published."""
    with own.laying(own.PUBLISHED):
        return {place.key: float(place.value) for row in answerables() for place in places(row)}


def _part(row: Answerable, place: Place, known: Mapping[str, float]) -> Part:
    name, label = _named(row, place)
    return Part(
        key=place.key,
        name=name,
        label=label,
        value=f"{Decimal(str(place.value)).normalize():f}",
        unit=_unit(row, name),
        known=tuple(
            dict.fromkeys((*_known(row), *filter(None, (known.get(place.key),)), float(place.value)))
        ),
        whole=isinstance(place.value, int)
        or row.table == "chair"
        or (row.table == "safe" and row.id not in FINE),
    )


def _known(row: Answerable) -> tuple[float, ...]:
    """What the policies give a dosing number."""
    if row.table != "dosing":
        return ()
    return tuple(float(getattr(dosing.dosing(policy), row.id)) for policy in vocabulary.words()["policy"])


def _named(row: Answerable, place: Place) -> tuple[str, str]:
    """(the name that its unit and range go by, what it is called beside the others of its row)."""
    path = place.path
    if row.table == "monitoring":
        return _watched(row.row, path)
    if row.table == "protocol":
        field = row.id.partition("-")[2]
        name = path[-1] if path and path[-1] not in ("value",) and not path[-1].isdigit() else field
        return name, _called(name, path)
    if row.table == "due":
        return "hours", "hours"
    name = {"minimum_dose": "mg_day", "workup": "max_age_days"}.get(row.table, row.id)
    return (row.id if row.table == "workup" and row.row is None else name), ""


def _watched(item: monitoring.Item, path: tuple[str, ...]) -> tuple[str, str]:
    if path[:2] == ("trigger", "when") and item.trigger:
        condition = item.trigger.when[int(path[2])][int(path[3])]
        more = f", alternative {int(path[2]) + 1}" if _is_twice(item.trigger, condition, path[4]) else ""
        return condition.value, f"{monitoring.word(condition.value)} {BOUNDS[path[4]]}{more}"
    name = next(p for p in reversed(path) if not p.isdigit())
    return name, _called(name, path)


def _is_twice(trigger: monitoring.Trigger, condition: monitoring.Condition, bound: str) -> bool:
    """Whether another alternative bounds the same value in the same way."""
    same = (c for one in trigger.when for c in one if c.value == condition.value)
    return sum(getattr(c, bound) is not None for c in same) > 1


def _called(name: str, path: tuple[str, ...]) -> str:
    """A number of several by its field, counted where there are more of a kind."""
    count = next((f"{int(p) + 1}: " for p in path if p.isdigit()), "")
    return f"{count}{approving.place(name)}"


def _unit(row: Answerable, name: str) -> str:
    if row.table in ("dosing", "chair", "rescue", "safe", "longterm"):
        return {"1": "", "d": "days"}.get(str(row.row.unit), str(row.row.unit))
    if row.table == "protocol" and hasattr(row.holds, "unit"):
        return str(row.holds.unit)
    if row.table == "consent":
        return str(row.row.unit)
    return approving.unit(name)
