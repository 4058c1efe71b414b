"""The verbs of a rescue medicine: it was given, and what it did."""

from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.rescue import medicines
from lowtide.pathway.session.actions.common import MEND, Act, append, require
from lowtide.pathway.session.rules.rescue import Speaking, against, given, never, too_much, unusual
from lowtide.pathway.session.rules.state import SessionState, Verb
from lowtide.people.charts import whole_chart
from lowtide.people.models import StaffIndex
from lowtide.people.roles import Permission, permissions
from lowtide.problems import Problem, Refused, bad, refuse
from lowtide.record.entries.base import Entry
from lowtide.record.entries.events import RescueEffect, RescueGiven


def give(
    act: Act, body: RescueGiven, *, reason: str | None = None, dose_again: Decimal | None = None
) -> list[Entry]:
    """A rescue medicine was given, by order. What speaks against it is said; given all the same, the reason is kept. More
    than is usual is typed once more (`dose_again`), more than is ever given is taken for a slip (hazard H003).

    It never waits for anything else: whoever writes it down has given it already. What was written down without the network
    is not sent back for a reason: what spoke against it is kept with it.
    """
    require(act, Permission.CHART_SESSION)
    _no_slip(body, dose_again, queued=act.queued is not None)
    why = reason.strip() or None if reason else None
    weighing = [w.text for w in warnings(act, body) if w.weighs]
    if weighing and not why and act.queued is None:
        raise Refused(*(Problem(text, "reason", "Say why it was given all the same.") for text in weighing))
    kept = msgspec.structs.replace(body, warnings=tuple(weighing))
    return append(act, Verb.NOTE, [act.draft(kept, reason=why)])


def _no_slip(body: RescueGiven, dose_again: Decimal | None, *, queued: bool) -> None:
    if why := never(body):
        raise refuse(
            why,
            "dose",
            "Look at the number and its unit. If so much did go in, record it as an adverse event, in words.",
        )
    found = unusual(body)
    if found and not queued and dose_again != body.dose:
        again = "it was typed otherwise the second time" if dose_again is not None else found.text
        raise bad(again, "dose_again", "Look at syringe and order, and type the dose once more.")


def orderers() -> dict[str, str]:
    """Who of the staff may order, by name."""
    return {
        f"staff:{row.key}": row.name
        for row in StaffIndex.objects.filter(active=True).order_by("name")
        if Permission.ORDER in permissions(tuple(row.roles.split()))
    }


def warnings(act: Act, body: RescueGiven) -> list[Speaking]:
    """Everything that speaks against this dose of this medicine for this patient."""
    if body.medicine not in medicines():
        raise bad("this medicine is not in the table", "medicine", "Choose one, or “another”.")
    found = list(against(whole_chart(act.stream), body.medicine, act.when))
    above = too_much(body.medicine, Decimal(body.dose), body.unit, body.route)
    return [*found, *(one for one in (above, unusual(body)) if one)]


def effect(act: Act, rescue: UUID, *, effect: str, words: str | None = None) -> list[Entry]:
    """What it did."""
    require(act, Permission.CHART_SESSION)
    body = RescueEffect(rescue=rescue, effect=effect, words=words.strip() or None if words else None)

    def check(_: object, state: SessionState) -> None:
        if rescue not in {one.entry.id for one in given(state.facts)}:
            raise refuse("no such medicine was given here", "rescue", MEND)

    return append(act, Verb.NOTE, [act.draft(body)], check)
