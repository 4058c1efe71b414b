"""A decision more open than a finding answers it as its rule allows, or is refused; no unknown is decided over."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from lowtide.data.overrides import overrides
from lowtide.data.rules import rules
from lowtide.record.entries.base import Answer
from tests.pathway.evaluate.test_evaluate_pages import (
    LETTER,
    TIA,
    decide,
    decisions,
    form_of,
    item,
    page,
    tell,
    treatable,
)

SignIn = Callable[..., Client]
__all__ = ["treatable"]


def test_every_rule_s_word_for_who_may_override_is_known() -> None:
    assert {rule.override for rule in rules().values()} <= overrides().keys()


@pytest.mark.hazard("H031")
@pytest.mark.parametrize("left_out", ["o-C010", "w-C010", "d-C010"])
def test_a_finding_that_takes_a_letter_is_not_set_aside_without_one(
    left_out: str, treatable: UUID, sign_in: SignIn
) -> None:
    tell(treatable, TIA)
    prescriber = sign_in("prescriber")
    form = form_of(page(prescriber, treatable))
    refused = decide(prescriber, treatable, form, decision="conditional", **(LETTER | {left_out: ""}))
    assert (refused.status_code, decisions(treatable)) == (422, [])
    assert "C010" in refused.content.decode()


def test_a_finding_set_aside_is_kept_with_its_ground_and_shown(treatable: UUID, sign_in: SignIn) -> None:
    tell(treatable, TIA)
    prescriber = sign_in("prescriber")
    sent = {**form_of(page(prescriber, treatable)), **LETTER}
    assert decide(prescriber, treatable, sent, decision="conditional").status_code == 302
    (kept,) = decisions(treatable)[0].overrides
    assert (kept.rule_id, kept.ground, kept.who, kept.dated) == (
        "C010",
        "neurology",
        "Dr Neuro",
        "2026-03-14",
    )
    assert "on the letter of Dr Neuro" in page(prescriber, treatable)


@pytest.mark.hazard("H034")
def test_what_nobody_may_override_is_refused_whatever_is_written(treatable: UUID, sign_in: SignIn) -> None:
    tell(treatable, item("hcg_result", Answer.YES, "positive"))
    prescriber = sign_in("prescriber")
    sent = {**form_of(page(prescriber, treatable)), "o-C019": "She insists."}
    refused = decide(prescriber, treatable, sent, decision="conditional")
    assert (refused.status_code, decisions(treatable)) == (422, [])
    assert "C019 cannot be overridden" in refused.content.decode()


@pytest.mark.hazard("H028")
def test_what_is_not_known_is_found_out_and_not_decided_over(treatable: UUID, sign_in: SignIn) -> None:
    tell(treatable, item("dx.psychosis", Answer.NOT_KNOWN))
    prescriber = sign_in("prescriber")
    for decision, status in (("eligible", 422), ("conditional", 422), ("defer", 302)):
        sent = form_of(page(prescriber, treatable))
        answer = decide(prescriber, treatable, sent, decision=decision)
        assert answer.status_code == status
    assert (
        "Unknown is not no"
        in decide(prescriber, treatable, form_of(page(prescriber, treatable))).content.decode()
    )


def test_a_decision_stricter_than_the_rules_takes_only_a_reason(treatable: UUID, sign_in: SignIn) -> None:
    prescriber = sign_in("prescriber")
    sent = form_of(page(prescriber, treatable))
    assert decide(prescriber, treatable, sent, decision="not_eligible").status_code == 302
