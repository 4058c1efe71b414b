"""What was observed, checked and brought to common units: the rows a person or a monitor gives, as readings.

Hours from the start of the first dose; at or before 0 nothing has been given yet. Levels end in ng/mL of the free base.
"""

import math
from typing import NoReturn

import msgspec

from lowtide.data.pharmacology import Parameter
from lowtide.problems import bad

ANALYTES = ("ketamine", "norketamine", "hydroxynorketamine")
SITES = ("venous", "arterial")
KINDS = ("plasma", "cadss", "high", "sbp", "dbp", "madrs", "phq9")
MOODS = ("madrs", "phq9")
EFFECTS = {"cadss": "cadss", "high": "high", "sbp": "sbp_rise_mmhg", "dbp": "dbp_rise_mmhg"}
RANGES = {
    "plasma": (0.0, 1e9),
    "cadss": (0.0, 92.0),
    "high": (0.0, 10.0),
    "sbp": (40.0, 300.0),
    "dbp": (20.0, 200.0),
    "madrs": (0.0, 60.0),
    "phq9": (0.0, 27.0),
}
POINTS = ("", "1", "{score}", "point", "points", "score")
UNITS = {"sbp": ("", "mmhg", "mm[hg]"), "dbp": ("", "mmhg", "mm[hg]")}
WHOLE = ("cadss", "madrs", "phq9")
PER_VOLUME = {"ng/ml": 1.0, "ug/l": 1.0, "mcg/l": 1.0, "ug/ml": 1000.0, "mcg/ml": 1000.0, "mg/l": 1000.0}
MOLAR = {"nmol/ml": 1.0, "umol/l": 1.0, "nmol/l": 0.001}
SHOWN_UNITS = "ng/mL, ug/L, mg/L, nmol/mL, umol/L"
LATEST_H = 24.0 * 366 * 2


