"""Addresses of steps: where a due item is done."""

from uuid import UUID

from django.urls import NoReverseMatch, reverse

OF_NO_PATIENT = frozenset({"evaluate:results"})


def address(page: str, patient: UUID | str, place: UUID | str | None = None) -> str:
    """The address of a named page of one patient, and of one thing of his where it has one."""
    args = [] if page in OF_NO_PATIENT else [str(a) for a in (patient, place) if a]
    try:
        return reverse(page, args=args)
    except NoReverseMatch:
        return reverse("course:course", args=[str(patient)]) if patient else reverse("course:today")
