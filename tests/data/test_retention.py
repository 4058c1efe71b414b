"""How long a record is kept: every rule has a source, and dates are worked out to the day."""

from datetime import date

import pytest

from lowtide.data.retention import RECORDS, kept_until, rule_for, rules


def test_every_record_has_a_rule_for_any_country() -> None:
    assert {r.record for r in rules()} == set(RECORDS)
    assert {rule_for(record, "XX").country for record in RECORDS} == {""}


def test_every_rule_names_a_source_and_a_verified_one_an_address() -> None:
    assert all(rule.source for rule in rules())
    assert all(s.startswith("http") for rule in rules() if rule.verified for s in rule.source)


def test_a_country_has_its_own_rule_however_it_is_written() -> None:
    assert rule_for("chart", "de").id == "RET-CHART-DE"
    assert rule_for("chart", "US").id == "RET-CHART-US"


@pytest.mark.parametrize(
    ("country", "last", "born", "until"),
    [
        ("DE", date(2020, 5, 17), date(1980, 1, 1), date(2030, 5, 17)),
        ("DE", date(2020, 2, 29), None, date(2030, 3, 1)),
        ("GB", date(2020, 5, 17), date(1980, 1, 1), date(2040, 5, 17)),
        ("GB", date(2020, 5, 17), date(2018, 1, 1), date(2043, 1, 1)),
    ],
)
def test_a_chart_is_kept_to_the_day(country: str, last: date, born: date | None, until: date) -> None:
    assert kept_until(rule_for("chart", country), last, born) == until
