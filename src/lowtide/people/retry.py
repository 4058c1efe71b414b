"""Append what a form said, so that sending it twice says it once.

The form carries the entry's id, but `at` is the server's clock, which has moved on when the same form arrives again.
A retry is therefore asked again with the instant that is stored: same content, same entry; other content, conflict.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from lowtide.problems import Conflict
from lowtide.record import store
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.store import Guard


def append(
    drafts: Sequence[Draft],
    guard: Guard | None = None,
    *,
    also_lock: Iterable[str] = (),
    now: datetime | None = None,
) -> list[Entry]:
    """As `store.append`; a draft that differs from its stored entry only in `at` is answered with that entry."""
    locked = list(also_lock)
    try:
        return store.append(drafts, guard, also_lock=locked, now=now)
    except Conflict:
        return store.append([_as_stored(d) for d in drafts], guard, also_lock=locked, now=now)


def _as_stored(draft: Draft) -> Draft:
    stored = store.find(draft.id)
    return msgspec.structs.replace(draft, at=stored.at) if stored else draft
