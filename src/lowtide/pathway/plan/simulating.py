"""The numbers of pharmacology handed to the science that uses them."""

from functools import cache

from lowtide.data import pharmacology
from lowtide.science.pharmacology.ensemble import Tables
from lowtide.science.pharmacology.person import Person


@cache
def tables() -> Tables:
    """The models, routes, effects and the ensemble in force."""
    return Tables(
        models=pharmacology.models(),
        ensemble=pharmacology.ensemble(),
        routes=pharmacology.routes(),
        effects=pharmacology.effects(),
    )


def person(
    weight_kg: float,
    *,
    age: float | None = None,
    sex: str | None = None,
    ancestry: str | None = None,
    taking: tuple[str, ...] = (),
    hypertension: bool = False,
    sedatives: int = 0,
) -> Person:
    """A person as the models see one; `taking` are medicines whose effect on exposure has been measured.

    Raises BadInput for a medicine without such a measurement, naming those that have one.
    """
    table = pharmacology.interactions()
    keys = list(dict.fromkeys(pharmacology.interaction(name) for name in taking))
    notes = [f"{key}: {table[key].observed} ({table[key].source})" for key in keys]
    if len(keys) > 1:
        notes.append("several interactions at once were never measured; here each counts as if it were alone")
    intrinsic, gut = 1.0, 1.0
    for interaction in (table[key] for key in keys):
        intrinsic, gut = intrinsic * interaction.intrinsic_clearance, gut * interaction.gut
    return Person(
        weight_kg=weight_kg,
        age=age,
        sex=sex,
        ancestry=ancestry,
        hypertension=hypertension,
        sedatives=sedatives,
        intrinsic_ratio=intrinsic,
        gut_ratio=gut,
        notes=tuple(notes),
    )
