"""Append and load: the only way in and out of the record.

`append` commits all of its entries or none. It locks their streams, runs the caller's guard on the charts under
the lock, writes entries with their hashes, brings the projections in step, and returns once the database has
synced them: an entry that was answered with is never lost.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock
from uuid import UUID

import msgspec
from django.db import connection, transaction

from lowtide.data.record import clocks
from lowtide.problems import BadInput, Conflict, bad, refuse
from lowtide.record import notices, projections, rows
from lowtide.record.chain import Row, body_digest, envelope_hash, new_salt
from lowtide.record.chart import Chart, root_name, stands
from lowtide.record.dates import instant
from lowtide.record.entries.base import Draft, Entry, Envelope, Source
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.kinds import to_bytes

Charts = Mapping[str, Chart]
Guard = Callable[[Charts], None]

_encode = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical").encode
_cache: OrderedDict[str, "Kept"] = OrderedDict()
_cache_lock = Lock()
CACHED_CHARTS = 512


class Kept(msgspec.Struct, frozen=True):
    """A stream's chart at a head, and of each projection that this process wrote there: its rows by key."""

    head: str
    chart: Chart
    rows: dict[str, projections.Rows]


def load(stream: str) -> Chart:
    """The chart of a stream as it stands; folds only what is new since it was last loaded here."""
    return _load(stream, rows.heads([stream])[stream])


def load_all(streams: Iterable[str]) -> dict[str, Chart]:
    """The chart of each of these streams, by name; one look at the heads for all of them."""
    return {name: _load(name, head) for name, head in rows.heads(streams).items()}


def load_under(prefix: str) -> dict[str, Chart]:
    """The chart of every stream that begins with `prefix`, by name; one look at the heads for all of them."""
    return {name: _load(name, head) for name, head in rows.heads_under(prefix).items()}


def _load(stream: str, head: rows.Head) -> Chart:
    kept = _kept(stream)
    cached_hash, chart = (kept.head, kept.chart) if kept else ("", None)
    if chart is None or (cached_hash != head.hash and chart.seq >= head.seq):
        chart = Chart.of(stream, rows.entries(stream))
    elif cached_hash != head.hash:
        chart = _grown(stream, chart, cached_hash)
    _remember(stream, head.hash, chart)
    return chart


def _grown(stream: str, chart: Chart, cached_hash: str) -> Chart:
    new = rows.entries(stream, chart.seq)
    if not new or new[0].previous != cached_hash or any(e.redacts for e in new):
        return Chart.of(stream, rows.entries(stream))
    return chart.extended(new)


def _kept(stream: str) -> Kept | None:
    with _cache_lock:
        return _cache.get(stream)


def _rows_at(stream: str, head_hash: str) -> dict[str, projections.Rows]:
    """What the projections of a stream are known to hold at a head; nothing once another process has moved it."""
    kept = _kept(stream)
    return kept.rows if kept and kept.head == head_hash else {}


def _remember(
    stream: str, head_hash: str, chart: Chart, rows: dict[str, projections.Rows] | None = None
) -> None:
    kept = Kept(head_hash, chart, _rows_at(stream, head_hash) if rows is None else rows)
    with _cache_lock:
        _cache[stream] = kept
        _cache.move_to_end(stream)
        while len(_cache) > CACHED_CHARTS:
            _cache.popitem(last=False)


def forget() -> None:
    """Empty the cache, as a new process would find it."""
    with _cache_lock:
        _cache.clear()


def find(entry_id: UUID) -> Entry | None:
    """The entry with this id, in whatever stream it is."""
    for row in rows.read_ids([entry_id]):
        return rows.entry(row)
    return None


def streams(prefix: str = "") -> list[str]:
    return rows.streams(prefix)


def seqs(names: Iterable[str] | None = None) -> dict[str, int]:
    """How far each of these streams has come, or each that there is; nothing is folded for it."""
    heads = rows.all_heads() if names is None else rows.heads(names)
    return {name: head.seq for name, head in heads.items()}


