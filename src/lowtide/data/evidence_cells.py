"""From the text of a table of trials to its rows: each cell is read by the column it stands in, each fault is told apart."""

import csv
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import msgspec

from lowtide.data import evidence_words
from lowtide.data.evidence import ROWS, Figure
from lowtide.problems import Problem

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)"
RANGE = re.compile(rf"({NUMBER})-({NUMBER})")
DOI = re.compile(r"10\.\d{4,9}/\S+")
PUBMED = re.compile(r"\d{1,9}")
CENTRAL = re.compile(r"PMC\d{3,9}")
LINK = re.compile(r"https?://[^\s.]+\.\S+")
NAME = re.compile(r"[A-Za-z0-9][\w.+-]*")
YEARS = (1950, 2100)
OPTIONAL = {
    "conversions": ("error",),
    "outcomes": ("subgroup",),
    "pooled_contrasts": ("treated_percent", "treated_low", "treated_high"),
}
"""Columns that a file may leave out."""


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong in a file: the row as its line number (the heading is 1), the column, what, and how to mend it."""

    file: str
    row: int | None
    column: str | None
    what: str
    mend: str

    @property
    def problem(self) -> Problem:
        place = [f"line {self.row}"] * (self.row is not None) + [self.column] * (self.column is not None)
        return Problem(self.what, ", ".join((self.file, *(str(p) for p in place))), self.mend)


class Read(msgspec.Struct, frozen=True):
    """What a file holds. Rows on lines in `broken` have cells that could not be read; `whole` is False without a heading."""

    faults: tuple[Fault, ...]
    rows: tuple[Any, ...] = ()
    broken: frozenset[int] = frozenset()
    whole: bool = False


class Unreadable(Exception):
    """A cell that is not what its column holds."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what, self.mend = what, mend


Cell = Callable[[str], Any]


def text(cell: str) -> str | None:
    return cell or None


def needed(cell: str) -> str:
    if not cell:
        raise Unreadable("it is empty", "Every row must have it.")
    return cell


def scale(cell: str) -> str:
    """An instrument by its one name; one that is not known is a scale of its own, unless it looks like a slip."""
    found = evidence_words.scale(needed(cell))
    if found is None and (near := evidence_words.nearly(cell)):
        raise Unreadable(f"“{cell}” is not a known instrument", f"Did you mean {near}?")
    return found or cell


def name(cell: str) -> str:
    if not NAME.fullmatch(needed(cell)):
        raise Unreadable(
            f"“{cell}” is not an id", "Use letters, digits, and . + - _ between them, without spaces."
        )
    return cell


def decimal(cell: str) -> Decimal | None:
    if not cell:
        return None
    if not re.fullmatch(NUMBER, cell):
        raise Unreadable(
            f"“{cell}” is not a number", "Write digits with a point, such as -0.52, or leave it empty."
        )
    return Decimal(cell)


def certain(cell: str) -> Decimal:
    found = decimal(needed(cell))
    assert found is not None
    return found


def within(low: int, high: int, read: Cell, unit: str = "") -> Cell:
    """A reader whose number must lie between two others."""

    def bounded(cell: str) -> Any:
        found = read(cell)
        if found is not None and not low <= found <= high:
            raise Unreadable(f"{cell} is not between {low} and {high}{unit}", "Look at it again.")
        return found

    return bounded


def above_nothing(cell: str) -> Decimal | None:
    found = decimal(cell)
    if found is not None and found <= 0:
        raise Unreadable(f"it is {cell}", "It must be above 0.")
    return found


def whole(cell: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"\d+(?:\.0+)?", cell):
        raise Unreadable(f"“{cell}” is not a whole number", "Write a count such as 35, or leave it empty.")
    return int(Decimal(cell))


def year(cell: str) -> int:
    return int(within(*YEARS, lambda given: whole(needed(given)))(cell))


def figure(cell: str) -> Figure | None:
    """A number, a range or words."""
    if not cell:
        return None
    if re.fullmatch(NUMBER, cell):
        return Figure(cell, Decimal(cell), Decimal(cell))
    if (both := RANGE.fullmatch(cell)) and Decimal(both[1]) <= Decimal(both[2]):
        return Figure(cell, Decimal(both[1]), Decimal(both[2]))
    return Figure(cell)


def amount(cell: str) -> Figure | None:
    """A number or a range, no words."""
    found = figure(cell)
    if found is not None and found.low is None:
        raise Unreadable(
            f"“{cell}” is no number and no range", "Write it like 0.5 or 56-84, or leave it empty."
        )
    return found


def figured(cell: str) -> Figure:
    found = figure(needed(cell))
    assert found is not None
    return found


