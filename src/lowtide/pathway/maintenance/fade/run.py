"""The prediction out of the ensemble. Loads the compiled kernels."""

from datetime import datetime, timedelta

from lowtide.data import pharmacology, schedules
from lowtide.data.instruments import instrument
from lowtide.pathway.maintenance.fade.asking import DAY, MEMBERS, SEED, Fade, FadeAsk, GivenDose
from lowtide.pathway.plan.forecast_run import person_of
from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, split_devices
from lowtide.science.pharmacology.response.conditioning import Scores, Setting
from lowtide.science.pharmacology.response.exposure import sessions
from lowtide.science.pharmacology.response.fading import Fading, fading
from lowtide.science.pharmacology.response.model import Session
from lowtide.science.pharmacology.response.outlook import Cuts
from lowtide.science.pharmacology.structure import Array

HOURS, WEEK = 24.0, 7
REFERENCE_MG = 10.0


def run(asked: FadeAsk, first_at: datetime, version: str) -> Fade:
    """Predict from these scores and doses. Raises BadInput for a dose beyond what the models describe."""
    numbers = pharmacology.response()
    drawn = Setting(numbers, numbers.conditions[asked.condition])
    top = float((instrument(asked.instrument).total_range or "0-100").rpartition("-")[2])
    found = Scores(asked.baseline, asked.seen, Cuts(None, float(asked.cut), top))
    said = fading(
        drawn, _sessions(asked.doses, person_of(asked.about)), found, asked.until_day, MEMBERS, SEED
    )
    return _told(asked, said, first_at, version)


def _sessions(doses: tuple[GivenDose, ...], person: Person) -> tuple[Session, ...]:
    """Each dose with every member's exposure. Kinetics are linear: one dose of a kind is solved, the others are it
    times so many mg."""
    kinds = {(d.drug, d.route, d.over_min) for d in doses}
    one = {kind: _exposure(kind, person) for kind in kinds}
    return tuple(
        Session(
            d.day,
            one[d.drug, d.route, d.over_min] * (d.mg / REFERENCE_MG),
            d.over_min / 60 / HOURS,
        )
        for d in doses
    )


def _exposure(kind: tuple[str, str, float], person: Person) -> Array | float:
    drug, route, over_min = kind
    dose = Dose(0.0, drug, route, REFERENCE_MG, over_min)
    parts = tuple(split_devices(dose, tables().routes[dose.way]))
    found = sessions(parts, person, tables(), pharmacology.response(), MEMBERS, SEED)
    return found[0].exposure_ng_h_ml


def _told(asked: FadeAsk, said: Fading, first_at: datetime, version: str) -> Fade:
    def at(day: float | None) -> datetime | None:
        return None if day is None else first_at + timedelta(days=day)

    opens, closes = (schedules.thresholds()[f"fade_{end}_pct"].value / 100 for end in ("opens", "closes"))
    last, until = asked.doses[-1].day, said.days[-1].day
    start = first_at + said.from_day * DAY
    weeks = range(1, int((until - last) // WEEK) + 1)
    ahead = [(n, last + WEEK * n) for n in weeks if last + WEEK * n > said.from_day]
    return Fade(
        asked=asked,
        from_at=start,
        until_at=first_at + said.days[-1].day * DAY,
        opens_at=at(said.first(opens)),
        closes_at=at(said.first(closes)),
        weeks=tuple((n, first_at + day * DAY, round(100 * said.by(day))) for n, day in ahead),
        days=tuple((d.day, d.p5, d.p25, d.median, d.p75, d.p95, d.p_relapse) for d in said.days),
        well=said.well,
        ess=said.ess,
        numbers=version,
    )
