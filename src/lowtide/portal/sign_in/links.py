"""Links that open a patient's own place once, and the devices that need none for a while.

A code is sixteen signs that are hard to mistake for one another: short enough to be read aloud, long enough not to be guessed.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from lowtide.data.portal import sign_in
from lowtide.people.models import User
from lowtide.portal.models import Link, OwnDevice

SIGNS, LENGTH, GROUP = "23456789ABCDEFGHJKMNPQRSTVWXYZ", 16, 4
MISREAD = str.maketrans({"O": "Q", "0": "Q", "1": "J", "I": "J", "L": "J", "U": "V"})


def digest(code: str) -> str:
    return hashlib.sha256(bare(code).encode()).hexdigest()


def bare(code: str) -> str:
    """As it was made, whatever spaces, hyphens and small letters it was typed with."""
    return "".join(c for c in code.upper().translate(MISREAD) if c in SIGNS)


def grouped(code: str) -> str:
    """K7QM-3FXP-2HTD-W9YZ"""
    return "-".join(code[i : i + GROUP] for i in range(0, len(code), GROUP))


def make(patient: str, by: str, lasts: timedelta, now: datetime) -> str:
    """A new code for this patient. The links that were made for them before stay as they are; see `end_before`."""
    code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    Link.objects.create(digest=digest(code), patient=patient, made_at=now, made_by=by, expires_at=now + lasts)
    return code


def end_before(patient: str, now: datetime) -> None:
    """What was made for this patient before opens nothing any more: one paper at a time lies about."""
    Link.objects.filter(patient=patient, used_at=None, expires_at__gt=now).update(expires_at=now)


def whose(code: str, now: datetime) -> User | None:
    """Whose place this code would open now; None for one that is unknown, used, over or of a closed place."""
    link = Link.objects.filter(digest=digest(code), used_at=None, expires_at__gt=now).first()
    return user_of(link.patient) if link else None


def use(code: str, now: datetime) -> User | None:
    """Open with this code, which then opens nothing more: of two presses at once one is let in."""
    user = whose(code, now)
    fresh = Link.objects.filter(digest=digest(code), used_at=None, expires_at__gt=now)
    return user if user and fresh.update(used_at=now) == 1 else None


def user_of(patient: str) -> User | None:
    """The sign-in of a patient whose place is open."""
    return User.objects.filter(patient=patient, is_active=True).first()


# -- devices ----------------------------------------------------------------------------------------------------


def remember(patient: str, name: str, now: datetime) -> str:
    """A secret for this browser, by which it is known until it expires or is ended."""
    secret = secrets.token_urlsafe(32)
    until = now + timedelta(days=sign_in().remembered_days.value)
    OwnDevice.objects.create(
        digest=_hidden(secret), patient=patient, name=name[:80], since=now, seen_at=now, expires_at=until
    )
    return secret


def known(secret: str, now: datetime) -> User | None:
    """Whose browser this is; None for one that is not known, or no longer."""
    found = OwnDevice.objects.filter(digest=_hidden(secret), ended_at=None, expires_at__gt=now).first()
    user = user_of(found.patient) if found else None
    if found and user:
        OwnDevice.objects.filter(pk=found.pk).update(seen_at=now)
    return user


def devices(patient: str, now: datetime) -> list[OwnDevice]:
    """The browsers that open without a link, the one used last first."""
    found = OwnDevice.objects.filter(patient=patient, ended_at=None, expires_at__gt=now)
    return list(found.order_by("-seen_at"))


def forget(secret: str, now: datetime) -> None:
    """This browser needs a link again."""
    OwnDevice.objects.filter(digest=_hidden(secret), ended_at=None).update(ended_at=now)


def forget_all(patient: str, now: datetime) -> None:
    """No browser and no link opens this patient's place any longer."""
    OwnDevice.objects.filter(patient=patient, ended_at=None).update(ended_at=now)
    Link.objects.filter(patient=patient, used_at=None).update(used_at=now)


def _hidden(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
