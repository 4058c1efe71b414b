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


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    no_outcome: tuple[str, ...]
    late_after_hours: int
    onset: tuple[Fall, ...]
    goal: GoalScale


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


def goal_scale() -> GoalScale:
    return _file().goal
