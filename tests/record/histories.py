"""Made-up histories of one stream: what the store would have written, without a database (pure)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID
from zlib import crc32

from hypothesis import strategies as st

from lowtide.record.entries.base import Body, Entry, Source
from lowtide.record.entries.chair import Note, Vitals
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.history import Measurement

STREAM = "chart:one"
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
ROLES = ("therapist", "nurse", "prescriber")
AUDIENCES = ((), ("therapist",), ("nurse", "prescriber"))
BODIES = (
    lambda n: Note(text=("calm", "floating", "tearful", "asleep")[n]),
    lambda n: Vitals(sbp_mmhg=120 + n, dbp_mmhg=80 + n),
    lambda n: Measurement(quantity="weight_kg", value=Decimal(60 + n)),
)


class Step(NamedTuple):
    """What somebody did: wrote something new, or corrected or retracted the `line`-th line, if there is one."""

    act: str
    line: int
    body: int
    value: int
    minute: int
    counter: int
    author: str
    audience: int


steps = st.builds(
    Step,
    act=st.sampled_from(["new", "correct", "retract"]),
    line=st.integers(0, 4),
    body=st.integers(0, 2),
    value=st.integers(0, 3),
    minute=st.integers(0, 3),
    counter=st.integers(0, 1),
    author=st.sampled_from(["staff:a", "staff:b"]),
    audience=st.integers(0, 2),
)


def histories(stream: str = STREAM, most: int = 10) -> st.SearchStrategy[list[Entry]]:
    """Entries in seq order: new ones, corrections of the latest of a line, retractions; times may tie."""
    return st.lists(steps, max_size=most).map(lambda done: written(stream, done))


def written(stream: str, done: list[Step]) -> list[Entry]:
    lines: list[list[Entry]] = []
    for seq, step in enumerate(done, 1):
        if step.act == "new" or step.line >= len(lines):
            lines.append([])
            line = lines[-1]
        else:
            line = lines[step.line]
        line.append(_entry(stream, seq, step, line))
    return sorted((e for line in lines for e in line), key=lambda e: e.seq)


def _entry(stream: str, seq: int, step: Step, line: list[Entry]) -> Entry:
    body = _body(step, line)
    return Entry(
        id=UUID(int=crc32(repr(step).encode()) << 64 | seq << 8 | len(stream)),
        stream=stream,
        seq=seq,
        kind=body.kind_tag(),
        at=START + timedelta(minutes=step.minute),
        counter=step.counter,
        recorded_at=START + timedelta(hours=seq),
        by=step.author,
        source=Source.MANUAL,
        previous="",
        body_digest="",
        visible_to=line[0].visible_to if line else AUDIENCES[step.audience],
        corrects=line[-1].id if line else None,
        body=body,
        reason="misread" if line else None,
    )


def _body(step: Step, line: list[Entry]) -> Body:
    if not line:
        return BODIES[step.body](step.value)
    if step.act == "retract":
        return EnteredInError()
    return next(b for make in BODIES if type(b := make(step.value)) is type(line[0].body))
