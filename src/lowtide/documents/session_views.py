"""The papers of one session: the checklist, each document on the screen with its entries, and as a PDF."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.data.documents import kinds
from lowtide.documents.amending import amended, kept
from lowtide.documents.checklist import papers
from lowtide.documents.loading import sources_of
from lowtide.documents.papers.making import make
from lowtide.documents.papers.model import Document, NotNeeded
from lowtide.documents.papers.sources import Sources
from lowtide.documents.printing import answer, foot_of
from lowtide.documents.showing import Origins, shown
from lowtide.pathway.course.sendings import STEPS, standing
from lowtide.pathway.course.words import few
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.views import custody
from lowtide.pathway.session.views.common import Seen, seen, session_line
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import this_clinic
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.words import moment

FOR_THE_PATIENT, FOR_READERS_OUTSIDE = "instructions", ("instructions", "letter")


@needs(Permission.SEE_CHART)
@require_GET
def of_session(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """What the record of a session made, how each document stands, and what was written after the signature."""
    see = seen(request, patient, session)
    found = papers(request, see)
    about: dict[str, Any] = {
        **patient_page(request, see.found, "session"),
        "see": see,
        "facts": see.facts,
        "papers": found,
        "line": session_line(see),
        "signed": see.facts.signed,
        "signed_at": moment(see.facts.signed[0].at, see.zone) if see.facts.signed else "",
        "addenda": _addenda(see),
        "may_send": request.person.can(Permission.SEND_DOCUMENTS),
        "may_sign": request.person.can(Permission.SIGN_SESSION),
    }
    if request.person.can(Permission.SEE_SAFE):
        about["custody"] = custody.shown(see.facts, see.url("sign"))
    return render(request, "documents/session.html", about)


def _addenda(see: Seen) -> int:
    return sum(not isinstance(e.body, STEPS) for e in see.found.chart.addenda(see.facts.session))


@needs(Permission.SEE_CHART)
@require_GET
def document(request: Request, patient: UUID, session: UUID, document: str) -> HttpResponse:
    """One document on the screen: every field leads to the entries it was made from."""
    see = seen(request, patient, session)
    _allowed(request, document)
    sources = sources_of(see.found.whole, session, see.zone)
    made = make(sources, document)
    about: dict[str, Any] = {
        **patient_page(request, see.found, "session"),
        "kind": kinds()[document],
        "line": session_line(see),
        "back": reverse("documents:session", args=[patient, session]),
        "pdf": reverse("documents:pdf", args=[patient, session, document]),
        "may_send": request.person.can(Permission.SEND_DOCUMENTS),
        "sending_url": reverse("documents:sending", args=[patient, session]),
    }
    if isinstance(made, NotNeeded):
        return render(request, "documents/not_needed.html", about | {"made": made})
    about |= _about(sources, made)
    about["shown"] = shown(made, Origins(sources, patient, request.person), session)
    about["sent"] = _sent(sources, document)
    return render(request, "documents/on_screen.html", about)


@needs(Permission.SEE_CHART)
@require_GET
def printed(request: Request, patient: UUID, session: UUID, document: str) -> HttpResponse:
    """One document as a PDF."""
    see = seen(request, patient, session)
    _allowed(request, document)
    return _pdf(request, see.found, sources_of(see.found.whole, session, see.zone), document)


@needs(Permission.SEND_DOCUMENTS)
@require_GET
def for_the_desk(request: Request, patient: UUID, session: UUID, document: str) -> HttpResponse:
    """A document that whoever sends it may open although they see no chart."""
    found = chart_for(request, patient, Permission.SEND_DOCUMENTS)
    if document not in kinds() or not kinds()[document].desk:
        raise Http404("this document is not for the desk")
    if not session_facts(found.whole, session).entries:
        raise Http404("no such session in this chart")
    return _pdf(request, found, sources_of(found.whole, session, timezone.get_current_timezone()), document)


def _allowed(request: Request, document: str) -> None:
    kind = kinds().get(document)
    if kind is None or (kind.needs and not request.person.can(Permission[kind.needs])):
        raise Http404("no such document for you")


def _pdf(request: Request, found: PatientChart, sources: Sources, document: str) -> HttpResponse:
    made = make(sources, document)
    if isinstance(made, NotNeeded):
        raise Http404(made.why)
    html = as_html(sources, made, found.patient_id, foot_of(request, found, timezone.now(), sources.zone))
    return answer(html, f"{document}-{found.patient_id}")


def as_html(sources: Sources, made: Document, patient: UUID, foot: Any) -> str:
    """The printed page before it is drawn."""
    origins = Origins(sources, patient)
    about = _about(sources, made) | {
        "traced": made.id not in FOR_READERS_OUTSIDE,
        "origins": origins.all_of(made),
        "foot": foot,
        "clinic": this_clinic(),
        "title": made.title,
        "about": made.about,
        "shown": shown(made, origins, sources.session),
    }
    return render_to_string("documents/document.html", about)


def _about(sources: Sources, made: Document) -> dict[str, Any]:
    facts = sources.facts
    addenda = [e for e in sources.chart.addenda(sources.session) if not e.kind.startswith("document_")]
    words = (
        f"{len(addenda)} addend{'a' if len(addenda) > 1 else 'um'} since {moment(facts.signed[0].at, sources.zone)}"
        if facts.signed and addenda
        else ""
    )
    return {
        "document": made,
        "count": len(made.entries),
        "plain": made.id == FOR_THE_PATIENT,
        "signed": facts.signed,
        "amended": words,
    }


def _sent(sources: Sources, document: str) -> dict[str, Any] | None:
    """When it went out, and whether it says the same today."""
    found = standing(sources.whole, sources.session, document)
    if found.sent is None:
        return None
    entry, body = found.sent
    changed = amended(sources, found)
    return {
        "at": moment(entry.at, sources.zone),
        "to": body.to,
        "digest": body.digest,
        "way": found.way.value,
        "same": kept(body, sources),
        "changed": few(list(changed.changed)) if changed else "",
    }
