"""What a safe asks for and when, on the worklist and on the command line; what a period used."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given as whatever
from hypothesis import settings
from hypothesis import strategies as st

from lowtide.data.safe import limits
from lowtide.people.clinic import zone
from lowtide.record.chart import Chart
from lowtide.safe.actions import counting, session
from lowtide.safe.due import business_days_after, due, expired
from lowtide.safe.ledger import fold
from lowtide.safe.places import load
from lowtide.safe.reports import usage
from lowtide.safe.watching import late_for
from lowtide.site import cli, setup
from tests.safe.conftest import EXPIRES, KEY, NOW, Bench
from tests.safe.stories import START, STREAM, Step, steps
from tests.safe.test_ledger import kept


def asked(bench: Bench) -> dict[str, datetime]:
    chart, books = load("main")
    return {d.what: d.due_at for d in due(chart, books, limits(), zone())}


@pytest.mark.hazard("H036")
def test_a_count_falls_due_a_day_after_the_last_one(bench: Bench) -> None:
    chart, _ = load("main")
    act = bench.act()
    counting.count(act, lines=(), known=chart.seq)
    assert asked(bench)["count"] == act.now + timedelta(hours=limits().count_every_h)


def test_the_inventory_falls_due_two_years_after_the_last_one(bench: Bench) -> None:
    chart, _ = load("main")
    act = bench.act()
    counting.count(act, lines=(), known=chart.seq, inventory="close")
    assert asked(bench)["inventory"] == act.now + timedelta(days=730)


def test_a_lot_falls_due_at_the_end_of_its_last_day(bench: Bench) -> None:
    assert asked(bench)["expiry"].astimezone(zone()).date() == EXPIRES
    assert not expired(EXPIRES, EXPIRES)
    assert expired(EXPIRES, EXPIRES + timedelta(days=1))


@pytest.mark.parametrize(("day", "until"), [(5, 6), (6, 9), (7, 9), (8, 9), (9, 10)])
def test_a_working_day_later_leaves_out_the_weekend(day: int, until: int) -> None:
    start = datetime(2026, 3, day, 15, tzinfo=UTC)  # the 5th is a Thursday
    assert business_days_after(start, 1, UTC).day == until


def test_what_is_late_is_told_to_those_who_can_do_it(bench: Bench) -> None:
    later = NOW + timedelta(days=3)
    assert [w.due.what for w in late_for(bench.nurse, later)] == ["inventory", "count"]
    assert not late_for(bench.nurse, NOW)


def test_the_worklist_leads_to_a_safe_that_waits(
    bench: Bench, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lowtide.site.safe_notice.timezone.now", lambda: NOW + timedelta(days=3))
    assert "Open the safe" in sign_in("nurse").get("/today").content.decode()
    assert "Open the safe" not in sign_in("front_desk").get("/today").content.decode()


law = settings(max_examples=40, deadline=None)


@pytest.mark.hazard("H036")
@law
@whatever(story=st.lists(steps, max_size=20), cut=st.integers(0, 20))
def test_the_report_of_any_period_closes(story: list[Step], cut: int) -> None:
    books = fold(Chart.of(STREAM, kept(story)))
    middle, end = START + timedelta(minutes=cut), START + timedelta(days=2)
    for since, until in ((START, middle), (middle, end), (START, end)):
        assert all(row.closes for row in usage(books, since, until))


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, list[dict[str, object]]]:
    assert cli.main([*words, "--json"]) == 0
    found: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return found


def test_the_command_says_what_is_where_to_the_digit(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "bring_up_to_date", lambda: None)
    session.draw(bench.act(), key=KEY, quantity=Decimal("0.73"), patient=bench.patient, session=bench.session)
    (safe,) = told(capsys, "safe", "--since", f"{NOW:%Y-%m-%d}")["safes"]
    assert safe["lots"][0]["opened"] == {"MAIN-001": "9.27"}  # type: ignore[index]
    assert safe["in_hand"][0]["left"] == "0.73"  # type: ignore[index]
    assert (safe["closed"], safe["faults"]) == (False, [])
    assert safe["usage"][0]["received"] == "20"  # type: ignore[index]


def test_what_is_due_names_the_safe(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "bring_up_to_date", lambda: None)
    found = told(capsys, "due", "--clinic")
    assert {row["rule_id"] for row in found if row.get("safe") == "main"} == {  # type: ignore[call-overload]
        "safe:count_every_h", "safe:inventory_every_days", "safe:expiry_warning_days",
    }  # fmt: skip


def test_a_safe_nobody_opened_is_said_in_one_line(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "bring_up_to_date", lambda: None)
    assert cli.main(["safe", "attic"]) == 2
    assert "there is no safe “attic”" in capsys.readouterr().err
