"""Tables and cells of the generated pages."""

from collections.abc import Iterable, Iterator


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    columns = list(head)
    yield _row(columns)
    yield _row("---" for _ in columns)
    yield from map(_row, rows)
    yield ""


def _row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(cell, cells))} |"


def cell(value: object) -> str:
    """The value in one line, with nothing that a table would take for its own."""
    return " ".join(str(value).split()).replace("|", "\\|")


def sources(addresses: Iterable[str]) -> str:
    """Where it was read, as short links; nothing says that there is none."""
    return ", ".join(f"[{n}]({a})" if "://" in a else a for n, a in enumerate(addresses, 1)) or "none"


def joined(*parts: str) -> str:
    """Sentences, each ended once."""
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)
