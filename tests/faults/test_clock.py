"""A server clock that was set back: appended, marked, and the administrator can see it."""

from datetime import UTC, datetime, timedelta

import pytest

from lowtide.record import rows, store
from lowtide.record.chart import Chart
from lowtide.record.entries.chair import Note
from lowtide.record.verify import verify
from tests.conftest import said

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def note(at: datetime) -> Chart:
    store.append([said(Note(text="calm"), "chart:a", at=at)], now=at)
    return store.load("chart:a")


@pytest.mark.hazard("H023")
def test_an_entry_after_the_clock_was_set_back_is_appended_and_marked(db: None) -> None:
    note(NOW)
    chart = note(NOW - timedelta(minutes=10))
    assert [e.clock for e in chart.standing()] == ["server clock was set back", None]
    assert [e.seq for e in chart.standing()] == [2, 1]
    assert [mark for *_, mark in rows.clock_marks(10)] == ["server clock was set back"]
    assert verify().ok


def test_entries_are_marked_until_the_clock_has_caught_up(db: None) -> None:
    note(NOW)
    note(NOW - timedelta(minutes=10))
    note(NOW - timedelta(minutes=5))
    chart = note(NOW + timedelta(minutes=1))
    assert [bool(e.clock) for e in sorted(chart.standing(), key=lambda e: e.seq)] == [
        False,
        True,
        True,
        False,
    ]
    assert verify().ok
