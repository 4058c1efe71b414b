"""A member of the demonstration's staff as the verbs know them."""

from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.site.demo.staff import staff


def acting(login: str) -> Person:
    """The member of staff as the verbs know them."""
    found = next(s for s in staff() if s.login == login)
    may = permissions(found.roles, clinical_lead=found.clinical_lead)
    return Person(f"staff:{found.staff}", found.name, found.roles, may, found.clinical_lead)
