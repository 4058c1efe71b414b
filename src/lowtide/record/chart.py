"""The entries of one stream with corrections applied: typed look-ups, lines of correction, as known then.

A chart never changes: `extended` answers a new one. It knows no clock and no policy. The same set of entries
gives the same chart in whatever order they arrive.
"""

from bisect import insort
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self, TypeVar
from uuid import UUID

from lowtide.record.entries.base import Body, Entry, Unreadable
from lowtide.record.entries.chair import SessionSigned
from lowtide.record.entries.clinic import EnteredInError

B = TypeVar("B", bound=Body)
Line = tuple[Entry, ...]


def by_order(entry: Entry) -> tuple[datetime, int, UUID]:
    return entry.order


class Chart:
    """The entries of one stream, or of several streams that are one person."""

    __slots__ = ("_current", "_lines", "_roots", "entries", "known", "stream")

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.entries: dict[UUID, Entry] = {}
        self.known: dict[str, int] = {}
        self._roots: dict[UUID, UUID] = {}
        self._lines: dict[UUID, Line] = {}
        self._current: dict[str, list[Entry]] = {}

    # -- building ---------------------------------------------------------------------------------------------

    @classmethod
    def of(cls, stream: str, entries: Iterable[Entry]) -> Self:
        """The chart of these entries, in whatever order they come."""
        chart = cls(stream)
        waiting: dict[UUID, list[Entry]] = {}
        ready: list[Entry] = []
        pool = {e.id: e for e in entries}
        for entry in pool.values():
            behind = entry.corrects if entry.corrects in pool else None
            (waiting.setdefault(behind, []) if behind else ready).append(entry)
        while ready:
            chart._lay(ready)
            ready = [e for done in ready for e in sorted(waiting.get(done.id, ()), key=by_order)]
        chart._arrange(chart._current)
        return chart

    def extended(self, entries: Iterable[Entry]) -> Self:
        """This chart with later entries; corrections among them come after what they correct."""
        chart = type(self)(self.stream)
        chart.entries, chart.known = dict(self.entries), dict(self.known)
        chart._roots, chart._lines = dict(self._roots), dict(self._lines)
        chart._current = dict(self._current)
        touched: set[str] = set()
        for entry in entries:
            chart._note(entry)
            name = chart._lines[chart._roots[entry.id]][0].kind.rpartition(".")[0]
            if name not in touched or name not in chart._current:
                touched.add(name)
                chart._current[name] = list(chart._current.get(name, ()))
            chart._replace(name, entry)
        return chart

    @classmethod
    def union(cls, charts: Iterable["Chart"]) -> Self:
        """Several charts of one person read as one; the first names it."""
        parts = list(charts)
        whole = cls.of(parts[0].stream, (e for part in parts for e in part.entries.values()))
        whole.known = {stream: seq for part in parts for stream, seq in part.known.items()}
        return whole

    def _note(self, entry: Entry) -> None:
        root = self._roots.get(entry.corrects, entry.id) if entry.corrects else entry.id
        self.entries[entry.id] = entry
        self._roots[entry.id] = root
        self._lines[root] = (*self._lines.get(root, ()), entry)
        self.known[entry.stream] = max(entry.seq, self.known.get(entry.stream, 0))

    def _lay(self, entries: list[Entry]) -> None:
        for entry in entries:
            self._note(entry)

    def _arrange(self, current: dict[str, list[Entry]]) -> None:
        for line in self._lines.values():
            if stands(line[-1]):
                current.setdefault(line[0].kind.rpartition(".")[0], []).append(line[-1])
        for entries in current.values():
            entries.sort(key=by_order)

    def _replace(self, name: str, entry: Entry) -> None:
        line = self._lines[self._roots[entry.id]]
        if len(line) > 1 and stands(line[-2]):
            self._current[name].remove(line[-2])
        if stands(entry):
            insort(self._current[name], entry, key=by_order)
        elif not self._current[name]:
            del self._current[name]

    # -- reading ----------------------------------------------------------------------------------------------

    def said(self, kind: type[B]) -> list[tuple[Entry, B]]:
        """Every entry of `kind` that stands, corrections applied, in fold order."""
        return [(e, e.body) for e in self._current.get(kind.kind_name(), ()) if isinstance(e.body, kind)]

    def last(self, kind: type[B]) -> tuple[Entry, B] | None:
        """The latest of `said(kind)`."""
        said = self.said(kind)
        return said[-1] if said else None

    def standing(self) -> list[Entry]:
        """Every entry that stands, in fold order."""
        return sorted((e for entries in self._current.values() for e in entries), key=by_order)

    def line(self, entry_id: UUID) -> Line:
        """The entry's whole line of corrections, oldest first. KeyError when the entry is not here."""
        return self._lines[self._roots[entry_id]]

    def lines(self) -> list[Line]:
        """Every line of corrections, in the fold order of its latest entry; retracted ones included."""
        return sorted(self._lines.values(), key=lambda line: line[-1].order)

    def session(self, session: UUID) -> list[Entry]:
        """The standing entries of one session, in fold order."""
        return [e for e in self.standing() if e.session == session]

    def addenda(self, session: UUID) -> list[Entry]:
        """What was written to a session after it was signed."""
        signed = [e for e, _ in self.said(SessionSigned) if e.session == session]
        if not signed:
            return []
        return [e for e in self.session(session) if e.stream == signed[0].stream and e.seq > signed[0].seq]

    def as_of(self, known: int | Mapping[str, int]) -> Self:
        """The chart as it was known at a seq (or, for joined charts, at each stream's seq)."""
        limit = {self.stream: known} if isinstance(known, int) else known
        return type(self).of(
            self.stream, (e for e in self.entries.values() if e.seq <= limit.get(e.stream, 0))
        )

    def seen_by(self, audience: frozenset[str], person: str) -> Self:
        """What somebody with these roles may read; everybody may read what they wrote themselves."""
        hidden = {
            e.id
            for e in self.entries.values()
            if e.visible_to and e.by != person and audience.isdisjoint(e.visible_to)
        }
        if not hidden:
            return self
        return type(self).of(self.stream, (e for e in self.entries.values() if e.id not in hidden))

    @property
    def seq(self) -> int:
        return self.known.get(self.stream, 0)

    @property
    def unreadable(self) -> list[Entry]:
        """Entries of kinds newer than this program; while there are any the stream is read-only here."""
        return [e for e in self.entries.values() if isinstance(e.body, Unreadable)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chart) and self._lines == other._lines and self._current == other._current

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.entries)


def stands(entry: Entry) -> bool:
    """False for a line that ended as entered in error."""
    return not isinstance(entry.body, EnteredInError)
