"""The language of conditions: three values, few forms, nothing else reachable."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.expression import UNKNOWN, Found, Span, Use, answer, calls, names, parse

THREE = (True, False, UNKNOWN)


class Given:
    """A look-up over a plain dictionary; a name that is not in it is unknown."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def name(self, name: str) -> Found:
        value = self.values.get(name, UNKNOWN)
        return Found(value, lacks=(name,)) if value is UNKNOWN else Found(value, (Use(name, value),))

    def call(self, function: str, arguments: tuple[Any, ...]) -> Found:
        assert function == "events", function
        return Found(tuple(Found(self.values[word], (Use(word, self.values[word]),)) for word in arguments))


def value(condition: str, **values: Any) -> Any:
    return answer(condition, Given(**values)).value


def worst(a: Any, b: Any) -> Any:
    return False if False in (a, b) else UNKNOWN if UNKNOWN in (a, b) else True


@pytest.mark.parametrize(("a", "b"), [*product(THREE, THREE)])
def test_and_or_and_not_are_kleenes(a: Any, b: Any) -> None:
    turned = {True: False, False: True, UNKNOWN: UNKNOWN}
    assert value("a and b", a=a, b=b) == worst(a, b)
    assert value("a or b", a=a, b=b) == turned[worst(turned[a], turned[b])]
    assert value("not a", a=a) == turned[a]


@given(st.integers(-5, 5), st.integers(-5, 5))
def test_comparisons_are_those_of_numbers(a: int, b: int) -> None:
    assert value("a < b", a=a, b=b) is (a < b)
    assert value("a <= b", a=a, b=b) is (a <= b)
    assert value("a == b", a=a, b=b) is (a == b)
    assert value("low <= a <= high", a=a, low=-2, high=2) is (-2 <= a <= 2)


def test_a_comparison_with_an_unknown_is_unknown() -> None:
    assert value("a < b", a=1) is UNKNOWN
    assert value("a in words", words=frozenset({"x"})) is UNKNOWN


def test_an_unknown_end_of_a_chain_does_not_hide_a_known_no() -> None:
    assert value("low <= a <= high", a=1, low=2) is False


def test_a_number_known_within_bounds_settles_what_both_bounds_settle() -> None:
    assert value("a > b", a=Span(3, 9), b=2) is True
    assert value("a > b", a=Span(3, 9), b=9) is False
    assert value("a > b", a=Span(3, 9), b=5) is UNKNOWN


def test_days_from_a_partial_date_take_the_end_that_meets_the_condition() -> None:
    assert value("a <= b", a=Span(30, 60, cautious=True), b=42) is True
    assert value("a <= b", a=Span(50, 60, cautious=True), b=42) is False


def test_several_events_meet_a_condition_when_one_does() -> None:
    events = {"old": Span(900, 900, cautious=True), "new": Span(50, 50, cautious=True)}
    assert value("events('old', 'new') <= limit", limit=60, **events) is True
    assert value("low < events('old', 'new') <= limit", low=60, limit=365, **events) is False


def test_missing_and_confirmed_turn_unknown_into_an_answer() -> None:
    assert value("missing(a)") is True
    assert value("missing(a)", a=False) is False
    assert value("confirmed(a)") is False
    assert value("not confirmed(a)") is True
    assert value("confirmed(a)", a=True) is True


def test_all_known_asks_only_what_is_known_and_is_unknown_when_nothing_is() -> None:
    assert value("all_known(a, b)", a=True) is True
    assert value("all_known(a, b)", b=False) is False
    assert value("all_known(a, b)") is UNKNOWN


def test_a_set_counts_as_yes_when_it_holds_something() -> None:
    assert value("a", a=frozenset({"cocaine"})) is True
    assert value("a", a=frozenset()) is False


def test_an_answer_rests_on_the_parts_that_settle_it() -> None:
    found = answer("a > limit or b > limit", Given(a=5, b=1, limit=2))
    assert [use.name for use in found.uses] == ["a", "limit"]


def test_an_open_answer_names_what_would_settle_it() -> None:
    assert answer("a and b or c", Given(a=True, c=False)).lacks == ("b",)
    assert answer("a or b", Given(a=True)).lacks == ()


@pytest.mark.parametrize(
    "condition",
    [
        "a.__class__",
        "a.b",
        "a[0]",
        "1",
        "a > 140",
        "lambda: a",
        "a if b else c",
        "f(x=a)",
        "a + b",
        "a is b",
        "[a]",
        "not",
    ],
)
def test_nothing_else_is_in_the_language(condition: str) -> None:
    with pytest.raises(ValueError, match=r"not a condition| in "):
        answer(condition, Given(a=1, b=1, c=1))


def test_a_condition_tells_its_names_and_calls() -> None:
    condition = "a > b or dx_active('mi', 'tia') and missing(c)"
    assert set(names(condition)) == {"a", "b", "c"}
    assert list(calls(condition)) == [("dx_active", ("mi", "tia"))]


def test_parsing_is_done_once() -> None:
    assert parse("a or b") is parse("a or b")
