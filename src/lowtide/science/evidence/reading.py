"""The text of a published table, read with care: which line and column is at fault, and how to mend it.

Columns are found by name, in any order and case; commas, semicolons or tabs part them. With semicolons or tabs a comma
may stand for the decimal point. An empty value, or one that says that it is not known, is not 0: its arm or contrast is
left out and told; and so is one of nobody, or without any spread. A negative count, more events than people and text in
place of a number are faults.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from unicodedata import normalize

import msgspec

from lowtide.problems import BadInput, Problem, bad
from lowtide.science.evidence.table import (
    BASELINE,
    CONTRASTS,
    FORMS,
    MEANS,
    MEASURES,
    Contrast,
    EventArm,
    MeanArm,
    NotGiven,
    Row,
)

SEPARATORS = (",", ";", "\t")
UNKNOWN = frozenset(("", "na", "n/a", "nan", "nr", "?", ".", "-", "–", "—", "null", "none", "unknown"))
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
SAID = re.compile(r"\s*\"?sep=([,;\t])\"?", re.IGNORECASE)
LARGEST = 1e12
"""Beyond this no count, mean or standard deviation of people lies; a typing error does."""
SMALLEST = 1e-9
TOLD = 8
"""Faults that are told at once; more of them are counted."""


class Line(msgspec.Struct, frozen=True):
    """One line of the table: its values by column, and where it stands."""

    values: dict[str, str]
    where: str
    decimal_comma: bool = False


def read(text: str, measure: str, where: str) -> list[Row]:
    """The rows of one table. Raises BadInput with the faults: which line, which column, how to mend it."""
    separator = _separator(text)
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator)
    try:
        heading = next((line for line in reader if _heads(line)), [])
        columns = [" ".join(name.split()).casefold() for name in heading]
        form = form_of(columns, measure, where)
        lines = list(_lines(reader, columns, where, decimal_comma=separator != ","))
    except csv.Error as error:
        raise bad(
            f"not CSV ({error})", f"{where}, line {reader.line_num}", "Save it as CSV with a heading line."
        ) from error
    return _rows(form, lines, where)


def _separator(text: str) -> str:
    """What parts the columns: as a spreadsheet's first line `sep=;` says, else what the heading line holds most of."""
    lines = [line for line in text.removeprefix("\ufeff").splitlines() if line.strip(" ,;\t")]
    if lines and (said := SAID.match(lines[0])):
        return said[1]
    return max(SEPARATORS, key=lines[0].count) if lines else ","


def _heads(line: list[str]) -> bool:
    """Whether a line is the heading: not empty, and not a spreadsheet's word on what parts the columns."""
    return any(cell.strip() for cell in line) and not line[0].strip().casefold().startswith("sep=")


def form_of(columns: Sequence[str], measure: str, where: str) -> tuple[str, ...]:
    """Which of the forms the columns are: the one that the measure is worked out from, else contrasts."""
    given = [name for name in columns if name]
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice:
        raise bad(f"the column “{twice}” stands there twice", where, "Give each column one name.")
    wanted = (MEASURES[measure], CONTRASTS)
    found = next((form for form in wanted if set(form) <= set(given)), None)
    if found:
        return found
    other = next((form for form in FORMS if set(form) <= set(given)), None)
    if other:
        fits = " or ".join(name for name, form in MEASURES.items() if form is other)
        raise bad(
            f"{measure} cannot be worked out from {','.join(other)}",
            where,
            f"Use --measure {fits}, or give {','.join(MEASURES[measure])}.",
        )
    told = " or ".join(",".join(form) for form in wanted)
    raise bad(f"the columns are {_short(','.join(given)) or 'missing'}", where, f"Give {told}.")


def _lines(
    reader: Iterator[list[str]], columns: Sequence[str], where: str, *, decimal_comma: bool
) -> Iterator[Line]:
    for values in reader:
        if not any(value.strip() for value in values):
            continue
        at = f"{where}, line {reader.line_num}"  # type: ignore[attr-defined]
        if any(value.strip() for value in values[len(columns) :]):
            raise bad(
                f"it has {len(values)} values for {len(columns)} columns",
                at,
                "Put a text with the separator in it into quotes, and write decimals with a point.",
            )
        padded = [*values, *[""] * len(columns)]
        yield Line(dict(zip(columns, padded, strict=False)), at, decimal_comma)


