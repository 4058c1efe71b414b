"""Where what was drawn for a session went, as whoever signs it reads it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from lowtide.data.safe import label, limits, pieces, unanswered
from lowtide.pathway.session.actions.custody import of_mg
from lowtide.pathway.session.rules.custody import Custody, Held, custody
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.pumped import agreement
from lowtide.pathway.session.shown.milligrams import milligrams
from lowtide.pathway.session.views.common import Seen
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.safe import DrugReturned, DrugWasted
from lowtide.safe.places import PREFIX, books_of, charts, is_active, label_of
from lowtide.science.units import plain

TENTH = Decimal("0.1")
DEFAULTS = ("pump_share", "pump_mg")


def shown(facts: Facts, back: str) -> dict[str, Any]:
    """The draws with what became of them, and how chart and safe agree; nothing where no safe is concerned."""
    return _shown(facts, back, charts())


def drugs_drawn(facts: Facts) -> set[str]:
    """The drugs of which something was drawn for this session, at any safe."""
    known = custody(facts, {name: books_of(chart) for name, chart in charts().items()}, limits())
    return {one.drug for one in known.draws}


def _shown(facts: Facts, back: str, safes: Mapping[str, Chart]) -> dict[str, Any]:
    known = custody(facts, {name: books_of(chart) for name, chart in safes.items()}, limits())
    if not known.draws and known.charted_mg is None:
        return {}
    return {
        "rows": [_row(one, back, label_of(safes[one.stream])) for one in known.draws],
        "charted": known.charted_mg,
        "given": known.given_mg,
        "differs": known.differs and not known.open,
        "difference": f"{known.difference_mg.normalize():+f}",
        "allowed": known.allowed_mg,
        "unverified": unanswered(*DEFAULTS),
        "left": _left(known),
        "bars": milligrams(known.draws),
        "told": _told(known, safes),
    }


def _told(known: Custody, safes: Mapping[str, Chart]) -> list[str]:
    """When and before whom the rest was wasted or returned."""
    ids = {str(one.draw.id) for one in known.draws}
    mine = [p.entry for c in safes.values() for p in books_of(c).postings if p.source.name in ids]
    seen = [e for e in mine if isinstance(e.body, DrugWasted | DrugReturned)]
    names = names_of({e.body.witness for e in seen if e.body.witness})
    return [_witnessed(e, names) for e in seen]


def _witnessed(entry: Entry, names: Mapping[str, str]) -> str:
    what = "waste" if isinstance(entry.body, DrugWasted) else "return"
    witness = f"witness {names[entry.body.witness]}, own sign-in" if entry.body.witness else "no witness"
    return f"{what} {timezone.localtime(entry.at):%H:%M}, {witness}"


def pump_shown(facts: Facts) -> dict[str, Any]:
    """The pump against the record and the order, as the pages show it; nothing where no pump told anything."""
    found = agreement(facts, limits())
    if found is None:
        return {}
    pct, beyond = found.difference_pct, found.from_order_mg
    return {
        "pump": of_mg(found.pump_mg) if found.pump_mg is not None else "",
        "pump_ml": plain(found.pump_ml) if found.pump_ml is not None else "",
        "recorded": of_mg(found.recorded_mg),
        "recorded_ml": of_mg(found.recorded_ml),
        "ordered": plain(found.ordered_mg) if found.ordered_mg is not None else "",
        "difference": of_mg(abs(found.difference_mg)),
        "side": "more" if found.difference_mg > 0 else "less",
        "pct": plain(abs(pct).quantize(TENTH)) if pct is not None else "",
        "allowed": of_mg(found.allowed_mg),
        "beyond": of_mg(abs(beyond)) if beyond else "",
        "beyond_side": "more" if beyond and beyond > 0 else "less",
        "differs": found.differs or found.differs_from_order,
        "final": found.final,
        "at": found.heard_at,
        "notes": found.notes,
        "unverified": unanswered(*DEFAULTS),
    }


def beside(request: Request, see: Seen) -> dict[str, Any]:
    """What the session's own page shows of the safe, and the ways to it; nothing to those who may not look there."""
    if not request.person.can(Permission.SEE_SAFE):
        return {}
    back = see.url("session")
    open_ = see.facts.signed is None and see.facts.cancelled is None and see.facts.scheduled is not None
    may = open_ and request.person.can(Permission.USE_SAFE)
    safes = charts()
    return {"custody": _shown(see.facts, back, safes), "safes": _ways(see, back, safes) if may else []}


def ways(request: Request, see: Seen, back: str) -> list[tuple[str, str]]:
    """(name, address) of drawing for this session, for those who may, while it is open."""
    open_ = see.facts.signed is None and see.facts.cancelled is None and see.facts.scheduled is not None
    return _ways(see, back, charts()) if open_ and request.person.can(Permission.USE_SAFE) else []


def _ways(see: Seen, back: str, safes: Mapping[str, Chart]) -> list[tuple[str, str]]:
    """(name, address) of drawing for this session at each safe in use."""
    asked = urlencode({"session": f"{see.facts.session}|{see.found.patient_id}", "next": back})
    return [
        (label_of(chart), f"{reverse('safe:draw', args=[name.removeprefix(PREFIX)])}?{asked}")
        for name, chart in safes.items()
        if is_active(chart)
    ]


def _left(known: Custody) -> str:
    """What is missing before the signature can be pressed."""
    parts = [f"{plain(one.left)} {pieces(one.unit, one.left)} is in hand" for one in known.open]
    return f"{', '.join(parts)}: account for it first" if parts else ""


def _row(one: Held, back: str, where: str) -> dict[str, Any]:
    place = one.stream.removeprefix(PREFIX)
    parts = ("given", "wasted", "returned", "lost", "left")
    quantities: dict[str, Decimal] = {name: getattr(one, name) for name in parts}
    return quantities | {
        "place": where,
        "label": label(one.draw.body.product),
        "lot": one.draw.body.lot,
        "vial": one.draw.body.vial,
        "drawn": one.draw.body.quantity,
        "unit": one.unit,
        "url": f"{reverse('safe:account', args=[place, one.draw.id])}?next={back}",
    }
