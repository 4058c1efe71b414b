"""The twenty-five reference cases give exactly the decision, escalation and rules that were written down for them."""

import pytest

from tests.spec.examples import VIGNETTES, judged


@pytest.mark.parametrize("case", VIGNETTES.values(), ids=lambda case: f"{case['id']} {case['title']}")
def test_a_vignette_is_judged_as_expected(case: dict) -> None:
    answer, expected = judged(case).as_json(), case["expected"]
    assert answer["decision"] == expected["decision"]
    assert answer["urgent_escalation"] == expected["urgent_escalation"]
    found = sorted((f["rule_id"], f["decision"]) for f in answer["findings"])
    assert found == sorted((t["rule_id"], t["rule_decision"]) for t in expected["triggered_rules"])


def test_the_expectation_in_a_file_is_not_read() -> None:
    case = {**VIGNETTES["V06"], "expected": {"decision": "eligible"}}
    assert judged(case).decision == "not_eligible"
