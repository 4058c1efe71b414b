"""The verbs on the clinic and its staff: set up, change, add, deactivate, give a temporary password."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.mfa.models import Authenticator
from django.db import transaction

from lowtide.people import retry
from lowtide.people.clinic import CLINIC, chairs
from lowtide.people.models import User
from lowtide.people.passwords import check_login, check_password, temporary
from lowtide.people.roles import CLINICAL_LEAD_HOLDERS, ROLES, Permission, permissions
from lowtide.people.tablets import pins, tokens
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Draft, Entry, Source
from lowtide.record.entries.clinic import Chair, Clinic, Staff
from lowtide.record.store import Charts, Guard

STAFF_ROLES = tuple(role for role in ROLES if role != "patient")


def set_up(clinic: Clinic, first: Staff, password: str, *, now: datetime) -> list[Entry]:
    """Open the clinic with its first member of staff, who adds the others. Refuses a second time."""
    check_zone(clinic.zone)
    _check(first)
    check_password(password, first.login)
    by = {"by": "system:setup", "source": Source.SYSTEM}
    drafts = [Draft(stream=CLINIC, body=body, at=now, **by) for body in (clinic, first)]  # type: ignore[arg-type]
    with transaction.atomic():
        entries = store.append(drafts, _only_once(first), now=now)
        User.objects.create_user(first.login, password=password)
    return entries


def _only_once(first: Staff) -> Guard:
    def check(charts: Charts) -> None:
        if charts[CLINIC].last(Clinic):
            raise refuse(
                "this clinic is set up already", "setup", "Sign in, and change it on the clinic page."
            )
        _staff_after(first)(charts)

    return check


def check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise bad(f"there is no time zone “{zone}”", "zone", "Write it as Europe/Berlin.") from None


def change_clinic(
    person: Person, entry_id: UUID, corrects: UUID, clinic: Clinic, reason: str, *, now: datetime
) -> Entry:
    """Correct the clinic's own facts; `corrects` is the entry that the form showed."""
    check_zone(clinic.zone)
    return _say(person, entry_id, clinic, corrects, reason, now)


def save_chair(
    person: Person, entry_id: UUID, corrects: UUID | None, chair: Chair, *, now: datetime
) -> Entry:
    """Add a chair, rename it, or take it out of use."""
    if not chair.label.strip():
        raise bad("a chair needs a name", "label", "Write what stands on it, such as Chair 3.")
    if store.find(entry_id) is None:
        _check_chair(corrects, chair)
    return _say(person, entry_id, chair, corrects, "chair changed" if corrects else "", now)


def _check_chair(corrects: UUID | None, chair: Chair) -> None:
    """Bookings name a chair by its key: a change keeps it, a new chair takes a new one and another name."""
    others = [body for entry, body in chairs() if entry.id != corrects]
    stored = store.find(corrects) if corrects else None
    if corrects and (stored is None or getattr(stored.body, "chair", None) != chair.chair):
        raise bad("this is another chair than the one that is changed", "chair", "Load the page again.")
    if any(other.chair == chair.chair for other in others):
        raise bad("there is such a chair already", "chair", "Load the page again.")
    if chair.active and any(o.active and o.label.casefold() == chair.label.casefold() for o in others):
        raise bad(f"another chair is called {chair.label}", "label", "Give it a name of its own.")


def add_staff(person: Person, entry_id: UUID, staff: Staff, *, now: datetime) -> str | None:
    """Add a member of staff; answers the temporary password, which is shown once.

    None when the same form arrived before: the password it was answered with is not given again.
    """
    _check(staff)
    if store.find(entry_id):
        return None
    if User.objects.filter(username=staff.login).exists():
        raise bad(f"the sign-in name “{staff.login}” is taken", "login", "Choose another.")
    with transaction.atomic():
        _say(person, entry_id, staff, None, "", now)
        return temporary(User(username=staff.login), now)


