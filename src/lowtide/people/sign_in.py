"""How sign-in behaves here: no self-registration, a lock after wrong passwords, and each step in the access log."""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.signals import password_changed, password_set
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from lowtide.people import lockout
from lowtide.people.models import StaffIndex, User
from lowtide.people.tablets import pins
from lowtide.people.who import Person, person_from, person_of
from lowtide.problems import bad
from lowtide.record import access_log

BY_LINK = "link"


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        login = credentials.get("username", "")
        if until := lockout.locked_until(login):
            note(request, lockout.key(login), lockout.LOCKED, allowed=False)
            raise ImmediateHttpResponse(locked_page(request, until))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        login = credentials.get("username", "")
        note(request, lockout.key(login), lockout.FAILED, allowed=False)
        if until := lockout.locked_until(login):
            raise ImmediateHttpResponse(locked_page(request, until))

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """A patient who has just come in by a link or a passkey has shown who they are: there is no password to ask for
        again."""
        records = get_authentication_records(self.request, self.request.user)
        recent = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
        if self.request.user.patient and any(_shows_who(r) and r["at"] > recent for r in records):
            return False
        return bool(super().is_reauthentication_required(app=app, **more))

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        if user.temporary_until and user.temporary_until < timezone.now():
            note(
                request,
                lockout.key(user.username),
                "sign-in refused: temporary password too old",
                allowed=False,
            )
            return render(request, "people/temporary_password_over.html", status=403)
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response


def _shows_who(record: dict[str, Any]) -> bool:
    return record.get("method") == BY_LINK or bool(record.get("passwordless"))


def locked_page(request: HttpRequest, until: Any) -> HttpResponse:
    """Says until when this sign-in is locked."""
    return render(request, "people/locked.html", {"until": until, "now": timezone.now()}, status=429)


def second_person(request: HttpRequest, login: str, password: str) -> Person:
    """Another member of staff who signs for this with their own password, without signing in here.

    Raises BadInput with the same words whether the name, the password or the lock is at fault. A temporary password is
    known to somebody else, too: it signs for nothing.
    """
    name = login.strip().lower()
    wrong = bad(
        "the name or the password is not right", "second_password", "Ask the second person to type both."
    )
    if lockout.locked_until(name):
        note(request, lockout.key(name), lockout.LOCKED, allowed=False)
        raise wrong
    user = authenticate(request, username=name, password=password)
    row = StaffIndex.objects.filter(login=name, active=True).first()
    if not isinstance(user, User) or row is None or user.temporary_until:
        note(request, lockout.key(name), lockout.FAILED, allowed=False)
        raise wrong
    note(request, lockout.key(name), "signed as the second person")
    return person_from(row)


def note(request: HttpRequest | None, person: str, action: str, *, allowed: bool = True) -> None:
    """A line of the access log about a sign-in."""
    address = request.META.get("REMOTE_ADDR", "") if request else ""
    access_log.log(person, action, address=address, allowed=allowed)


def listen() -> None:
    """Put every step of every sign-in into the access log."""
    user_logged_in.connect(_signed_in, dispatch_uid="lowtide signed in")
    user_logged_out.connect(_signed_out, dispatch_uid="lowtide signed out")
    for signal in (password_changed, password_set):
        signal.connect(_password_changed, dispatch_uid=f"lowtide password {id(signal)}")
    for signal, words in (
        (authenticator_added, "second step added"),
        (authenticator_removed, "second step removed"),
        (authenticator_reset, "recovery codes made anew"),
    ):
        signal.connect(_second_step(words), weak=False, dispatch_uid=f"lowtide {words}")


def _signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """A full sign-in forgives earlier slips, of the password and of the PIN; one by PIN forgives no password."""
    if getattr(request, "by_pin", False):
        note(request, lockout.key(user.username), "signed in by PIN")
        return
    note(request, lockout.key(user.username), lockout.SIGNED_IN)
    if person := person_of(user):
        pins.forgive(person.by)


def _signed_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user:
        note(request, lockout.key(user.username), "signed out")


def _password_changed(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    User.objects.filter(pk=user.pk).update(temporary_until=None)
    note(request, lockout.key(user.username), "password changed")


def _second_step(words: str) -> Any:
    def changed(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        note(request, lockout.key(user.username), words)

    return changed
