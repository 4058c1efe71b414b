"""The bags and syringes of a session, from made up to ended (pure; hazard H012).

One may be begun when a second person's blind look at this very one agrees, it is of the standing order, it is in date and
its label was read: a label of another session is another patient's (hazard H001).
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.made_up import made_up
from lowtide.pathway.session.rules import label_code
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.infusion import Held
from lowtide.pathway.session.rules.preparation import differing
from lowtide.problems import BadInput, bad, refuse
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import DoseGiven, DoseStarted, PreparationChecked
from lowtide.record.entries.longrun import ContainerChanged, ContainerPrepared


class Container(msgspec.Struct, frozen=True):
    """One container: what it holds, who looked at it last, and while it ran or with which part it was given."""

    entry: Entry
    body: ContainerPrepared
    checked: tuple[Entry, PreparationChecked] | None
    held: Held | None
    residual_ml: Decimal | None
    given: tuple[Entry, DoseGiven] | None = None

    @property
    def id(self) -> UUID:
        return self.entry.id

    @property
    def name(self) -> str:
        """Bag 2."""
        return f"{made_up().containers.get(self.body.container, self.body.container)} {self.body.number}"

    @property
    def agreed(self) -> bool:
        return self.checked is not None and self.checked[1].agrees

    @property
    def begun(self) -> bool:
        return self.held is not None or self.given is not None


def containers(facts: Facts) -> tuple[Container, ...]:
    """Every container of the session, in the order of their numbers."""
    made = [(e, e.body) for e in facts.entries if isinstance(e.body, ContainerPrepared)]
    looks = {e.body.container: (e, e.body) for e in facts.entries if isinstance(e.body, PreparationChecked)}
    ran, rests = _ran(facts), _rests(facts)
    given = {b.container: (e, b) for e, b in (facts.parts.parts if facts.parts else ())}
    return tuple(
        Container(e, b, looks.get(e.id), ran.get(e.id), rests.get(e.id), given.get(e.id))
        for e, b in sorted(made, key=lambda pair: (pair[1].number, pair[0].order))
    )


def _ran(facts: Facts) -> dict[UUID | None, Held]:
    """container -> while it ran."""
    started = facts.started[1] if facts.started else None
    if facts.infusion is None or not isinstance(started, DoseStarted):
        return {}
    changes = [b for e in facts.entries if isinstance(b := e.body, ContainerChanged)]
    names = [started.container, *(b.begun for b in changes)]
    return dict(zip(names, facts.infusion.held, strict=False))


def _rests(facts: Facts) -> dict[UUID | None, Decimal]:
    return {b.ended: b.residual_ml for e in facts.entries if isinstance(b := e.body, ContainerChanged)}


def gave_ml(facts: Facts, one: Container, now: datetime | None = None) -> Decimal | None:
    """What of it went in, in mL: of one that ended as measured, of the last one what the pump's sum leaves, of one that
    runs by its rates until `now`; None where that is not known."""
    held, infusion = one.held, facts.infusion
    if one.given:
        return one.body.final_volume_ml * one.given[1].mg / one.given[1].of_mg
    if held is None or infusion is None:
        return None
    if held.gave_ml is not None:
        return held.gave_ml
    before = sum((h.gave_ml for h in infusion.held if h.gave_ml is not None), Decimal(0))
    whole = infusion.delivered_ml(now) if facts.given_ml is None and now else facts.given_ml
    return max(Decimal(0), whole - before) if whole is not None else None


def waiting_for_check(facts: Facts) -> Container | None:
    """The first container of the standing order that no look agrees with yet."""
    return next((c for c in _of_order(facts) if not c.begun and not c.agreed), None)


def ready(facts: Facts) -> list[Container]:
    """Checked, not begun: what can be hung."""
    return [c for c in _of_order(facts) if c.agreed and not c.begun]


def running(facts: Facts) -> Container | None:
    """The one that is hanging."""
    return next((c for c in containers(facts) if c.held and c.held.ended_at is None), None)


def _of_order(facts: Facts) -> list[Container]:
    order = facts.order[0].id if facts.order else None
    return [c for c in containers(facts) if c.body.order == order]


def scanned(facts: Facts, typed: str | None, now: datetime) -> Container | None:
    """The container whose label was read; None where none was made up. Raises BadInput for any that may not be begun."""
    if not containers(facts):
        return None
    if not typed or not typed.strip():
        raise bad(
            "the label was not read",
            "scanned",
            f"Scan the label of the one you {facts.way.begins}, or type its digits.",
        )
    if not label_code.is_whole(typed):
        raise bad("this is no number of a label", "scanned", "Scan it again, or read the digits once more.")
    if not label_code.is_of(facts.session, typed):
        raise refuse(
            "this label is of another session: another patient’s, or another day’s",
            "scanned",
            "Take it away from this chair. Find the one that was made up for this patient.",
        )
    found = [c for c in containers(facts) if c.body.code == label_code.plain(typed)]
    if not found:
        raise refuse(
            "nothing that stands was made up under this label", "scanned", "Make it up, and check it."
        )
    if why := not_to_begin(facts, found[-1], now):
        raise why
    return found[-1]


def not_to_begin(facts: Facts, one: Container, now: datetime) -> BadInput | None:
    """Why this one may not be begun; None where it may."""
    order = facts.order[0].id if facts.order else None
    if one.begun:
        return refuse(f"{one.name} was {facts.way.begun} before", "scanned", "Take the next one.")
    if one.body.order != order:
        return refuse(f"{one.name} was made up for an earlier order", "scanned", "Make up another one.")
    if now >= one.body.use_by:
        return refuse(f"{one.name} is past its time of use", "scanned", "Waste it, and make up another one.")
    if one.checked is None:
        return refuse(
            f"no second person has checked {one.name}", "scanned", "A second person reads it first."
        )
    if not one.agreed:
        said = ", ".join(differing(one.checked[1], facts.way)).lower()
        return refuse(f"the second check of {one.name} differs: {said}", "scanned", "Make up another one.")
    return None
