"""What every printed page carries, whatever it says: whom it is about, who printed it when, the last entry's hash."""

from datetime import datetime, tzinfo

import msgspec
from django.http import HttpResponse

from lowtide.documents import pdf
from lowtide.people.charts import PatientChart
from lowtide.people.projections import number_of
from lowtide.people.who import Request
from lowtide.record.chart import Chart
from lowtide.record.entries.identity import Patient
from lowtide.record.entries.words import day, moment


class Foot(msgspec.Struct, frozen=True):
    """The foot of each page."""

    name: str
    born: str
    number: str
    by: str
    printed: str
    head: str


def foot(patient: Patient, chart: Chart, by: str, now: datetime, zone: tzinfo) -> Foot:
    return Foot(
        name=f"{patient.given} {patient.family}".strip(),
        born=day(patient.birth_date) if patient.birth_date else "not known",
        number=number_of(patient) or "none",
        by=by,
        printed=moment(now, zone),
        head=head(chart),
    )


def foot_of(request: Request, found: PatientChart, now: datetime, zone: tzinfo) -> Foot:
    return foot(found.patient, found.chart, request.person.name, now, zone)


def head(chart: Chart) -> str:
    """The last entry the page was made from."""
    last = max(chart.entries.values(), key=lambda entry: entry.seq, default=None)
    return f"entry {last.seq}, {last.hash[:12]}" if last else "no entry"


def answer(html: str, name: str) -> HttpResponse:
    """The PDF to look at or to print; the page itself where this machine cannot make one."""
    try:
        made = pdf.from_html(html)
    except pdf.NoPango:
        return HttpResponse(html)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
