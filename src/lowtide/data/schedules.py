"""When things fall due around sessions, and who owns them: defaults, with a source where there is one."""

from datetime import timedelta
from functools import cache

import msgspec

from lowtide.data import read


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One due rule: `hours` is the distance that `text` names, `owner` the role that answers for it.

    `second` is the role it goes to as well when nobody has taken it by name after the limit `second_after`.
    """

    rule_id: str
    text: str
    hours: int
    owner: str
    source: tuple[str, ...]
    verified: bool
    note: str = ""
    second: str = ""
    second_after: str = ""

    @property
    def span(self) -> timedelta:
        return timedelta(hours=self.hours)

    @property
    def patience(self) -> timedelta | None:
        """How long it may wait until somebody has taken it; None where it goes to nobody else."""
        return timedelta(minutes=thresholds()[self.second_after].value) if self.second_after else None


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number that sorts answers, in the unit that `text` names."""

    value: int
    text: str
    source: tuple[str, ...]
    verified: bool


class Measures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Instruments that judge the relief of some conditions, the preferred one first."""

    indications: tuple[str, ...]
    instruments: tuple[str, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    rules: dict[str, Rule]
    thresholds: dict[str, Threshold]
    measures: dict[str, Measures] = {}


@cache
def _file() -> _File:
    return read.toml("schedules.toml", _File)


def rules() -> dict[str, Rule]:
    """Every due rule by name."""
    return _file().rules


def thresholds() -> dict[str, Threshold]:
    return _file().thresholds


def measures_of(indication: str) -> tuple[str, ...]:
    """The instruments that judge relief in this condition; none where the course's own measure does."""
    found = (m.instruments for m in _file().measures.values() if indication in m.indications)
    return next(found, ())


def version() -> str:
    return f"{_file().version}+{read.digest('schedules.toml')}"


def revision() -> int:
    """A fingerprint of every file that decides when something is due, as a number: tables that were folded with
    other files are folded again."""
    names = ("schedules.toml", "workup.toml", *read.names("protocols"), *read.names("instruments"))
    return int(read.digest(*names)[:7], 16)
