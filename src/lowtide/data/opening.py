"""When a clinic is taken to be open until it says so itself, and where psychotherapy stands beside the doses."""

from functools import cache

import msgspec

from lowtide.data import read


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
    """`step_min` is the grid on which times are proposed, `look_ahead_days` how far a day is looked for."""

    version: str
    step_min: int
    look_ahead_days: int
    therapy_min: int
    hours: tuple[Hours, ...]
    therapy: tuple[Therapy, ...]


@cache
def defaults() -> Defaults:
    return read.toml("opening.toml", Defaults)
