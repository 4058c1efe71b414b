"""The prescriber's decision: one entry with everything it was made on, under the lock of the chart."""

from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import intake
from lowtide.data.policies import Policy
from lowtide.pathway.course.approved import Approvals
from lowtide.pathway.evaluate.chart_facts import KINDS, facts_from_chart
from lowtide.pathway.evaluate.deciding import overriding
from lowtide.pathway.evaluate.facts import Requested
from lowtide.pathway.evaluate.rules import Evaluation, evaluate
from lowtide.pathway.evaluate.ruling.adopted import is_settled
from lowtide.people.charts import linked, stream_of
from lowtide.people.retry import append
from lowtide.people.who import Person
from lowtide.problems import BadInput, Conflict, Problem, Refused, bad
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.care import CandidacyDecided, FindingKept, OverrideKept
from lowtide.record.store import Charts

COUNTED = frozenset({*(kind.kind_name() for kind in KINDS), CandidacyDecided.kind_name()})


class Moved(Refused):
    """The facts are not those the page showed; `entries` are what came since, `evaluation` what the rules say now."""

    def __init__(self, entries: list[Entry]) -> None:
        super().__init__(
            Problem("the facts are not those that this page showed", "known", "Look again, then decide.")
        )
        self.entries = entries


class Deciding(msgspec.Struct, frozen=True, kw_only=True):
    """A decision about to be recorded. `seen` is what stood on the page: stream -> seq, and what the rules suggested."""

    person: Person
    patient_id: UUID
    entry_id: UUID
    requested: Requested
    policy: Policy
    approved: Approvals
    decision: str
    reason: str
    seen: dict[str, int]
    suggested: str
    zone: ZoneInfo
    overrides: tuple[OverrideKept, ...] = ()
    now: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))

    @property
    def stream(self) -> str:
        return stream_of(self.patient_id)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


def decide(deciding: Deciding) -> Entry:
    """Record a decision with the findings, what was missing, the policy and what was known.

    Raises Moved when the facts, the rules, the policy or the standing decision changed since the page was shown.
    """
    if not deciding.reason.strip():
        raise bad("a reason is needed", "reason", "Say in your own words why.")
    if stored := _recorded(deciding):
        return stored
    own = linked(deciding.stream)
    whole = Chart.union(store.load(name) for name in own)
    evaluation = evaluate(
        facts_from_chart(whole, deciding.today, deciding.zone),
        deciding.requested,
        deciding.policy,
        deciding.today,
    )
    if suggestion(evaluation) != deciding.suggested:
        raise Moved(since(whole, deciding.seen))
    _answers_each_finding(deciding, evaluation)

    def guard(charts: Charts) -> None:
        now = Chart.union(charts[name] for name in own)
        if now.known.keys() != deciding.seen.keys() or (new := since(now, deciding.seen)):
            raise Moved(new if now.known.keys() == deciding.seen.keys() else [])

    return append([_draft(deciding, evaluation, whole)], guard, also_lock=own, now=deciding.now)[0]


def _answers_each_finding(deciding: Deciding, evaluation: Evaluation) -> None:
    """Raises BadInput unless every finding that the decision is more open than is set aside as its rule allows."""
    labels = {key: item.label for key, item in intake.items().items()}
    if found := overriding.problems(evaluation, deciding.decision, deciding.overrides, labels):
        raise BadInput(*found)


def suggestion(evaluation: Evaluation) -> str:
    """What the rules suggest, and which rules: what has to be the same when the decision is recorded."""
    return "|".join(
        (evaluation.decision, evaluation.rules_version, evaluation.policy.name, evaluation.policy.version)
    )


def since(chart: Chart, seen: dict[str, int]) -> list[Entry]:
    """Entries that facts are read from, and decisions, which came after what was seen."""
    later = [e for e in chart.entries.values() if e.seq > seen.get(e.stream, 0)]
    return sorted((e for e in later if e.body.kind_name() in COUNTED), key=lambda e: e.recorded_at)


def _recorded(deciding: Deciding) -> Entry | None:
    """The entry of this very form, if it was sent before."""
    stored = store.find(deciding.entry_id)
    if stored is None:
        return None
    same = isinstance(stored.body, CandidacyDecided) and (
        stored.stream,
        stored.by,
        stored.body.decision,
        stored.reason,
    ) == (deciding.stream, deciding.person.by, deciding.decision, deciding.reason.strip())
    if not same:
        raise Conflict(stored, deciding)
    return stored


def _used(deciding: Deciding, evaluation: Evaluation) -> tuple[OverrideKept, ...]:
    """The answers to findings that the decision passes over; one to any other finding says nothing."""
    passed = {f.rule.id for f in overriding.passed_over(evaluation, deciding.decision)}
    return tuple(one for one in deciding.overrides if one.rule_id in passed)


def _draft(deciding: Deciding, evaluation: Evaluation, chart: Chart) -> Draft:
    asked = deciding.requested
    body = CandidacyDecided(
        decision=deciding.decision,
        suggested=evaluation.decision,
        indication=asked.indication,
        product=asked.product,
        route=asked.route,
        policy=f"{deciding.policy.name} {deciding.policy.version}",
        rules_version=evaluation.rules_version,
        findings=tuple(
            FindingKept(f.rule.id, f.decision, f.reason, is_settled(f, deciding.approved))
            for f in evaluation.findings
        ),
        known=dict(sorted(chart.known.items())),
        urgent_escalation=evaluation.urgent_escalation,
        missing=tuple(m.item for m in evaluation.missing),
        overrides=_used(deciding, evaluation),
    )
    return Draft(
        id=deciding.entry_id,
        stream=deciding.stream,
        body=body,
        by=deciding.person.by,
        at=deciding.now,
        reason=deciding.reason.strip(),
    )