def _rows(form: tuple[str, ...], lines: Iterable[Line], where: str) -> list[Row]:
    rows: list[Row] = []
    problems: list[Problem] = []
    seen: dict[Row, str] = {}
    for line in lines:
        try:
            row = _row(form, line)
        except BadInput as error:
            problems.extend(error.problems)
            continue
        if row in seen:
            problems.append(
                Problem(
                    f"it repeats {seen[row]}",
                    line.where,
                    "Leave one of them out; two like arms of one treatment are one line with their sums.",
                )
            )
        seen[row] = line.where.removeprefix(f"{where}, ")
        rows.append(row)
    if not rows and not problems:
        problems.append(Problem("there are no rows", where, "Give one line an arm, or one a contrast."))
    if problems:
        raise BadInput(*problems[:TOLD], *_rest(problems, where))
    return rows


def _rest(problems: list[Problem], where: str) -> Iterator[Problem]:
    if len(problems) > TOLD:
        yield Problem(f"{len(problems) - TOLD} more faults", where, "Mend these first.")


def _row(form: tuple[str, ...], line: Line) -> Row:
    study = _name(line, "study")
    if form is CONTRASTS:
        return _contrast(study, line)
    treatment = _name(line, "treatment")
    missing = _missing(form[2:], line)
    if missing:
        return NotGiven(study, treatment, missing)
    return _mean_arm(study, treatment, line) if form is MEANS else _event_arm(study, treatment, line)


def _mean_arm(study: str, treatment: str, line: Line) -> Row:
    n, mean, sd = _count(line, "n"), _number(line, "mean"), _positive(line, "sd")
    if n < 2 or not sd:
        return NotGiven(study, treatment, f"n is {n}: nothing spreads" if n < 2 else "sd is 0")
    return MeanArm(study, treatment, mean, sd, n)


def _event_arm(study: str, treatment: str, line: Line) -> Row:
    n, events = _count(line, "n"), _count(line, "events")
    if events > n:
        raise bad(
            f"{events} events in {n} people", f"{line.where}, events", "There can be one a person at most."
        )
    return (
        EventArm(study, treatment, events, n) if n else NotGiven(study, treatment, "n is 0: nobody was in it")
    )


def _contrast(study: str, line: Line) -> Row:
    first, second = _name(line, "treatment1"), _name(line, "treatment2")
    if first.casefold() == second.casefold():
        raise bad(f"“{_short(first)}” is compared with itself", line.where, "Name two treatments.")
    missing = _missing(CONTRASTS[3:], line)
    if missing:
        return NotGiven(study, f"{first} and {second}", missing)
    own = None if _unknown(line.values.get(BASELINE, "")) else _positive(line, BASELINE)
    estimate, se = _number(line, "estimate"), _positive(line, "se")
    if not se or own == 0:
        return NotGiven(study, f"{first} and {second}", f"{BASELINE if se else 'se'} is 0")
    return Contrast(study, first, second, estimate, se, own)


def _missing(columns: Iterable[str], line: Line) -> str:
    """The columns without a value, in words; empty if all have one."""
    found = " and ".join(column for column in columns if _unknown(line.values[column]))
    return f"{found} not given" if found else ""


def _unknown(value: str) -> bool:
    return value.strip().casefold() in UNKNOWN


def _name(line: Line, column: str) -> str:
    name = " ".join(normalize("NFC", line.values[column]).split())
    if not name:
        raise bad("it is empty", f"{line.where}, {column}", "Give its name.")
    return name


def _number(line: Line, column: str) -> float:
    given = line.values[column].strip()
    text = given.replace("\u2212", "-")
    if line.decimal_comma and "." not in text:
        text = text.replace(",", ".", 1)
    if not NUMBER.fullmatch(text):
        raise bad(
            f"“{_short(given)}” is not a number",
            f"{line.where}, {column}",
            "Write digits with a point, such as -0.52.",
        )
    value = float(text)
    if abs(value) > LARGEST:
        raise bad(f"{_short(given)} is too large to be true", f"{line.where}, {column}", "Look at it again.")
    return value


def _positive(line: Line, column: str) -> float:
    """A number above 0; 0 itself is given back for the caller to judge."""
    value = _number(line, column)
    if value != 0 and value < SMALLEST:
        raise bad(f"it is {value:g}", f"{line.where}, {column}", "It must be above 0.")
    return value


def _count(line: Line, column: str) -> int:
    value = _number(line, column)
    if value != int(value) or value < 0:
        raise bad(f"it is {value:g}", f"{line.where}, {column}", "It must be a whole number from 0.")
    return int(value)


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
