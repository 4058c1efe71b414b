"""What the concentrations do: effects of arterial levels at the effect site, each a static function of them.

Levels in ng/mL, arrays (members, times). Every effect's status (published, derived, assumed) lies with its numbers.
"""

from collections.abc import Mapping
from statistics import NormalDist

import msgspec
import numpy as np

from lowtide.data.pharmacology import Effect
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.structure import Array

NAMES = (
    "cadss",
    "high",
    "sbp_rise_mmhg",
    "dbp_rise_mmhg",
    "cardiac_output_rise_pct",
    "nmda_occupancy",
    "sedation",
    "pain_relief_cm",
)
TABLES = {
    "cadss": "cadss",
    "high": "high",
    "sbp_rise_mmhg": "pressure",
    "dbp_rise_mmhg": "pressure",
    "cardiac_output_rise_pct": "cardiac_output",
    "nmda_occupancy": "nmda",
    "sedation": "sedation",
    "pain_relief_cm": "pain",
}
CADSS_TOP = 92.0
MOLAR = {"ketamine": 237.7, "norketamine": 223.7}  # g/mol: ng/mL over it is nmol/mL, that is umol/L


class Drivers(msgspec.Struct):
    """Levels that drive effects, ng/mL (members, times): S and R at the sites, arterial norketamine; and for each time
    the session it belongs to (times,), from 0. `r` None: no R-ketamine was given."""

    s_mind: Array
    s_pressure: Array
    s_pain: Array
    s_nk: Array
    r_mind: Array | None
    r_nk: Array | None
    session: np.ndarray[tuple[int], np.dtype[np.int64]]


class Sensitivity(msgspec.Struct):
    """What the members differ in, (members,) each; sessions are columns where they count."""

    cadss_c50: Array
    cadss_scale: Array
    cadss_zero: Array
    tolerance: Array
    high_c50: Array
    sbp: Array
    dbp: Array
    pressure_on: Array
    cardiac: Array
    sedation_c50: Array
    ki_scale: Array
    pain: Array


def sensitivity(tables: Mapping[str, Effect], draws: Draws, person: Person, sessions: int) -> Sensitivity:
    """Draw how sensitive each member is. With `draws.typical` everybody is the typical person."""
    numbers = {name: table.numbers for name, table in tables.items()}
    pressure = numbers["pressure"]
    typical_sbp = pressure["sbp_per_ng_ml"].value * _over_the_mean(tables, person)
    sbp = draws.value("sbp", pressure["sbp_per_ng_ml"]) / pressure["sbp_per_ng_ml"].value * typical_sbp
    on = [draws.occasion(s, "pressure", pressure["occasion_log_sd"].value) for s in range(sessions)]
    return Sensitivity(
        cadss_c50=draws.value("cadss c50", numbers["cadss"]["c50_ng_ml"]),
        cadss_scale=draws.value("cadss scale", numbers["cadss"]["scale"]),
        cadss_zero=_never(draws, numbers["cadss"]["zero"].value),
        tolerance=np.stack([_tolerance(tables["cadss"], draws, s) for s in range(sessions)], 1),
        high_c50=draws.value("high c50", numbers["high"]["c50_ng_ml"]),
        sbp=sbp,
        dbp=sbp * draws.value("dbp", pressure["dbp_per_sbp"]),
        pressure_on=np.stack(on, 1),
        cardiac=draws.value("cardiac", numbers["cardiac_output"]["pct_per_ng_ml"]),
        sedation_c50=draws.value("sedation", numbers["sedation"]["c50_ng_ml"]),
        ki_scale=draws.value("ki", numbers["nmda"]["ki_s_um"]) / numbers["nmda"]["ki_s_um"].value,
        pain=draws.value("pain", numbers["pain"]["relief_cm_per_ng_ml"]),
    )


