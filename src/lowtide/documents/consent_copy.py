"""The patient's copy of a consent: the words exactly as they were signed, who signed, and what became of it."""

from datetime import datetime, tzinfo
from typing import Any

from django.template.loader import render_to_string

from lowtide.data.vocabulary import label
from lowtide.pathway.course.consent import Standing
from lowtide.people.who import names_of
from lowtide.record.entries.clinic import Clinic
from lowtide.record.entries.identity import Patient
from lowtide.record.entries.words import day, moment


def html(standing: Standing, patient: Patient, clinic: Clinic | None, zone: tzinfo, now: datetime) -> str:
    """The copy as one page of HTML that needs nothing else."""
    entry, body = standing.entry, standing.body
    about: dict[str, Any] = {
        "patient": patient,
        "born": day(patient.birth_date) if patient.birth_date else "not known",
        "clinic": clinic,
        "body": body,
        "what": f"{label('product', body.product)}, {label('route', body.route)}",
        "condition": label("indication", body.indication),
        "at": moment(entry.at, zone),
        "by": names_of({entry.by})[entry.by],
        "until": day(standing.holds_until.isoformat()),
        "withdrawn": moment(standing.withdrawn.at, zone) if standing.withdrawn else "",
        "hash": entry.hash[:16],
        "printed": moment(now, zone),
    }
    return render_to_string("documents/consent_copy.html", about)