def doi(cell: str) -> str | None:
    if cell and not DOI.fullmatch(cell):
        raise Unreadable(
            f"“{cell}” is not a DOI", "Write it like 10.1038/s41380-018-0256-5, without the address."
        )
    return cell or None


def pmid(cell: str) -> str | None:
    if cell and not PUBMED.fullmatch(cell):
        raise Unreadable(f"“{cell}” is not a PubMed number", "Write its digits only.")
    return cell or None


def doi_or_pmid(cell: str) -> str | None:
    if cell and not any(form.fullmatch(cell) for form in (DOI, PUBMED, CENTRAL)):
        raise Unreadable(
            f"“{cell}” is no DOI and no PubMed number",
            "Write it like 10.1002/hup.2475, 25847818 or PMC2211759.",
        )
    return cell or None


def chance(cell: str) -> str | None:
    """A p as printed: a number from 0 to 1, with < or > before it and words behind it."""
    found = re.match(rf"[<>=≤≥]?\s*({NUMBER})(?!\S)", cell)
    if cell and (found is None or not 0 <= Decimal(found[1]) <= 1):
        raise Unreadable(f"“{cell}” is not a chance", "Write it like 0.03 or <0.001.")
    return cell or None


def link(cell: str) -> str | None:
    if cell and not LINK.fullmatch(cell):
        raise Unreadable(f"“{cell}” is not an address", "Begin it with https://, or leave it empty.")
    return cell or None


def verified(cell: str) -> bool:
    """`computed` stands beside published results that were worked out again; nobody printed those."""
    if cell not in ("yes", "no", "computed"):
        raise Unreadable(
            f"“{cell}” says neither yes nor no", "Write yes if the number was seen in the source, or no."
        )
    return cell == "yes"


def several(cell: str) -> tuple[str, ...]:
    return tuple(cell.split())


_ANY: dict[str, Cell] = {
    "verified": verified,
    "source_url": link,
    "doi": doi,
    "pmid": pmid,
    "doi_or_pmid": doi_or_pmid,
}
_PERCENT = within(0, 100, decimal, " percent")
_DAYS = within(0, 36525, decimal, " days")
_COLUMNS: dict[str, dict[str, Cell]] = {
    "studies": {
        **dict.fromkeys(("study_id", "family_id"), name),
        **dict.fromkeys(("citation", "condition", "design", "blinding", "ids_verified"), needed),
        **dict.fromkeys(("n_randomised_or_enrolled", "n_analysed"), whole),
        "year": year,
    },
    "arms": {
        **dict.fromkeys(("study_id", "arm_id"), name),
        **dict.fromkeys(("arm_label", "nma_node"), needed),
        **dict.fromkeys(("dose_value", "n_sessions", "treatment_days"), amount),
        **dict.fromkeys(("infusion_minutes", "baseline_sd"), above_nothing),
        "n_arm": whole,
        "baseline_instrument": lambda cell: scale(cell) if cell else None,
        "baseline_mean": decimal,
        "age_mean": within(0, 120, decimal, " years"),
        "female_pct": _PERCENT,
    },
    "outcomes": {
        **{"study_id": name, "instrument": scale},
        **dict.fromkeys(("arm_id", "outcome_domain", "metric", "timepoint_label"), needed),
        **dict.fromkeys(("n_analysed", "events"), whole),
        **dict.fromkeys(("ci_low", "ci_high", "effect_ci_low", "effect_ci_high"), decimal),
        **dict.fromkeys(("sd", "se"), above_nothing),
        **{"time_days": _DAYS, "percent": _PERCENT, "p_value": chance},
        **{"mean": amount, "effect": figure},
    },
    "adverse_events": {
        "study_id": name,
        **dict.fromkeys(("arm_id", "event", "period"), needed),
        **dict.fromkeys(("n_at_risk", "n_events"), whole),
        "percent": _PERCENT,
    },
    "durability": {
        "study_id": name,
        **dict.fromkeys(("arm_id", "population_at_risk", "metric", "unit"), needed),
        **dict.fromkeys(("n_at_risk", "n_events"), whole),
        **{"time_days": _DAYS, "percent": _PERCENT},
        **{"value": figured, "ci_low": decimal, "ci_high": figure},
    },
    "pooled": {
        "pooled_id": name,
        **dict.fromkeys(("citation", "comparison", "outcome", "effect_type"), needed),
        "k_trials": whole,
        "n_participants": figure,
        "effect": figured,
        **dict.fromkeys(("ci_low", "ci_high"), decimal),
    },
    "predictors": {
        **dict.fromkeys(("source", "predictor", "outcome", "statistic"), needed),
        "value": figure,
        "n": whole,
    },
    "conversions": {
        **dict.fromkeys(("from_instrument", "kind"), needed),
        **dict.fromkeys(("from_value", "to_value"), figure),
    },
    "nma_reference": {
        **dict.fromkeys(("dataset", "method", "treatment", "reference", "effect_type"), needed),
        "effect": certain,
        **dict.fromkeys(("ci_low", "ci_high", "Q"), decimal),
        "se_log": above_nothing,
        "tau2": decimal,
        **dict.fromkeys(("k_studies", "df"), whole),
    },
    "pooled_contrasts": {
        "pooled_id": name,
        **dict.fromkeys(("population", "treatment", "versus", "outcome"), needed),
        "indications": several,
        "time_days": within(0, 36525, certain, " days"),
        **dict.fromkeys(("baseline_percent", "treated_percent", "treated_low", "treated_high"), _PERCENT),
    },
    "bias": {"study_id": name, **dict.fromkeys(("domain", "judgement", "reason", "judged_by"), needed)},
    "asked": {"study_id": name, "asked": needed},
    "nodes": dict.fromkeys(("node", "label", "kind"), needed),
    "groups": {**dict.fromkeys(("study_id", "group_id", "label"), needed), "members": several},
}  # fmt: skip


