"""Tokens of shared tablets: an entry made without the network is by whoever held the token, not by whoever sends it.

A token is issued to one person on one tablet at each unlock on line. What was made while it held is taken also after
its end, so that no end of a shift, no new password and no departure loses an entry; what was made later is not. A token
says signed what it is, and shares follow from the server's key: a database that was restored from an older backup knows
what was given out after it. A
tablet that was reported lost gives and sends nothing until it is found: then its queue is taken as it stands.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.core import signing

from lowtide.data.record import clocks
from lowtide.data.tablet import tablet
from lowtide.people.clinic import CLINIC
from lowtide.people.models import StaffIndex, Tablet, TabletShare, TabletToken
from lowtide.people.who import Person, person_from
from lowtide.problems import Problem, Refused
from lowtide.record import store
from lowtide.record.entries.clinic import Staff

SECRET_BYTES, SALT = 16, "lowtide tablet token"


class Untaken(Refused):
    """A token that names nobody here and now. `why` is one word for a program; the problem is told to people."""

    def __init__(self, why: str, what: str, mend: str) -> None:
        super().__init__(Problem(what, "token", mend))
        self.why = why


class Issued(msgspec.Struct, frozen=True):
    """What an unlocked tablet is given: the token itself is never told again."""

    token: str
    share: str
    expires_at: datetime


def issue(person: Person, device: str, *, now: datetime, by_pin: bool = False) -> Issued:
    """A new token for this person on this tablet. A full sign-in makes the tablet known; a PIN needs it known.

    Raises Untaken for a tablet that was reported lost, or that nobody has signed in at.
    """
    known(device, person, now=now, by_pin=by_pin)
    _forget_old(now)
    ends = now + tablet().token_holds
    said = {"d": device, "p": person.by, "i": now.isoformat(), "e": ends.isoformat(), "b": by_pin}
    token = signing.dumps(said | {"n": secrets.token_urlsafe(SECRET_BYTES)}, salt=SALT)
    TabletToken.objects.create(
        digest=_digest(token),
        device=device,
        person=person.by,
        issued_at=now,
        expires_at=ends,
        by_pin=by_pin,
    )
    return Issued(token, _share(person, device), ends)


def known(device: str, person: Person, *, now: datetime, by_pin: bool) -> None:
    """Note that the tablet is in use by this person. Raises Untaken when it must not be."""
    check_known(device, by_pin=by_pin)
    seen = {"seen_at": now, "seen_by": person.by}
    Tablet.objects.update_or_create(
        device=device,
        defaults=seen,
        create_defaults={"first_at": now, "first_by": person.by, **seen},
    )


def check_known(device: str, *, by_pin: bool) -> None:
    """Raises Untaken for a tablet that was reported lost, and by PIN for one that nobody has signed in at."""
    row = Tablet.objects.filter(device=device).first()
    if row and row.lost_at:
        raise lost()
    if row is None and by_pin:
        raise Untaken(
            "unknown_tablet",
            "this tablet does not take PINs yet",
            "Sign in at it once with name and password; after that it takes them.",
        )


def author_of(token: str, device: str, *, made_at: datetime, now: datetime) -> Person:
    """Who made an entry on this tablet at `made_at`, by the server's clock. Raises Untaken, saying why, when nobody
    held the token there and then."""
    row = TabletToken.objects.filter(digest=_digest(token)).first() or _by_itself(token)
    if row is None:
        raise Untaken("unknown", "this key is not one of this clinic's", "Unlock again, and send again.")
    if row.device != device:
        raise Untaken(
            "other_tablet", "this key was given to another tablet", "Unlock this one, and send again."
        )
    if Tablet.objects.filter(device=device, lost_at__isnull=False).exists():
        raise lost()
    _check_held(row, made_at, now)
    staff = StaffIndex.objects.filter(key=row.person.removeprefix("staff:")).first()
    if staff is None:
        raise Untaken("unknown", "this key is nobody's who works here", "Unlock again, and send again.")
    if not staff.active and made_at > left_at(row.person):
        raise Untaken(
            "left",
            f"{staff.name} no longer worked here when it was made",
            "Whoever made it unlocks the tablet and enters it in their own name.",
        )
    person = person_from(staff)
    return person.by_pin() if row.by_pin else person


def _by_itself(token: str) -> TabletToken | None:
    """What a token says of itself, where the database was set back to before it was given; None for any other."""
    try:
        said = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    issued, ends = datetime.fromisoformat(said["i"]), datetime.fromisoformat(said["e"])
    return TabletToken(
        device=said["d"], person=said["p"], issued_at=issued, expires_at=ends, by_pin=said["b"]
    )


def _check_held(row: TabletToken, made_at: datetime, now: datetime) -> None:
    slack = timedelta(seconds=clocks().future_tolerance_s)
    again = "The same person unlocks the tablet again; then it is sent under the new key."
    if made_at < row.issued_at - slack and not _held_before(row, made_at):
        raise Untaken("early", "it was made before this key was given", again)
    if row.revoked_at and made_at > row.revoked_at + slack:
        raise Untaken("revoked", "this key was taken back before it was made", again)
    if made_at > row.expires_at + slack or now > row.expires_at + tablet().queue_waits:
        raise Untaken("expired", "this key had ended", again)


def _held_before(row: TabletToken, made_at: datetime) -> bool:
    """Whether the same person had unlocked this tablet before: who unlocks it again answers for what waited there."""
    earlier = TabletToken.objects.filter(person=row.person, device=row.device, issued_at__lte=made_at)
    return bool(earlier.exists())


def lost() -> Untaken:
    return Untaken(
        "lost",
        "this tablet was reported lost",
        "Take it to whoever manages the clinic: once it is marked as found, everything on it is sent.",
    )


def left_at(person: str) -> datetime:
    """When the record says that this member of staff left; now is not asked."""
    said = [(e, b) for e, b in store.load(CLINIC).said(Staff) if f"staff:{b.staff}" == person]
    return max(e.recorded_at for e, b in said if not b.active)


def revoke(person: str, *, now: datetime, device: str | None = None) -> int:
    """Take the person's tokens back, on one tablet or on all: what is made from now on is refused."""
    rows = TabletToken.objects.filter(person=person, revoked_at=None)
    return (rows.filter(device=device) if device else rows).update(revoked_at=now)


def _share(person: Person, device: str) -> str:
    """The secret of the tablet, the same for all who work at it: what one of them left is sent while another is there."""
    before = TabletShare.objects.filter(device=device).first()
    row, _ = TabletShare.objects.get_or_create(
        key=f"{person.by} {device}",
        defaults={
            "device": device,
            "person": person.by,
            "share": before.share if before else _secret(f"tablet {device}"),
        },
    )
    return str(row.share)


def own_share(person: Person, device: str) -> str:
    """The secret of one person at one tablet: it opens what only they may read there."""
    return _secret(f"tablet {device} {person.by}")


def _secret(said: str) -> str:
    return hmac.digest(settings.SECRET_KEY.encode(), said.encode(), "sha256").hex()


def _forget_old(now: datetime) -> None:
    TabletToken.objects.filter(expires_at__lt=now - tablet().queue_waits).delete()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
