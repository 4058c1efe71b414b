"""What planning needs to know about a person, from an intake that candidacy reads too: what it refuses is refused here."""

from decimal import Decimal
from typing import Any

import msgspec

from lowtide.pathway.evaluate.facts import Facts
from lowtide.pathway.evaluate.intake import history, wished


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
    setting: str | None = None
    protocol_id: str | None = None


class Intake(msgspec.Struct, frozen=True):
    """The person, what is asked for, and everything else that is known, which candidacy is judged on."""

    subject: Subject
    facts: Facts
    requested: Requested = Requested()


def intake(form: Any) -> Intake:
    """The intake in this JSON document. Raises BadInput naming the path of the first fault."""
    facts = history(form)
    return Intake(_subject(facts), facts, Requested(**wished(form)))


def _subject(facts: Facts) -> Subject:
    taken, age = facts.taken.get("weight_kg"), _exact(facts, "age_years")
    could_be_pregnant = facts.values.get("childbearing_potential")
    return Subject(
        weight_kg=_exact(facts, "weight_kg"),
        weight_age_days=taken if isinstance(taken, int) else None,
        height_cm=_exact(facts, "height_cm"),
        age_years=None if age is None else int(age),
        childbearing_potential=could_be_pregnant if isinstance(could_be_pregnant, bool) else None,
    )


def _exact(facts: Facts, item: str) -> Decimal | None:
    """A number as it was written: the shortest decimal that means it."""
    value = facts.values.get(item)
    return Decimal(str(value)) if isinstance(value, int | float) else None
