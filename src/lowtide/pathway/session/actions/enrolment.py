"""The risk programme before the dose: what it still asks for is read together from the chart and from the clinic."""

from datetime import datetime
from uuid import UUID

from lowtide.pathway.course.programs import lacking, product_of
from lowtide.pathway.session.rules.gates import Blocker
from lowtide.people.clinic import clinic_chart, this_clinic, zone
from lowtide.problems import Problem, Refused
from lowtide.record.chart import Chart


def held_by_programs(chart: Chart, session: UUID, at: datetime) -> list[Blocker]:
    """What keeps this session from its time-out and its dose; nobody may lift it."""
    clinic, on = this_clinic(), at.astimezone(zone()).date()
    country = clinic.country if clinic else ""
    lacks = lacking(chart, clinic_chart(), country, product_of(chart, session), on)
    return [Blocker(lack.id, "stop", lack.what, lack.mend) for lack in lacks]


def refuse_without_programs(chart: Chart, session: UUID, at: datetime) -> None:
    """Raise Refused while the site is not certified or the patient is not enrolled."""
    held = held_by_programs(chart, session, at)
    if held:
        raise Refused(*(Problem(b.what, b.id, b.mend) for b in held))
