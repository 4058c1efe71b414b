"""What was decided about one person beside what the rules say now: which way it moved, and through what (pure)."""

from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data.policies import Policy
from lowtide.data.rules import DECISIONS, rules
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.deciding.moved import Moved, Summary, as_decided, moved, summary
from lowtide.pathway.evaluate.facts import Facts, Requested
from lowtide.pathway.evaluate.rules import evaluate
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CandidacyDecided
from lowtide.record.entries.chair import DoseGiven, DoseStarted

How = Literal["failed", "urgent", "worse", "better", "lifted", "findings", "same", "undecided"]
HOWS: tuple[How, ...] = ("failed", "urgent", "worse", "better", "lifted", "findings", "same", "undecided")
"""In the order in which somebody should look at them."""
INCLUSION = "indication"
"""The class of the rules that say who is ill enough to begin."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One person's standing decision, what the rules suggested then and suggest now, and what came between."""

    decision: str
    by: str
    indication: str
    product: str
    route: str
    policy: str
    rules_version: str
    then: Summary
    now: Summary
    moved: Moved
    entries: int


class Outcome(msgspec.Struct, frozen=True):
    """How it moved, and its place in a list; without `said` nobody has decided on anything yet."""

    how: How
    rank: int
    decided: Entry | None = None
    said: Said | None = None


def policy_key(policy: Policy) -> str:
    """A policy as decisions and kept evaluations name it."""
    return f"{policy.name} {policy.version}"


def requested_of(body: CandidacyDecided, facts: Facts) -> Requested:
    """What was decided on, in the setting that the chart names now."""
    setting = facts.values.get("setting")
    return Requested(body.indication, body.product, body.route, str(setting) if setting else None)


def compared(chart: Chart, policy: Policy, on: date, zone: ZoneInfo) -> Outcome:
    """The standing decision of a person beside an evaluation of the same request made on this day."""
    last = chart.last(CandidacyDecided)
    if last is None:
        return Outcome("undecided", 100 * HOWS.index("undecided"))
    entry, body = last
    facts = facts_from_chart(chart, on, zone)
    now = summary(evaluate(facts, requested_of(body, facts), policy, on))
    then = as_decided(body)
    said = Said(
        decision=body.decision,
        by=entry.by,
        indication=body.indication,
        product=body.product,
        route=body.route,
        policy=body.policy,
        rules_version=body.rules_version,
        then=then,
        now=now,
        moved=moved(then, now),
        entries=sum(e.seq > body.known.get(e.stream, 0) for e in chart.entries.values() if e.id != entry.id),
    )
    how = how_moved(then, now, said.moved)
    if how == "worse" and _has_lifted(chart, entry, then, now):
        how = "lifted"
    return Outcome(how, 100 * HOWS.index(how) + _fall(then, now), entry, said)


def how_moved(then: Summary, now: Summary, differs: Moved) -> How:
    """A new call for a clinician before all else; then whether the suggestion is worse or better."""
    if now.urgent and not then.urgent:
        return "urgent"
    if differs.turned:
        return "worse" if DECISIONS.index(now.decision) > _place(then.decision) else "better"
    return "findings" if differs else "same"


def _has_lifted(chart: Chart, decided: Entry, then: Summary, now: Summary) -> bool:
    """Whether the suggestion fell only because somebody under treatment is no longer ill enough to begin one.

    Scores that have grown old meanwhile are due again by themselves; they are not what made it fall.
    """
    treated = any(e.at > decided.at for kind in (DoseStarted, DoseGiven) for e, _ in chart.said(kind))
    worse = [r for r, said in now.findings.items() if DECISIONS.index(said) > _place(then.decision)]
    about_illness = all(r in rules() and rules()[r].kind == INCLUSION for r in worse)
    return treated and bool(worse) and about_illness


def _fall(then: Summary, now: Summary) -> int:
    """The larger the fall the earlier in the list, and among equal falls the worse outcome first."""
    place = DECISIONS.index(now.decision)
    return -10 * abs(place - _place(then.decision)) - place


def _place(decision: str) -> int:
    """A decision that this version does not know counts as the best: whatever came after it is looked at."""
    return next((n for n, known in enumerate(DECISIONS) if known == decision), 0)
