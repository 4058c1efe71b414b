"""The yearly safety review: on the screen with the entries behind each field, as a PDF, and its signature."""

from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.data import own
from lowtide.documents.papers.model import Document
from lowtide.documents.papers.sources import Sources
from lowtide.documents.papers.yearly import NO_SESSION, Scene, made, scene
from lowtide.documents.printing import answer, foot_of
from lowtide.documents.showing import Origins, shown
from lowtide.pathway.safety.actions import Act
from lowtide.pathway.safety.longterm import actions
from lowtide.pathway.safety.longterm.forms import SignForm
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import clinic_chart, this_clinic, zone
from lowtide.people.forms import sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record.entries.base import Entry
from lowtide.record.entries.longterm import SafetyReviewed
from lowtide.record.entries.words import moment


@needs(Permission.SEE_CHART)
@require_http_methods(["GET", "POST"])
def review(request: Request, patient: UUID) -> HttpResponse:
    """The review as its reader may see it; who decides may sign it."""
    found = chart_for(request, patient)
    x = _scene(request, found)
    if x is None:
        return _nothing(request, found)
    document = made(x)
    may_sign = request.person.can(Permission.DECIDE)
    form = SignForm(request.POST or None, initial={"seen": document.digest})

    def act(given: dict[str, Any]) -> None:
        do = Act(person=request.person, patient_id=found.patient_id, entry_id=given["entry_id"])
        actions.sign_review(do, _body(x, document, given), given["reason"], given["seen"])

    if request.method == "POST" and not may_sign:
        messages.error(request, "A prescriber signs the safety review.")
        return redirect("documents:safety_review", patient)
    if sent(form, request.method, act):
        messages.success(request, "The safety review is signed.")
        return redirect("documents:safety_review", patient)
    about = {
        **patient_page(request, found, "long_term"),
        **_about(x, document),
        "shown": shown(document, Origins(x.s, patient, request.person), NO_SESSION),
        "pdf": reverse("documents:safety_review_pdf", args=[patient]),
        "back": reverse("safety:long_term", args=[patient]),
        "back_words": "Long-term safety",
        "form": form if may_sign else None,
    }
    return render(request, "documents/safety_review.html", about, status=status(form))


@needs(Permission.SEE_CHART)
@require_GET
def printed(request: Request, patient: UUID) -> HttpResponse:
    """The review as a PDF."""
    found = chart_for(request, patient)
    x = _scene(request, found)
    if x is None:
        raise Http404("no dose was given yet")
    document = made(x)
    origins = Origins(x.s, patient)
    about = _about(x, document) | {
        "traced": True,
        "origins": origins.all_of(document),
        "foot": foot_of(request, found, timezone.now(), x.s.zone),
        "clinic": this_clinic(),
        "title": document.title,
        "about": document.about,
        "shown": shown(document, origins, NO_SESSION),
    }
    return answer(render_to_string("documents/document.html", about), f"safety-review-{patient}")


def _scene(request: Request, found: PatientChart) -> Scene | None:
    whole = found.whole
    sources = Sources(
        session=NO_SESSION,
        whole=whole,
        audience=request.person.audience,
        safes={},
        clinic=clinic_chart(),
        names=names_of({e.by for e in whole.entries.values()}),
        zone=zone(),
    )
    return scene(sources, own.laid().policy, timezone.now())


def _body(x: Scene, document: Document, given: dict[str, Any]) -> SafetyReviewed:
    return SafetyReviewed(
        first=x.first,
        last=x.last,
        digest=document.digest,
        conclusion=given["conclusion"],
        printed_name=given["printed_name"],
        known=x.s.known,
    )


def _about(x: Scene, document: Document) -> dict[str, Any]:
    """What page and print share. One that was signed as it stands is signed; one that has moved on says so."""
    signed, amended = _signed(x)
    return {
        "document": document,
        "count": len(document.entries),
        "plain": False,
        "signed": signed,
        "amended": amended,
        "review_signed": f"{signed[1].printed_name}, {moment(signed[0].at, x.s.zone)}" if signed else "",
    }


def _signed(x: Scene) -> tuple[tuple[Entry, SafetyReviewed] | None, str]:
    """(the signature of today's review, what there is to say of an earlier one)."""
    last = x.s.chart.last(SafetyReviewed)
    if last is None or not x.within(last[0].at):
        return None, ""
    same = _says_the_same(x, last)
    if same and last[1].last == x.last:
        return last, ""
    since = "nothing that it said has changed" if same else "what it said has changed"
    signed = f"{last[1].printed_name} on {moment(last[0].at, x.s.zone)}"
    return None, f"Signed by {signed}; {since} since."


def _says_the_same(x: Scene, last: tuple[Entry, SafetyReviewed]) -> bool:
    """Whether the review of the days that were signed would say today what it said then."""
    then = scene(x.s.as_of(last[1].known), x.policy, last[0].at)
    now = scene(x.s, x.policy, last[0].at)
    return then is not None and now is not None and _bare(made(then)) == _bare(made(now))


def _bare(document: Document) -> str:
    parts = tuple(
        msgspec.structs.replace(p, fields=tuple(f for f in p.fields if f.label not in ("Last review",)))
        for p in document.parts
    )
    return msgspec.structs.replace(document, parts=parts, about="", left_out=0).digest


def _nothing(request: Request, found: PatientChart) -> HttpResponse:
    about = {
        **patient_page(request, found, "long_term"),
        "kind": {"label": "Safety review"},
        "made": {"why": "no dose was given yet"},
        "back": reverse("safety:long_term", args=[found.patient_id]),
        "back_words": "Long-term safety",
    }
    return render(request, "documents/not_needed.html", about)
