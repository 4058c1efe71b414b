"""The clinic's pages about a patient's own place: links to hand out, messages to answer, requests to settle."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import messages as told
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lowtide.data.portal import sign_in
from lowtide.pathway.course.banner import patient_context
from lowtide.pathway.course.drawing.square import square
from lowtide.people.banner import full_name, patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import zone
from lowtide.people.forms import EntryForm, sent, status
from lowtide.people.models import User
from lowtide.people.roles import Permission
from lowtide.people.sign_in import note
from lowtide.people.who import Request, names_of, needs
from lowtide.portal.actions import Act
from lowtide.portal.conversation import Asked, Said, messages, open_messages, requests
from lowtide.portal.desk import actions
from lowtide.portal.desk.forms import AnswerForm, OutcomeForm, SettleForm
from lowtide.portal.reminders.mail import language, spoken
from lowtide.portal.sign_in import asking, links
from lowtide.record.entries.portal_words import ASKED, CLOSED

SHOWN_TO_DESK = ("close_access", "correct", "other")
Verb = Callable[[Act, dict[str, Any]], object]


def _act(request: Request, chart: PatientChart, entry_id: UUID) -> Act:
    return Act(request.person, chart, entry_id, timezone.now())


# -- links ------------------------------------------------------------------------------------------------------


@needs(Permission.EDIT_IDENTITY)
@require_GET
def place(request: Request, patient: UUID) -> HttpResponse:
    """Whether the patient has a place of their own, how they come in, and what they asked for about it."""
    return _place(request, chart_for(request, patient, Permission.EDIT_IDENTITY))


def _place(request: Request, chart: PatientChart, **forms_: forms.Form) -> HttpResponse:
    user = User.objects.filter(patient=str(chart.patient_id)).first()
    asked = [_asked(a) for a in requests(chart.chart) if a.body.what in SHOWN_TO_DESK]
    about = {
        **patient_page(request, chart, "identity"),
        "who": chart.patient,
        "is_open": bool(user and user.is_active),
        "devices": len(links.devices(str(chart.patient_id), timezone.now())),
        "mails": settings.MAIL_IS_SET_UP,
        "limits": sign_in(),
        "entry_id": uuid4,
        "asked": asked,
        **forms_,
    }
    code = max((status(f) for f in forms_.values()), default=200)
    return render(request, "portal_desk/place.html", about, status=code)


@needs(Permission.EDIT_IDENTITY)
@require_POST
def link(request: Request, patient: UUID) -> HttpResponse:
    """A link for this patient, on paper or by mail; the page shows it once."""
    chart = chart_for(request, patient, Permission.EDIT_IDENTITY)
    how = request.POST.get("how", actions.PAPER)
    by_mail = how == actions.MAIL and settings.MAIL_IS_SET_UP and bool(chart.patient.contact.email)
    form = EntryForm(request.POST)
    code = list[str]()
    how = actions.MAIL if by_mail else actions.PAPER
    if not sent(
        form, "POST", lambda said: code.append(actions.hand_out(_act(request, chart, said["entry_id"]), how))
    ):
        return _place(request, chart, failed=form)
    note(request, request.person.by, f"made a link for patient {patient}")
    url = request.build_absolute_uri(reverse("portal:link", args=[code[0]]))
    if by_mail:
        with translation.override(spoken(language(chart.whole))):
            asking.send(chart.patient.contact.email or "", url, ours=True)
        told.success(request, f"The link is on its way to {chart.patient.contact.email}.")
        return redirect("portal_desk:place", patient)
    return _paper(request, chart, code[0], url)


def _paper(request: Request, chart: PatientChart, code: str, url: str) -> HttpResponse:
    until = timezone.now() + timedelta(hours=sign_in().paper_link_h.value)
    about = {
        "name": full_name(chart.patient),
        "code": links.grouped(code),
        "url": url,
        "door": request.build_absolute_uri(reverse("portal:enter")),
        "square": mark_safe(square(url)),  # noqa: S308  drawn from the link's own dots
        "until": until.astimezone(zone()),
        "back": reverse("portal_desk:place", args=[chart.patient_id]),
    }
    return render(request, "portal_desk/paper.html", about)


@needs(Permission.EDIT_IDENTITY)
@require_POST
def close(request: Request, patient: UUID) -> HttpResponse:
    """Close the place: at the patient's wish, or because a phone or a mailbox is no longer theirs alone."""
    chart = chart_for(request, patient, Permission.EDIT_IDENTITY)
    form = EntryForm(request.POST)
    if sent(form, "POST", lambda said: actions.close(_act(request, chart, said["entry_id"]))):
        told.success(request, "Closed. No link, device or password opens it until you give a new link.")
        return redirect("portal_desk:place", patient)
    return _place(request, chart, failed=form)


