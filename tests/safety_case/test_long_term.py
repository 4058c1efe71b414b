"""What years of treatment may do, and what keeps supply from running ahead."""

from itertools import pairwise
from typing import Any

import pytest

from lowtide.data.instruments import Instrument, instruments
from lowtide.data.protocols import protocols
from tests.data.test_instruments import has_text
from tests.pathway.course.story import Story
from tests.pathway.plan.test_rules import planned
from tests.pathway.plan.test_titration import found, many
from tests.spec.examples import VIGNETTES, Example, changed, judged, said


def form(**changes: Any) -> dict[str, Any]:
    """The eligible vignette with some of its answers changed, by dotted path."""
    return changed(VIGNETTES["V01"], Example(rule="", met="", set=changes))


@pytest.mark.hazard("H037")
@pytest.mark.parametrize("missing", ["lut_questionnaire", "urinalysis"])
def test_without_the_bladder_questionnaire_or_the_dipstick_nobody_is_eligible(missing: str) -> None:
    done = [item for item in VIGNETTES["V01"]["workup_done"] if item != missing]
    judgement = judged(form(workup_done=done), "default")
    assert judgement.decision not in ("eligible", "conditional")


@pytest.mark.hazard("H037")
@pytest.mark.parametrize("name", [p for p, one in protocols().items() if not one.missing][:6])
def test_every_plan_asks_about_the_bladder_before_its_first_session(name: str) -> None:
    asked = [item.session for item in planned(name).due if item.rule_id == "M33"]
    assert asked[0] == 1
    assert all(later - earlier <= 4 for earlier, later in pairwise(asked))


@pytest.mark.hazard("H035")
@pytest.mark.parametrize("answer", [False, "null"])
def test_a_register_that_nobody_looked_into_defers(answer: object) -> None:
    judgement = judged(form(**{"substance.pdmp_checked": answer}), "default")
    assert said(judgement, "C060") == "defer"


@pytest.mark.hazard("H035")
def test_the_count_looks_back_over_a_window_and_not_over_a_course() -> None:
    spread, dense = found(many(Story(), 13, 9)), found(many(Story(), 13, 4))
    assert ("M38.91" in spread, "M38.91" in dense) == (False, True)


@pytest.mark.hazard("H041")
@pytest.mark.parametrize("one", instruments().values(), ids=lambda one: str(one.id))
def test_text_that_is_shipped_says_where_its_wording_and_its_licence_come_from(one: Instrument) -> None:
    assert not has_text(one) or (one.licence_class and (one.wording_source or one.source))
