"""How a course is judged on its page: onset, which scales are outcomes, and how a person's own goal is rated."""

from functools import cache

import msgspec

from lowtide.data import read


class Fall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fall from the baseline whose first day is told."""

    fall_pct: int
    text: str
    source: tuple[str, ...]
    verified: bool


class GoalScale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rating of a goal, with the words of its ends; a change of `better_by` points is told as one."""

    low: int
    high: int
    low_text: str
    high_text: str
    question: str
    better_by: int


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours after a dose within which a score is taken for its effect: after `from_h`, up to and including `to_h`."""

    label: str
    from_h: int
    to_h: int


class Attribution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to how many hours before a dose the score stands that it is compared with, and the windows after it."""

    before_h: int
    window: tuple[Window, ...]
    source: tuple[str, ...]
    verified: bool


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    no_outcome: tuple[str, ...]
    late_after_hours: int
    onset: tuple[Fall, ...]
    goal: GoalScale
    attribution: Attribution


@cache
def _file() -> _File:
    return read.toml("trajectory.toml", _File)


def falls() -> tuple[Fall, ...]:
    return _file().onset


def no_outcome() -> tuple[str, ...]:
    """Domains of scales that are no outcome."""
    return _file().no_outcome


def late_after_hours() -> int:
    return _file().late_after_hours


def attribution() -> Attribution:
    return _file().attribution


def goal_scale() -> GoalScale:
    return _file().goal
