"""PINs of shared tablets: short, so never the only thing. A PIN opens only a tablet that somebody signed in at, only
what the chair needs, and after a few wrong ones nothing until a full sign-in.

Six digits are a million: whoever stole the database could try them all. Each is therefore mixed with this home's own
key, which lies outside the database, before it is hashed.
"""

import hmac
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db.models import F

from lowtide.data.tablet import tablet
from lowtide.people.models import Pin
from lowtide.people.who import Person
from lowtide.problems import BadInput, Problem, bad

UP = "01234567890123456789"


class WrongPin(BadInput):
    """Not the PIN of this person. `left` tries remain; none means that only a full sign-in opens."""

    def __init__(self, left: int) -> None:
        mend = "Try again." if left else "Sign in with your password: after that it takes your PIN again."
        what = "the name or the PIN is not right" if left else "too many wrong PINs"
        super().__init__(Problem(what, "pin", mend))
        self.left = left


def put(person: Person, pin: str, *, now: datetime) -> None:
    """Set or change the PIN. Raises BadInput for one that is too easy to guess."""
    digits = tablet().pin_digits
    if not (pin.isascii() and pin.isdecimal() and len(pin) == digits):
        raise bad(f"a PIN has {digits} digits", "pin", f"Type {digits} digits and nothing else.")
    if _is_easy(pin):
        raise bad(
            "this PIN is among the first that anybody would try",
            "pin",
            "Choose digits that do not count up or down, repeat, or mirror each other.",
        )
    said = {"hash": make_password(_mixed(person.by, pin)), "set_at": now, "wrong": 0}
    Pin.objects.update_or_create(person=person.by, defaults=said)


def check(person: str, pin: str) -> None:
    """Raises WrongPin unless it is the PIN of `person`. A try is counted before it is looked at, so that many at
    once are no more than one after the other; somebody unknown takes as long as somebody known."""
    allowed = tablet().pin_tries
    rows = Pin.objects.filter(person=person)
    if not rows.filter(wrong__lt=allowed).update(wrong=F("wrong") + 1):
        make_password(_mixed(person, pin))
        raise WrongPin(0 if rows.exists() else 1)
    row = rows.get()
    if not check_password(_mixed(person, pin), row.hash):
        raise WrongPin(allowed - row.wrong)
    rows.update(wrong=0)


def forgive(person: str) -> None:
    """After a full sign-in: earlier wrong PINs no longer count."""
    Pin.objects.filter(person=person).exclude(wrong=0).update(wrong=0)


def forget(person: str) -> None:
    """The person has no PIN any longer."""
    Pin.objects.filter(person=person).delete()


def has_one(person: str) -> bool:
    return bool(Pin.objects.filter(person=person).exists())


def _mixed(person: str, pin: str) -> str:
    return hmac.digest(settings.SECRET_KEY.encode(), f"pin {person} {pin}".encode(), "sha256").hex()


def _is_easy(pin: str) -> bool:
    half = len(pin) // 2
    counted = pin in UP or pin[::-1] in UP
    repeated = pin[:half] == pin[half:] or pin == pin[:2] * half or pin == pin[::-1]
    return len(set(pin)) < 3 or counted or repeated
