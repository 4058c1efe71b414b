"""The patient's copy of a consent: the words exactly as they were signed, who signed, and what became of it."""

from datetime import tzinfo
from typing import Any

from django.template.loader import render_to_string

from lowtide.data.vocabulary import label
from lowtide.documents.printing import Foot
from lowtide.pathway.course.consent import Standing
from lowtide.people.who import names_of
from lowtide.record.entries.clinic import Clinic
from lowtide.record.entries.words import day, moment


def html(standing: Standing, clinic: Clinic | None, zone: tzinfo, foot: Foot) -> str:
    """The copy as one page of HTML that needs nothing else."""
    entry, body = standing.entry, standing.body
    about: dict[str, Any] = {
        "foot": foot,
        "clinic": clinic,
        "body": body,
        "what": f"{label('product', body.product)}, {label('route', body.route)}",
        "condition": label("indication", body.indication),
        "at": moment(entry.at, zone),
        "by": names_of({entry.by})[entry.by],
        "until": day(standing.holds_until.isoformat()),
        "withdrawn": moment(standing.withdrawn.at, zone) if standing.withdrawn else "",
        "hash": entry.hash[:16],
    }
    return render_to_string("documents/consent_copy.html", about)