def columns(table: str) -> tuple[str, ...]:
    """The columns of a table, as its heading gives them."""
    return tuple(f for f in ROWS[table].__struct_fields__ if f != "line")


def cell(table: str, column: str) -> Cell:
    return _COLUMNS[table].get(column) or _ANY.get(column) or text


def rows(table: str, given: str, file: str) -> Read:
    """The rows of a file and every fault of its cells. A wrong heading stops the reading of that file."""
    lines, broken = _numbered(given)
    if broken:
        number, what = broken
        mend = "Save it as CSV, each quotation mark closed."
        return Read((Fault(file, number, None, f"not CSV ({what})", mend),))
    heading = [h.strip() for h in lines[0][1]] if lines else []
    if faults := tuple(_heading(table, heading, file)):
        return Read(faults)
    read = [_row(table, heading, n, line, file) for n, line in lines[1:] if any(c.strip() for c in line)]
    return Read(
        tuple(fault for _, wrong in read for fault in wrong),
        tuple(row for row, _ in read),
        frozenset(row.line for row, wrong in read if wrong),
        whole=True,
    )


def _numbered(given: str) -> tuple[list[tuple[int, list[str]]], tuple[int, str] | None]:
    """Every line with the number that it begins on; and where the file stops being CSV, with the reason."""
    reader = csv.reader(StringIO(given), strict=True)
    found = []
    begins = 1
    try:
        for line in reader:
            found.append((begins, line))
            begins = reader.line_num + 1
    except csv.Error as error:
        return found, (begins, str(error))
    return found, None


def _heading(table: str, heading: list[str], file: str) -> Iterator[Fault]:
    if not heading:
        yield Fault(file, None, None, "it is empty", f"Give a heading line: {','.join(columns(table))}.")
        return
    if len(heading) == 1 and (mark := next((m for m in ";\t" if m in heading[0]), None)):
        name = "tabs" if mark == "\t" else f"“{mark}”"
        yield Fault(file, 1, None, f"its cells are parted by {name}", "Save it as CSV with commas.")
        return
    for column in columns(table):
        if column not in heading and column not in OPTIONAL.get(table, ()):
            yield Fault(
                file,
                1,
                column,
                "the column is missing",
                "Add it; its cells may be empty where nothing is known.",
            )
    for column in dict.fromkeys(heading):
        if column not in columns(table):
            yield Fault(
                file,
                1,
                column or None,
                "no such column is known",
                f"The columns of {table} are {', '.join(columns(table))}.",
            )
        elif heading.count(column) > 1:
            yield Fault(file, 1, column, "the column stands there twice", "Keep one of them.")


def _row(table: str, heading: list[str], number: int, line: list[str], file: str) -> tuple[Any, list[Fault]]:
    """A row and its faults; a cell that cannot be read is empty in it, so that its ids are still known to other rows."""
    faults = []
    if len(line) != len(heading):
        what = f"it has {len(line)} cells, the heading has {len(heading)}"
        mend = "Put text with commas in quotation marks, and mark every column."
        faults.append(Fault(file, number, None, what, mend))
    values: dict[str, Any] = {"line": number} | {column: _nothing(table, column) for column in columns(table)}
    for column, given in zip(heading, line, strict=False):
        try:
            values[column] = cell(table, column)(given.strip())
        except Unreadable as error:
            values[column] = given.strip() if cell(table, column) is name else _nothing(table, column)
            faults += (
                [Fault(file, number, column, error.what, error.mend)] if len(line) == len(heading) else []
            )
    return ROWS[table](**values), faults


def _nothing(table: str, column: str) -> Any:
    its = cell(table, column)
    return "" if its in (needed, name, scale) else () if its is several else None
