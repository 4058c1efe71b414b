"""Lines of the record as a page shows them: newest first, with who, when, what it replaced and what was odd."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from itertools import pairwise
from typing import Any
from uuid import UUID

from lowtide.data.record import clocks
from lowtide.people.models import PatientIndex
from lowtide.people.projections import latest_words
from lowtide.people.roles import ROLES
from lowtide.people.who import names_of
from lowtide.record.chart import Chart, Line, stands
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.care import Answers
from lowtide.record.entries.chair import SessionSigned, TimeOut
from lowtide.record.entries.identity import Linked
from lowtide.record.entries.words import kind_label, label, summary

SOURCES = {
    Source.DEVICE: "from a monitor",
    Source.IMPORT: "imported",
    Source.PATIENT: "by the patient",
    Source.SYSTEM: "by Lowtide",
}


def newest_first(chart: Chart, kind: str = "") -> list[Line]:
    """Every line of the chart, or those of one kind; the latest happening first."""
    lines = chart.lines()
    lines.reverse()
    return [line for line in lines if kind_of(line) == kind] if kind else lines


def kinds(lines: Iterable[Line]) -> list[tuple[str, str, int]]:
    """(kind, what it is called, how many lines), by what it is called."""
    counts = Counter(map(kind_of, lines))
    return sorted(((k, kind_label(k), n) for k, n in counts.items()), key=lambda row: row[1])


def kind_of(line: Line) -> str:
    return line[0].kind.rpartition(".")[0]


def shown(chart: Chart, lines: Sequence[Line], zone: tzinfo) -> list[dict[str, Any]]:
    """What a page shows of these lines."""
    names = names_of({by for line in lines for e in line for by in (e.by, *_people(e))})
    signed = {e.session: (e.stream, e.seq) for e, _ in chart.said(SessionSigned)}
    numbers = _numbers(chart)
    return [
        {
            **_line(line, names, zone),
            "amended": _amends(line[-1], signed),
            "chart": numbers.get(line[-1].stream),
        }
        for line in lines
    ]


def _line(line: Line, names: Mapping[str, str], zone: tzinfo) -> dict[str, Any]:
    latest, standing = line[-1], [e for e in line if stands(e)]
    said = standing[-1] if standing else latest
    replaced = [e for e, after in pairwise(standing) if not _is_step(e, after)]
    changed = bool(replaced) or not stands(latest)
    return {
        "id": latest.id,
        "at": latest.at,
        "label": label(said),
        "text": told(said, names, zone),
        "retracted": not stands(latest),
        "was": [told(e, names, zone) for e in reversed(replaced)],
        "by": names[line[0].by],
        "changed_by": names[latest.by] if changed else "",
        "changed_at": latest.recorded_at,
        "reason": latest.reason if changed or len(line) == 1 else "",
        "marks": marks(latest),
        "source": SOURCES.get(latest.source, ""),
        "audience": audience(latest),
    }


def _is_step(before: Entry, after: Entry) -> bool:
    """A form saved half-way, to which the next version only adds answers: nobody corrected anything."""
    then, now = before.body, after.body
    if not isinstance(then, Answers) or not isinstance(now, Answers) or then.complete:
        return False
    return then.items.items() <= now.items.items()


def told(entry: Entry, names: Mapping[str, str], zone: tzinfo) -> str:
    """What the entry says, its people by their names."""
    text = summary(entry, zone)
    for person in _people(entry):
        text = text.replace(person, names[person])
    return text


def _people(entry: Entry) -> tuple[str, ...]:
    """Who is named within the entry, besides its author."""
    return (entry.body.nurse,) if isinstance(entry.body, TimeOut) else ()


def marks(entry: Entry) -> list[str]:
    """What was odd about when an entry came to be, in words."""
    late = (
        entry.source is Source.MANUAL
        and entry.corrects is None
        and _lag_s(entry) > clocks().written_late_after_s
    )
    return [mark for mark in (late and "written late", entry.clock) if mark]


def _lag_s(entry: Entry) -> float:
    return (entry.recorded_at - entry.at).total_seconds()


def audience(entry: Entry) -> str:
    """Who besides its author may read it, in words; empty for the whole care team."""
    return ", ".join(ROLES[r].label.lower() if r in ROLES else r for r in entry.visible_to)


def _amends(entry: Entry, signed: Mapping[UUID | None, tuple[str, int]]) -> bool:
    """True for what was written to a session after it was signed."""
    if entry.session is None or entry.session not in signed or isinstance(entry.body, SessionSigned):
        return False
    stream, seq = signed[entry.session]
    return entry.stream == stream and entry.seq > seq


def _numbers(chart: Chart) -> dict[str, str]:
    """The number of each joined chart; nothing for the chart itself."""
    others = [stream for stream in chart.known if stream != chart.stream]
    rows = PatientIndex.objects.filter(stream__in=others) if others else []
    return {row.stream: row.number or f"{row.given} {row.family}" for row in rows}


def as_known_then(chart: Chart, seq: int) -> Chart:
    """The chart as it was known when its own stream had `seq` entries, with the charts that were joined by then."""
    own = chart.as_of({chart.stream: seq})
    if not own.entries:
        return own
    at = max(e.recorded_at for e in own.entries.values())
    limits, waiting, then = {chart.stream: seq}, [own], own
    while waiting:
        for other, body in latest_words(waiting.pop()).items():
            if isinstance(body, Linked) and other not in limits and other in chart.known:
                limits[other] = _known_by(chart, other, at)
                then = chart.as_of(limits)
                waiting.append(then)
    return then


def _known_by(chart: Chart, stream: str, at: Any) -> int:
    seqs = (e.seq for e in chart.entries.values() if e.stream == stream and e.recorded_at <= at)
    return max(seqs, default=0)