def change_staff(
    person: Person, entry_id: UUID, corrects: UUID, staff: Staff, reason: str, *, now: datetime
) -> Entry:
    """Change somebody's name, roles or grant, or deactivate them. The last who can manage staff stays."""
    _check(staff)
    if member(staff.staff)[1].login != staff.login:
        raise bad("a sign-in name does not change", "login", "Add the person anew under the other name.")
    with transaction.atomic():
        changed = _say(person, entry_id, staff, corrects, reason, now)
        User.objects.filter(username=staff.login).update(is_active=staff.active)
        if not staff.active:
            _take_from_tablets(staff.staff, now)
    return changed


def reset_password(staff_id: UUID, *, second_steps: bool, now: datetime) -> str:
    """Give a temporary password, shown once; every sign-in of that person ends. `second_steps` are taken off too."""
    _, staff = member(staff_id)
    if not staff.active:
        raise refuse(f"{staff.name} is not active", "staff", "Activate them first.")
    user = User.objects.filter(username=staff.login).first()
    if user is None:
        raise refuse(f"{staff.name} has no sign-in", "staff", "Add them as a new member of staff.")
    with transaction.atomic():
        if second_steps:
            Authenticator.objects.filter(user=user).delete()
        _take_from_tablets(staff_id, now)
        return temporary(user, now)


def _take_from_tablets(staff_id: UUID, now: datetime) -> None:
    """No tablet opens to this person any longer; what they made there before is still sent in their name."""
    pins.forget(f"staff:{staff_id}")
    tokens.revoke(f"staff:{staff_id}", now=now)


def member(staff_id: UUID) -> tuple[Entry, Staff]:
    """The latest word on a member of staff. Raises BadInput when there is none."""
    for entry, body in reversed(store.load(CLINIC).said(Staff)):
        if body.staff == staff_id:
            return entry, body
    raise bad("there is no such member of staff", str(staff_id), "Look at the list again.")


def everybody(clinic: Chart) -> dict[UUID, Staff]:
    """The latest word on each member of staff."""
    return {body.staff: body for _, body in clinic.said(Staff)}


def _check(staff: Staff) -> None:
    if not staff.name.strip():
        raise bad("a member of staff needs a name", "name", "Write it as it should stand under entries.")
    check_login(staff.login)
    if not staff.roles or not set(staff.roles) <= set(STAFF_ROLES):
        raise bad(
            "a member of staff has at least one role", "roles", f"Choose from: {', '.join(STAFF_ROLES)}."
        )
    if staff.clinical_lead and CLINICAL_LEAD_HOLDERS.isdisjoint(staff.roles):
        raise bad(
            "only a prescriber or a medical director can be clinical lead",
            "clinical_lead",
            "Give the role first, or take the grant away.",
        )


def _say(
    person: Person, entry_id: UUID, body: Body, corrects: UUID | None, reason: str, now: datetime
) -> Entry:
    draft = Draft(
        id=entry_id,
        stream=CLINIC,
        body=body,
        by=person.by,
        at=now,
        corrects=corrects,
        reason=reason.strip() or None,
    )
    return retry.append([draft], _staff_after(body), now=now)[0]


def _staff_after(body: Body) -> Guard:
    """What must hold once `body` is said: one sign-in one person, and somebody left to manage staff."""

    def check(charts: Charts) -> None:
        if not isinstance(body, Staff):
            return
        after = {**everybody(charts[CLINIC]), body.staff: body}
        if any(s.login == body.login and s.staff != body.staff for s in after.values()):
            raise refuse(f"the sign-in name “{body.login}” is taken", "login", "Choose another.")
        active = (permissions(s.roles) for s in after.values() if s.active)
        if not any(Permission.MANAGE_STAFF in may for may in active):
            raise refuse(
                "nobody would be left to manage the staff",
                "roles",
                "Give another person the role of administrator or medical director first.",
            )

    return check
