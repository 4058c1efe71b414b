"""What the portal's templates need: a telephone number as a link takes it, and the ambulance's."""

from django import template

from lowtide.data.portal import emergency_number

register = template.Library()


@register.filter
def digits(number: str) -> str:
    """Only what can be dialled; words beside a number fall away."""
    return "".join(c for c in number if c.isdigit() or c == "+")


@register.filter
def ambulance(country: str | None) -> str:
    """The emergency number of a country; empty where it is not known here."""
    return emergency_number(country or "")
