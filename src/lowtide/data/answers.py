"""What can be said with one tap about a reminder at the chair: wordings of ours, in the order in which they stand."""

from collections.abc import Iterable

import msgspec

from lowtide.data import read


class Tap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`values` and `forms`: what it fits, anything where empty; `measured`: it answers a reading, not what happened."""

    id: str
    words: str
    values: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    measured: bool = False
    source: tuple[str, ...] = ()
    verified: bool = False

    def fits(self, values: Iterable[str], form: str, *, measured: bool) -> bool:
        watched = not self.values or any(value in self.values for value in values)
        return watched and (not self.forms or form in self.forms) and (measured or not self.measured)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    answer: tuple[Tap, ...]


def fitting(values: Iterable[str], form: str, *, measured: bool) -> tuple[Tap, ...]:
    """Those that fit a rule which watches these values, in a session by this way of giving."""
    named = tuple(values)
    return tuple(tap for tap in every() if tap.fits(named, form, measured=measured))


def every() -> tuple[Tap, ...]:
    """Every wording, in order."""
    return read.toml("answers.toml", _File).answer
