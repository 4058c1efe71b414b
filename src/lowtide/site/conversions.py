"""Scores of one instrument read on another, as `lowtide evidence convert` and the clinicians' page tell them."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from lowtide.data.evidence import Conversion, Tables
from lowtide.data.evidence_words import scale
from lowtide.problems import bad
from lowtide.science.evidence import converting
from lowtide.science.evidence.converting import Read, Reading

FOR = "For means of groups, not for one person."
SCORE = re.compile(r"[\d%]")
"""What a printed score has in it; a row without says in words that there is a table, which nobody read."""


def document(tables: Tables, one: str, value: float, two: str, *, unverified: bool) -> dict[str, Any]:
    """Raises BadInput, naming the instruments, where nothing was printed on the two."""
    found, also = converting.read(tables, one, value, two, unverified=unverified)
    if not found and not also:
        pairs = converting.known_pairs(tables, unverified=unverified)
        raise bad(
            f"no table of equal scores on {one} and {two} was read",
            "convert",
            f"There are: {'; '.join(' and '.join(pair) for pair in pairs)}.",
        )
    return {
        "from": scale(one) or one,
        "value": value,
        "to": scale(two) or two,
        "tables": [_table(each) for each in found],
        "also": [{"kind": row.kind, **_seen(row)} for row in also],
        "for": FOR,
    }


def _table(one: Read) -> dict[str, Any]:
    exact, near = ([_reading(r) for r in its] for its in (one.exact, one.near))
    return {"kind": one.kind, "exact": exact, "near": near}


def _reading(one: Reading) -> dict[str, Any]:
    return {
        "given": one.given.text,
        "reads": one.reads.text,
        "backwards": one.backwards,
        **_seen(one.row),
    }


def _seen(row: Conversion) -> dict[str, Any]:
    return {"error": row.error, "notes": row.notes, "source": row.source_url, "verified": row.verified}


def lines(found: dict[str, Any]) -> Iterator[str]:
    one, two, value = found["from"], found["to"], found["value"]
    for table in found["tables"]:
        yield f"{table['kind']}:"
        for reading in table["exact"]:
            yield f"  {one} {reading['given']} reads as {two} {reading['reads']}{_mark(reading)}"
        if not table["exact"]:
            near = " and ".join(f"{r['given']} as {r['reads']}" for r in table["near"])
            yield f"  {one} {value:g} is not printed; the nearest: {near}{_mark(table['near'][0])}"
    for row in found["also"]:
        yield f"Also printed: {row['kind']}{_mark(row)}"
    yield found["for"]


def _mark(row: dict[str, Any]) -> str:
    error = f"; error: {row['error']}" if row["error"] else ""
    return f"{error}{'' if row['verified'] else ' [recalled]'}"


def every(tables: Tables, *, unverified: bool) -> list[dict[str, Any]]:
    """The page's tables: for two instruments and one way of linking each, its scores; then what is no table of scores."""
    rows = [r for r in tables.conversions if r.verified or unverified]
    return [_group(list(its)) for _, its in groupby(rows, key=_linked)]


def _linked(row: Conversion) -> tuple[str, str | None, str]:
    return row.from_instrument, row.to_instrument, row.kind


def _group(rows: list[Conversion]) -> dict[str, Any]:
    first = rows[0]
    return {
        "from": first.from_instrument,
        "to": first.to_instrument or "",
        "kind": first.kind,
        "error": "; ".join(_once(r.error for r in rows)),
        "notes": "; ".join(_once(r.notes for r in rows)),
        "scores": [
            tuple(v.text if v and SCORE.search(v.text) else "" for v in (r.from_value, r.to_value))
            for r in rows
            if any(v and SCORE.search(v.text) for v in (r.from_value, r.to_value))
        ],
        "verified": all(r.verified for r in rows),
        "sources": list(_once(r.source_url for r in rows)),
    }


def _once(texts: Iterable[str | None]) -> Iterator[str]:
    return iter(dict.fromkeys(text for text in texts if text))
