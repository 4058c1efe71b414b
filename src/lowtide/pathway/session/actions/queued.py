"""What a tablet may say about a session when the network is back: each kind leads to the verb that its form calls.

The same guards hold as at the form. Witness, the check by a second person, signatures, leaving and the verbs of
the safe are not here: they need the line.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec

from lowtide.pathway.session.actions import (
    adverse,
    charting,
    containers,
    correcting,
    dosing,
    emergency,
    giving,
    reminding,
    rescuing,
)
from lowtide.pathway.session.actions.common import Act
from lowtide.problems import bad
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.chair import Vitals
from lowtide.record.entries.events import AdverseEvent, RescueGiven

Short = Annotated[str, msgspec.Meta(max_length=500)]
Answering = Annotated[str, msgspec.Meta(max_length=600)]  # own words behind those that were tapped
Word = Annotated[str, msgspec.Meta(max_length=60)]
S = TypeVar("S", bound=msgspec.Struct)
MEND = "Throw it away on the tablet and chart it again on the session's page."
DIGITS = 9  # more before or after the point is no number of a pump, a syringe or a monitor


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a tablet says with one entry."""


class Measured(Said, frozen=True, kw_only=True):
    sbp_mmhg: int | None = None
    dbp_mmhg: int | None = None
    map_mmhg: int | None = None
    heart_rate_bpm: int | None = None
    spo2_pct: int | None = None
    resp_rate_per_min: int | None = None
    temp_c: Decimal | None = None


class Rated(Said, frozen=True, kw_only=True):
    scale: Word
    value: Decimal


class Corrected(Measured, frozen=True, kw_only=True):
    """`about` is the entry as the tablet showed it; `row` the one row of the flowsheet that is said anew, or “note”."""

    about: UUID
    row: Word
    reason: Short
    value: Decimal | None = None
    text: Annotated[str, msgspec.Meta(max_length=20_000)] | None = None


class Struck(Said, frozen=True, kw_only=True):
    about: UUID
    reason: Short


class Happened(Said, frozen=True, kw_only=True):
    what: Word = "other"
    detail: Short | None = None


class LeftOut(Said, frozen=True, kw_only=True):
    item: Word
    why: Short


class Noted(Said, frozen=True, kw_only=True):
    text: Annotated[str, msgspec.Meta(max_length=20_000)]
    topic: Word = "clinical"


class Answered(Said, frozen=True, kw_only=True):
    rule: Word
    about: UUID
    reason: Answering


class Started(Said, frozen=True, kw_only=True):
    rate_ml_per_h: Decimal
    volume_ml: Decimal
    reason: Short | None = None
    scanned_code: Word | None = None


class PumpRead(Said, frozen=True, kw_only=True):
    rate_ml_per_h: Decimal
    reason: Short | None = None


class Paused(Said, frozen=True, kw_only=True):
    reason: Short | None = None


class Stopped(Said, frozen=True, kw_only=True):
    delivered_ml: Decimal
    complete: bool = False
    reason: Short | None = None


class Given(Said, frozen=True, kw_only=True):
    number: Annotated[int, msgspec.Meta(ge=1, le=99)]
    mg: Decimal | None = None
    site: Word | None = None
    lot: Word | None = None
    reason: Short | None = None
    scanned_code: Word | None = None


class Changed(Said, frozen=True, kw_only=True):
    residual_ml: Decimal
    scanned_code: Word
    rate_ml_per_h: Decimal
    reason: Short | None = None


class NoReading(Said, frozen=True, kw_only=True):
    about: UUID
    rows: tuple[Word, ...] = ()
    reason: Short


class Rescued(Said, frozen=True, kw_only=True):
    medicine: Word
    dose: Decimal
    unit: Word
    route: Word
    ordered_by: Annotated[str, msgspec.Meta(max_length=120)] = ""
    orderer: Word | None = None
    name: Annotated[str, msgspec.Meta(max_length=120)] | None = None
    why: Word | None = None
    words: Short | None = None
    reason: Short | None = None
    dose_again: Decimal | None = None


class Eased(Said, frozen=True, kw_only=True):
    rescue: UUID
    effect: Word
    words: Short | None = None


