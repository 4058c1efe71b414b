"""The letters at the end of a course, to the referrer and to the patient: on the screen with the entries behind each
field, and as a PDF."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.data.documents import kinds
from lowtide.documents.papers import end_for_patient, end_letter
from lowtide.documents.papers.course_end import NO_SESSION, Scene, scene
from lowtide.documents.papers.model import Document, NotNeeded
from lowtide.documents.papers.sources import Sources
from lowtide.documents.printing import answer, foot_of
from lowtide.documents.showing import Origins, shown
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import clinic_chart, this_clinic, zone
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs

Made = Document | NotNeeded
LETTERS: dict[str, tuple[str, Callable[[Scene], Made], str]] = {
    "referrer": ("Letter at the end of a course", end_letter.made, "end_letter"),
    "patient": ("For you: the end of your treatment", end_for_patient.made, "end_for_you"),
}
"""reader -> its heading, how it is made, the name of its address."""


@needs(Permission.SEE_CHART)
@require_GET
def letter(request: Request, patient: UUID, reader: str) -> HttpResponse:
    """One of the letters as its reader gets it, each field with the entries it was made from."""
    found = chart_for(request, patient)
    x, made = _made(found, reader)
    page = {**patient_page(request, found, "maintenance"), **_back(patient)}
    if x is None or not isinstance(made, Document):
        why = made.why if isinstance(made, NotNeeded) else "no course has ended here"
        about = {**page, "kind": {"label": LETTERS[reader][0]}, "made": {"why": why}}
        return render(request, "documents/not_needed.html", about)
    about = {
        **page,
        **_about(made, reader),
        "shown": shown(made, Origins(x.s, patient, request.person), NO_SESSION),
        "pdf": reverse(f"documents:{LETTERS[reader][2]}_pdf", args=[patient]),
    }
    return render(request, "documents/on_screen.html", about)


@needs(Permission.SEE_CHART)
@require_GET
def printed(request: Request, patient: UUID, reader: str) -> HttpResponse:
    """The letter as a PDF; where there is none, the page that says why."""
    found = chart_for(request, patient)
    x, made = _made(found, reader)
    if x is None or not isinstance(made, Document):
        return redirect(f"documents:{LETTERS[reader][2]}", patient)
    origins = Origins(x.s, patient)
    about = _about(made, reader) | {
        "traced": reader != "patient",
        "origins": origins.all_of(made),
        "foot": foot_of(request, found, timezone.now(), x.s.zone),
        "clinic": this_clinic(),
        "title": made.title,
        "about": made.about,
        "shown": shown(made, origins, NO_SESSION),
    }
    return answer(render_to_string("documents/document.html", about), f"course-end-{reader}-{patient}")


def _made(found: PatientChart, reader: str) -> tuple[Scene | None, Made | None]:
    """Made from what the care team may read and nothing narrower, whoever looks at it."""
    whole = found.whole
    sources = Sources(
        session=NO_SESSION,
        whole=whole,
        audience=frozenset(kinds()["letter"].audience),
        safes={},
        clinic=clinic_chart(),
        names=names_of({e.by for e in whole.entries.values()}),
        zone=zone(),
    )
    x = scene(sources)
    return x, LETTERS[reader][1](x) if x else None


def _about(document: Document, reader: str) -> dict[str, Any]:
    """What page and print share: the end of a course is a signed choice, so the letters stand as they are."""
    return {
        "document": document,
        "count": len(document.entries),
        "plain": reader == "patient",
        "signed": True,
        "amended": "",
    }


def _back(patient: UUID) -> dict[str, str]:
    return {"back": reverse("maintenance:ending", args=[patient]), "back_words": "How the course ended"}
