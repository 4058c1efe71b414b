"""The look-up tables of people as pure functions of their streams."""

from lowtide.people.models import IdentifierIndex, LinkIndex, PatientIndex, StaffIndex
from lowtide.people.names import digits, fold, sound
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import Staff
from lowtide.record.entries.identity import Linked, NotLinked, Patient, Unlinked
from lowtide.record.projections import Projection, Row, register

OWN_NUMBER = "lowtide"


def number_of(patient: Patient) -> str:
    """The clinic's own number, or nothing."""
    return next((i.value for i in patient.identifiers if i.system == OWN_NUMBER), "")


def patients(chart: Chart) -> list[Row]:
    found = chart.last(Patient)
    if not found:
        return []
    p = found[1]
    return [
        {
            "key": chart.stream,
            "number": number_of(p),
            "family": p.family,
            "given": p.given,
            "names": fold(" ".join((p.family, p.given, p.preferred or "", *p.former_names))),
            "sound": sound(p.family),
            "birth_date": p.birth_date or "",
            "sex": p.sex.value,
            "phone": digits(p.contact.phone or ""),
            "email": (p.contact.email or "").lower(),
            "deceased": p.deceased,
        }
    ]


def identifiers(chart: Chart) -> list[Row]:
    found = chart.last(Patient)
    return [
        {"key": f"{chart.stream}|{i.system}|{i.value}", "system": i.system, "value": i.value}
        for i in dict.fromkeys(found[1].identifiers if found else ())
    ]


def links(chart: Chart) -> list[Row]:
    """What the latest word on each other chart says."""
    said: list[tuple[Entry, Linked | Unlinked | NotLinked]] = [
        *chart.said(Linked),
        *chart.said(Unlinked),
        *chart.said(NotLinked),
    ]
    latest = {body.other: body for _, body in sorted(said, key=lambda pair: pair[0].order)}
    return [
        {"key": f"{chart.stream}|{other}", "other": other}
        for other, body in latest.items()
        if isinstance(body, Linked)
    ]


def staff(stream: Chart) -> list[Row]:
    latest = {body.staff: body for _, body in stream.said(Staff)}
    return [
        {
            "key": str(s.staff),
            "name": s.name,
            "roles": " ".join(s.roles),
            "login": s.login,
            "active": s.active,
            "clinical_lead": s.clinical_lead,
        }
        for s in latest.values()
    ]


def register_all() -> None:
    register(Projection("people.patients", 1, PatientIndex, "chart:", (Patient,), patients))
    register(Projection("people.identifiers", 1, IdentifierIndex, "chart:", (Patient,), identifiers))
    register(Projection("people.links", 1, LinkIndex, "chart:", (Linked, Unlinked, NotLinked), links))
    register(Projection("people.staff", 1, StaffIndex, "clinic:", (Staff,), staff))
