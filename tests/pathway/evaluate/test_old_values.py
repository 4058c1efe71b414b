"""How old a value is: one that has outlived its number of days is unknown, says its date, and is asked for again."""

from datetime import date
from typing import Any

import pytest

from lowtide.data import intake, policies, rules
from lowtide.data.expression import UNKNOWN, answer
from lowtide.pathway.evaluate.deciding import page
from lowtide.pathway.evaluate.facts import Answer, Requested, gather
from lowtide.pathway.evaluate.lookup import Asked
from lowtide.pathway.evaluate.rules import Evaluation, evaluate

DAY = date(2026, 11, 22)
NUMBERS = policies.policy("default").numbers()
DATED = [item for item in intake.items().values() if item.valid_for]


def value(item: intake.Item) -> Any:
    return {"number": item.min, "yes_no": False, "several": []}[item.kind]


def asked(**answers: Answer) -> Asked:
    return Asked(gather(answers=answers), dict.fromkeys(rules.REQUEST), NUMBERS, DAY)


def judged(**answers: Answer) -> Evaluation:
    request = Requested("trd", "racemic_ketamine", "iv")
    return evaluate(gather(answers=answers), request, policies.policy("default"), DAY)


@pytest.mark.hazard("H028")
@pytest.mark.parametrize("item", DATED, ids=lambda item: item.id)
def test_a_value_counts_to_its_last_day_and_not_after(item: intake.Item) -> None:
    limit = int(NUMBERS[item.valid_for].value)  # type: ignore[arg-type]
    assert asked(**{item.id: Answer(value(item), limit)}).name(item.id).value is not UNKNOWN
    assert asked(**{item.id: Answer(value(item), limit + 1)}).name(item.id).value is UNKNOWN


@pytest.mark.parametrize("taken", ["2012-03-04", "2012-03", "2012", "2026"])
def test_a_date_that_may_be_too_long_ago_is_one_that_is(taken: str) -> None:
    assert asked(sbp_mmhg=Answer(120, taken)).name("sbp_mmhg").value is UNKNOWN


def test_a_value_without_a_date_is_the_form_s_own_word_of_today() -> None:
    assert asked(sbp_mmhg=Answer(120)).name("sbp_mmhg").value == 120


def test_the_question_tells_the_old_value_its_date_and_how_long_it_counts() -> None:
    found = judged(sbp_mmhg=Answer(120, "2012-03-04"), dbp_mmhg=Answer(70, "2026-11-20"))
    said = {m.item: m.question for m in found.missing}
    assert said["sbp_mmhg"].startswith("On record: systolic pressure 120 mmHg, of 2012-03-04, older than")
    assert "dbp_mmhg" not in said


@pytest.mark.hazard("H028")
def test_an_old_score_opens_no_treatment() -> None:
    assert answer("phq9 >= phq9_entry_from", asked(phq9=Answer(20, "2015-01-01"))).value is UNKNOWN


def test_a_yes_about_suicide_does_not_grow_old_by_itself() -> None:
    assert judged(cssrs_q4=Answer(True, "2025-01-01")).urgent_escalation
    assert asked(cssrs_q4=Answer(False, "2025-01-01")).name("cssrs_q4").value is UNKNOWN


def test_each_number_of_days_is_a_default_that_the_clinic_answers_for() -> None:
    assert all(not rules.thresholds()[item.valid_for].verified for item in DATED)
    assert all(rules.thresholds()[item.valid_for].unit == "days" for item in DATED)


def test_the_evaluation_page_tells_why_an_old_value_counts_no_more() -> None:
    made = judged(phq9=Answer(20, "2015-01-01"))
    (row,) = (r for r in page._not_known(made, frozenset()) if r.title == intake.sections()["mind"])
    assert "On record: PHQ-9 20, of 2015-01-01" in row.text
