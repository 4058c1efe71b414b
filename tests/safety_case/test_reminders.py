"""Reminders stay rare enough to be read, and none of them can be switched off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data import monitoring
from lowtide.pathway.session.rules.thresholds import crossings, pressing, quiet_for
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Acknowledged
from tests.pathway.session.making import bp, dosing, entry

ITEMS = monitoring.items()
quiet = st.lists(st.tuples(st.integers(100, 159), st.integers(50, 94)), min_size=1, max_size=24)


def asked(*more: Entry) -> list[str]:
    """The rules that ask right after the last of these entries."""
    now = max(entry.at for entry in more)
    return [c.rule.id for c in pressing(crossings(dosing(*more), ITEMS), now)]


def every_five(pressures: list[tuple[int, int]]) -> list[Entry]:
    return [bp(high, low, 5 + 5 * n) for n, (high, low) in enumerate(pressures)]


@pytest.mark.hazard("H019")
@given(quiet)
def test_a_session_without_a_crossing_asks_for_nothing(pressures: list[tuple[int, int]]) -> None:
    assert asked(*every_five(pressures)) == []


@pytest.mark.hazard("H019")
@given(quiet, st.integers(200, 260))
def test_a_crisis_is_said_once_and_however_quiet_the_rest_was(
    pressures: list[tuple[int, int]], systolic: int
) -> None:
    crisis = bp(systolic, 90, 10 + 5 * len(pressures))
    assert asked(*every_five(pressures), crisis) == ["M14"]


@pytest.mark.hazard("H020")
@given(st.integers(160, 199))
def test_what_was_answered_is_asked_again_when_it_stays_longer_than_an_answer_holds(systolic: int) -> None:
    high = bp(systolic, 90, 10)
    rules = asked(high)
    answers = [entry(Acknowledged(rule=rule, about=high.id), 11, reason="repeat in 5 min") for rule in rules]
    assert asked(high, *answers) == []
    longest = max(quiet_for(ITEMS[rule], ITEMS[rule].level) for rule in rules).total_seconds() / 60
    still = [bp(systolic, 90, minute) for minute in range(15, int(12 + longest) + 6, 5)]
    assert asked(high, *answers, *still) != []


@pytest.mark.hazard("H020")
def test_an_answer_to_a_high_pressure_does_not_answer_a_graver_one() -> None:
    high, graver = bp(165, 95, 10), bp(205, 95, 15)
    answer = entry(Acknowledged(rule="M12", about=high.id), 11, reason="repeat in 5 min")
    assert asked(high, answer, graver) == ["M14"]