def append(
    drafts: Sequence[Draft],
    guard: Guard | None = None,
    *,
    also_lock: Iterable[str] = (),
    now: datetime | None = None,
) -> list[Entry]:
    """Commit the drafts, all or none, and answer the stored entries in their order.

    A draft whose id is stored with the same content is answered with the stored entry; `guard` then does not run
    when nothing is new. `also_lock` names streams that the guard reads. `now` is the server's clock.

    Raises BadInput (implausible, too far ahead), Refused (by the guard or a correction rule), Conflict.
    """
    _check(drafts)
    with transaction.atomic():
        heads = rows.lock([*(d.stream for d in drafts), *also_lock])
        known = _known(drafts)
        new = [d for d in drafts if d.id not in known]
        if new:
            charts = {name: _load(name, head) for name, head in heads.items()}
            _admit(new, charts, guard)
            known |= _write(new, charts, heads, now or datetime.now(UTC))
    return [known[d.id] for d in drafts]


def _check(drafts: Sequence[Draft]) -> None:
    if len({d.id for d in drafts}) != len(drafts):
        raise bad("two entries of one append share an id", "id", "Give each entry its own id.")
    problems = [p for d in drafts for p in d.body.problems()]
    if problems:
        raise BadInput(*problems)


def _known(drafts: Sequence[Draft]) -> dict[UUID, Entry]:
    known = {e.id: e for e in rows.decoded(list(rows.read_ids([d.id for d in drafts])))}
    for draft in drafts:
        if draft.id in known and not same(draft, known[draft.id]):
            raise Conflict(known[draft.id], draft)
    return known


def same(draft: Draft, entry: Entry) -> bool:
    """True when the stored entry says what the draft says; `at` is the device's for queued entries."""
    fields = ("stream", "by", "session", "corrects", "reason", "device_at", "counter", "body")
    if any(getattr(draft, name) != getattr(entry, name) for name in fields):
        return False
    return draft.offset_s is not None or draft.at == entry.at


def _admit(drafts: list[Draft], charts: Charts, guard: Guard | None) -> None:
    for draft in drafts:
        chart = charts[draft.stream]
        if chart.unreadable:
            raise refuse(
                f"this record has entries of a newer Lowtide ({chart.unreadable[0].kind})",
                draft.stream,
                "It can be read but not written here: update Lowtide.",
            )
        if draft.corrects:
            _may_correct(draft, chart)
    if guard:
        guard(charts)


def _may_correct(draft: Draft, chart: Chart) -> None:
    target = draft.corrects
    if target not in chart.entries:
        raise refuse(
            "what it corrects is not in this record", "corrects", "Open the entry again and correct it there."
        )
    line = chart.line(target)
    latest, root = line[-1], line[0].kind.rpartition(".")[0]
    if latest.id != target:
        raise refuse(
            f"it was already corrected at {instant(latest.recorded_at)} (entry {latest.id})",
            "corrects",
            "Look at the newer one and correct that.",
        )
    if latest.body is not None and latest.body.kind_name() == "redacted":
        raise refuse("it was redacted", "corrects", "Write a new entry.")
    if not isinstance(draft.body, EnteredInError) and draft.body.kind_name() != root:
        raise refuse(
            f"a correction keeps its kind: {root}, not {draft.body.kind_name()}",
            "corrects",
            "Mark the old entry as entered in error and write a new one.",
        )
    if isinstance(draft.body, EnteredInError) and not stands(latest):
        raise refuse("it is already marked as entered in error", "corrects", "Nothing more to do.")
    if not draft.reason:
        raise bad("a correction needs its reason", "reason", "Say in a few words why.")


def _write(
    drafts: list[Draft], charts: Charts, heads: dict[str, rows.Head], now: datetime
) -> dict[UUID, Entry]:
    written: list[Entry] = []
    stored: list[Row] = []
    for draft in drafts:
        entry, row = _seal(draft, heads[draft.stream], now)
        heads[draft.stream] = rows.Head(
            entry.seq, entry.hash, max(instant(now), heads[draft.stream].recorded_at)
        )
        written.append(entry)
        stored.append(row)
    rows.insert(stored)
    for stream in dict.fromkeys(d.stream for d in drafts):
        rows.move_head(stream, heads[stream])
        fresh = [e for e in written if e.stream == stream]
        grown = charts[stream].extended(fresh)
        projected = update_projections(grown, fresh, _rows_at(stream, fresh[0].previous))
        _on_commit(grown, heads[stream].hash, fresh, projected)
    return {e.id: e for e in written}


