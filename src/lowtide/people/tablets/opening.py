"""Opening a shared tablet by name and PIN: who it is, the sign-in, and what of it goes into the access log."""

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.utils import timezone

from lowtide.data.tablet import tablet
from lowtide.people import lockout
from lowtide.people.models import StaffIndex, Tablet, TabletShare, User
from lowtide.people.roles import Permission
from lowtide.people.sign_in import note
from lowtide.people.tablets import pins, tokens
from lowtide.people.tablets.pins import WrongPin
from lowtide.people.who import Person, person_from

BY_PIN, AT_TABLET = "by_pin", "at_tablet"
"""In the session: that this sign-in was by PIN; which shared tablet this browser is."""
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def unlock(request: HttpRequest, device: str, name: str, pin: str) -> Person:
    """The person whose name and PIN these are, now signed in here; somebody else who was, no longer is.

    A full sign-in of the same person stays one. Raises Untaken for the tablet and WrongPin for the PIN.
    """
    tokens.check_known(device, by_pin=True)
    row = _named(name)
    login_name = row.login if row else name
    try:
        pins.check(f"staff:{row.key}" if row else "", pin)
    except WrongPin as error:
        what = "PIN refused: only a full sign-in opens" if error.left == 0 else "wrong PIN"
        note(request, lockout.key(login_name), what, allowed=False)
        raise
    assert row is not None  # nobody has no PIN
    user = User.objects.filter(username=row.login, is_active=True, temporary_until=None).first()
    person = person_from(row)
    if user is None or not person.can(Permission.USE_TABLET):
        raise WrongPin(1)
    tokens.known(device, person, now=timezone.now(), by_pin=True)
    _sign_in(request, user)
    request.session[AT_TABLET] = device
    return person


def _sign_in(request: HttpRequest, user: User) -> None:
    if request.user.is_authenticated and request.user.pk == user.pk:
        note(request, lockout.key(user.username), "unlocked by PIN")
        return
    request.by_pin = True  # type: ignore[attr-defined]
    login(request, user, backend=BACKEND)
    request.session[BY_PIN] = True


def _named(name: str) -> StaffIndex | None:
    """The member of staff with this sign-in name, whom entries name so, or the only one with this name."""
    said = name.strip().casefold()
    active = list(StaffIndex.objects.filter(active=True))
    found = [r for r in active if said in (r.login, f"staff:{r.key}")]
    found = found or [r for r in active if r.name.casefold() == said]
    return found[0] if len(found) == 1 else None


def worked_here(device: str) -> list[tuple[str, str]]:
    """(sign-in name, name) of those with a PIN who have worked at this tablet; none for one that takes no PIN."""
    try:
        tokens.check_known(device, by_pin=True)
    except tokens.Untaken:
        return []
    people = TabletShare.objects.filter(device=device).values_list("person", flat=True)
    keys = [p.removeprefix("staff:") for p in people if pins.has_one(p)]
    rows = StaffIndex.objects.filter(key__in=keys, active=True).order_by("name")
    return list(rows.values_list("login", "name"))


def is_lost(request: HttpRequest) -> bool:
    """Whether this browser is a tablet that was reported lost since."""
    device = request.session.get(AT_TABLET)
    return bool(device and Tablet.objects.filter(device=device, lost_at__isnull=False).exists())


def idle_s(request: HttpRequest) -> int:
    """How long this sign-in may lie unused: shorter where it was by PIN."""
    whole = int(settings.SESSION_IDLE_S)
    return min(whole, tablet().pin_idle_s) if BY_PIN in request.session else whole
