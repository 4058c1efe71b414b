"""What was marked as entered in error, or redacted, leaves a question open until somebody goes through it again (pure).

A list was called whole while the entry stood: whether it still is without it, nobody has said.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from lowtide.data.charted import charted
from lowtide.pathway.evaluate.facts import allergens
from lowtide.pathway.evaluate.facts import medicine as medicine_fact
from lowtide.pathway.evaluate.facts import problem as problem_fact
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.clinic import Redaction
from lowtide.record.entries.history import (
    Allergy,
    Diagnosis,
    HistoryItem,
    HistoryTaken,
    Medicine,
    ProblemStatus,
)

LIST_OF = {"dx": "problems", "med": "medicines", "allergy": "allergies"}
LISTS = frozenset(LIST_OF.values())
REDACTED: dict[type[Body], frozenset[str]] = {
    Diagnosis: frozenset({"problems"}),
    Medicine: frozenset({"medicines"}),
    Allergy: frozenset({"allergies"}),
    HistoryItem: LISTS,
}
"""Kinds of entry, and the lists that nobody can call whole once what one of them said cannot be read."""


class Reopened(msgspec.Struct, frozen=True):
    """Items, and whole lists, that are open again."""

    items: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()


def reopened(chart: Chart) -> Reopened:
    """What was taken back and not gone through since."""
    back = [*_retracted(chart), *_redacted(chart)]
    if not back:
        return Reopened()
    asked = _asked(chart)
    words = {word for word, since in back if _is_open(word, since, asked)}
    return Reopened(frozenset(words - LISTS), frozenset(words & LISTS))


def _retracted(chart: Chart) -> Iterator[tuple[str, datetime]]:
    for line in chart.retracted():
        for entry in line[:-1]:
            yield from ((word, line[-1].recorded_at) for word in _words(entry))


def _redacted(chart: Chart) -> Iterator[tuple[str, datetime]]:
    done = chart.last(Redaction)
    if done:
        for kind, lists in REDACTED.items():
            if chart.unread(kind):
                yield from ((word, done[0].recorded_at) for word in lists)


def _words(entry: Entry) -> Iterator[str]:
    """The items that an entry spoke of; the list of medicines where it may be any."""
    body = entry.body
    if isinstance(body, HistoryItem):
        yield body.item
    elif isinstance(body, Diagnosis) and body.status is not ProblemStatus.REFUTED:
        found = problem_fact(body.keys, [(c.system, c.code) for c in body.codings], label=body.label)
        yield from (f"dx.{key}" for key in found.keys | found.possible)
    elif isinstance(body, Medicine) and body.status in (ProblemStatus.ACTIVE, ProblemStatus.UNKNOWN):
        classes = medicine_fact(
            body.name, [(c.system, c.code) for c in body.codings], classes=body.keys
        ).classes
        yield from (f"med.{key}" for key in classes) if classes is not None else (LIST_OF["med"],)
    elif isinstance(body, Allergy) and body.status is not ProblemStatus.REFUTED:
        yield from (f"allergy.{key}" for key in allergens(body.substance))


def _asked(chart: Chart) -> dict[str, datetime]:
    """Item or list -> when somebody last went through it."""
    found: dict[str, datetime] = {}
    for entry, taken in chart.said(HistoryTaken):
        for item in taken.items:
            word = charted().whole.get(item, item)
            found[word] = max(found.get(word, entry.recorded_at), entry.recorded_at)
    return found


def _is_open(word: str, since: datetime, asked: dict[str, datetime]) -> bool:
    covering = (word, LIST_OF.get(word.partition(".")[0], word))
    return all(name not in asked or asked[name] <= since for name in covering)
