"""What planning needs to know about a person, read from a completed intake."""

from decimal import Decimal
from typing import Any

import msgspec

from lowtide.data.vocabulary import word
from lowtide.problems import bad


class Subject(msgspec.Struct, frozen=True):
    """The person planned for; None means not known. `weight_age_days` counts up to the day of the plan."""

    weight_kg: Decimal | None = None
    weight_age_days: int | None = None
    height_cm: Decimal | None = None
    age_years: int | None = None
    childbearing_potential: bool | None = None


class Requested(msgspec.Struct, frozen=True):
    """What was asked for, in the product's words; None where the intake does not say."""

    indication: str | None = None
    product: str | None = None
    route: str | None = None
    protocol_id: str | None = None


class Intake(msgspec.Struct, frozen=True):
    demographics: Subject
    requested: Requested = Requested()


def intake(document: bytes, where: str) -> Intake:
    """The intake in this JSON document. Raises BadInput, naming the field, when it is not one."""
    try:
        whole = msgspec.json.decode(document, type=dict[str, Any])
        _refuse_other_forms(whole, where)
        read = msgspec.json.decode(document, type=Intake)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise bad(f"not a completed intake ({error})", where, "Give one intake as a JSON object.") from error
    return msgspec.structs.replace(read, requested=_in_our_words(read.requested))


def _in_our_words(asked: Requested) -> Requested:
    def spelt(kind: str, given: str | None) -> str | None:
        return None if given is None else word(kind, given, f"requested.{kind}")

    return Requested(
        spelt("indication", asked.indication),
        spelt("product", asked.product),
        spelt("route", asked.route),
        asked.protocol_id,
    )


def _refuse_other_forms(document: dict[str, Any], where: str) -> None:
    if "resourceType" in document:
        raise bad(
            "this is a FHIR resource, not an intake", where, "Import it first, or give a completed intake."
        )
    if "vignettes" in document:
        raise bad("this file holds several intakes", where, "Give one of them, as a file of its own.")
