"""A FHIR file as a chart, without a database: for evaluating somebody whom no record holds (pure)."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from lowtide.exchange.fhir.known import Nothing
from lowtide.exchange.fhir.plan import Circumstances, make
from lowtide.exchange.fhir.reader import File
from lowtide.problems import BadInput, Problem, bad
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry

BY = "system:import"


def chart_from_bundle(data: bytes, now: datetime, *, name: str = "file", zone: tzinfo = UTC) -> Chart:
    """The chart of the one patient a FHIR R4 JSON Bundle (or NDJSON) holds, as an import would make it.

    `now` stands in for the time of what tells none. Raises BadInput: a fault of the file with its path, no Patient
    in it, or more than one.
    """
    plan = make([File(name, data)], Circumstances(BY, now, zone), Nothing())
    if plan.refused:
        refused = plan.refused[0]
        raise BadInput(
            Problem(refused.reason.rstrip("."), f"{name}: {refused.path}", "Nothing was evaluated.")
        )
    groups = [group for group in plan.groups if group.person]
    if len(groups) != 1:
        found = f"{len(groups)} patients" if groups else "no Patient"
        raise bad(
            f"the file holds {found}",
            name,
            "Send one person's history at a time, with their Patient resource.",
        )
    return _chart(groups[0].stream, groups[0].drafts, now)


def _chart(stream: str, drafts: Iterable[Draft], now: datetime) -> Chart:
    return Chart.of(stream, (_entry(draft, seq, now) for seq, draft in enumerate(drafts, 1)))


def _entry(draft: Draft, seq: int, now: datetime) -> Entry:
    return Entry(
        id=draft.id,
        stream=draft.stream,
        seq=seq,
        kind=draft.body.kind_tag(),
        at=draft.at.astimezone(UTC),
        recorded_at=now.astimezone(UTC),
        by=draft.by,
        source=draft.source,
        previous="",
        body_digest="",
        origin=draft.origin,
        visible_to=draft.visible_to,
        body=draft.body,
    )
