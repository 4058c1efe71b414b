"""When things fall due around sessions, and who owns them: defaults, with a source where there is one."""

from datetime import timedelta
from functools import cache
from typing import Literal

import msgspec

from lowtide.data import own, read
from lowtide.data.own import Values


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


class Scale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked in some conditions (in all where none is named): any one of `instruments` is enough, the first is
    asked. `when` names the due rules that say when, `windows` the period asked about by a rule, where not the usual."""

    instruments: tuple[str, ...]
    when: tuple[str, ...]
    indications: tuple[str, ...] = ()
    windows: dict[str, str] = {}


Occasion = Literal["before_course", "before_session", "after_session", "after_induction", "every"]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    rules: dict[str, Rule]
    thresholds: dict[str, Threshold]
    course_measure: str
    measures: dict[str, Measures] = {}
    scales: dict[str, Scale] = {}
    occasions: dict[str, Occasion] = {}


@cache
def _file() -> _File:
    return read.toml("schedules.toml", _File)


def rules() -> dict[str, Rule]:
    """Every due rule by name, with this clinic's own times."""
    return _rules(*own.of("due"))


@cache
def _rules(values: Values, settled: frozenset[str]) -> dict[str, Rule]:
    places = {rule.rule_id: name for name, rule in _file().rules.items()}
    moved = tuple((f"{places[key]}/hours", value) for key, value in values if key in places)
    found = own.changed(_file().rules, moved)
    names = {place.partition("/")[0] for place, _ in moved}
    for name, rule in found.items():
        if name in names:
            found[name] = msgspec.structs.replace(
                rule, text=f"{rule.text} (in this clinic: {_span(rule.hours)})"
            )
        if rule.rule_id in settled:
            found[name] = msgspec.structs.replace(found[name], verified=True)
    return found


def _span(hours: int) -> str:
    days, rest = divmod(hours, 24)
    count, unit = (hours, "hour") if rest or not days else (days, "day")
    return f"{count} {unit}{'' if count == 1 else 's'}"


def thresholds() -> dict[str, Threshold]:
    return _thresholds(*own.of("limit"))


@cache
def _thresholds(values: Values, settled: frozenset[str]) -> dict[str, Threshold]:
    moved = {name for name, _ in values}
    found = own.changed(_file().thresholds, tuple((f"{name}/value", value) for name, value in values))
    for name, limit in found.items():
        if name in moved:
            found[name] = msgspec.structs.replace(limit, text=f"{limit.text} (in this clinic: {limit.value})")
        if name in settled:
            found[name] = msgspec.structs.replace(found[name], verified=True)
    return found


def course_measure() -> str:
    """The instrument that a course is followed with."""
    return _file().course_measure


def measures_of(indication: str) -> tuple[str, ...]:
    """The instruments that judge relief in this condition; none where the course's own measure does."""
    found = (m.instruments for m in _file().measures.values() if indication in m.indications)
    return next(found, ())


def scales(indication: str | None) -> tuple[Scale, ...]:
    """What is asked beside the course's own measure; without an indication nothing is."""
    if indication is None:
        return ()
    return tuple(s for s in _file().scales.values() if not s.indications or indication in s.indications)


def occasion(rule: str) -> Occasion:
    """On what the distance of a scale's due rule is counted from."""
    return _file().occasions[rule]


def version() -> str:
    return f"{_file().version}+{read.digest('schedules.toml')}"


def revision() -> int:
    """A fingerprint of every file that decides when something is due, as a number: tables that were folded with
    other files are folded again."""
    names = (
        "schedules.toml",
        "maintenance.toml",
        "workup.toml",
        "longterm.toml",
        "monitoring.toml",
        *read.names("protocols"),
        *read.names("instruments"),
    )
    return int(read.digest(*names)[:7], 16)
