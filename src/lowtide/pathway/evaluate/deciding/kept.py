"""Evaluations that are kept: made once for a state of the record, the rules, the policy and the day."""

from collections.abc import Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from lowtide.data import rules as tables
from lowtide.data.policies import Policy
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.deciding.moved import Summary, summary
from lowtide.pathway.evaluate.facts import Facts, Requested
from lowtide.pathway.evaluate.models import KeptEvaluation
from lowtide.pathway.evaluate.rules import evaluate
from lowtide.record.chart import Chart

Asked = tuple[Requested, Policy]


class Kept(msgspec.Struct, frozen=True):
    """What a kept evaluation was made on."""

    known: str
    rules_version: str
    policy_version: str
    on: date


def summaries(
    chart: Chart, asked: Iterable[Asked], on: date, zone: ZoneInfo, facts: Facts | None = None
) -> list[Summary]:
    """The evaluation in short for each request and policy; the stale ones are made again and kept.

    `chart` is everything about the person, never what a reader may see of it.
    """
    wanted = {_key(chart, one): one for one in asked}
    rows = {row.key: row for row in KeptEvaluation.objects.filter(key__in=list(wanted))}
    stale = {
        k: one for k, one in wanted.items() if k not in rows or _made_on(rows[k]) != _now(chart, one[1], on)
    }
    if stale:
        facts = facts or facts_from_chart(chart, on, zone)
        made = [_row(k, chart, one, summary(evaluate(facts, *one, on)), on) for k, one in stale.items()]
        _keep(made)
        rows |= {row.key: row for row in made}
    return [msgspec.json.decode(rows[_key(chart, one)].summary, type=Summary) for one in wanted.values()]


def _key(chart: Chart, asked: Asked) -> str:
    requested, policy = asked
    words = (requested.indication, requested.product, requested.route, requested.setting or "")
    return "|".join((chart.stream, *words, policy.name))


def _now(chart: Chart, policy: Policy, on: date) -> Kept:
    return Kept(_known(chart.known), tables.version(), policy.version, on)


def _made_on(row: KeptEvaluation) -> Kept:
    return Kept(row.known, row.rules_version, row.policy_version, row.on)


def _known(known: Mapping[str, int]) -> str:
    return msgspec.json.encode(dict(sorted(known.items()))).decode()


def _row(key: str, chart: Chart, asked: Asked, short: Summary, on: date) -> KeptEvaluation:
    made = _now(chart, asked[1], on)
    return KeptEvaluation(
        key=key,
        stream=chart.stream,
        known=made.known,
        rules_version=made.rules_version,
        policy_version=made.policy_version,
        on=on,
        decision=short.decision,
        urgent=short.urgent,
        summary=msgspec.json.encode(short).decode(),
    )


def _keep(rows: list[KeptEvaluation]) -> None:
    fields = [f.name for f in KeptEvaluation._meta.fields if f.name != "key"]
    KeptEvaluation.objects.bulk_create(
        rows, update_conflicts=True, update_fields=fields, unique_fields=["key"]
    )
