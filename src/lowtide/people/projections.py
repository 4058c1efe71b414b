"""The look-up tables of people as pure functions of their streams."""

from lowtide.people.models import IdentifierIndex, LinkIndex, PatientIndex, StaffIndex
from lowtide.people.names import digits, sounds, words
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import Staff
from lowtide.record.entries.identity import Linked, NotLinked, Patient, Unlinked
from lowtide.record.projections import Projection, Row, register

OWN_NUMBER = "lowtide"
Word = Linked | Unlinked | NotLinked


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
            "preferred": p.preferred or "",
            "former": "\n".join(p.former_names),
            "names": _spaced(words(p.family, p.given, p.preferred or "", *p.former_names)),
            "sound": _spaced(sounds(p.family, *p.former_names)),
            "birth_date": p.birth_date or "",
            "sex": p.sex.value,
            "phone": digits(p.contact.phone or ""),
            "email": (p.contact.email or "").lower(),
            "deceased": p.deceased,
        }
    ]


def _spaced(parts: tuple[str, ...]) -> str:
    """Each part with a space on either side, so that a look-up can ask for its beginning or for the whole."""
    return f" {' '.join(parts)} "


def identifiers(chart: Chart) -> list[Row]:
    """Every number the chart ever carried; one that was corrected away is not given to anybody else."""
    found = chart.last(Patient)
    current = found[1].identifiers if found else ()
    ever = (e.body.identifiers for e in chart.entries.values() if isinstance(e.body, Patient))
    return [
        {
            "key": f"{chart.stream}|{i.system}|{i.value}",
            "system": i.system,
            "value": i.value,
            "current": i in current,
        }
        for i in sorted({i for many in ever for i in many}, key=lambda i: (i.system, i.value))
    ]


def words_on_others(chart: Chart) -> list[tuple[Entry, Word]]:
    """Every word on another chart (joined, parted, another person), the latest last."""
    said: list[tuple[Entry, Word]] = [*chart.said(Linked), *chart.said(Unlinked), *chart.said(NotLinked)]
    return sorted(said, key=lambda pair: pair[0].order)


def latest_words(chart: Chart) -> dict[str, Word]:
    """The latest word on each other chart."""
    return {body.other: body for _, body in words_on_others(chart)}


def links(chart: Chart) -> list[Row]:
    """The charts that are one person with this one."""
    return [
        {"key": f"{chart.stream}|{other}", "other": other}
        for other, body in latest_words(chart).items()
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
    register(Projection("people.patients", 2, PatientIndex, "chart:", (Patient,), patients))
    register(Projection("people.identifiers", 2, IdentifierIndex, "chart:", (Patient,), identifiers))
    register(Projection("people.links", 1, LinkIndex, "chart:", (Linked, Unlinked, NotLinked), links))
    register(Projection("people.staff", 1, StaffIndex, "clinic:", (Staff,), staff))
