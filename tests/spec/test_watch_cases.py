"""What is due and what asks at a chair, by the table that the script at the chair answers too (tests/browser)."""

from collections import defaultdict
from typing import Any

import pytest

from lowtide.data import monitoring
from lowtide.pathway.session.rules.thresholds import watching
from tests.spec.watched import cases, differs, scene

CASES = cases()


@pytest.mark.hazard("H015")
@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['file']}: {c['name']}")
def test_what_is_due_and_what_asks_is_as_the_table_says(case: dict[str, Any]) -> None:
    made = scene(case)
    assert differs(case, made.answer(), made.now.timestamp() * 1000) == {}


def test_every_rule_that_is_watched_at_a_chair_has_cases_on_both_sides() -> None:
    asked: dict[str, set[bool]] = defaultdict(set)
    for case in CASES:
        made = scene(case)
        values = {name for sight in made.more for name in sight.values}
        values |= {n for each in made.facts.readings.values() for r in each for n in r.values}
        pressing = {c["rule"] for c in made.answer()["pressing"]}
        for item, trigger in watching(monitoring.items()):
            named = {c.value for alternative in trigger.alternatives for c in alternative}
            if item.id in pressing or not named.isdisjoint(values):
                asked[item.id].add(item.id in pressing)
    by_one_tap = {"M15", "M22", "M26"}  # a symptom is tapped or not; no value stands on the other side
    for item, _ in watching(monitoring.items()):
        sides = {True} if item.id in by_one_tap else {True, False}
        if item.id == "M24":
            sides = {True}  # what a pump differs by is worked out from its rate
        assert sides <= asked[item.id], item.id
