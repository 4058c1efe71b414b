"""Who is told of a serious adverse event: by the country, the product and the policy of the clinic."""

from collections.abc import Iterable
from functools import cache

import msgspec

from lowtide.data import read
from lowtide.data.programs import countries, country


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One receiver. `rule` is the due rule of its time, `grave_rule` that of the gravest events."""

    label: str
    about: str
    rule: str
    source: tuple[str, ...]
    verified: bool
    programs: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    elsewhere: bool = False
    policies: tuple[str, ...] = ()
    grave_rule: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    grave: tuple[str, ...]
    states: dict[str, str]
    channels: dict[str, str]
    report: dict[str, Report]


@cache
def _file() -> _File:
    return read.toml("reports.toml", _File)


def reports() -> dict[str, Report]:
    return _file().report


def states() -> dict[str, str]:
    return _file().states


def channels() -> dict[str, str]:
    return _file().channels


def label(key: str) -> str:
    return reports()[key].label if key in reports() else key


def rule(key: str, criteria: Iterable[str]) -> str:
    """The due rule of this report on an event that these criteria make serious."""
    report = reports()[key]
    return report.grave_rule if report.grave_rule and set(criteria) & set(_file().grave) else report.rule


def owed(written: str, programs: Iterable[str], policy: str) -> tuple[str, ...]:
    """Every report that a serious event asks for in this country, under these risk programmes and this policy."""
    here = _country(written)
    return tuple(key for key, one in reports().items() if _asks(one, here, set(programs), policy))


def _country(written: str) -> str:
    """The key of a country, empty where there is no row for it."""
    found = country(written)
    return next((key for key, row in countries().items() if row == found), "") if found else ""


def _asks(report: Report, here: str, programs: set[str], policy: str) -> bool:
    named = here and any(here in one.countries for one in reports().values())
    return bool(
        programs & set(report.programs)
        or here in report.countries
        or (report.elsewhere and not named)
        or policy in report.policies
    )
