"""Where what was drawn for a session went, as whoever signs it reads it."""

from decimal import Decimal
from typing import Any

from django.urls import reverse

from lowtide.data.safe import label, limits, unanswered
from lowtide.pathway.session.rules.custody import Custody, Held, custody
from lowtide.pathway.session.rules.facts import Facts
from lowtide.record import store
from lowtide.safe.places import PREFIX, books_of
from lowtide.safe.places import label as safe_label
from lowtide.science.units import plain

DEFAULTS = ("pump_share", "pump_mg")


def shown(facts: Facts, back: str) -> dict[str, Any]:
    """The draws with what became of them, and how chart and safe agree; nothing where no safe is concerned."""
    known = custody(facts, {name: books_of(store.load(name)) for name in store.streams(PREFIX)}, limits())
    if not known.draws and known.charted_mg is None:
        return {}
    return {
        "rows": [_row(one, back) for one in known.draws],
        "charted": known.charted_mg,
        "given": known.given_mg,
        "differs": known.differs and not known.open,
        "difference": f"{known.difference_mg.normalize():+f}",
        "allowed": known.allowed_mg,
        "unverified": unanswered(*DEFAULTS),
        "left": _left(known),
    }


def _left(known: Custody) -> str:
    """What is missing before the signature can be pressed."""
    parts = [f"{plain(one.left)} {one.unit} is in hand" for one in known.open]
    return f"{', '.join(parts)}: account for it first" if parts else ""


def _row(one: Held, back: str) -> dict[str, Any]:
    place = one.stream.removeprefix(PREFIX)
    parts = ("given", "wasted", "returned", "lost", "left")
    quantities: dict[str, Decimal] = {name: getattr(one, name) for name in parts}
    return quantities | {
        "place": safe_label(place),
        "label": label(one.draw.body.product),
        "lot": one.draw.body.lot,
        "vial": one.draw.body.vial,
        "drawn": one.draw.body.quantity,
        "unit": one.unit,
        "url": f"{reverse('safe:account', args=[place, one.draw.id])}?next={back}",
    }
