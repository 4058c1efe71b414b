"""Pages of the clinic: its own facts, its staff, its chairs."""

from typing import Any
from uuid import UUID, uuid4, uuid5

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lowtide.people import lockout
from lowtide.people.clinic import CLINIC, chairs
from lowtide.people.forms import sent, status
from lowtide.people.models import User
from lowtide.people.roles import ROLES, Permission
from lowtide.people.sign_in import note
from lowtide.people.staff import actions
from lowtide.people.staff.forms import ChairForm, ClinicForm, ResetForm, StaffChangeForm, StaffForm
from lowtide.people.who import Request, needs
from lowtide.problems import BadInput
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import Chair, Clinic, Staff


@needs(Permission.MANAGE_STAFF)
@require_GET
def clinic(request: Request) -> HttpResponse:
    """The clinic at a glance."""
    stream = store.load(CLINIC)
    staff = sorted(actions.everybody(stream).values(), key=lambda s: (not s.active, s.name))
    said = stream.last(Clinic)
    about = {
        "clinic": said[1] if said else None,
        "staff": [{"is": s, "roles": ", ".join(ROLES[r].label for r in s.roles)} for s in staff],
        "without": _without_second_step(staff),
        "chairs": [_chair_form(entry, body) for entry, body in chairs()],
        "new_chair": ChairForm(),
        "may_word": request.person.can(Permission.MANAGE_POLICY),
    }
    return render(request, "people/clinic.html", about)


def _without_second_step(staff: list[Staff]) -> int:
    """How many who work here sign in with a password alone."""
    logins = [s.login for s in staff if s.active]
    return User.objects.filter(username__in=logins, authenticator=None).count()


def _chair_form(entry: Entry, chair: Chair) -> ChairForm:
    said = {"entry_id": uuid4(), "corrects": entry.id, **msgspec.structs.asdict(chair)}
    return ChairForm(initial=said, auto_id=f"id_{chair.chair}_%s")


@needs(Permission.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def change_clinic(request: Request) -> HttpResponse:
    """Correct the clinic's own facts."""
    known = store.load(CLINIC).last(Clinic)
    if known is None:
        raise Http404("this clinic is not set up")
    entry, before = known
    initial = {"entry_id": uuid4(), "corrects": entry.id, **msgspec.structs.asdict(before)}
    form = ClinicForm(request.POST or None, initial=initial)

    def act(said: dict[str, Any]) -> None:
        after, ids = form.clinic(before.demo), (said["entry_id"], said["corrects"])
        actions.change_clinic(request.person, *ids, after, said["reason"], now=timezone.now())

    if sent(form, request.method, act):
        messages.success(request, "Changed.")
        return redirect("people:clinic")
    about = {"form": form, "title": "The clinic", "go": "Save", "back": "people:clinic"}
    return render(request, "people/form.html", about, status=status(form))


@needs(Permission.MANAGE_STAFF)
@require_POST
def save_chair(request: Request) -> HttpResponse:
    """Add, rename or retire a chair."""
    form = ChairForm(request.POST)

    def act(said: dict[str, Any]) -> None:
        ids = said["entry_id"], said["corrects"]
        actions.save_chair(request.person, *ids, form.said(), now=timezone.now())

    if sent(form, request.method, act):
        messages.success(request, "Saved.")
    else:
        wrong = " ".join(str(e) for errors in form.errors.values() for e in errors)
        messages.error(request, f"Not saved. {wrong}")
    return redirect("people:clinic")


@needs(Permission.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def add_staff(request: Request) -> HttpResponse:
    """Add a member of staff and show the temporary password, once."""
    form, password = StaffForm(request.POST or None), list[str | None]()

    def act(said: dict[str, Any]) -> None:
        staff = form.staff(uuid5(said["entry_id"], "staff"))
        password.append(actions.add_staff(request.person, said["entry_id"], staff, now=timezone.now()))

    if sent(form, request.method, act):
        staff = form.staff(uuid5(form.cleaned_data["entry_id"], "staff"))
        if password[0] is None:
            messages.info(request, f"{staff.name} was added already.")
            return redirect("people:clinic")
        return _show_password(request, staff, password[0])
    about = {"form": form, "title": "Add a member of staff", "go": "Add", "back": "people:clinic"}
    return render(request, "people/form.html", about, status=status(form))


def _show_password(request: Request, staff: Staff, password: str) -> HttpResponse:
    about = {"name": staff.name, "login": staff.login, "password": password, "back": reverse("people:clinic")}
    return render(request, "people/temporary_password.html", about)


@needs(Permission.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def change_staff(request: Request, staff: UUID) -> HttpResponse:
    """Change somebody's roles, name or grant; deactivate or activate them."""
    entry, before = _member(staff)
    initial = {**msgspec.structs.asdict(before), "entry_id": uuid4(), "corrects": entry.id}
    form = StaffChangeForm(request.POST or None, initial=initial)

    def act(said: dict[str, Any]) -> None:
        after, ids = form.staff(staff), (said["entry_id"], said["corrects"])
        actions.change_staff(request.person, *ids, after, said["reason"], now=timezone.now())

    if sent(form, request.method, act):
        messages.success(request, f"Changed: {form.cleaned_data['name']}.")
        return redirect("people:clinic")
    about: dict[str, Any] = {"form": form, "staff": before, "reset": ResetForm()}
    return render(request, "people/staff.html", about, status=status(form))


@needs(Permission.MANAGE_STAFF)
@require_POST
def reset_password(request: Request, staff: UUID) -> HttpResponse:
    """Give somebody a temporary password and show it, once."""
    _, who = _member(staff)
    steps = "second_steps" in request.POST
    try:
        password = actions.reset_password(staff, second_steps=steps, now=timezone.now())
    except BadInput as error:
        messages.error(request, str(error))
        return redirect("people:change_staff", staff=staff)
    note(request, request.person.by, f"gave a temporary password to {lockout.key(who.login)}")
    return _show_password(request, who, password)


def _member(staff: UUID) -> tuple[Entry, Staff]:
    try:
        return actions.member(staff)
    except BadInput as error:
        raise Http404(str(error)) from None
