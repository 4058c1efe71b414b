"""Plausible readings at the chair for an invented person, by minutes since the dose began (pure).

Shapes only: a rise to the end of the infusion and a return over the next hour. They claim nothing about a drug and
are never shown outside the demonstration.
"""

from random import Random

from lowtide.record.entries.chair import Vitals
from lowtide.virtual.people import SyntheticPerson


def shape(minute: float, infusion_min: float = 40) -> float:
    """0 before the dose, 1 at the end of the infusion, back towards 0 with a half-life of 25 minutes."""
    if minute <= 0:
        return 0.0
    if minute <= infusion_min:
        return float(minute / infusion_min)
    return float(0.5 ** ((minute - infusion_min) / 25))


def vitals(person: SyntheticPerson, minute: float, random: Random) -> Vitals:
    """Pressure, heart rate and saturation of this person at a minute."""
    rise = shape(minute)
    return Vitals(
        sbp_mmhg=round(person.baseline_sbp_mmhg + 21 * rise + random.gauss(0, 2)),
        dbp_mmhg=round(person.baseline_dbp_mmhg + 11 * rise + random.gauss(0, 2)),
        heart_rate_bpm=round(70 + 12 * rise + random.gauss(0, 2)),
        spo2_pct=min(100, round(97.5 - rise + random.gauss(0, 0.5))),
        resp_rate_per_min=round(15 - rise + random.gauss(0, 1)),
    )


def ratings(minute: float) -> dict[str, int]:
    """Sedation (MOAA/S), dissociation and nausea at a minute."""
    rise = shape(minute)
    return {"moaas": 5 if rise < 0.7 else 4, "dissociation": round(6 * rise), "nausea": round(1.4 * rise)}
