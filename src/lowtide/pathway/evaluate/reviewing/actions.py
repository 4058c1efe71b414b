"""The verb of reviewing: a named clinician saw these results."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

from lowtide.pathway.evaluate.models import ResultWaiting
from lowtide.people.retry import append
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record.chart import stands
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.history import ResultReviewed
from lowtide.record.store import Charts

LONGEST_NOTE = 300


def review(person: Person, form_id: UUID, results: Iterable[str], note: str, *, now: datetime) -> list[Entry]:
    """Say that this person saw these results: one entry in each chart they lie in.

    Results that somebody reviewed meanwhile are left out. Refused where one was corrected after the page was shown.
    """
    wanted = sorted(set(results))
    if not wanted:
        raise bad("no result is chosen", "result", "Tick those that you have seen.")
    if len(note) > LONGEST_NOTE:
        raise bad(f"the note has {len(note)} characters, and {LONGEST_NOTE} fit", "note", "Write it shorter.")
    streams: dict[str, list[UUID]] = {}
    for row in ResultWaiting.objects.filter(key__in=wanted).order_by("key"):
        streams.setdefault(row.stream, []).append(UUID(row.key))
    if not streams:
        return []

    def guard(charts: Charts) -> None:
        for stream, ids in streams.items():
            for result in ids:
                latest = charts[stream].line(result)[-1]
                if latest.id != result or not stands(latest):
                    raise refuse("a result was corrected meanwhile", "result", "Look at it again.")

    drafts = [_draft(person, form_id, stream, ids, note, now) for stream, ids in streams.items()]
    return append(drafts, guard, now=now)


def _draft(person: Person, form_id: UUID, stream: str, ids: list[UUID], note: str, now: datetime) -> Draft:
    body = ResultReviewed(results=tuple(ids), note=note or None)
    return Draft(id=uuid5(form_id, stream), stream=stream, body=body, by=person.by, at=now)
