"""Whom a simulation is for: what is known of the person, as far as the models can use it."""

import msgspec


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """weight_kg; age in years, sex at birth and ancestry where known; interactions by key; sedating medicines taken;
    `notes`: what to say of the medicines beside any answer.

    `intrinsic_ratio` and `gut_ratio` are what the interactions do to hepatic intrinsic clearance and to the gut.
    """

    weight_kg: float
    age: float | None = None
    sex: str | None = None
    ancestry: str | None = None
    hypertension: bool = False
    sedatives: int = 0
    intrinsic_ratio: float = 1.0
    gut_ratio: float = 1.0
    baseline_pain_cm: float = 10.0
    notes: tuple[str, ...] = ()
