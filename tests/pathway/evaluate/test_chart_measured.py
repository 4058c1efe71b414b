"""What a chart's measurements, results and questionnaires answer."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from lowtide.record.entries.base import Body
from lowtide.record.entries.care import Answers, Total
from lowtide.record.entries.chair import DoseStarted, Vitals
from lowtide.record.entries.history import (
    Measurement,
    Result,
)
from tests.pathway.evaluate.charts import (
    NOW,
    YES,
    chart,
    entry,
    facts,
    judged,
    said,
)
from tests.pathway.evaluate.test_chart_facts import value


def alt(number: str, limit: str | None = "40") -> Result:
    high = Decimal(limit) if limit else None
    return Result(label="ALT", test="alt_u_l", value=Decimal(number), unit="U/L", reference_high=high)


def test_a_liver_value_counts_as_a_multiple_of_the_laboratorys_own_limit() -> None:
    assert value("alt_x_uln", chart(alt("120"))) == 3


def test_a_newer_liver_value_without_a_limit_takes_the_older_multiple_back() -> None:
    assert value("alt_x_uln", chart(entry(alt("40"), days=9), alt("400", None))) is None


def test_a_result_in_words_nobody_knows_takes_the_older_one_back() -> None:
    negative = entry(Result(label="hCG", test="hcg", text="Negative"), days=9)
    assert value("hcg_result", chart(negative)) == "negative"
    assert value("hcg_result", chart(negative, Result(label="hCG", test="hcg", text="borderline"))) is None


def test_the_pressure_under_a_dose_is_not_the_pressure_at_rest() -> None:
    session = uuid4()
    before = entry(Vitals(sbp_mmhg=128, dbp_mmhg=80), session=session, at=NOW)
    start = DoseStarted(order=uuid4(), rate_ml_per_h=Decimal(75), mg_per_ml=Decimal(1), volume_ml=Decimal(50))
    started = entry(start, session=session, at=NOW + timedelta(minutes=5))
    high = entry(Vitals(sbp_mmhg=182, dbp_mmhg=104), session=session, at=NOW + timedelta(minutes=25))
    assert value("sbp_mmhg", chart(before, started, high)) == 128


def test_a_saturation_on_oxygen_is_not_one_on_room_air() -> None:
    assert value("spo2_pct", chart(Vitals(spo2_pct=99, on_oxygen=True))) is None


def test_the_change_of_weight_is_that_between_the_last_two() -> None:
    weights = [
        entry(Measurement(quantity="weight_kg", value=Decimal(kg)), days=d)
        for kg, d in (("80", 9), ("68", 1))
    ]
    assert value("weight_change_pct", chart(*weights)) == 15


@pytest.mark.parametrize(
    "body",
    [
        said("moca", YES, "31"),
        said("moca", YES, "many"),
        said("child_pugh", YES, "D"),
        Total(instrument="MOCA", value=Decimal(99)),
    ],
)
def test_a_value_its_item_cannot_have_says_nothing(body: Body) -> None:
    assert facts(chart(body)).values == {}


def test_a_questionnaires_total_is_worked_out_from_its_answers() -> None:
    form = Answers(instrument="PHQ9", version="1", items={str(n): 2 for n in range(1, 10)}, mode="tablet")
    assert value("phq9", chart(form)) == 18


def columbia(*, complete: bool = True, **items: int) -> Answers:
    given = {name.removeprefix("q"): answer for name, answer in items.items()}
    return Answers(instrument="CSSRS", version="1", items=given, mode="interview", complete=complete)


@pytest.mark.hazard("H027")
def test_a_suicide_risk_interview_answers_the_questions_that_rules_ask() -> None:
    yes = chart(columbia(q1=1, q2=1, q3=1, q4=1, q5=0, q6=0))
    assert (value("cssrs_q4", yes), value("cssrs_q5", yes), value("cssrs_q6_3mo", yes)) == (
        True,
        False,
        False,
    )
    assert judged(yes).urgent_escalation


@pytest.mark.hazard("H027")
def test_a_skipped_question_of_the_interview_is_a_no_only_where_the_one_before_it_was() -> None:
    earlier = entry(columbia(q1=1, q2=1, q3=1, q4=1, q5=0, q6=0), days=30)
    later = chart(earlier, columbia(q1=0, q2=0, q6=0))
    assert value("cssrs_q4", later) is False
    assert value("cssrs_q4", chart(earlier, columbia(q1=1, q2=1, q6=0))) is None
    assert value("cssrs_q6_3mo", chart(columbia(q1=0, q2=0, q6=1))) is None


@pytest.mark.hazard("H027")
def test_a_yes_in_an_unfinished_interview_counts_at_once() -> None:
    assert judged(chart(columbia(complete=False, q2=1, q4=1))).urgent_escalation
