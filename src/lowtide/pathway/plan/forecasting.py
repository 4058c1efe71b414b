"""What the ordered dose will do in this person, as a forecast that can be kept: quick, the same each time, computed
outside any transaction. Numbers come from the ensemble; nothing of the chart but what is named here goes in."""

import hashlib
from datetime import date
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import pharmacology
from lowtide.data.expression import UNKNOWN
from lowtide.data.forecast import numbers, version
from lowtide.data.protocols import Protocol
from lowtide.pathway.evaluate.chart_facts import (
    counted,
    facts_from_chart,
    medicine_of,
    person_answers,
)
from lowtide.pathway.evaluate.lookup import Asked as Lookup
from lowtide.pathway.evaluate.reconciling.names import match
from lowtide.pathway.plan.dose import drug_of
from lowtide.pathway.plan.ordering import DoseSheet
from lowtide.pathway.plan.schedule import day_offsets
from lowtide.record.chart import Chart
from lowtide.record.dates import age_years
from lowtide.record.entries.base import Answer
from lowtide.record.entries.forecast import Forecast, ForecastDose, ForecastFor
from lowtide.record.entries.history import Medicine, ProblemStatus
from lowtide.record.entries.identity import Patient

SEXES = {"female": "F", "male": "M"}


class Ask(msgspec.Struct, frozen=True):
    """Whom for and which doses: with the numbers in force this is all that a forecast depends on."""

    about: ForecastFor
    doses: tuple[ForecastDose, ...]
    condition: str = ""
    course_days: tuple[float, ...] = ()


def ask(chart: Chart, found: DoseSheet, on: date, zone: ZoneInfo) -> Ask | None:
    """The forecast that this dose sheet asks for; None while weight, dose or route are not known."""
    if found.weighed is None or found.dose is None:
        return None
    mg = found.mg or found.dose.mg
    return one_dose(about(chart, float(found.weighed.recorded_kg), on, zone), found.protocol, mg)


def one_dose(who: ForecastFor, protocol: Protocol, mg: Decimal) -> Ask | None:
    """One session of the protocol in this person; None where it names no route."""
    if not protocol.route:
        return None
    dose = ForecastDose(0.0, drug_of(protocol), protocol.route, float(mg), float(protocol.over_min or 0))
    days = day_offsets(protocol.schedule) if protocol.schedule else ()
    return Ask(who, (dose,), protocol.indications[0], tuple(map(float, days)))


def about(chart: Chart, weight_kg: float, on: date, zone: ZoneInfo) -> ForecastFor:
    """The person as the models see one; of a range of ages the oldest."""
    who = chart.last(Patient)
    born = who[1].birth_date if who else None
    sex = person_answers(chart, on).get("sex_at_birth")
    taken = _taken(chart)
    return ForecastFor(
        weight_kg=weight_kg,
        age=float(age_years(born, on)[1]) if born else None,
        sex=SEXES.get(sex.value) if sex else None,
        hypertension=_hypertension(chart, on, zone),
        taking=tuple(sorted({key for one in taken for key in measured(one)})),
        unmeasured=tuple(sorted(one.name for one in taken if not measured(one) and _may_shift(one))),
        sedating=tuple(sorted(one.name for one in taken if _classes(one) & set(numbers().sedating))),
    )


def _taken(chart: Chart) -> list[Medicine]:
    return [body for _, body in counted(chart) if body.status is ProblemStatus.ACTIVE]


def _classes(body: Medicine) -> frozenset[str]:
    return medicine_of(body).classes or frozenset()


def _may_shift(body: Medicine) -> bool:
    """In a class that changes the exposure, or recognised by nobody."""
    classes = medicine_of(body).classes
    return classes is None or bool(classes & set(numbers().exposure))


def measured(body: Medicine) -> frozenset[str]:
    """The measured interactions that this medicine stands for."""
    names = {body.name.strip().casefold(), *(part.name.casefold() for part in match(body).parts)}
    table = pharmacology.interactions()
    return frozenset(key for key, found in table.items() if names & {key, *found.aliases})


def _hypertension(chart: Chart, on: date, zone: ZoneInfo) -> Answer:
    found = Lookup(facts_from_chart(chart, on, zone), {}, {}, on).dx_active("htn").value
    return Answer.NOT_KNOWN if found is UNKNOWN else Answer.YES if found else Answer.NO


def forecast(asked: Ask) -> Forecast:
    """The forecast with the numbers in force. Raises BadInput for a dose beyond what the models describe."""
    return _cached(asked, pharmacology.version(), version())


@lru_cache(maxsize=256)
def _cached(asked: Ask, models: str, made: str) -> Forecast:
    # numba and scipy take seconds to load: the server does it when it starts, others when they first ask
    from lowtide.pathway.plan.forecast_run import run

    return run(asked, models, numbers())


def mark(found: Forecast) -> str:
    """A fingerprint of what was shown: a signature names the one it was given beside."""
    return hashlib.sha256(msgspec.json.encode(found)).hexdigest()[:16]
