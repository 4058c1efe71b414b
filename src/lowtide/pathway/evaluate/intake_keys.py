"""Which keys an intake file may hold: one that nobody reads may be a misspelt one, and what it says would be lost."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from lowtide.data import intake
from lowtide.pathway.evaluate.facts import LISTED
from lowtide.problems import BadInput, Problem


def refuse_unknown_keys(form: dict[str, Any]) -> None:
    """Raise BadInput for the first key that the form does not have, naming its place and the keys known there."""
    stranger = next(_strangers(form, "", ""), None)
    if stranger:
        raise BadInput(stranger)


def _strangers(value: Any, place: str, path: str) -> Iterator[Problem]:
    """`place` is the path without the numbers of list entries."""
    if isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _strangers(entry, place, f"{path}[{number}]")
    elif isinstance(value, dict) and place not in intake.form().apart:
        for key, inner in value.items():
            there, where = (f"{before}.{key}".removeprefix(".") for before in (place, path))
            if there in _places():
                yield from _strangers(inner, there, where)
            elif key not in _anywhere() and (place or not _holds_items(inner)):
                known = ", ".join(_known(place)) or "nothing; give a value"
                yield Problem(f"an intake has no “{key}” there", where, f"Known there: {known}.")


def _holds_items(section: Any) -> bool:
    """Whether a section of somebody's own holds nothing but items, which are read under their names anywhere."""
    return isinstance(section, dict) and bool(section) and section.keys() <= _anywhere()


@cache
def _places() -> frozenset[str]:
    """Every path that is read, and every section on the way to it."""
    items = (path for item in intake.items().values() for path in (item.path, item.age_path) if path)
    form = intake.form()
    paths = [*form.also, *form.says, *form.planned, *intake.form().apart, *items]
    return frozenset(".".join(path.split(".")[:n]) for path in paths for n in range(1, path.count(".") + 2))


@cache
def _anywhere() -> frozenset[str]:
    """Items without a place of their own, and notes."""
    items = (i.id for i in intake.items().values() if i.path is None and i.kind not in (*LISTED, "trials"))
    return frozenset(items) | intake.form().notes


def _known(place: str) -> list[str]:
    inside = f"{place}." if place else ""
    tails = (path.removeprefix(inside) for path in _places() if path.startswith(inside))
    return sorted(tail for tail in tails if "." not in tail)
