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
    from django.db.models import Q
    from django.utils import timezone

    from lowtide.pathway.course.models import DueRow
    from lowtide.record import access_log

    access_log.log(BY, "lowtide due")
    now = timezone.now()
    rows = DueRow.objects.order_by("due_at", "key")
    if not args.clinic:
        rows = rows.filter(Q(opens_at__isnull=True) | Q(opens_at__lte=now))
    found, safes = list(rows), _of_safes(now, whole=args.clinic)
    documents = [*(_document(row, now) for row in found), *(_of_safe(w, now) for w in safes)]
    return answer(documents, _lines(found, safes, now), as_json=args.json)


def _of_safes(now: datetime, *, whole: bool) -> "list[Waiting]":
    """What the safes ask for: what is late or a case, or everything."""
    from lowtide.safe.watching import waiting

    return [w for w in waiting() if whole or w.due.due_at <= now or w.due.what == "case"]


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


def _document(row: "DueRow", now: datetime) -> dict[str, Any]:
    return {
        "patient": row.stream.removeprefix("chart:"),
        "item": row.task,
        "due_at": instant(row.due_at),
        "overdue": row.due_at < now,
        "owner": row.owner,
        "rule_id": row.rule_id,
    }


def _lines(rows: "list[DueRow]", safes: "list[Waiting]", now: datetime) -> Iterator[str]:
    from lowtide.pathway.course.words import due
    from lowtide.people.models import PatientIndex

    names = {p.stream: f"{p.given} {p.family}".strip() for p in PatientIndex.objects.all()}
    for row in rows:
        yield f"{due(row.due_at, now):<14} {names.get(row.stream, row.stream)}: {row.label} ({row.owner}, {row.rule_id})"
    for one in safes:
        yield f"{due(one.due.due_at, now):<14} safe {one.place}: {one.due.title}"
    if not rows and not safes:
        yield "Nothing is due."
