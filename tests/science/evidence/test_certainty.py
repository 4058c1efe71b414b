"""How sure: what nobody judged is never surer than what somebody did, and each step has a reason of its own."""

import msgspec
import pytest

from lowtide.data.evidence_certainty import certainty
from lowtide.data.evidence_checks import tables
from lowtide.science.evidence.bias import Judged, Risk
from lowtide.science.evidence.certainty import LEVELS, Found, Sureness, judged
from lowtide.science.evidence.published import rated

HOW = certainty()


def risk(study: str, **domains: str) -> Risk:
    """A trial whose named domains are judged so; the worst is the whole."""
    found = tuple(Judged(d, j, f"{d} of {study}", "a test", True) for d, j in domains.items())
    worst = next(j for j in ("high", "some concerns", "low") if j in domains.values())
    return Risk(study, worst, found)


def found(*risks: Risk, **more: object) -> Found:
    given: dict[str, object] = {
        "lower": 1.5,
        "upper": 3.0,
        "none": 1.0,
        "people": 500,
        "sizes": (500,),
        "signs": (1,),
    }
    return Found(**{"risks": risks, "i2": None, "prediction": None, "indirect": ()} | given | more)  # type: ignore[arg-type]


def down(of: Found, domain: str) -> int:
    return next(step.down for step in judged(of, HOW).steps if step.domain == domain)


OPEN = {"deviations": "high", "measurement": "high"}


def test_that_everybody_knew_is_one_reason_and_one_step() -> None:
    assert down(found(risk("A", **OPEN)), "risk of bias") == 1
    assert down(found(risk("A", **OPEN, missing="high")), "risk of bias") == 2
    assert down(found(risk("A", **OPEN, missing="high"), risk("B", **OPEN)), "risk of bias") == 1


def test_trials_that_nobody_judged_cost_no_less_than_those_that_somebody_did() -> None:
    unjudged = down(found(), "risk of bias")
    for domains in ({"deviations": "some concerns"}, OPEN, {**OPEN, "missing": "high"}):
        assert unjudged >= down(found(risk("A", **domains)), "risk of bias")


def test_limits_that_lie_far_apart_are_imprecise_however_many_people_there_were() -> None:
    many = found(risk("A", deviations="low"), lower=4.07, upper=40.63, people=10285)
    assert down(many, "imprecision") == 1
    assert down(found(risk("A", deviations="low"), lower=1.17, upper=2.69, people=365), "imprecision") == 0


def test_limits_without_people_are_imprecise_only_where_they_lie_far_apart() -> None:
    assert down(found(lower=1.5, upper=3.0, people=None), "imprecision") == 0
    assert down(found(lower=3.0, upper=92.2, people=None), "imprecision") == 2
    assert down(found(lower=-7.0, upper=-1.0, none=0.0, people=None), "imprecision") == 1


def test_a_limit_without_end_is_no_narrow_one() -> None:
    assert down(found(lower=1.1, upper=float("inf")), "imprecision") == 1


def of_review(key: str, **other: object) -> Sureness:
    row = next(p for p in tables().pooled if p.pooled_id == key)
    return rated(tables(), msgspec.structs.replace(row, **other), HOW)


def test_a_network_of_a_review_does_not_lend_its_people_to_one_comparison() -> None:
    row = next(p for p in tables().pooled if p.pooled_id == "SAELENS-ECT")
    assert (row.k_trials, row.own_trials, row.own_people) == (69, None, None)
    assert row.i2 == pytest.approx(0.473)
    sure = of_review("SAELENS-ECT")
    assert sure.level == "very low"
    assert "I2 is 47%" in [step.reason for step in sure.steps]
    steps = {step.domain: step.down for step in of_review("SAELENS-ECT", heterogeneity="I2 80%").steps}
    assert steps["inconsistency"] == 2


def test_no_review_without_a_rating_is_surer_than_low() -> None:
    for row in tables().pooled:
        sure = rated(tables(), row, HOW)
        assert not sure.computed or LEVELS.index(sure.level) >= LEVELS.index("low"), row.pooled_id


def test_what_its_authors_rated_says_so_and_not_that_nothing_lowers_it() -> None:
    sure = of_review("DEAN-MDZ-RESP")
    assert (sure.level, sure.computed) == ("very low", False)
    assert sure.why == "as the review’s authors rated it"
