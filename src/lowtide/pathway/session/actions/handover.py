"""The shift changes at a running session: who goes and who comes both confirm how everything stands, and count."""

from datetime import datetime
from decimal import Decimal

from lowtide.data import monitoring
from lowtide.pathway.session.actions.common import Act, append, require
from lowtide.pathway.session.actions.dosing import words
from lowtide.pathway.session.rules.containers import ready
from lowtide.pathway.session.rules.due import next_due
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.state import SessionState, Verb, session_state
from lowtide.pathway.session.rules.thresholds import crossings, pressing
from lowtide.people.charts import whole_chart
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record.entries.base import Entry
from lowtide.record.entries.longrun import HandedOver
from lowtide.science.units import amount


def hand_over(
    act: Act, *, incoming: Person, counted: int, said: str | None = None, reason: str | None = None
) -> list[Entry]:
    """Hand the session over. Both signed in for it; from now on the session is the incoming one's.

    `counted` is what the two found made up and not begun; where the record knows of another number they say why.
    """
    require(act, Permission.CHART_SESSION)
    if incoming.by == act.person.by:
        raise refuse(
            "nobody hands over to themselves", "second_login", "The one who takes over signs in here."
        )
    if not incoming.can(Permission.CHART_SESSION):
        raise refuse(
            f"{incoming.name} may not {Permission.CHART_SESSION.value}",
            "second_login",
            "A nurse or prescriber takes over.",
        )
    now = session_state(whole_chart(act.stream), act.session_id, monitoring.items(), act.when)
    body = standing(now, act.person.by, incoming.by, counted, words(said))
    if not body.agrees and not words(reason):
        raise bad(
            f"the record knows of {body.ready} made up and not begun, you counted {counted}",
            "reason",
            "Count again together. If it stays so, say why.",
        )
    return append(act, Verb.HAND_OVER, [act.draft(body, reason=words(reason))])


def standing(
    state: SessionState, outgoing: str, incoming: str, counted: int, said: str | None = None
) -> HandedOver:
    """How the session stands at this moment, as both of them confirm it."""
    facts = state.facts
    at = state.now
    infusion = facts.infusion if facts.stopped is None else None
    assert at
    return HandedOver(
        outgoing=outgoing,
        incoming=incoming,
        phase=state.phase.value,
        ready=len(ready(facts)),
        counted=counted,
        rate_ml_per_h=infusion.rate_at(at) if infusion else None,
        delivered_ml=_read(infusion.delivered_ml(at)) if infusion else None,
        left_ml=_read(infusion.left_ml(at)) if infusion else None,
        due=tuple(d.parameter.name.lower() for d in next_due(state.due) if at >= d.due_at),
        reminders=tuple(reminders(facts, state, at)),
        said=said,
    )


def reminders(facts: Facts, state: SessionState, at: datetime) -> list[str]:
    return [f"{c.found} ({c.rule.id})" for c in pressing(crossings(facts, state.monitoring), at)]


def _read(volume_ml: Decimal) -> Decimal:
    """As the pages show it."""
    return amount(volume_ml)
