"""All answers of the tables in a form that can be kept, and which of them moved since, with the rows that moved them."""

from collections.abc import Iterator, Sequence

import msgspec

from lowtide.data.evidence import ROWS, Tables
from lowtide.data.evidence_answers import Moved, Printed, Stored
from lowtide.data.evidence_checks import KEYS
from lowtide.data.read import fingerprint
from lowtide.science.evidence.answering import Comparison
from lowtide.science.evidence.compare import Answer, Known, compare, terms
from lowtide.science.evidence.selection import Question

PLACES = 4
SAME = 1e-3
"""Answers nearer than this share of themselves are the same: another machine may round otherwise."""
RATE = "adverse_event_rates"


def questions(known: Known) -> Iterator[Question]:
    """Whatever is printed: outcomes at each window, relapse and side effects over their whole time; read rows only."""
    for indication in known.words.indication:
        for outcome, kind in known.words.outcome.items():
            times: Sequence[str | None] = (
                [None] if "hazard_ratio" in kind.contrasts else list(known.words.window)
            )
            yield from (Question(indication, outcome, at) for at in times)
        yield from (Question(indication, term) for term in terms(known))


def answered(known: Known) -> Iterator[tuple[Answer, tuple[Comparison, ...]]]:
    """The questions to which there is a number, each with its comparisons, those kept apart among them."""
    for asked in questions(known):
        answer = compare(known, asked)
        found = [each for one in answer.comparisons for each in (one, *one.also) if not each.no_evidence]
        if found:
            yield answer, tuple(found)


def now(known: Known) -> Printed:
    names = _names(known.tables)
    rows = {name: _print(row) for (_, _), (name, row) in names.items()}
    rows |= {_rate(line): fingerprint(dict(row)) for line, row in enumerate(known.rates, start=2)}
    found = {
        title(answer.question, one): _stored(known, one, names)
        for answer, its in answered(known)
        for one in its
    }
    used = {row for one in found.values() for row in one.rows}
    return Printed(known.digest, {name: rows[name] for name in sorted(used)}, dict(sorted(found.items())))


def title(asked: Question, one: Comparison) -> str:
    at = f" at {asked.at}" if asked.at else ""
    apart = "; ".join(part for part in (one.window, one.group, one.population, one.evidence) if part)
    return f"{asked.indication}, {asked.outcome}{at}: {one.treatment} against {one.versus} ({apart})"


def _names(tables: Tables) -> dict[tuple[str, int], tuple[str, msgspec.Struct]]:
    """(table, line) -> the name of the row, which stays when lines move, and the row."""
    found = {}
    for table in ROWS:
        key = KEYS[table][0]
        for row in getattr(tables, table):
            name = " ".join(str(part) for part in key(row) if part is not None)
            found[table, row.line] = (f"{table}: {name}", row)
    return found


def _rate(line: int) -> str:
    return f"{RATE}: line {line}"


def _print(row: msgspec.Struct) -> str:
    return fingerprint(
        {name: str(value) for name, value in msgspec.structs.asdict(row).items() if name != "line"}
    )


def _stored(
    known: Known, one: Comparison, names: dict[tuple[str, int], tuple[str, msgspec.Struct]]
) -> Stored:
    assert one.effect is not None
    assert one.lower is not None
    assert one.upper is not None
    rows = {names[s.table, s.line][0] if s.table != RATE else _rate(s.line) for s in one.seen}
    studies = {row.study_id for row in known.tables.studies} & {
        part for s in one.studies for part in s.split(" and ")
    }
    rows |= {f"studies: {study}" for study in studies}
    rows |= {names["bias", row.line][0] for row in known.tables.bias if row.study_id in studies}
    return Stored(
        one.measure or "",
        round(one.effect, PLACES),
        round(one.lower, PLACES),
        round(one.upper, PLACES),
        one.certainty.level if one.certainty else "unknown",
        one.studies,
        tuple(sorted(rows)),
    )


def moved(before: Printed, after: Printed) -> tuple[Moved, ...]:
    """Every answer that is not what it was."""
    names = sorted(before.answers.keys() | after.answers.keys())
    pairs = [(name, before.answers.get(name), after.answers.get(name)) for name in names]
    return tuple(
        Moved(
            name, told(one) if one else None, told(two) if two else None, tuple(_why(before, after, one, two))
        )
        for name, one, two in pairs
        if not _same(one, two)
    )


def told(one: Stored) -> str:
    return f"{one.measure} {one.effect:.2f} ({one.lower:.2f} to {one.upper:.2f}), certainty {one.certainty}"


def _same(one: Stored | None, two: Stored | None) -> bool:
    if one is None or two is None:
        return one is two
    ends = zip((one.effect, one.lower, one.upper), (two.effect, two.lower, two.upper), strict=True)
    near = all(abs(a - b) <= SAME * max(1.0, abs(a)) for a, b in ends)
    return near and (one.measure, one.certainty, one.studies) == (two.measure, two.certainty, two.studies)


def _why(before: Printed, after: Printed, one: Stored | None, two: Stored | None) -> Iterator[str]:
    """The rows behind the answer that came, changed or went; else that only the method can have."""
    old, new = set(one.rows if one else ()), set(two.rows if two else ())
    told_any = False
    for row in sorted(old | new):
        if row in new and row not in before.rows:
            yield f"new row, {row}"
        elif row in old and row not in after.rows:
            yield f"row no longer used, {row}"
        elif before.rows.get(row) != after.rows.get(row):
            yield f"row changed, {row}"
        else:
            continue
        told_any = True
    if not told_any:
        yield "no row behind it changed: how answers are worked out did"
