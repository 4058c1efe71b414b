"""The table of exposure as a pure function of a chart."""

from decimal import Decimal

from lowtide.pathway.course.exposure import Elsewhere, elsewhere
from lowtide.pathway.course.sessions import Dose, sessions
from lowtide.pathway.safety.models import ExposureRow
from lowtide.record.chart import Chart
from lowtide.record.entries import care, chair, history, longterm
from lowtide.record.entries.base import Body
from lowtide.record.projections import Projection, Row, register

VERSION = 2
STEP = Decimal("0.0001")
KINDS: tuple[type[Body], ...] = (
    care.CoursePlanned,
    care.OrderSigned,
    chair.SessionScheduled,
    chair.DoseStarted,
    chair.DoseStopped,
    chair.DoseGiven,
    chair.DosingEnded,
    chair.SessionAbandoned,
    history.TreatmentTrial,
    history.HistoryItem,
    longterm.TreatedElsewhere,
)


def rows(chart: Chart) -> list[Row]:
    given = [s.dose for s in sessions(chart) if s.dose]
    return [*(_here(dose) for dose in given), *(_elsewhere(one) for one in elsewhere(chart))]


def _here(dose: Dose) -> Row:
    return {
        "key": f"dose|{dose.session}",
        "elsewhere": False,
        "drug": dose.drug,
        "route": dose.route,
        "first_at": dose.started_at,
        "last_at": dose.started_at,
        "sessions": 1,
        "mg": _mg(dose.given_mg),
    }


def _elsewhere(one: Elsewhere) -> Row:
    return {
        "key": f"elsewhere|{one.entry.id}|{one.session or ''}",
        "elsewhere": True,
        "drug": one.drug,
        "route": one.route,
        "first_at": one.first_at,
        "last_at": one.last_at,
        "sessions": one.sessions,
        "mg": _mg(one.mg),
    }


def _mg(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(STEP)


def register_all() -> None:
    register(Projection("safety.exposure", VERSION, ExposureRow, "chart:", KINDS, rows))