def _over_the_mean(tables: Mapping[str, Effect], person: Person) -> float:
    """From the cohorts' mean to the median person, and to this person's age and pressure."""
    pressure = tables["pressure"]
    slope = pressure.numbers["sbp_per_ng_ml"]
    spread = slope.log_sd**2 + slope.log_se**2 + pressure["occasion_log_sd"] ** 2
    factor = float(np.exp(-spread / 2))
    if person.age is not None and person.age >= pressure["older_age"]:
        factor *= pressure["older_factor"]
    return factor * (pressure["hypertension_factor"] if person.hypertension else 1.0)


def _never(draws: Draws, share: float) -> Array:
    """0 for members who never score, 1 for the others."""
    return np.asarray(draws.normal("cadss zero") > NormalDist().inv_cdf(share), dtype=float)


def _tolerance(cadss: Effect, draws: Draws, session: int) -> Array:
    step = cadss["tolerance"] ** (
        session * np.exp(cadss.numbers["tolerance"].log_sd * draws.normal("tolerance"))
    )
    return np.asarray(np.maximum(step, cadss["tolerance_floor"]))


def effects(d: Drivers, x: Sensitivity, tables: Mapping[str, Effect], person: Person) -> dict[str, Array]:
    """Every effect by name, (members, times). Raises nothing; levels of zero give no effect."""
    rise = x.sbp[:, None] * d.s_pressure * x.pressure_on[:, d.session]
    return {
        "cadss": cadss(d, x, tables["cadss"]),
        "high": tables["high"]["emax"] * d.s_mind / (d.s_mind + x.high_c50[:, None]),
        "sbp_rise_mmhg": rise,
        "dbp_rise_mmhg": rise * (x.dbp / x.sbp)[:, None],
        "cardiac_output_rise_pct": x.cardiac[:, None] * d.s_pressure,
        "nmda_occupancy": nmda_occupancy(d, x, tables["nmda"]),
        "sedation": sedation(d, x, tables["sedation"], person),
        "pain_relief_cm": pain_relief(d, x, tables["pain"], person),
    }


def latent_dissociation(d: Drivers, x: Sensitivity, table: Effect) -> Array:
    """Ce / (Ce + C50) of S-ketamine, R added by its weight; 0 to 1."""
    drive = d.s_mind if d.r_mind is None else d.s_mind + table["r_weight"] * d.r_mind
    return np.asarray(drive / (drive + x.cadss_c50[:, None]))


def cadss(d: Drivers, x: Sensitivity, table: Effect) -> Array:
    """CADSS 0 to 92 in whole points; less with each session of a course; some never score."""
    scale = (x.cadss_scale * x.cadss_zero)[:, None] * x.tolerance[:, d.session]
    return np.asarray(np.minimum(np.rint(scale * latent_dissociation(d, x, table)), CADSS_TOP))


def nmda_occupancy(d: Drivers, x: Sensitivity, table: Effect) -> Array:
    """Share of receptors held, from unbound levels over inhibition constants (umol/L): relative, in vitro only."""
    levels = {"ki_s_um": d.s_mind, "ki_s_nk_um": d.s_nk, "ki_r_um": d.r_mind, "ki_r_nk_um": d.r_nk}
    held = np.zeros_like(d.s_mind)
    for name, level in levels.items():
        if level is not None:
            held += level * (
                table["unbound"] / MOLAR["norketamine" if "nk" in name else "ketamine"] / table[name]
            )
    held /= x.ki_scale[:, None]
    return np.asarray(held / (1 + held))


def sedation(d: Drivers, x: Sensitivity, table: Effect, person: Person) -> Array:
    """Probability of MOAA/S 3 or deeper."""
    ratio = np.maximum(d.s_mind, 1e-9) / x.sedation_c50[:, None]
    odds = ratio ** table["slope"] * float(np.exp(table["sedative_shift"] * person.sedatives))
    return np.asarray(odds / (1 + odds))


def pain_relief(d: Drivers, x: Sensitivity, table: Effect, person: Person) -> Array:
    """Relief in cm of a 10 cm scale, at most the pain there was; norketamine takes some back."""
    relief = x.pain[:, None] * d.s_pain - table["norketamine_cm_per_ng_ml"] * d.s_nk
    return np.clip(relief, 0.0, person.baseline_pain_cm)