@needs(Permission.EDIT_IDENTITY)
@require_POST
def done(request: Request, patient: UUID) -> HttpResponse:
    """What came of a request about the record or the place."""
    chart = chart_for(request, patient, Permission.EDIT_IDENTITY)
    form = OutcomeForm(request.POST)
    if sent(form, "POST", lambda said: _outcome(request, chart, said)):
        told.success(request, "Written. The patient reads it in their own place.")
        return redirect("portal_desk:place", patient)
    return _place(request, chart, outcome=form)


def _outcome(request: Request, chart: PatientChart, said: dict[str, Any]) -> None:
    actions.settle_request(_act(request, chart, said["entry_id"]), str(said["request"]), said["outcome"])


# -- messages ---------------------------------------------------------------------------------------------------


@needs(Permission.CLOSE_RISK)
@require_http_methods(["GET", "POST"])
def conversation(request: Request, patient: UUID) -> HttpResponse:
    """The messages both ways; answer, or say what was done instead."""
    chart = chart_for(request, patient, Permission.CLOSE_RISK)
    kind = request.POST.get("do", "")
    posted: dict[str, Any] = {kind: request.POST} if request.method == "POST" else {}
    made: dict[str, forms.Form] = {
        "answer": AnswerForm(posted.get("answer")),
        "settle": SettleForm(posted.get("settle")),
        "outcome": OutcomeForm(posted.get("outcome")),
    }
    verbs: dict[str, Verb] = {
        "answer": lambda act, said: actions.answer(act, said["text"]),
        "settle": lambda act, said: actions.settle(act, said["how"], said["note"]),
        "outcome": lambda act, said: actions.settle_request(act, str(said["request"]), said["outcome"]),
    }
    if kind in made and sent(
        made[kind],
        request.method,
        lambda said: verbs[kind](_act(request, chart, said["entry_id"]), said),
    ):
        told.success(request, "Written in your name.")
        return redirect("portal_desk:messages", patient)
    about = {**patient_context(request, chart, "outcomes"), **_shown(chart), **made}
    code = status(made[kind]) if kind in made else 200 if request.method == "GET" else 422
    return render(request, "portal_desk/messages.html", about, status=code)


def _shown(chart: PatientChart) -> dict[str, Any]:
    said, waiting = messages(chart.chart), open_messages(chart.chart)
    names = names_of({m.entry.by for m in said} | {m.closed[0].by for m in said if m.closed})
    return {
        "patient_id": chart.patient_id,
        "said": [_said(m, names, m in waiting) for m in reversed(said)],
        "waiting": len(waiting),
        "grave": any(m.body.crisis for m in waiting),
        "asked": [_asked(a) for a in requests(chart.chart) if a.body.what == "stop_treatment"],
        "phone": chart.patient.contact.phone,
    }


def _said(one: Said, names: dict[str, str], waits: bool) -> dict[str, Any]:
    return {
        "mine": not one.is_patients,
        "by": "The patient" if one.is_patients else names[one.entry.by],
        "at": one.entry.at.astimezone(zone()),
        "text": one.body.text,
        "crisis": ", ".join(one.body.crisis),
        "waits": waits,
        "closed": one.closed
        and {
            "how": CLOSED[one.closed[1].how],
            "note": one.closed[1].note,
            "by": names[one.closed[0].by],
            "at": one.closed[0].at.astimezone(zone()),
        },
    }


def _asked(one: Asked) -> dict[str, Any]:
    return {
        "id": one.entry.id,
        "what": ASKED[one.body.what],
        "text": one.body.text,
        "at": one.entry.at.astimezone(zone()),
        "outcome": one.closed[1].outcome if one.closed else "",
        "form": OutcomeForm(
            initial={"request": one.entry.id, "entry_id": uuid4()}, auto_id=f"id_{one.entry.id}_%s"
        ),
    }
