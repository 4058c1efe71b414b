"""Template filters every page may use."""

from decimal import Decimal

from django import template

from lowtide.data import safe
from lowtide.record.entries.words import day as _day

register = template.Library()


@register.filter
def day(value: str | None) -> str:
    """A clinical date with its month as a word, as exactly as it is known; nothing for none."""
    return _day(value) if value else ""


@register.filter
def pieces(unit: str, quantity: Decimal | int) -> str:
    """A unit of the safe after a quantity: 2 devices, 1 capsule, 4 mL."""
    return safe.pieces(unit, Decimal(quantity))


@register.filter
def exact(value: Decimal | int) -> str:
    """A quantity with every digit that means something and no other: 11,246 and 9.27."""
    return f"{Decimal(value).normalize():,f}"
