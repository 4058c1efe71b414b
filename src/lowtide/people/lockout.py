"""How many wrong passwords a sign-in takes before it is locked for a while. Counted in the access log itself, so
that every process counts alike and a restart forgets nothing."""

import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from lowtide.people.models import User
from lowtide.record import access_log

FAILED, SIGNED_IN, LOCKED = "sign-in failed", "signed in", "sign-in refused: locked"


def key(login: str) -> str:
    """How the access log names a sign-in. A name nobody has may be a slip of the hand, even a password in the wrong
    field: it is kept as a digest only."""
    name = login.strip().lower()
    if User.objects.filter(username=name).exists():
        return f"login:{name}"
    digest = hmac.digest(settings.SECRET_KEY.encode(), name.encode(), "sha256").hex()[:12]
    return f"login:unknown:{digest}"


def locked_until(login: str) -> datetime | None:
    """Until when this sign-in takes no password; None when it takes one."""
    since = timezone.now() - timedelta(seconds=settings.SIGN_IN_LOCK_S)
    failures: list[datetime] = []
    for line in access_log.since(key(login), since):
        if line.action == SIGNED_IN:
            break
        if line.action == FAILED:
            failures.append(line.at)
    if len(failures) < settings.SIGN_IN_TRIES:
        return None
    return failures[0] + timedelta(seconds=settings.SIGN_IN_LOCK_S)
