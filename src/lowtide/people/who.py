"""Who is signed in: a member of staff or a patient, with what they may do."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from lowtide.people.models import PatientIndex, StaffIndex, User
from lowtide.people.roles import BY_PIN, ROLES, Permission, permissions

V = TypeVar("V", bound=Callable[..., Any])


class Person(msgspec.Struct, frozen=True):
    """The signed-in person. `by` is how entries name them; `roles` is also the audience they belong to. `withheld` is
    what the role includes and a sign-in by PIN does not open."""

    by: str
    name: str
    roles: tuple[str, ...]
    may: frozenset[Permission]
    clinical_lead: bool = False
    withheld: frozenset[Permission] = frozenset()

    def can(self, permission: Permission) -> bool:
        return permission in self.may

    def by_pin(self) -> "Person":
        """The same person with what a PIN opens."""
        opens = self.may & BY_PIN
        return msgspec.structs.replace(self, may=opens, withheld=self.may - opens)

    @property
    def is_patient(self) -> bool:
        return self.by.startswith("patient:")

    @property
    def audience(self) -> frozenset[str]:
        return frozenset(self.roles)

    @property
    def role_label(self) -> str:
        return ", ".join(ROLES[r].label for r in self.roles)


class Request(HttpRequest):
    """A request that `SignedInOnly` let through: it has a person."""

    person: Person


def person_of(user: User | AnonymousUser) -> Person | None:
    """The person behind a sign-in; None for nobody, and for a sign-in that the record does not (any longer) know."""
    if not user.is_authenticated or not isinstance(user, User):
        return None
    if user.patient:
        row = PatientIndex.objects.filter(stream=f"chart:{user.patient}").first()
        name = f"{row.given} {row.family}".strip() if row else user.username
        return Person(f"patient:{user.patient}", name, ("patient",), permissions(("patient",)))
    staff = StaffIndex.objects.filter(login=user.username, active=True).first()
    return person_from(staff) if staff else None


def person_from(row: StaffIndex) -> Person:
    """The member of staff that this row is about."""
    roles = tuple(row.roles.split())
    may = permissions(roles, clinical_lead=row.clinical_lead)
    return Person(f"staff:{row.key}", row.name, roles, may, row.clinical_lead)


def needs(permission: Permission) -> Callable[[V], V]:
    """Mark a view with the one permission it takes. A view without a mark is refused to everybody."""

    def mark(view: V) -> V:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: V) -> V:
    """Mark a view that takes no sign-in."""
    view.public = True  # type: ignore[attr-defined]
    return view


def names_of(people: set[str]) -> dict[str, str]:
    """`by` -> a name to show, for entries' authors."""
    ids = [p.removeprefix("staff:") for p in people if p.startswith("staff:")]
    found = {
        f"staff:{key}": name
        for key, name in StaffIndex.objects.filter(key__in=ids).values_list("key", "name")
    }
    shown = {"patient": "patient", "system": "Lowtide", "device": "monitor"}
    return {p: found.get(p) or shown.get(p.split(":")[0], p) for p in people}