def _seal(draft: Draft, head: rows.Head, now: datetime) -> tuple[Entry, Row]:
    """The draft with its place in the chain: the entry, and the row that holds it."""
    at, mark = _when(draft, head, now)
    salt, payload = new_salt(), to_bytes(draft.body, draft.reason)
    envelope = Envelope(
        id=draft.id,
        stream=draft.stream,
        seq=head.seq + 1,
        kind=draft.body.kind_tag(),
        at=at,
        recorded_at=now.astimezone(UTC),
        by=draft.by,
        source=draft.source,
        previous=head.hash,
        body_digest=body_digest(salt, payload),
        device_at=draft.device_at,
        device=draft.device,
        counter=draft.counter,
        session=draft.session,
        corrects=draft.corrects,
        origin=draft.origin,
        visible_to=draft.visible_to,
        clock=mark,
        redacts=getattr(draft.body, "entry", None) if draft.body.kind_name() == "redaction" else None,
    )
    encoded = _encode(envelope)
    row = Row(
        id=str(envelope.id),
        stream=envelope.stream,
        seq=envelope.seq,
        kind=envelope.kind,
        at=instant(at),
        session=_text(envelope.session),
        corrects=_text(envelope.corrects),
        redacts=_text(envelope.redacts),
        clock=mark,
        envelope=encoded,
        hash=envelope_hash(encoded),
        salt=salt,
        payload=payload,
    )
    return rows.entry(row), row


def _when(draft: Draft, head: rows.Head, now: datetime) -> tuple[datetime, str | None]:
    """When it happened by the server's clock, and what was odd about the clocks."""
    at, marks = draft.at, []
    if draft.device_at is not None and draft.offset_s is not None:
        at = draft.device_at + timedelta(seconds=draft.offset_s)
        if abs(draft.offset_s) >= clocks().device_offset_marked_s:
            marks.append(f"device clock off by {-draft.offset_s} s")
    ahead = (at - now).total_seconds()
    if ahead > clocks().future_tolerance_s and not draft.queued and draft.source is Source.MANUAL:
        raise refuse(
            f"it is dated {round(ahead)} s in the future",
            "at",
            "Check the time; what is planned belongs into a plan, not into the past.",
        )
    if draft.odd:
        marks.append(draft.odd)
    if head.recorded_at and instant(now) < head.recorded_at:
        marks.append("server clock was set back")
    return at.astimezone(UTC), "; ".join(marks) or None


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def update_projections(
    grown: Chart, fresh: list[Entry], have: dict[str, projections.Rows]
) -> dict[str, projections.Rows]:
    """Bring the tables in step that look at the kinds of these entries, the latest of `grown`. `have` and the answer
    are the rows that are known."""
    names = {root_name(kind) for e in fresh for kind in (e.kind, grown.line(e.id)[0].kind)}
    now = {name: rows for name, rows in have.items() if name in projections.REGISTERED}
    concerned = [(n, p) for n, p in projections.REGISTERED.items() if p.concerns(grown.stream, names)]
    if not concerned:
        return now
    with projections.folding(grown.stream):
        for name, projection in concerned:
            now[name] = projections.project(projection, grown, have.get(name))
    return now


def _on_commit(
    grown: Chart, head_hash: str, fresh: list[Entry], projected: dict[str, projections.Rows]
) -> None:
    """Once it is certain: keep the grown chart (not one that still holds what was redacted) and spread the word."""
    stream = grown.stream
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('lowtide', %s)", [stream])
    if not any(e.redacts for e in fresh):
        transaction.on_commit(lambda: _remember(stream, head_hash, grown, projected))
    transaction.on_commit(lambda: notices.publish(stream))
