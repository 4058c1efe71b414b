"""Two at once: everything lands, in one order, and no rule is slipped past. On either engine."""

import itertools
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from lowtide.problems import Conflict, Refused
from lowtide.record import store
from lowtide.record.entries.chair import Note, Vitals
from lowtide.record.entries.clinic import Booked
from lowtide.record.verify import verify
from tests.conftest import said
from tests.faults.processes import at_once, release, start
from tests.faults.writer import book, vitals

WRITER = "tests.faults.writer"


def test_two_nurses_write_to_one_session_at_once_and_both_land_in_one_order(own_database: None) -> None:
    def nurse() -> list[object]:
        return [store.append(vitals("chart:a", n))[0].id for n in range(20)]

    answered = at_once(nurse, nurse)
    store.forget()
    chart = store.load("chart:a")
    assert {e.id for e in chart.standing()} == {i for ids in answered for i in ids}  # type: ignore[attr-defined]
    assert sorted(e.seq for e in chart.standing()) == list(range(1, 41))
    assert verify().ok


def test_two_processes_write_to_one_chart_at_once_and_both_land_in_one_order(
    own_database: None, tmp_path: Path
) -> None:
    said_by = release(start(tmp_path / "home", WRITER, "vitals", "chart:a", "15") for _ in range(2))
    entries = store.load("chart:a").standing()
    assert {str(e.id) for e in entries} == {i for lines in said_by for i in lines}
    assert sorted(e.seq for e in entries) == list(range(1, 31))
    assert verify().ok


def test_streams_are_locked_in_one_order_so_that_nobody_waits_for_each_other_forever(
    own_database: None,
) -> None:
    def both(*streams: str) -> list[object]:
        return [store.append([said(Note(text="x"), s) for s in streams]) for _ in range(10)]

    at_once(lambda: both("chart:a", "chart:b"), lambda: both("chart:b", "chart:a"))
    assert [store.load(s).seq for s in ("chart:a", "chart:b")] == [20, 20]


@pytest.mark.hazard("H008")
def test_twenty_retries_at_once_of_one_entry_make_one_entry(own_database: None) -> None:
    draft = said(Vitals(sbp_mmhg=120, dbp_mmhg=80), "chart:a", id=uuid4())
    answers = at_once(*[lambda: store.append([draft])] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert [e.id for e in store.load("chart:a").standing()] == [draft.id]


def test_one_id_with_two_contents_at_once_is_one_entry_and_one_conflict(own_database: None) -> None:
    one_id, at = uuid4(), datetime.now(UTC)
    drafts = [said(Note(text=t), "chart:a", id=one_id, at=at) for t in ("calm", "sad")]
    answers = at_once(*[lambda d=d: store.append([d]) for d in drafts])  # type: ignore[misc]
    assert [type(a) for a in answers if isinstance(a, Exception)] == [Conflict]
    assert len(store.load("chart:a")) == 1


def test_a_chair_is_booked_once_when_two_threads_race_for_it(own_database: None) -> None:
    answers = at_once(*[lambda: book("calendar:main", 0)] * 4)
    assert sorted(isinstance(a, Refused) for a in answers) == [False, True, True, True]
    assert len(store.load("calendar:main").said(Booked)) == 1


def test_a_chair_is_booked_once_when_two_processes_race_for_it(own_database: None, tmp_path: Path) -> None:
    said_by = release(start(tmp_path / "home", WRITER, "bookings", "calendar:main", "9") for _ in range(2))
    booked = [body for _, body in store.load("calendar:main").said(Booked)]
    ids = [line for lines in said_by for line in lines if line != "refused"]
    assert len(booked) == len(ids)
    starts = sorted((b.starts_at, b.ends_at) for b in booked)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(starts))
