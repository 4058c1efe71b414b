"""How long a record is kept: policy with its sources. It decides nothing by itself."""

from datetime import date
from functools import cache

import msgspec

from lowtide.data import read

RECORDS = ("chart", "access_log", "safe")


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whole years after the last of `record`; `until_age` keeps it at least to that birthday."""

    id: str
    country: str
    record: str
    years: int
    label: str
    source: tuple[str, ...]
    verified: bool
    until_age: int | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rule: tuple[Rule, ...]


@cache
def rules() -> tuple[Rule, ...]:
    return read.toml("retention.toml", _File).rule


def rule_for(record: str, country: str) -> Rule:
    """The rule of the country (two letters, any case), or the one that holds where it has none."""
    of_record = {r.country: r for r in rules() if r.record == record}
    return of_record.get(country.upper(), of_record[""])


def kept_until(rule: Rule, last: date, born: date | None = None) -> date:
    """The last day on which it must be kept. `born` is the latest day the birth date can mean."""
    until = _years_after(last, rule.years)
    if rule.until_age is None or born is None:
        return until
    return max(until, _years_after(born, rule.until_age))


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)
