"""`docs/evidence-changes.md`: which answers moved at each printing, and why; and the printing itself.

.venv/bin/python -m tests.science.evidence.changes "why the way of working it out changed"

compares the answers that the tables give now with those last printed, notes what moved, and keeps the new ones. `make docs`
does it, too.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lowtide.data import evidence_answers, read
from lowtide.data.evidence_answers import ANSWERS, CHANGES, Change
from lowtide.science.evidence.printing import METHOD, moved, moved_by_name, moved_claims, now
from lowtide.site.evidence import known
from tests.repository.markdown import table

DATA = Path(__file__).parents[3] / "src" / "lowtide" / "data"
HEAD = """\
# Which answers of the evidence moved, and why

Made by `make docs`; do not edit. Each printing compares the answers of the tables with those that were printed before. An
answer moves when a row behind it comes, changes or goes, or when the way of working it out does; which of these it was is said.
`lowtide evidence changes` says the same of rows that are not printed yet.
"""


def page() -> Iterator[str]:
    yield from HEAD.splitlines()
    yield ""
    for change in evidence_answers.changes():
        yield f"## {change.date}, data {change.data}"
        yield ""
        if change.moved:
            head = ("answer", "before", "now", "why")
            yield from table(
                head,
                ((m.answer, m.before or "none", m.after or "none", "; ".join(m.why)) for m in change.moved),
            )
        else:
            yield "The first printing: [the answers](evidence.md) as they stand."
            yield ""


def keep(method: str = METHOD) -> None:
    """Note what moved since the last printing, and keep the answers of now; `method` says what else than rows changed."""
    after = now(known())
    first = not (DATA / ANSWERS).exists()
    if not first:
        before = evidence_answers.last()
        ways = (moved_claims, moved, moved_by_name)
        found = tuple(one for way in ways for one in way(before, after, method))
        if not found and before == after:
            return
    day = datetime.now(UTC).date().isoformat()
    if first or found:
        history = () if first else evidence_answers.changes()
        _write(CHANGES, (Change(day, after.data, () if first else found), *history))
    _write(ANSWERS, after)
    for cached in (read.text, evidence_answers.last, evidence_answers.changes):
        cached.cache_clear()


def _write(name: str, said: object) -> None:
    text = msgspec.json.format(msgspec.json.encode(said), indent=1).decode()
    (DATA / name).write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    keep(*sys.argv[1:])