class Suffered(Said, frozen=True, kw_only=True):
    term: Word
    grade: int
    serious: Answer
    criteria: tuple[Word, ...] = ()
    words: Short | None = None
    relation: Word = "not_assessed"
    action: Word = "none"
    treatment: Short | None = None
    outcome: Word = "ongoing"


class Opened(Said, frozen=True, kw_only=True):
    checklist: Word
    rule: Word | None = None
    about: UUID | None = None


class Ticked(Said, frozen=True, kw_only=True):
    run: UUID
    step: Word
    done: bool = True
    words: Short | None = None


class Settled(Said, frozen=True, kw_only=True):
    run: UUID
    outcome: Word
    words: Short | None = None


class Ended(Said, frozen=True, kw_only=True):
    reason: Short


def tell(act: Act, kind: str, body: Mapping[str, Any]) -> list[Entry]:
    """Do what a tablet's entry says. Raises BadInput, Refused or Conflict, as the verb behind the form does."""
    known = KINDS.get(kind)
    if known is None:
        raise bad(
            f"“{kind[:40]}” is nothing that is charted without a network",
            "kind",
            "It needs the line: open its page.",
        )
    shape, verb = known
    said = _read(shape, body)
    return verb(act, **{name: getattr(said, name) for name in said.__struct_fields__})


def _read(shape: type[S], body: Mapping[str, Any]) -> S:
    try:
        said = msgspec.convert(body, shape, strict=False)
    except (msgspec.ValidationError, ArithmeticError) as error:
        raise bad(f"it cannot be read: {error}", "body", MEND) from error
    for name in said.__struct_fields__:
        value = getattr(said, name)
        if isinstance(value, Decimal) and not _sane(value):
            raise bad("that is no number that was read here", name, MEND)
    return said


def _sane(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -DIGITS and value.adjusted() <= DIGITS


def _vitals(act: Act, **values: Any) -> list[Entry]:
    return charting.vitals(act, Vitals(**values))


def _rescued(
    act: Act,
    *,
    reason: str | None,
    orderer: str | None,
    ordered_by: str,
    dose_again: Decimal | None,
    **said: Any,
) -> list[Entry]:
    """By whose word: one of the staff who may order, by the name that the clinic knows; else the name as written."""
    known = rescuing.orderers()
    if orderer is not None and orderer not in known:
        raise bad("who ordered it may not order here", "orderer", "Write the name of whoever ordered it.")
    named = known[orderer] if orderer else ordered_by
    body = RescueGiven(ordered_by=named, orderer=orderer, **said)
    return rescuing.give(act, body, reason=reason, dose_again=dose_again)


def _happened_to(act: Act, **said: Any) -> list[Entry]:
    return [adverse.record(act, AdverseEvent(**said))]


def _opened(act: Act, *, checklist: str, rule: str | None, about: UUID | None) -> list[Entry]:
    return emergency.open_checklist(act, checklist, rule=rule, about=about)


KINDS: dict[str, tuple[type[Said], Callable[..., list[Entry]]]] = {
    "vitals": (Measured, _vitals),
    "rating": (Rated, charting.rating),
    "event": (Happened, charting.event),
    "not_done": (LeftOut, charting.not_done),
    "note": (Noted, charting.note),
    "answer": (Answered, charting.acknowledge),
    "artefact": (NoReading, reminding.artefact),
    "correct": (Corrected, correcting.correct),
    "retract": (Struck, correcting.retract),
    "start": (Started, dosing.start),
    "rate": (PumpRead, dosing.change_rate),
    "resume": (PumpRead, dosing.resume),
    "pause": (Paused, dosing.pause),
    "stop": (Stopped, dosing.stop),
    "container": (Changed, containers.change),
    "give": (Given, giving.give),
    "end_dosing": (Ended, giving.end),
    "rescue": (Rescued, _rescued),
    "rescue_effect": (Eased, rescuing.effect),
    "adverse_event": (Suffered, _happened_to),
    "emergency": (Opened, _opened),
    "emergency_step": (Ticked, emergency.tick),
    "emergency_end": (Settled, emergency.end),
}
