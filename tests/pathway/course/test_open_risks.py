"""An answer that asks for action stays raised until a person closes it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.pathway.course.raised_forms import open_risks
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Entry, Source
from lowtide.record.entries.care import Answers, RiskReviewed
from lowtide.record.entries.clinic import EnteredInError

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def at(minutes: int, body: Body, corrects: Entry | None = None) -> Entry:
    """An entry that happened and was recorded so many minutes after the start; a correction keeps when it happened."""
    recorded = START + timedelta(minutes=minutes)
    return Entry(
        id=uuid4(),
        stream="chart:a",
        seq=minutes + 1,
        kind=body.kind_tag(),
        at=corrects.at if corrects else recorded,
        recorded_at=recorded,
        by="staff:x",
        source=Source.MANUAL,
        previous="",
        body_digest="",
        corrects=corrects.id if corrects else None,
        body=body,
    )


def phq9(item9: int | None, **more: object) -> Answers:
    items = {"1": 2} | ({} if item9 is None else {"9": item9})
    return Answers(instrument="PHQ-9", version="1", items=items, mode="tablet", **more)  # type: ignore[arg-type]


def closing(form: Entry, closed: bool = True) -> RiskReviewed:
    return RiskReviewed(answers=form.id, action="called, safety plan made", closed=closed)


def raised(*entries: Entry) -> list[object]:
    return [risk.form for risk in open_risks(Chart.of("chart:a", entries))]


@pytest.mark.hazard("H026")
def test_item_nine_above_zero_is_raised_and_zero_is_not() -> None:
    form = at(0, phq9(1))
    assert raised(form, at(1, phq9(0)), at(2, phq9(None))) == [form.id]


@pytest.mark.hazard("H026")
def test_a_form_left_half_way_raises_too() -> None:
    assert raised(at(0, phq9(1, complete=False)))


@pytest.mark.hazard("H026")
@pytest.mark.parametrize(
    ("instrument", "items"), [("CSSRS", {"1": 1, "2": 0}), ("MADRS", {"10": 2}), ("phq9", {"44260-8": 3})]
)
def test_other_scales_and_other_spellings_raise_too(instrument: str, items: dict[str, int]) -> None:
    assert raised(at(0, Answers(instrument=instrument, version="1", items=items, mode="tablet")))


def test_an_instrument_nobody_knows_raises_nothing() -> None:
    assert not raised(at(0, Answers(instrument="homemade", version="1", items={"9": 3}, mode="paper")))


def test_only_a_closing_step_closes() -> None:
    form = at(0, phq9(2))
    assert raised(form, at(1, closing(form, closed=False))) == [form.id]
    assert raised(form, at(1, closing(form))) == []


def test_closing_the_latest_closes_the_ones_before() -> None:
    first, second = at(0, phq9(1)), at(10, phq9(1))
    assert raised(first, second, at(11, closing(second))) == []
    assert raised(first, second, at(11, closing(first))) == [second.id]


@pytest.mark.hazard("H026")
def test_an_answer_changed_back_or_retracted_stays_raised() -> None:
    form = at(0, phq9(2))
    assert raised(form, at(1, phq9(0), corrects=form)) == [form.id]
    assert raised(form, at(1, EnteredInError(), corrects=form)) == [form.id]


@pytest.mark.hazard("H026")
def test_a_higher_answer_recorded_after_the_closing_opens_it_again() -> None:
    form = at(0, phq9(1))
    closed = at(1, closing(form))
    assert raised(form, closed, at(2, phq9(3), corrects=form)) == [form.id]
    assert raised(form, closed, at(2, phq9(1), corrects=form)) == []


@given(st.permutations(range(4)))
def test_the_order_of_arrival_does_not_matter(order: list[int]) -> None:
    form = at(0, phq9(1))
    entries = [form, at(1, closing(form)), at(5, phq9(2)), at(6, phq9(0))]
    assert raised(*(entries[n] for n in order)) == raised(*entries)
