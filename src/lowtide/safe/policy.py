"""The numbers of the safe as they are in force in this clinic: the table's, or the clinical lead's own."""

from decimal import Decimal, InvalidOperation

from lowtide.data.safe import Limits, limits_of, numbers
from lowtide.people.clinic import clinic_chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import NumberApproved, NumberChanged

PREFIX = "safe:"


def values_here() -> dict[str, Decimal]:
    """Every number by name, the clinic's own value where it has set one."""
    found = {name: number.value for name, number in numbers().items()}
    for _, body in clinic_chart().said(NumberChanged):
        name = body.number.removeprefix(PREFIX)
        if body.number.startswith(PREFIX) and name in found:
            found[name] = _read(body.value, found[name])
    return found


def _read(text: str, otherwise: Decimal) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return otherwise


def limits_here() -> Limits:
    """Tolerances, cadences and deadlines."""
    return limits_of(values_here())


def witness_here(verb: str) -> bool:
    """Whether a step needs a second person's own sign-in."""
    return bool(values_here()[f"witness_{verb}"])


def unanswered(*names: str) -> bool:
    """True when one of these is a default that nobody here answers for."""
    clinic, values = clinic_chart(), values_here()
    said: list[tuple[Entry, NumberApproved | NumberChanged]] = [
        *clinic.said(NumberApproved),
        *clinic.said(NumberChanged),
    ]
    signed = {(body.number, body.value) for _, body in said}
    return any(
        not numbers()[name].verified and (f"{PREFIX}{name}", f"{values[name]:f}") not in signed
        for name in names
    )
