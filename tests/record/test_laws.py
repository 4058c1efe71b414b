"""Laws of the chart: whatever was written, in whatever order it arrived, the chart says the same."""

from hypothesis import given
from hypothesis import strategies as st

from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Note, Vitals
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.history import Measurement
from tests.record.histories import ROLES, STREAM, histories

OTHER = "chart:other"


@given(histories(), st.randoms())
def test_any_arrival_order_and_any_retries_give_the_same_chart(history: list[Entry], chance: object) -> None:
    arrived = history + history[::2]
    chance.shuffle(arrived)  # type: ignore[attr-defined]
    assert Chart.of(STREAM, arrived) == Chart.of(STREAM, history)


@given(histories(), st.data())
def test_a_chart_grown_is_the_chart_read_anew(history: list[Entry], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(history)), max_size=3)))
    grown, done = Chart.of(STREAM, []), 0
    for cut in [*cuts, len(history)]:
        grown, done = grown.extended(history[done:cut]), cut
    assert grown == Chart.of(STREAM, history)
    assert grown.known == Chart.of(STREAM, history).known


@given(histories(), st.data())
def test_growing_a_chart_leaves_the_old_one_as_it_was(history: list[Entry], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(history)))
    old = Chart.of(STREAM, history[:cut])
    old.extended(history[cut:])
    assert old == Chart.of(STREAM, history[:cut])


@given(histories(), st.data())
def test_as_of_is_the_chart_of_that_time(history: list[Entry], data: st.DataObject) -> None:
    then = data.draw(st.integers(0, len(history)))
    assert Chart.of(STREAM, history).as_of(then) == Chart.of(STREAM, history[:then])


@given(histories(), histories(OTHER), st.data())
def test_linked_charts_read_as_one(one: list[Entry], other: list[Entry], data: st.DataObject) -> None:
    a, b = Chart.of(STREAM, one), Chart.of(OTHER, other)
    both = Chart.union([a, b])
    assert both == Chart.of(STREAM, one + other)
    assert both.standing() == sorted(a.standing() + b.standing(), key=lambda e: e.order)
    then = {STREAM: data.draw(st.integers(0, len(one))), OTHER: data.draw(st.integers(0, len(other)))}
    assert both.as_of(then) == Chart.union([a.as_of(then[STREAM]), b.as_of(then[OTHER])])


@given(histories())
def test_every_entry_is_in_exactly_one_line(history: list[Entry]) -> None:
    chart = Chart.of(STREAM, history)
    assert sorted(e.seq for line in chart.lines() for e in line) == [e.seq for e in history]
    assert all(chart.line(e.id) == line for line in chart.lines() for e in line)


@given(histories())
def test_what_stands_is_the_latest_of_each_line_unless_it_was_retracted(history: list[Entry]) -> None:
    chart = Chart.of(STREAM, history)
    latest = [line[-1] for line in chart.lines()]
    assert chart.standing() == [e for e in latest if not isinstance(e.body, EnteredInError)]
    said = [e for kind in (Note, Vitals, Measurement) for e, _ in chart.said(kind)]
    assert sorted(e.seq for e in said) == sorted(e.seq for e in chart.standing())


@given(histories(), st.sets(st.sampled_from(ROLES)).map(frozenset))
def test_nobody_sees_what_is_for_others(history: list[Entry], audience: frozenset[str]) -> None:
    seen = Chart.of(STREAM, history).seen_by(audience, "staff:a")
    for entry in history:
        may = not entry.visible_to or entry.by == "staff:a" or bool(audience & set(entry.visible_to))
        assert (entry.id in seen.entries) == may
