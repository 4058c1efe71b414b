"""The flowsheet's grid: every value that was charted is in it, in a column of its time."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data import monitoring
from lowtide.pathway.session.rules.state import state_of
from lowtide.pathway.session.shown.grid import Cell, Grid, grid, strips
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.chair import NotDone, Rating, Vitals
from lowtide.record.entries.reminding import ArtefactMarked
from tests.pathway.session.making import at, bp, dosing, entry

ALL = 10_000


def whole(*entries: Entry, now: float = 60) -> Grid:
    return grid(state_of(dosing(*entries), monitoring.items(), at(now)), at(now), 0, ALL)


def row(found: Grid, name: str) -> dict[str, Cell]:
    """The cells in which something stands, by their column."""
    cells = next(r.cells for r in found.rows if r.parameter.id == name)
    labels = [c.label for c in found.columns]
    return {label: cell for label, cell in zip(labels, cells, strict=True) if cell.entry}


def said(cells: dict[str, Cell]) -> dict[str, str]:
    return {label: " | ".join(filter(None, (c.text, c.when, c.also))) for label, c in cells.items()}


@pytest.mark.hazard("H015")
def test_a_pressure_that_no_slot_took_has_a_column_of_its_own_minute() -> None:
    found = whole(
        bp(128, 78, -10),
        bp(129, 79, 0.5),
        bp(133, 80, 5),
        bp(182, 112, 9.5),
        bp(150, 85, 15),
        bp(149, 84, 16),
    )
    assert said(row(found, "bp")) == {
        "−10": "128/78", "T+0": "129/79", "T+5": "133/80", "T+10": "182/112 | T+9", "T+15": "150/85", "T+16": "149/84",
    }  # fmt: skip


@pytest.mark.hazard("H015")
def test_a_column_before_the_dose_has_one_time() -> None:
    mine = entry(Vitals(sbp_mmhg=128, dbp_mmhg=78, heart_rate_bpm=71, spo2_pct=98), -10)
    monitor = entry(Vitals(heart_rate_bpm=72, spo2_pct=98), -1, source=Source.DEVICE)
    first = bp(146, 90, -25)
    found = whole(first, mine, monitor)
    assert said(row(found, "bp")) == {"−25": "146/90", "−10": "128/78"}
    assert said(row(found, "hr")) == {"−10": "71", "−1": "72"}
    around = grid(state_of(dosing(first, mine, monitor), monitoring.items(), at(5)), at(5), None)
    labels = [c.label for c in around.columns]
    assert {"−10", "−1"} <= set(labels)
    assert len(labels) <= 10


def test_a_value_whose_minute_is_not_its_column_s_says_when_it_was_read() -> None:
    found = whole(bp(130, 80, 17))
    assert said(row(found, "bp")) == {"T+20": "130/80 | T+17"}


def test_a_filled_cell_says_what_else_was_read_about_then() -> None:
    beats = [entry(Vitals(heart_rate_bpm=n), 30 + m / 2) for m, n in enumerate((70, 72, 75, 69, 80))]
    cell = row(whole(*beats), "hr")["T+30"]
    assert (cell.text, cell.also, len(cell.others)) == ("70", "+4: 69–80", 4)
    two = row(whole(*beats[:2]), "hr")["T+30"]
    assert (two.text, two.also) == ("70", "T+30 72")


def test_two_pressures_of_one_minute_both_stand_in_it() -> None:
    cells = said(row(whole(bp(150, 90, 23), bp(120, 80, 23.5), bp(130, 80, 20)), "bp"))
    assert cells == {"T+20": "130/80", "T+23": "120/80 | T+23 150/90"}


def test_what_was_read_in_the_minute_of_a_slot_that_was_filled_is_not_hidden() -> None:
    cells = said(row(whole(bp(140, 85, 20), bp(185, 95, 20.6)), "bp"))
    assert cells == {"T+20": "140/85 | T+20 185/95"}


def test_what_was_read_beside_a_slot_that_was_not_done_is_not_hidden() -> None:
    skipped = entry(NotDone(item="hr", why="asleep"), 30)
    beats = [entry(Vitals(heart_rate_bpm=70), 36), entry(Vitals(heart_rate_bpm=71), 33)]
    cells = said(row(whole(skipped, *beats), "hr"))
    assert sum("71" in each for each in cells.values()) == 1


def test_each_of_several_values_that_were_no_true_reading_is_struck() -> None:
    wrong = [bp(210, 120, 8), bp(220, 125, 8.2)]
    marks = [entry(ArtefactMarked(about=w.id, parameters=("bp",)), 9) for w in wrong]
    found = whole(*wrong, *marks, bp(130, 80, 15))
    struck = [c.struck for r in found.rows for c in r.cells if c.struck]
    assert struck == ["210/120, 220/125"]


pressures = st.lists(st.tuples(st.floats(-40, 150), st.integers(90, 190)), max_size=25)
ratings = st.lists(st.tuples(st.floats(-40, 150), st.integers(0, 5)), max_size=15)


@pytest.mark.hazard("H015")
@given(pressures, ratings)
def test_every_value_that_was_charted_is_in_the_grid_on_screen_and_on_paper(
    read: list[tuple[float, int]], rated: list[tuple[float, int]]
) -> None:
    entries = [bp(n, 60, minute) for minute, n in read]
    entries += [entry(Rating(scale="moaas", value=Decimal(n)), minute) for minute, n in rated]
    found = whole(*entries, now=160)
    for part in (found, *strips(found, 9)):
        assert all(len(r.cells) == len(part.columns) for r in part.rows)
    cells = [c for part in strips(found, 9) for r in part.rows for c in r.cells]
    assert sorted(str(e.id) for e in entries) == sorted(i for c in cells for i in (c.entry, *c.others) if i)
    shown = " ".join(f"{c.text} {c.also}" for c in cells)
    assert all(f"{n}/60" in shown for _, n in read)
    times = [c.at for c in found.columns]
    assert times == sorted(set(times))
