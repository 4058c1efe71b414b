"""Pages on who somebody is: find, register, correct, compare with look-alikes."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lowtide.people import lockout
from lowtide.people.banner import age, chart_url, full_name, patient_page
from lowtide.people.came_from import came_from
from lowtide.people.charts import PatientChart, chart_for, log_reading, rows_of, stream_of
from lowtide.people.forms import sent, status
from lowtide.people.models import PatientIndex, User
from lowtide.people.patients import actions, search
from lowtide.people.patients.forms import CorrectionForm, OtherChartForm, PatientForm, SignInForm
from lowtide.people.projections import latest_words, number_of
from lowtide.people.roles import Permission
from lowtide.people.sign_in import note
from lowtide.people.who import Person, Request, needs
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.identity import Linked, Patient
from lowtide.record.entries.words import day

PER_PAGE = 25
Verb = Callable[..., list[Entry]]


@needs(Permission.FIND_PATIENT)
@require_GET
def patients(request: Request) -> HttpResponse:
    """Find a patient by anything that is known; while typing, only the list is sent."""
    typed = request.GET.get("q", "").strip()
    found, similar = search.find(typed), False
    if typed and not found.exists():
        found, similar = search.sounding_like(typed), True
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    log_reading(request, "", allowed=True, detail=f"{page.paginator.count} found")
    about = {
        "typed": typed,
        "page": page,
        "similar": similar,
        "query": f"{urlencode({'q': typed})}&" if typed else "",
        "rows": _rows(request.person, page),
        "may_register": request.person.can(Permission.EDIT_IDENTITY),
    }
    part = "people/patients_found.html" if "HX-Request" in request.headers else "people/patients.html"
    return render(request, part, about)


def _rows(person: Person, page: "Page[PatientIndex]") -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            "url": chart_url(person, UUID(row.stream.partition(":")[2])),
            "born": day(row.birth_date) if row.birth_date else "",
        }
        for row in page
    ]


@needs(Permission.EDIT_IDENTITY)
@require_http_methods(["GET", "POST"])
def register(request: Request) -> HttpResponse:
    """Open a chart for a new patient; look-alikes are shown before anything is written."""
    initial = {"entry_id": uuid4(), **_typed(request.GET.get("q", ""))}
    form = PatientForm(request.POST or None, initial=initial)
    patient_id = _uuid(request.POST.get("patient_id")) or uuid4()
    others = set(request.POST.getlist("others"))
    alike, written = list[search.LookAlike](), list[Entry]()

    def act(said: dict[str, Any]) -> None:
        alike[:] = search.look_alikes(form.patient())
        if {a.stream for a in alike} <= others or store.find(said["entry_id"]):
            ids, now = (patient_id, said["entry_id"]), timezone.now()
            spoken_for = [a.stream for a in alike]
            written.append(actions.register(request.person, *ids, form.patient(), now=now, others=spoken_for))

    if sent(form, request.method, act) and written:
        body: Patient = written[0].body
        messages.success(request, f"{full_name(body)} is registered as {number_of(body)}.")
        return redirect(chart_url(request.person, UUID(written[0].stream.partition(":")[2])))
    shown = [_compared(request.person, a) for a in alike]
    about = {"form": form, "patient_id": patient_id, "alike": shown, "others": others}
    return render(request, "people/register.html", about, status=422 if alike else status(form))


def _typed(typed: str) -> dict[str, str]:
    """What was typed in the search that found nobody, where it can only be names."""
    words = typed.split()
    if not words or any(c.isdigit() for c in typed):
        return {}
    return {"family": words[-1], "given": " ".join(words[:-1])}


def _compared(person: Person, other: search.LookAlike) -> dict[str, Any]:
    p, on = other.patient, timezone.localdate()
    return {
        "stream": other.stream,
        "id": other.patient_id,
        "name": full_name(p),
        "born": day(p.birth_date) if p.birth_date else "not known",
        "age": age(p, on),
        "sex": p.sex.value,
        "number": number_of(p),
        "phone": p.contact.phone,
        "reasons": other.reasons,
        "reviewed": other.reviewed,
        "url": chart_url(person, other.patient_id),
    }


@needs(Permission.FIND_PATIENT)
@require_GET
def who(request: Request, patient: UUID) -> HttpResponse:
    """Everything that says who this is; nothing of the care."""
    chart = chart_for(request, patient, Permission.FIND_PATIENT)
    entry = _identity_entry(chart)
    about = {
        **patient_page(request, chart, "identity"),
        "who": chart.patient,
        "entry": entry,
        "joined": rows_of(chart.joined),
        "alike": [_compared(request.person, a) for a in search.look_alikes(chart.patient, chart.whole)],
        "has_sign_in": User.objects.filter(patient=str(patient)).exists(),
        "may_note": request.person.can(Permission.BOOK),
        "may_correct": request.person.can(Permission.EDIT_IDENTITY),
    }
    return render(request, "people/who.html", about)


def _identity_entry(chart: PatientChart) -> Any:
    said = store.load(chart.stream).last(Patient)
    assert said
    return said[0]


@needs(Permission.EDIT_IDENTITY)
@require_http_methods(["GET", "POST"])
def sign_in(request: Request, patient: UUID) -> HttpResponse:
    """Give the patient a sign-in to their own place, or a new temporary password; it is shown once."""
    chart = chart_for(request, patient, Permission.EDIT_IDENTITY)
    user = User.objects.filter(patient=str(patient)).first()
    form, password = SignInForm(request.POST or None, initial={"login": user and user.username}), list[str]()

    def act(said: dict[str, Any]) -> None:
        login = said["login"].strip().lower()
        password.append(actions.give_sign_in(patient, login, now=timezone.now()))

    if sent(form, request.method, act):
        login, name = form.cleaned_data["login"].strip().lower(), full_name(chart.patient)
        note(request, request.person.by, f"gave a temporary password to {lockout.key(login)}")
        back = reverse("people:who", args=[patient])
        about = {"name": name, "login": login, "password": password[0], "back": back}
        return render(request, "people/temporary_password.html", about)
    about = {**patient_page(request, chart, "identity"), "form": form, "has_one": user is not None}
    return render(request, "people/patient_sign_in.html", about, status=status(form))


@needs(Permission.EDIT_IDENTITY)
@require_http_methods(["GET", "POST"])
def correct(request: Request, patient: UUID) -> HttpResponse:
    """Correct who this is: a new entry that names the old one; the old stays readable."""
    chart = chart_for(request, patient, Permission.EDIT_IDENTITY)
    form = CorrectionForm(request.POST or None, patient=chart.patient)
    form.initial["corrects"] = _identity_entry(chart).id
    back = came_from(request) or reverse("people:who", args=[patient])

    def act(said: dict[str, Any]) -> None:
        ids, after = (patient, said["entry_id"], said["corrects"]), form.patient()
        actions.correct_identity(request.person, *ids, after, said["reason"], now=timezone.now())

    if sent(form, request.method, act):
        messages.success(request, "Corrected. The old entry stays readable in the record.")
        return redirect(back)
    about = {**patient_page(request, chart, "identity"), "form": form, "who": chart.patient, "back": back}
    return render(request, "people/correct_identity.html", about, status=status(form))


@needs(Permission.EDIT_IDENTITY)
@require_GET
def same_person(request: Request, patient: UUID) -> HttpResponse:
    """This chart beside its look-alikes and the charts joined to it; or beside one that was searched for."""
    chart = chart_for(request, patient, Permission.EDIT_IDENTITY)
    return render(request, "people/same_person.html", _same_person(request, chart))


def _same_person(request: Request, chart: PatientChart, form: OtherChartForm | None = None) -> dict[str, Any]:
    typed = request.GET.get("q", "").strip()
    ours = set(chart.whole.known)
    found = [row for row in search.find(typed)[:PER_PAGE] if row.stream not in ours] if typed else []
    latest = latest_words(store.load(chart.stream))
    return {
        **patient_page(request, chart, "identity"),
        "who": chart.patient,
        "joined": [
            {"row": row, "directly": isinstance(latest.get(row.stream), Linked)}
            for row in rows_of(chart.joined)
        ],
        "alike": [_compared(request.person, a) for a in search.look_alikes(chart.patient, chart.whole)],
        "typed": typed,
        "found": found,
        "failed": form,
        "may_link": request.person.can(Permission.LINK),
        "entry_id": uuid4,
    }


@needs(Permission.LINK)
@require_POST
def link(request: Request, patient: UUID) -> HttpResponse:
    """Join this chart and another as one person."""
    return _say(request, patient, Permission.LINK, actions.link)


@needs(Permission.LINK)
@require_POST
def unlink(request: Request, patient: UUID) -> HttpResponse:
    """Part two charts that were joined."""
    return _say(request, patient, Permission.LINK, actions.unlink)


@needs(Permission.EDIT_IDENTITY)
@require_POST
def tell_apart(request: Request, patient: UUID) -> HttpResponse:
    """Record that a look-alike is another person."""
    return _say(request, patient, Permission.EDIT_IDENTITY, actions.tell_apart)


def _say(request: Request, patient: UUID, permission: Permission, verb: Verb) -> HttpResponse:
    chart = chart_for(request, patient, permission)
    form = OtherChartForm(request.POST)

    def act(said: dict[str, Any]) -> None:
        log_reading(request, stream_of(said["other"]), allowed=True)
        words = said["other"], said["entry_id"], said["reason"]
        verb(request.person, patient, *words, now=timezone.now())

    if sent(form, request.method, act):
        messages.success(request, "Recorded in both charts. It can be taken back at any time.")
        return redirect("people:same_person", patient=patient)
    return render(request, "people/same_person.html", _same_person(request, chart, form), status=422)


def _uuid(given: str | None) -> UUID | None:
    try:
        return UUID(given or "")
    except ValueError:
        return None
