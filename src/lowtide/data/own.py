"""What this clinic lays over the published numbers: its own values, and which of them somebody there answers for.

It is laid at the door (a request, a command, the fold of a look-up table) and read by the loaders beside this module,
so that every step of care reads the same number. Where nothing is laid the tables stand as they were published.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
Values = tuple[tuple[str, str], ...]
"""(key without its table, value as text), sorted: what the loaders are cached by."""
NONE: frozenset[str] = frozenset()


class Own:
    """One clinic's values by table, the keys that are settled there, and the policy it adopted. Never changed."""

    def __init__(self, values: Values, settled: frozenset[str], policy: str) -> None:
        self.values, self.settled, self.policy = values, settled, policy
        self._parts: dict[str, tuple[Values, frozenset[str]]] = {}
        for table in {k.partition(":")[0] for k in (*(k for k, _ in values), *settled) if ":" in k}:
            start = f"{table}:"
            self._parts[table] = (
                tuple((k.removeprefix(start), v) for k, v in values if k.startswith(start)),
                frozenset(k.removeprefix(start) for k in settled if k.startswith(start)),
            )
        self.named: Values = tuple((k, v) for k, v in values if ":" not in k)
        """Own values of the rules' named numbers."""

    def of(self, table: str) -> tuple[Values, frozenset[str]]:
        """(own values, settled keys) of one table."""
        return self._parts.get(table, ((), NONE))


PUBLISHED = Own((), NONE, "default")
_laid: ContextVar[Own] = ContextVar("own", default=PUBLISHED)


@lru_cache(maxsize=64)
def own(values: Values, settled: frozenset[str] = NONE, policy: str = "default") -> Own:
    return Own(values, settled, policy)


def laid() -> Own:
    """What is laid over the tables here."""
    return _laid.get()


def of(table: str) -> tuple[Values, frozenset[str]]:
    return _laid.get().of(table)


@contextmanager
def laying(what: Own) -> Iterator[None]:
    """Within this the loaders answer the clinic's numbers."""
    token = _laid.set(what)
    try:
        yield
    finally:
        _laid.reset(token)


def keep(what: Own) -> None:
    """From now on, for a command that runs for one clinic and ends."""
    _laid.set(what)


# -- putting a value in its place --------------------------------------------------------------------------------


def changed(rows: Mapping[str, T], values: Values) -> dict[str, T]:
    """The rows with the own values in their places. A place that a later version of the tables no longer has is
    left out: the value waits in the clinic's stream and is told on the page of the numbers."""
    found = dict(rows)
    for key, value in values:
        name, _, path = key.partition("/")
        if name in found:
            try:
                found[name] = replaced(found[name], tuple(path.split("/")), value)
            except (LookupError, AttributeError, TypeError, ValueError, InvalidOperation):
                continue
    return found


def replaced(thing: Any, path: tuple[str, ...], value: str) -> Any:
    """The same thing with another value at the end of the path. Raises where there is no such place."""
    if not path:
        return _as(thing, value)
    head, rest = path[0], path[1:]
    match thing:
        case msgspec.Struct():
            return msgspec.structs.replace(thing, **{head: replaced(getattr(thing, head), rest, value)})
        case tuple():
            place = int(head)
            return (*thing[:place], replaced(thing[place], rest, value), *thing[place + 1 :])
        case dict():
            return {**thing, head: replaced(thing[head], rest, value)}
    raise LookupError(head)


def _as(old: Any, value: str) -> Any:
    """The text as a number of the same kind."""
    if isinstance(old, bool) or not isinstance(old, int | float | Decimal):
        raise TypeError(f"{old!r} is no number")
    if isinstance(old, int) and Decimal(value) != int(Decimal(value)):
        raise ValueError(f"{value} is no whole number")
    return type(old)(Decimal(value))


def numbers_in(
    thing: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], int | float | Decimal]]:
    """Every number in a row with the way to it."""
    match thing:
        case bool():
            return
        case int() | float() | Decimal():
            yield path, thing
        case msgspec.Struct():
            for name in thing.__struct_fields__:
                yield from numbers_in(getattr(thing, name), (*path, name))
        case tuple():
            for place, one in enumerate(thing):
                yield from numbers_in(one, (*path, str(place)))
        case dict():
            for name, one in thing.items():
                yield from numbers_in(one, (*path, str(name)))
