"""Tables of trials from files: found by name or heading, checked against each other, each fault with its place."""

import csv
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec

from lowtide.data.evidence import ROWS, Tables, shipped
from lowtide.data.evidence_cells import OPTIONAL, Fault, columns, rows
from lowtide.data.evidence_checks import Checked, check
from lowtide.data.evidence_words import scale
from lowtide.problems import BadInput, bad


class Given(msgspec.Struct):
    """Texts and paths by table; `aside` are CSV files of a folder that are none of the tables."""

    texts: dict[str, str]
    files: dict[str, str]
    aside: list[str]
    faults: list[Fault]


def checked(paths: Iterable[Path]) -> tuple[Checked, Given]:
    """The tables of files and folders; without any, those that come with the product."""
    given = gathered(paths) if (its := list(paths)) else Given(dict(shipped()), {}, [], [])
    if its and not given.texts and not given.faults:
        raise bad(
            "no table of trials is there", str(its[0]), f"Give files such as {', '.join(list(ROWS)[:3])}.csv."
        )
    return check(given.texts, given.files), given


def gathered(paths: Iterable[Path]) -> Given:
    given = Given({}, {}, [], [])
    for path in paths:
        if path.is_dir():
            for one in sorted(path.glob("*.csv")):
                _add(given, one, named=False)
        else:
            _add(given, path, named=True)
    return given


def _add(given: Given, path: Path, *, named: bool) -> None:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        given.faults.append(Fault(str(path), None, None, "not UTF-8 text", "Save it as CSV in UTF-8."))
        return
    table = table_of(path.name, text)
    if table is None and not named:
        given.aside.append(str(path))
    elif table is None:
        mend = f"Name it after its table ({', '.join(ROWS)}), or give all columns of one."
        given.faults.append(
            Fault(str(path), None, None, "neither name nor heading is that of a table of trials", mend)
        )
    elif table in given.texts:
        mend = f"Put the rows of {table} into one file."
        given.faults.append(Fault(str(path), None, None, f"{given.files[table]} is {table}, too", mend))
    else:
        given.texts[table], given.files[table] = text, str(path)


def table_of(file: str, given: str) -> str | None:
    """Which table a file is: by its name, else by its heading."""
    stem = file.rpartition("/")[2].rpartition(".")[0] or file
    if stem in ROWS:
        return stem
    heading = {h.strip() for h in given.partition("\n")[0].split(",")}
    fits = [t for t in ROWS if {c for c in columns(t) if c not in OPTIONAL.get(t, ())} <= heading]
    return fits[0] if len(fits) == 1 else None


def document(found: Checked, given: Given) -> dict[str, Any]:
    faults = (*given.faults, *found.faults)
    return {
        "ok": not faults,
        "rows": found.rows,
        "files": given.files,
        "not_read": given.aside,
        "unknown_instruments": unknown_scales(found),
        "faults": [msgspec.structs.asdict(fault) for fault in faults],
    }


def unknown_scales(found: Checked) -> list[str]:
    """Instruments that stand in no list: none of their trials is pooled with one on a known scale."""
    return sorted({r.instrument for r in found.tables.outcomes if r.instrument and not scale(r.instrument)})


def lines(found: Checked, given: Given) -> Iterator[str]:
    """Every fault a line, then what was read."""
    for fault in (*given.faults, *found.faults):
        yield str(fault.problem)
    yield f"Read: {', '.join(f'{n} {name}' for name, n in found.rows.items())}."
    if unknown := unknown_scales(found):
        yield f"Not known, each taken as a scale of its own: {', '.join(unknown)}."
    if given.aside:
        yield f"Not a table of trials, not read: {', '.join(given.aside)}."


def add_tables(parser: ArgumentParser) -> None:
    """Which tables a command answers from."""
    parser.add_argument(
        "--tables", type=Path, help="a folder of tables to answer from, in place of those of Lowtide"
    )
    parser.add_argument(
        "--add", type=Path, nargs="+", help="files of rows to add to the tables of Lowtide first"
    )


def asked_tables(tables: Path | None, add: Sequence[Path] | None) -> Tables | None:
    """The tables that a command is told to answer from: another folder's, or ours with rows added. None for ours."""
    if add:
        return added(add)
    return of_folder(tables) if tables else None


def of_folder(path: Path) -> Tables:
    """The tables of a folder, laid over those that come with the product. Raises BadInput with every fault."""
    found, given = checked([path])
    if faults := (*given.faults, *found.faults):
        raise BadInput(*(fault.problem for fault in faults))
    return found.tables


def added(paths: Iterable[Path]) -> Tables:
    """Our tables with the rows of files added to them. Raises BadInput with every fault, a row that is there already, too."""
    files: dict[str, list[tuple[str, str]]] = {}
    faults: list[Fault] = []
    for given in (gathered([path]) for path in paths):
        faults += given.faults
        for name, text in given.texts.items():
            faults += rows(name, text, given.files[name]).faults
            files.setdefault(name, []).append((given.files[name], text))
    if faults:
        raise BadInput(*(fault.problem for fault in faults))
    together = {name: _together(name, its) for name, its in files.items()}
    found = check({name: its.text for name, its in together.items()}, {name: name for name in together})
    if found.faults:
        raise BadInput(*(_placed(fault, together[fault.file]).problem for fault in found.faults))
    return found.tables


class Laid(msgspec.Struct, frozen=True):
    """Rows of several files under one heading; `ends` tells the last line of each file, ours first."""

    text: str
    ends: tuple[tuple[int, str], ...]


def _placed(fault: Fault, laid: Laid) -> Fault:
    """The line in the file that was given."""
    begins = 1
    for end, file in laid.ends:
        if fault.row is not None and fault.row <= end:
            return msgspec.structs.replace(fault, file=file, row=fault.row - begins + 1)
        begins = end
    return msgspec.structs.replace(fault, file=laid.ends[-1][1])


def _together(table: str, files: Iterable[tuple[str, str]]) -> Laid:
    """Our rows, then those given (name and text of each file), under one heading; lines count on."""
    out, ends = StringIO(), []
    writer = csv.DictWriter(out, columns(table), restval="", lineterminator="\n")
    writer.writeheader()
    for file, each in (f"{table}.csv", shipped()[table]), *files:
        writer.writerows(csv.DictReader(StringIO(each)))
        ends.append((out.getvalue().count("\n"), file))
    return Laid(out.getvalue(), tuple(ends))
