"""The entries of one stream with corrections applied: typed look-ups, lines of correction, as known then.

A chart never changes: `extended` answers a new one. It knows no clock and no policy. The same set of entries
gives the same chart in whatever order they arrive.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, Self, TypeVar
from uuid import UUID

from lowtide.record.entries.base import Body, Entry, Redacted, Unreadable
from lowtide.record.entries.chair import SessionSigned
from lowtide.record.entries.clinic import EnteredInError

B = TypeVar("B", bound=Body)
Line = tuple[Entry, ...]
by_order = attrgetter("at", "counter", "id")  # Entry.order, without a call in Python for each


class Chart:
    """The entries of one stream, or of several streams that are one person.

    `unreadable` holds the entries of kinds newer than this program; while there are any the stream is read-only.
    """

    __slots__ = (
        "_before", "_current", "_kept", "_lines", "_roots", "_sessions",
        "entries", "known", "stream", "unreadable",
    )  # fmt: skip

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.entries: dict[UUID, Entry] = {}
        self.known: dict[str, int] = {}
        self.unreadable: list[Entry] = []
        self._roots: dict[UUID, UUID] = {}  # of each correction: the entry its line began with
        self._lines: dict[UUID, Line] = {}  # of each corrected entry: its whole line
        self._current: dict[str, list[Entry]] = {}  # of each kind: what stands, in fold order
        self._sessions: dict[UUID, list[Entry]] = {}  # of each session: what stands, in fold order
        self._kept: dict[tuple[UUID, str], Any] = {}  # what was worked out of a session's entries alone
        self._before: dict[tuple[UUID, str], Any] = {}  # the same, before the session had its latest entries

    # -- building ---------------------------------------------------------------------------------------------

    @classmethod
    def of(cls, stream: str, entries: Iterable[Entry]) -> Self:
        """The chart of these entries, in whatever order they come."""
        chart = cls(stream)
        chart.entries = {e.id: e for e in entries}
        chart._note(chart.entries.values())
        corrections: dict[UUID, list[Entry]] = {}
        begun: list[Entry] = []
        for entry in chart.entries.values():
            if entry.corrects is not None and entry.corrects in chart.entries:
                corrections.setdefault(entry.corrects, []).append(entry)
            else:
                begun.append(entry)
        for entry in begun:
            latest = chart._draw_line(entry, corrections) if corrections else entry
            if stands(latest):
                chart._current.setdefault(root_name(entry.kind), []).append(latest)
            if latest.session is not None and stands(latest):
                chart._sessions.setdefault(latest.session, []).append(latest)
        for standing in (*chart._current.values(), *chart._sessions.values()):
            standing.sort(key=by_order)
        return chart

    def extended(self, entries: Iterable[Entry]) -> Self:
        """This chart with later entries; corrections among them come after what they correct."""
        chart = type(self)(self.stream)
        chart.entries, chart.known = dict(self.entries), dict(self.known)
        chart.unreadable = list(self.unreadable)
        chart._roots, chart._lines = dict(self._roots), dict(self._lines)
        chart._current, chart._sessions = dict(self._current), dict(self._sessions)
        later, copied = list(entries), set[str | UUID]()
        chart._note(later)
        touched: set[UUID | None] = set()
        for entry in later:
            chart.entries[entry.id] = entry
            before = chart._continue_line(entry)
            line = chart.line(entry.id)
            touched.update(e.session for e in line)
            name = root_name(line[0].kind)
            _replace(chart._current, name, before, name, entry, copied)
            _replace(chart._sessions, before and before.session, before, entry.session, entry, copied)
        for key, said in dict(self._kept).items():
            (chart._before if key[0] in touched else chart._kept)[key] = said
        return chart

    @classmethod
    def union(cls, charts: Iterable["Chart"]) -> "Chart":
        """Several charts of one person read as one; the first names it."""
        parts = list(charts)
        if len(parts) == 1:
            return parts[0]
        whole = cls.of(parts[0].stream, (e for part in parts for e in part.entries.values()))
        whole.known = {stream: seq for part in parts for stream, seq in part.known.items()}
        return whole

    def _note(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if entry.seq > self.known.get(entry.stream, 0):
                self.known[entry.stream] = entry.seq
            if type(entry.body) is Unreadable:
                self.unreadable.append(entry)

    def _draw_line(self, root: Entry, corrections: Mapping[UUID, list[Entry]]) -> Entry:
        """Keep the line of corrections that begins here, if any; answers its latest entry."""
        if root.id not in corrections:
            return root
        line = [root]
        for entry in line:  # grows as it is walked
            line += sorted(corrections.get(entry.id, ()), key=by_order)
        self._lines[root.id] = tuple(line)
        self._roots.update((e.id, root.id) for e in line[1:])
        return line[-1]

    def _continue_line(self, entry: Entry) -> Entry | None:
        """Put a later entry into its line; answers the one that was the latest of it."""
        if entry.corrects is None or entry.corrects not in self.entries:
            return None
        line = self.line(entry.corrects)
        self._lines[line[0].id] = (*line, entry)
        self._roots[entry.id] = line[0].id
        return line[-1]

    # -- reading ----------------------------------------------------------------------------------------------

    def said(self, kind: type[B]) -> list[tuple[Entry, B]]:
        """Every entry of `kind` that stands, corrections applied, in fold order."""
        return [(e, e.body) for e in self._current.get(kind.kind_name(), ()) if isinstance(e.body, kind)]

    def newest(self, kind: type[B]) -> Iterator[tuple[Entry, B]]:
        """`said(kind)` backwards, as far as the caller goes."""
        for entry in reversed(self._current.get(kind.kind_name(), ())):
            if isinstance(entry.body, kind):
                yield entry, entry.body

    def last(self, kind: type[B]) -> tuple[Entry, B] | None:
        """The latest of `said(kind)`."""
        return next(self.newest(kind), None)

    def standing(self) -> list[Entry]:
        """Every entry that stands, in fold order."""
        return sorted((e for entries in self._current.values() for e in entries), key=by_order)

    def line(self, entry_id: UUID) -> Line:
        """The entry's whole line of corrections, oldest first. KeyError when the entry is not here."""
        root = self._roots.get(entry_id, entry_id)
        return self._lines.get(root) or (self.entries[root],)

    def lines(self) -> list[Line]:
        """Every line of corrections, in the fold order of its latest entry; retracted ones included."""
        begun = (i for i in self.entries if i not in self._roots)
        return sorted(map(self.line, begun), key=lambda line: by_order(line[-1]))

    def retracted(self) -> list[Line]:
        """Every line that ended as entered in error."""
        return [line for line in self._lines.values() if not stands(line[-1])]

    def unread(self, kind: type[Body]) -> list[Entry]:
        """The standing entries of a kind whose words were removed by a redaction."""
        return [e for e in self._current.get(kind.kind_name(), ()) if isinstance(e.body, Redacted)]

    def session(self, session: UUID) -> list[Entry]:
        """The standing entries of one session, in fold order."""
        return list(self._sessions.get(session, ()))

    def sessions(self) -> Iterator[UUID]:
        """Every session of which an entry stands."""
        return iter(self._sessions)

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

    def kept(self, session: UUID, name: str) -> Any:
        """What `keep` was given; None once the session has a further entry."""
        return self._kept.get((session, name))

    def kept_before(self, session: UUID, name: str) -> Any:
        """What `keep` was given before the session had its latest entries, for whoever can go on from there."""
        return self._before.get((session, name))

    def keep(self, session: UUID, name: str, said: Any, *, alone: bool = False) -> None:
        """Remember what follows from the entries of one session and from nothing else, for longer charts too;
        `alone`: instead of what has that name of another session."""
        if alone:
            self._kept = {key: kept for key, kept in self._kept.items() if key[1] != name}
        self._kept[session, name] = said

    @property
    def seq(self) -> int:
        return self.known.get(self.stream, 0)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Chart)
            and self.entries == other.entries
            and self._lines == other._lines
            and self._current == other._current
        )

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.entries)


def _replace(
    standing: dict[Any, list[Entry]],
    old: Any,
    before: Entry | None,
    new: Any,
    entry: Entry,
    copied: set[str | UUID],
) -> None:
    """Take `before` out of the list under `old` and put `entry` into the one under `new`. Charts share the lists that
    they have in common, so one that changes is copied, once; one that becomes empty goes."""
    for key in {old, new} - {None} - copied:
        copied.add(key)
        standing[key] = list(standing.get(key, ()))
    if before is not None and old is not None and stands(before):
        del standing[old][bisect_left(standing[old], by_order(before), key=by_order)]
    if new is not None and stands(entry):
        insort(standing[new], entry, key=by_order)
    for key in {old, new} - {None}:
        if not standing[key]:
            del standing[key]
            copied.discard(key)


def stands(entry: Entry) -> bool:
    """False for a line that ended as entered in error."""
    return type(entry.body) is not EnteredInError


@cache
def root_name(kind: str) -> str:
    """A kind's name without its version."""
    return kind.rpartition(".")[0]
