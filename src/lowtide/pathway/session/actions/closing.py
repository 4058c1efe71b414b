"""The end of a session: the patient leaves, the record is signed; or the session is broken off."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import uuid5

from lowtide.data import monitoring
from lowtide.pathway.session.actions import custody
from lowtide.pathway.session.actions.booking import chair_left
from lowtide.pathway.session.actions.common import MEND, Act, append, require
from lowtide.pathway.session.actions.dosing import stop_fits
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.leaving import Criterion, criteria, unmet
from lowtide.pathway.session.rules.state import SessionState, Verb
from lowtide.people.charts import linked, whole_chart
from lowtide.people.clinic import CALENDAR, CLINIC
from lowtide.people.roles import Permission
from lowtide.problems import Problem, Refused, bad, refuse
from lowtide.record import store
from lowtide.record.entries.base import Answer, Draft, Entry
from lowtide.record.entries.chair import (
    AgainstAdvice,
    Discharged,
    DoseStopped,
    SessionAbandoned,
    SessionSigned,
    TimeOutItem,
)


def discharge(
    act: Act,
    *,
    answers: Mapping[str, Answer],
    escort: str | None = None,
    against_advice: bool = False,
    advice: AgainstAdvice | None = None,
    reason: str | None = None,
) -> list[Entry]:
    """The patient leaves. What is not met is said; with it, only a prescriber discharges, and gives the reason.

    Leaving against advice is never refused: it is recorded as that, with the reason and how it was spoken about. The
    safe is not asked: what is in hand keeps nobody here, it only keeps the session from being signed.
    """
    require(act, Permission.CHART_SESSION)
    why = reason.strip() or None if reason else None
    facts = session_facts(whole_chart(act.stream), act.session_id)
    found = criteria(facts, monitoring.items(), act.when, answers)
    if against_advice and not why:
        raise bad("leaving against advice needs its reason", "reason", "Say what was said and done.")
    if not against_advice:
        _may_leave(act, found, why)
    body = Discharged(
        criteria=tuple(TimeOutItem(c.id, c.met, c.found) for c in found),
        escort=escort.strip() or None if escort else None,
        against_advice=against_advice,
        advice=advice if against_advice else None,
    )
    return append(
        act,
        Verb.DISCHARGE,
        [act.draft(body, reason=why), *chair_left(act)],
        lambda chart, state: _unchanged(act, state, answers, found),
        streams=(CALENDAR,),
    )


def abandon(act: Act, *, reason: str, delivered_ml: Decimal | None = None) -> list[Entry]:
    """Break the session off. While the dose runs, what went in is recorded with it, as a stop."""
    require(act, Permission.CHART_SESSION)
    if not reason.strip():
        raise bad("breaking off needs its reason", "reason", "Say in a few words why.")
    drafts = [act.draft(SessionAbandoned(), reason=reason.strip())]
    if delivered_ml is not None:
        drafts.append(
            Draft(
                id=uuid5(act.entry_id, "stop"),
                stream=act.stream,
                session=act.session_id,
                body=DoseStopped(delivered_ml=delivered_ml, complete=False),
                by=act.person.by,
                at=act.when,
                reason=reason.strip(),
            )
        )
    return append(act, Verb.ABANDON, drafts, lambda chart, state: _stop_said(act, state, delivered_ml))


def sign(
    act: Act, *, printed_name: str, seen: Mapping[str, int] | None = None, because: str | None = None
) -> list[Entry]:
    """Close the session's record with one's own name; what comes later is an addendum.

    `seen` is how far the signer had read (`stream -> seq`); what came to this session since then is refused. What was
    drawn for it must be accounted for (hazard H036); where chart and safe differ, `because` says why and a case opens.
    """
    require(act, Permission.SIGN_SESSION)
    if " ".join(printed_name.split()).casefold() != act.person.name.casefold():
        raise bad("sign with your own name", "printed_name", f"You are signed in as {act.person.name}.")
    known = dict(seen or {s: store.load(s).seq for s in linked(act.stream)})
    known[CLINIC] = store.load(CLINIC).seq  # the documents go on saying what the clinic was then
    body, found = SessionSigned(printed_name=act.person.name, known=known), custody.found(act)
    why = custody.settled(found, because)
    return append(
        act,
        Verb.SIGN,
        [act.draft(body, reason=why), *custody.case(act, found)],
        lambda chart, state: _all_seen(state, known),
        also=lambda charts: custody.unmoved(act, found, charts),
        streams=custody.streams(),
    )


def _may_leave(act: Act, found: list[Criterion], why: str | None) -> None:
    missing = unmet(found)
    if missing and not (why and act.person.can(Permission.ORDER)):
        mend = (
            "Give the reason to discharge all the same."
            if act.person.can(Permission.ORDER)
            else "Wait or complete it. A prescriber may discharge with a reason."
        )
        raise Refused(*(Problem(f"{c.label}: {c.found} (needed: {c.needed})", c.id, mend) for c in missing))


def _unchanged(act: Act, state: SessionState, answers: Mapping[str, Answer], found: list[Criterion]) -> None:
    """Refuse when the chart changed between looking and writing, so that nobody signs what they did not see."""
    now = criteria(state.facts, monitoring.items(), act.when, answers)
    if [(c.id, c.met) for c in now] != [(c.id, c.met) for c in found]:
        raise refuse("something was charted just now", "criteria", MEND)


def _stop_said(act: Act, state: SessionState, delivered_ml: Decimal | None) -> None:
    running = state.facts.infusion is not None
    if running and delivered_ml is None:
        raise bad("the pump was running", "delivered_ml", "Stop it, and read how much went in.")
    if not running and delivered_ml is not None:
        raise bad("no dose was started", "delivered_ml", "Leave the volume empty.")
    if delivered_ml is not None:
        stop_fits(act, state.facts, delivered_ml)


def _all_seen(state: SessionState, known: Mapping[str, int]) -> None:
    new = [e for e in state.facts.entries if e.seq > known.get(e.stream, 0)]
    if new:
        raise refuse(f"{len(new)} entries came while you read", "known", "Read them, then sign.")
