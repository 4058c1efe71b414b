"""How much somebody has had: drugs apart, elsewhere counted, unknown told and never nothing."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.pathway.course.exposure import counted, elsewhere, exposure
from lowtide.pathway.course.sessions import Dose
from lowtide.pathway.course.state import fold
from lowtide.pathway.plan import reviewing
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.history import HistoryItem, TreatmentTrial
from lowtide.record.entries.longterm import TreatedElsewhere
from tests.pathway.course.story import START, Story
from tests.pathway.plan.test_titration import found


def told(story: Story, days: int | None = 90, **about: object) -> tuple[int, int, int]:
    if about:
        fields = {"drug": "ketamine", "told_by": "patient", "still": Answer.NO, **about}
        story.say(TreatedElsewhere(**fields))  # type: ignore[arg-type]
    one = exposure(fold(story.chart).doses, elsewhere(story.chart), story.now, days)
    return one.least, one.most, one.unknown


def treated(count: int = 2) -> Story:
    story = Story().planned()
    for number in range(1, count + 1):
        story.after(days=3).held(number)
    return story


def test_sessions_elsewhere_that_lie_in_the_time_are_counted_with_those_here() -> None:
    whole = {"sessions": 4, "mg": Decimal(200), "first": "2026-08-01", "last": "2026-08-20"}
    assert told(treated(), **whole) == (6, 6, 0)


def test_those_that_may_lie_in_the_time_are_counted_at_most() -> None:
    assert told(treated(), 30, sessions=4, mg=Decimal(200), first="2026", last="2026-08-20") == (2, 6, 1)


def test_what_ended_before_is_in_the_whole_record_alone() -> None:
    story = treated()
    assert told(story, 365, sessions=6, mg=Decimal(300), first="2024", last="2024") == (2, 2, 0)
    assert told(story, None) == (8, 8, 0)


@pytest.mark.parametrize("missing", ["sessions", "mg", "first"])
def test_what_is_not_known_of_it_is_told(missing: str) -> None:
    known = {"sessions": 4, "mg": Decimal(200), "first": "2026-08-01", "last": "2026-08-20"}
    assert told(treated(), **{k: v for k, v in known.items() if k != missing})[2] == 1


def test_an_unknown_number_of_sessions_is_never_none() -> None:
    least, most, unknown = told(treated(), first="2026-08", last="2026-08")
    assert (least, most, unknown) == (3, 3, 1)
    assert (counted(3, 3, 1), counted(0, 1, 1), counted(2, 8), counted(4, 4)) == (
        "3 or more",
        "not known",
        "2 to 8",
        "4",
    )


def test_a_yes_to_earlier_ketamine_is_treatment_of_unknown_amount() -> None:
    story = treated()
    story.say(HistoryItem(item="ketamine_exposed", answer=Answer.YES))
    assert told(story) == (2, 3, 1)


def test_an_earlier_treatment_of_the_history_counts_as_elsewhere() -> None:
    story = treated()
    story.say(TreatmentTrial(agent="Spravato", sessions=8, started="2026-07", stopped="2026-08-15"))
    (one,) = elsewhere(story.chart)
    assert (one.drug, one.sessions) == ("esketamine", 8)
    assert told(story)[1] == 10


def test_milligrams_of_two_drugs_are_never_added() -> None:
    story = treated(1)
    order = next(d for d in story.drafts if isinstance(d.body, OrderSigned))
    other = msgspec.structs.replace(order.body, drug="esketamine")
    story.drafts[story.drafts.index(order)] = msgspec.structs.replace(order, body=other)
    story.after(days=3).held(2)
    one = exposure(fold(story.chart).doses, (), story.now, 30)
    assert {a.drug: (a.sessions, a.mg) for a in one.amounts} == {
        "esketamine": (1, Decimal("36.50")),
        "ketamine": (1, Decimal("36.50")),
    }


@pytest.mark.hazard("H002")
def test_two_charts_of_one_person_are_counted_together() -> None:
    one, other = treated(2), treated(1)
    whole = Chart.union([one.chart, other.chart])
    assert exposure(fold(whole).doses, (), one.now, 90).sessions == 3


@pytest.mark.hazard("H035")
def test_a_second_clinician_is_asked_for_with_the_sessions_elsewhere_counted() -> None:
    story = treated(3)
    assert "M38.91" not in found(story)
    story.say(
        TreatedElsewhere(drug="esketamine", told_by="clinic", sessions=10, first="2026-08", last="2026-08")
    )
    assert "up to 10 of them elsewhere" in found(story)["M38.91"].text
    assert reviewing.EXPOSURE in found(story)["M38.91"].text


@given(st.lists(st.integers(0, 400), max_size=12), st.integers(1, 200))
def test_a_longer_time_never_holds_less(days: list[int], window: int) -> None:
    doses = [
        Dose(session=uuid4(), started_at=START - timedelta(days=d), stopped_at=None, drug="ketamine", route="iv", given_mg=Decimal(d), mg_per_kg=None)
        for d in days
    ]  # fmt: skip
    short, long = (exposure(doses, (), START, n) for n in (window, window + 100))
    assert short.sessions <= long.sessions
    assert sum(a.mg for a in short.amounts) <= sum(a.mg for a in long.amounts)
