"""When a clinic is taken to be open until it says so itself, and where psychotherapy stands beside the doses."""

from functools import cache

import msgspec

from lowtide.data import own, read
from lowtide.data.own import Values


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Wall-clock hours of some weekdays, counted from Monday = 0."""

    weekdays: tuple[int, ...]
    opens: str
    closes: str


class Therapy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A psychotherapy session beside the doses: days before the first dose, or days after each."""

    kind: str
    label: str
    before_first_days: int | None = None
    after_each_days: int | None = None


class Defaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`step_min` is the grid on which times are proposed, `look_ahead_days` how far a day is looked for, `most_ahead_days`
    how far ahead a single date may be chosen."""

    version: str
    step_min: int
    look_ahead_days: int
    most_ahead_days: int
    therapy_min: int
    hours: tuple[Hours, ...]
    therapy: tuple[Therapy, ...]


def defaults() -> Defaults:
    """The table with this clinic's own numbers."""
    return _defaults(own.of("booking")[0])


@cache
def _defaults(values: Values) -> Defaults:
    file = {"booking": read.toml("opening.toml", Defaults)}
    return own.changed(file, tuple((f"booking/{name}", value) for name, value in values))["booking"]
