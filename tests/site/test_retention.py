"""What has passed its period is listed, and nothing is deleted."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from lowtide.record import access_log, store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.identity import Linked, Patient
from lowtide.site.cli import main
from lowtide.site.retention import passed
from tests.conftest import said

LONG_AGO = datetime(2010, 5, 17, 9, tzinfo=UTC)


def seen_long_ago() -> str:
    chart = f"chart:{uuid4()}"
    body = Patient(family="Testperson", given="Ada", birth_date="1960")
    store.append([said(body, chart, at=LONG_AGO)], now=LONG_AGO)
    return chart


def charts(on: date) -> list[str]:
    return [p.what for p in passed(on) if p.record == "chart"]


def test_a_chart_is_listed_the_day_after_its_period(clinic: Entry) -> None:
    chart = seen_long_ago()
    assert charts(date(2020, 5, 17)) == []
    assert charts(date(2020, 5, 18)) == [chart]


def test_a_patient_who_still_comes_is_not_listed(clinic: Entry, new_patient: Callable[..., UUID]) -> None:
    new_patient()
    assert charts(date(2030, 1, 1)) == []


def test_linked_charts_are_kept_as_long_as_the_latest_of_them(
    clinic: Entry, new_patient: Callable[..., UUID]
) -> None:
    old, new = seen_long_ago(), f"chart:{new_patient()}"
    store.append([said(Linked(other=new), old, at=LONG_AGO)], now=LONG_AGO)
    store.append([said(Linked(other=old), new)])
    assert charts(date(2030, 1, 1)) == []


def test_whole_years_of_the_access_log_are_listed(clinic: Entry) -> None:
    access_log.log("staff:x", "looked")
    year = datetime.now(UTC).year
    found = [p for p in passed(date(year + 8, 1, 1)) if p.record == "access_log"]
    assert [(p.what, p.rule_id) for p in found] == [(f"access log of {year}, 1 lines", "RET-ACCESS")]


def test_the_command_lists_with_the_rule_and_its_source_and_deletes_nothing(
    clinic: Entry, capsys: pytest.CaptureFixture[str]
) -> None:
    chart = seen_long_ago()
    assert main(["retention", "--on", "2021-01-01", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["what"], one["kept_until"], one["rule_id"]) == (chart, "2020-05-17", "RET-CHART-DE")
    assert one["source"]
    assert store.load(chart).last(Patient) is not None
    assert main(["retention", "--on", "someday"]) == 2