class Observation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row as given."""

    at_h: float
    kind: str
    value: float
    analyte: str | None = None
    unit: str | None = None
    site: str | None = None
    assay: str | None = None


class Reading(msgspec.Struct, frozen=True):
    """One observation, checked: `value` in ng/mL, points or mmHg; for a level the `analyte`, the `enantiomers` it sums
    and the `site`; `given` says it as it was given `factor` is ng/mL for
    one of the unit it came in, `factors` for one of each other unit."""

    number: int
    where: str
    at_h: float
    kind: str
    value: float
    given: str
    analyte: str = ""
    enantiomers: tuple[str, ...] = ()
    site: str = ""
    factor: float = 1.0
    factors: dict[str, float] = {}

    @property
    def before(self) -> bool:
        """Taken before anything was given."""
        return self.at_h <= 0


def readings(
    rows: list[Observation],
    where: str,
    constants: dict[str, Parameter],
    enantiomers: tuple[str, ...],
    site: str = "venous",
) -> list[Reading]:
    """The rows checked; `site` holds where a row names none, `enantiomers` are those that were given.

    Raises BadInput naming `where[index].field`.
    """
    if not rows:
        raise bad("holds no observation", where, "Give at least one.")
    return [
        _reading(row, number, f"{where}[{number}]", constants, enantiomers, site)
        for number, row in enumerate(rows)
    ]


def _reading(
    row: Observation,
    number: int,
    where: str,
    constants: dict[str, Parameter],
    enantiomers: tuple[str, ...],
    site: str,
) -> Reading:
    if row.kind not in KINDS:
        raise bad(f"unknown kind “{row.kind}”", f"{where}.kind", f"Use one of: {', '.join(KINDS)}.")
    if not math.isfinite(row.at_h) or abs(row.at_h) > LATEST_H:
        raise bad(
            f"{row.at_h:g} h is no time of this course",
            f"{where}.at_h",
            "Give hours from the first dose, within two years.",
        )
    _within(row, where)
    if row.kind == "plasma":
        return _level(row, number, where, constants, enantiomers, site)
    _no_level(row, where)
    return Reading(number, where, row.at_h, row.kind, row.value, f"{row.kind} {row.value:g}")


def _within(row: Observation, where: str) -> None:
    low, high = RANGES[row.kind]
    if not low <= row.value <= high:
        shown = "0 or more" if row.kind == "plasma" else f"{low:g} to {high:g}"
        raise bad(f"{row.value:g} is no value of {row.kind}", f"{where}.value", f"Give {shown}.")
    if row.kind in WHOLE and row.value != round(row.value):
        raise bad(f"{row.value:g} is not a whole score", f"{where}.value", "Give the total score.")


def _no_level(row: Observation, where: str) -> None:
    """What only a level has is refused elsewhere, and so is a unit that does not fit."""
    for name in ("analyte", "site", "assay"):
        if getattr(row, name) is not None:
            raise bad(f"{row.kind} has no {name}", f"{where}.{name}", "Leave it out.")
    if _plain(row.unit or "") not in UNITS.get(row.kind, POINTS):
        wanted = "mmHg" if row.kind in UNITS else "points, or no unit"
        raise bad(f"unknown unit “{row.unit}” of {row.kind}", f"{where}.unit", f"Give it in {wanted}.")


def _level(
    row: Observation,
    number: int,
    where: str,
    constants: dict[str, Parameter],
    enantiomers: tuple[str, ...],
    site: str,
) -> Reading:
    analyte, wanted = _analyte(row, where, enantiomers)
    mass = constants[f"mw_{analyte}"].value
    factor = _factor(row, where, mass)
    site = row.site or site
    if site not in SITES:
        raise bad(f"unknown site “{row.site}”", f"{where}.site", f"Use one of: {', '.join(SITES)}.")
    given = f"{site} {row.analyte} {row.value:g} {row.unit}"
    value = row.value * factor
    others = {"ng/mL": 1.0, "mg/L": 1000.0, "umol/L": mass, "nmol/L": mass / 1000}
    return Reading(number, where, row.at_h, "plasma", value, given, analyte, wanted, site, factor, others)


def _analyte(row: Observation, where: str, enantiomers: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The analyte without its prefix, and which enantiomers the assay sums."""
    name = row.analyte or _missing("analyte", f"{where}.analyte", "ketamine, or s_ketamine by a chiral assay")
    prefix, _, rest = name.rpartition("_")
    if rest not in ANALYTES or prefix not in ("", "s", "r"):
        choices = ", ".join(f"{p}{a}" for a in ANALYTES for p in ("", "s_", "r_"))
        raise bad(f"unknown analyte “{name}”", f"{where}.analyte", f"Use one of: {choices}.")
    assay = row.assay or ("chiral" if prefix else "total")
    if assay not in ("chiral", "total"):
        raise bad(f"unknown assay “{assay}”", f"{where}.assay", "Use chiral or total.")
    if (assay == "chiral") != bool(prefix):
        tells = "tells S from R" if assay == "chiral" else "cannot tell S from R"
        wanted = f"s_{rest} or r_{rest}" if assay == "chiral" else rest
        raise bad(f"a {assay} assay {tells}, “{name}” does not fit", f"{where}.analyte", f"Give {wanted}.")
    if prefix and prefix not in enantiomers:
        raise bad(
            f"{name} was measured but no {prefix.upper()}-ketamine was given",
            f"{where}.analyte",
            "Check the drug and the analyte.",
        )
    return rest, (prefix,) if prefix else enantiomers


def _factor(row: Observation, where: str, molar_mass: float) -> float:
    """ng/mL for one of the unit given."""
    unit = row.unit or _missing("unit", f"{where}.unit", SHOWN_UNITS)
    plain = _plain(unit)
    if plain in PER_VOLUME:
        return PER_VOLUME[plain]
    if plain in MOLAR:
        return MOLAR[plain] * molar_mass
    raise bad(f"unknown unit “{unit}” of a level", f"{where}.unit", f"Give it in {SHOWN_UNITS}.")


def _missing(what: str, where: str, example: str) -> NoReturn:
    raise bad(f"a level without its {what}", where, f"Give {example}.")


def _plain(unit: str) -> str:
    """The unit in lower case, the micro sign as u."""
    return unit.strip().replace("µ", "u").replace("μ", "u").casefold()
