"""The registry of read models: each a pure function of one stream, kept in a table for look-up.

A projection's model has a text primary key `key` and a column `stream`. It holds instants, never states of
the clock. `store` keeps it up to date inside the append; `rebuild` and `verify` run what is registered.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any

import msgspec
from django.db import connection, models

from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body

Row = dict[str, Any]
Rows = dict[str, Row]


class Projection(msgspec.Struct, frozen=True):
    """`rows(chart)` answers the rows of one stream; `kinds` are the entries it looks at."""

    name: str
    version: int
    model: type[models.Model]
    prefix: str
    kinds: tuple[type[Body], ...]
    rows: Callable[[Chart], list[Row]]

    def concerns(self, stream: str, names: Iterable[str]) -> bool:
        return stream.startswith(self.prefix) and not _names(self.kinds).isdisjoint(names)


@cache
def _names(kinds: tuple[type[Body], ...]) -> frozenset[str]:
    return frozenset(kind.kind_name() for kind in kinds)


REGISTERED: dict[str, Projection] = {}
_folding: list[Callable[[], AbstractContextManager[None]]] = [nullcontext]


def fold_within(context: Callable[[], AbstractContextManager[None]]) -> None:
    """What every fold of a chart into its tables runs within: the numbers of the clinic at that moment."""
    _folding[:] = [context]


def folding(stream: str) -> AbstractContextManager[None]:
    return _folding[0]() if stream.startswith("chart:") else nullcontext()


def register(projection: Projection) -> None:
    REGISTERED[projection.name] = projection


@contextmanager
def postponed(keep: str) -> Iterator[None]:
    """While a new database is filled, keep only the projections whose name begins with `keep`; rebuild afterwards."""
    whole = dict(REGISTERED)
    for name in whole:
        if not name.startswith(keep):
            del REGISTERED[name]
    try:
        yield
    finally:
        REGISTERED.clear()
        REGISTERED.update(whole)


def project(projection: Projection, chart: Chart, have: Rows | None = None) -> Rows:
    """Bring the table in step with the chart, writing only what differs; answers what it holds now, by key.

    `have` is what it holds, if that is known; else it is read.
    """
    wanted = {row["key"]: {**row, "stream": chart.stream} for row in projection.rows(chart)}
    if have is None:
        have = {row["key"]: row for row in stored(projection, chart.stream)}
    manager = projection.model._default_manager
    if gone := [key for key in have if key not in wanted]:
        manager.filter(key__in=gone).delete()
    differing = [key for key, row in wanted.items() if have.get(key) != row]
    missing = [key for key in differing if not (key in have and _updated(projection, have[key], wanted[key]))]
    if new := [projection.model(**wanted[key]) for key in missing]:
        columns = [f.name for f in projection.model._meta.concrete_fields if f.name != "key"]
        manager.bulk_create(new, update_conflicts=True, unique_fields=["key"], update_fields=columns)
    return wanted


def _updated(projection: Projection, old: Row, new: Row) -> bool:
    """Write the columns of a row that differ, at a fraction of what the mapper takes; False when there is no such row."""
    meta = projection.model._meta
    changed = [f for f in meta.concrete_fields if new.get(f.name) != old.get(f.name)]
    values = [field.get_db_prep_save(new[field.name], connection) for field in changed]
    columns = ", ".join(f'"{field.column}" = %s' for field in changed)
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{meta.db_table}" SET {columns} WHERE "key" = %s', [*values, new["key"]])
        return bool(cursor.rowcount)


def differs(projection: Projection, chart: Chart) -> bool:
    """True when the table does not say what the fold says."""
    with folding(chart.stream):
        wanted = {row["key"]: {**row, "stream": chart.stream} for row in projection.rows(chart)}
    return wanted != {row["key"]: row for row in stored(projection, chart.stream)}


def stored(projection: Projection, stream: str) -> list[Row]:
    return list(projection.model._default_manager.filter(stream=stream).values())
