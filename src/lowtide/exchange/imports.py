"""Bring files into the record: plan, then one append for each patient, all or none of it.

The command and the pages use the same functions. An import that meets another one writing at the same time plans
again; nothing is written twice, for ids are made from what is written.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from lowtide.exchange.fhir.groups import Group
from lowtide.exchange.fhir.placement import INBOX
from lowtide.exchange.fhir.plan import Circumstances, Plan, Refusal, make
from lowtide.exchange.fhir.reader import File
from lowtide.exchange.recorded import Recorded
from lowtide.exchange.report import ImportReport, report
from lowtide.people.clinic import zone
from lowtide.people.patients.numbers import append_numbered, numbered
from lowtide.problems import Conflict, Refused, refuse
from lowtide.record import store
from lowtide.record.entries.base import Draft
from lowtide.record.entries.identity import Patient
from lowtide.record.store import Charts

TRIES = 4
BY = "system:import"


def import_files(
    files: Sequence[File],
    source: str | None = None,
    by: str = BY,
    *,
    dry_run: bool = False,
    now: datetime | None = None,
) -> ImportReport:
    """Bring the files in together, or (`dry_run`) only say what that would do.

    `source` names the system they come from; without it, it is the server address the file gives, or “unnamed”.
    A file with a fault is refused whole, with its path; the others come in. Each patient is all or none.
    """
    known = _named_apart(files)
    how = Circumstances(by, now or datetime.now(UTC), zone(), source or None)
    plan = make(known, how, Recorded())
    if dry_run:
        return report(plan.groups, plan.refused)
    written: dict[str, Group] = {}
    for _ in range(TRIES):
        failed = _carry_out(plan, written, how.now)
        if not failed:
            return report(written.values(), plan.refused)
        plan = make(known, how, Recorded())
    given_up = [Refusal(f, g.stream, str(error)) for g, error in failed for f in sorted(g.files)]
    return report(written.values(), (*plan.refused, *given_up))


def _named_apart(files: Sequence[File]) -> list[File]:
    """Two files of one name are told apart by a number."""
    seen: dict[str, int] = {}
    found = []
    for file in files:
        seen[file.name] = seen.get(file.name, 0) + 1
        count = seen[file.name]
        found.append(file if count == 1 else msgspec.structs.replace(file, name=f"{file.name} ({count})"))
    return found


def _carry_out(
    plan: Plan, written: dict[str, Group], now: datetime
) -> list[tuple[Group, Conflict | Refused]]:
    """Write every group that is not written yet; answers those that met somebody else's writing."""
    failed: list[tuple[Group, Conflict | Refused]] = []
    try:
        if plan.received:
            store.append(plan.received, now=now)
    except Conflict as error:
        return [(group, error) for group in plan.groups if group.stream not in written]
    for group in plan.groups:
        if group.stream not in written:
            try:
                _append(group, now)
                written[group.stream] = group
            except (Conflict, Refused) as error:
                failed.append((group, error))
    return failed


def _append(group: Group, now: datetime) -> None:
    if not group.drafts:
        return
    if group.stream == INBOX or not group.new:
        store.append(group.drafts, now=now)
        return

    def still_nobody(charts: Charts) -> None:
        numbers = group.person.identifiers if group.person else ()
        taken = Recorded().owners(numbers)
        if any(group.stream not in streams for streams in taken.values()) and not _asks(group):
            raise refuse(
                "another chart was given this number meanwhile", "identifier", "Import the file again."
            )

    append_numbered(lambda number: _with_number(group, number), still_nobody, now=now)


def _asks(group: Group) -> bool:
    """The number is another chart's, and that is known and asked about."""
    return bool(group.placed and group.placed.shares)


def _with_number(group: Group, number: str) -> list[Draft]:
    return [
        msgspec.structs.replace(draft, body=numbered(draft.body, number))
        if draft.id == group.identity_draft and isinstance(draft.body, Patient)
        else draft
        for draft in group.drafts
    ]
