"""Tables of trials from files: found by name or heading, checked against each other, each fault with its place."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from lowtide.data.evidence import ROWS, shipped
from lowtide.data.evidence_cells import Fault, table_of
from lowtide.data.evidence_checks import Checked, check
from lowtide.problems import bad


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


def document(found: Checked, given: Given) -> dict[str, Any]:
    faults = (*given.faults, *found.faults)
    return {
        "ok": not faults,
        "rows": found.rows,
        "files": given.files,
        "not_read": given.aside,
        "faults": [msgspec.structs.asdict(fault) for fault in faults],
    }


def lines(found: Checked, given: Given) -> Iterator[str]:
    """Every fault a line, then what was read."""
    for fault in (*given.faults, *found.faults):
        yield str(fault.problem)
    yield f"Read: {', '.join(f'{n} {name}' for name, n in found.rows.items())}."
    if given.aside:
        yield f"Not a table of trials, not read: {', '.join(given.aside)}."
