"""List what is due, for whom, since when or until when, by which rule, and whose it is.

What can be done now, the longest overdue first; with --clinic also what lies ahead.

Example: lowtide due --clinic --json
"""

import argparse
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lowtide.record.dates import instant
from lowtide.site.answers import add_json, answer
from lowtide.site.setup import ready

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from lowtide.pathway.course.models import DueRow
    from lowtide.safe.watching import Waiting

BY = "system:command-line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--clinic", action="store_true", help="the whole clinic's outlook, not only what is open now"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    ready()
    from django.utils import timezone

    from lowtide.pathway.course import refolding
    from lowtide.record import access_log

    refolding.refold_soon()  # with the numbers of this clinic as they stand now
    access_log.log(BY, "lowtide due")
    now = timezone.now()
    said, own = listed(now, whole=args.clinic)
    return answer(said, _all_lines(now, own, whole=args.clinic), as_json=args.json)


Own = list[tuple[dict[str, Any], str]]


def listed(now: datetime, *, whole: bool) -> tuple[list[dict[str, Any]], Own]:
    """The document, and what of it belongs to no patient: from the tables, no chart is opened."""
    own = [*(_of_the_clinic(now) if whole else []), *_of_the_safes(now, whole=whole)]
    rows = _rows(now, whole=whole).values_list("stream", "task", "due_at", "owner", "rule_id")
    said = [_document(*row, now) for row in rows.iterator(chunk_size=5000)]
    said += [row for row, _ in own]
    return sorted(said, key=lambda r: r["due_at"]), own


def _rows(now: datetime, *, whole: bool) -> "QuerySet[DueRow]":
    from django.db.models import Q

    from lowtide.pathway.course.models import DueRow

    rows = DueRow.objects.order_by("due_at", "key")
    return rows if whole else rows.filter(Q(opens_at__isnull=True) | Q(opens_at__lte=now))


def _all_lines(now: datetime, own: Own, *, whole: bool) -> Iterator[str]:
    yield from _lines(list(_rows(now, whole=whole)), now)
    yield from (line for _, line in own)


def _of_the_clinic(now: datetime) -> list[tuple[dict[str, Any], str]]:
    """What is due and belongs to no patient, as a document and as a line."""
    from lowtide.pathway.course.words import due
    from lowtide.pathway.plan.enrolling.lapsing import lapses
    from lowtide.people.clinic import clinic_chart, zone

    found = []
    for one in lapses(clinic_chart(), now, zone()):
        row = {
            "patient": None,
            "item": "site_certification",
            "due_at": instant(one.due_at),
            "overdue": one.due_at < now,
            "owner": one.rule.owner,
            "rule_id": one.rule.rule_id,
        }
        found.append((row, f"{due(one.due_at, now):<14} {one.text} ({one.rule.owner}, {one.rule.rule_id})"))
    return found


def _of_the_safes(now: datetime, *, whole: bool) -> list[tuple[dict[str, Any], str]]:
    """What the safes ask for: what is late or a case, or everything."""
    from lowtide.pathway.course.in_force import laid
    from lowtide.pathway.course.words import due
    from lowtide.people.clinic import clinic_chart
    from lowtide.safe.watching import waiting

    with laid(clinic_chart()):
        found = waiting()
    return [
        (_of_safe(one, now), f"{due(one.due.due_at, now):<14} safe {one.place}: {one.due.title}")
        for one in found
        if whole or one.due.due_at <= now or one.due.what == "case"
    ]


def _of_safe(one: "Waiting", now: datetime) -> dict[str, Any]:
    return {
        "patient": None,
        "safe": one.place,
        "item": one.due.what,
        "due_at": instant(one.due.due_at),
        "overdue": one.due.due_at < now,
        "owner": one.owner or "nurse",
        "rule_id": f"safe:{one.due.number}",
    }


def _document(
    stream: str, task: str, due_at: datetime, owner: str, rule_id: str, now: datetime
) -> dict[str, Any]:
    return {
        "patient": stream.removeprefix("chart:"),
        "item": task,
        "due_at": instant(due_at),
        "overdue": due_at < now,
        "owner": owner,
        "rule_id": rule_id,
    }


def _owner(row: "DueRow", now: datetime) -> str:
    """The rule's role, and the second one once nobody took it in time."""
    escalated = not row.taken and row.escalates_at is not None and row.escalates_at <= now
    return f"{row.owner}, escalated to {row.second}" if escalated else row.owner


def _lines(rows: "list[DueRow]", now: datetime) -> Iterator[str]:
    from lowtide.pathway.course.words import due
    from lowtide.people.models import PatientIndex

    names = {p.stream: f"{p.given} {p.family}".strip() for p in PatientIndex.objects.all()}
    for row in rows:
        yield f"{due(row.due_at, now):<14} {names.get(row.stream, row.stream)}: {row.label} ({_owner(row, now)}, {row.rule_id})"
    if not rows:
        yield "Nothing is due."
