"""The time-out, and what stands between a patient and the dose."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from lowtide.data import monitoring
from lowtide.pathway.session.actions import charting, reminding
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.gates import Blocker, blockers, questions
from lowtide.pathway.session.rules.identity import second_identifier
from lowtide.problems import BadInput, Refused
from lowtide.record.entries.base import Answer
from lowtide.record.entries.chair import TimeOut
from lowtide.record.entries.history import HistoryItem
from lowtide.record.entries.identity import Identifier, Patient, Sex
from tests.pathway.session.conftest import GOOD, Care

UTC = ZoneInfo("UTC")


def held(care: Care, minutes: float = 0) -> dict[str, Blocker]:
    facts = session_facts(care.chart, care.session)
    return {b.id: b for b in blockers(care.chart, facts, monitoring.items(), care.at(minutes), UTC)}


def test_everything_asked_measured_and_signed_lets_the_dose_start(care: Care) -> None:
    care.prepare()
    assert held(care) == {}


@pytest.mark.hazard("H001")
def test_the_wrong_chart_is_found_by_typing_what_the_patient_says(new_care: Callable[..., Care]) -> None:
    """Two people of one name, born a day apart: the birth date of one does not open the other's time-out."""
    one, other = new_care(birth_date="1983-03-14"), new_care(birth_date="1983-03-15")
    one.book()
    other.book(chair="4")
    with pytest.raises(BadInput, match="not the birth date or number of this chart"):
        other.time_out(typed="1983-03-14")
    assert other.chart.last(TimeOut) is None
    assert one.time_out(typed="1983-03-14")[0].body.second_identifier == "birth date"


@pytest.mark.hazard("H001")
@pytest.mark.parametrize("typed", ["", "Testperson", "1983", "15 Mar 1983"])
def test_neither_a_name_nor_an_ambiguous_date_is_an_identifier(care: Care, typed: str) -> None:
    care.book()
    with pytest.raises(BadInput):
        care.time_out(typed=typed)


@pytest.mark.hazard("H025")
@pytest.mark.parametrize(
    ("typed", "matched"),
    [
        ("1983-03-14", "birth date"),
        ("14.3.1983", "birth date"),
        ("14 March 1983", "birth date"),
        ("03/14/1983", "birth date"),
        ("1983", None),
        ("lt 0417", "number"),
        ("LT-0418", None),
    ],
)
def test_a_date_is_read_where_it_cannot_be_mistaken(typed: str, matched: str | None) -> None:
    patient = Patient(family="T", birth_date="1983-03-14", identifiers=(Identifier("lowtide", "LT-0417"),))
    assert second_identifier(patient, typed) == matched


@pytest.mark.hazard("H025")
def test_a_date_that_can_be_two_days_is_neither() -> None:
    patient = Patient(family="T", birth_date="1983-03-04")
    assert second_identifier(patient, "03/04/1983") is None
    assert second_identifier(patient, "4 Mar 1983") == "birth date"


@pytest.mark.hazard("H028")
def test_an_unanswered_question_blocks_as_not_asked_never_as_no(care: Care) -> None:
    care.prepare()
    care.time_out(-4, answers=GOOD | {"escort": Answer.NOT_KNOWN})
    assert held(care)["escort"].what == "Escort: not asked"
    assert not held(care)["escort"].may_be_lifted
    care.time_out(-3, answers=GOOD | {"escort": Answer.NO})
    assert held(care)["escort"].what.startswith("Escort: no to")


def test_intent_since_the_last_visit_is_a_stop_nobody_lifts(care: Care) -> None:
    care.prepare()
    care.time_out(-4, answers=GOOD | {"cssrs_since_last_visit": Answer.YES})
    assert held(care)["cssrs_since_last_visit"].level == "stop"
    assert not held(care)["cssrs_since_last_visit"].may_be_lifted


def test_the_questions_carry_the_limits_of_the_monitoring_table(care: Care) -> None:
    asked = {
        q.id: q.question
        for q in questions(care.chart, session_facts(care.chart, care.session), monitoring.items())
    }
    assert asked["fasted_solids"] == "Nothing eaten for 2 hours or more?"
    assert asked["fasted_liquids"] == "Nothing drunk for 30 minutes or more?"


def test_pregnancy_is_asked_unless_somebody_said_that_it_cannot_be(new_care: Callable[..., Care]) -> None:
    def asks(care: Care) -> bool:
        facts = session_facts(care.chart, care.session)
        return "pregnancy_test_positive" in {q.id for q in questions(care.chart, facts, monitoring.items())}

    assert asks(new_care())
    assert asks(new_care(sex=Sex.UNKNOWN))
    assert not asks(new_care(sex=Sex.MALE))
    said_no = new_care()
    said_no.write(HistoryItem(item="childbearing_potential", answer=Answer.NO), -100)
    assert not asks(said_no)


@pytest.mark.hazard("H006")
def test_without_a_weight_of_today_nothing_starts(care: Care) -> None:
    care.book()
    care.weigh(-24 * 60)
    care.order()
    assert held(care)["M06"].what == "no weight was measured today"


def test_an_order_for_another_weight_is_not_an_order_for_today(care: Care) -> None:
    care.prepare()
    care.weigh(-4, "80")
    assert held(care)["M06"].what == "the order is for 73 kg, today’s weight is 80 kg"
    with pytest.raises(Refused, match="today’s weight is 80 kg"):
        care.begin()


@pytest.mark.hazard("H029")
@pytest.mark.parametrize(
    ("born", "systolic", "diastolic", "rules"),
    [
        ("1983-03-14", 140, 90, set()),
        ("1983-03-14", 141, 90, {"M02"}),
        ("1983-03-14", 140, 91, {"M02"}),
        ("1955-03-14", 150, 90, set()),
        ("1955-03-14", 151, 90, {"M02"}),
        ("1955-03-14", 141, 91, {"M02"}),
        ("1983-03-14", 180, 90, {"M02", "M03"}),
        (None, 120, 80, set()),
        (None, 141, 80, {"M02"}),
    ],
)
def test_pressure_before_the_dose_at_each_boundary(
    new_care: Callable[..., Care], born: str | None, systolic: int, diastolic: int, rules: set[str]
) -> None:
    care = new_care(birth_date=born)
    care.book()
    care.measure(-8, sbp_mmhg=systolic, dbp_mmhg=diastolic, heart_rate_bpm=76, spo2_pct=98)
    assert {b for b in held(care) if b in ("M02", "M03")} == rules


def test_a_pressure_older_than_half_an_hour_is_measured_again(care: Care) -> None:
    care.prepare()
    assert held(care, 22) == {}
    assert held(care, 23)["bp"].what == "Blood pressure: not measured in the last 30 min"


def test_a_hold_is_lifted_by_a_prescriber_for_that_reading_only(care: Care) -> None:
    care.prepare()
    high = care.measure(-4, sbp_mmhg=146, dbp_mmhg=88, heart_rate_bpm=70, spo2_pct=98)[0]
    charting.acknowledge(care.act(-3), rule="M02", about=high.id, reason="I saw it")
    assert "M02" in held(care)
    charting.acknowledge(
        care.act(-3, care.prescriber), rule="M02", about=high.id, reason="anxious, benefit outweighs"
    )
    assert held(care) == {}
    care.measure(-2, sbp_mmhg=150, dbp_mmhg=88, heart_rate_bpm=70, spo2_pct=98)
    assert "M02" in held(care)


@pytest.mark.hazard("H029")
def test_a_lower_pressure_counts_once_the_patient_has_rested_as_long_as_the_rule_asks(care: Care) -> None:
    care.book()
    care.measure(-14, sbp_mmhg=142, dbp_mmhg=84, heart_rate_bpm=70, spo2_pct=98)
    care.measure(-12, sbp_mmhg=138, dbp_mmhg=84, heart_rate_bpm=70, spo2_pct=98)
    said = held(care, -11)["M02"]
    assert "138/84 mmHg came 2 min after 142/84: Rest 10-15 min, repeat" in said.what
    assert said.mend == f"Measure again from {care.at(-4).astimezone(UTC):%H:%M} on."
    care.measure(-4, sbp_mmhg=136, dbp_mmhg=82, heart_rate_bpm=70, spo2_pct=98)
    assert "M02" not in held(care)


def test_a_repeat_that_came_too_soon_is_lifted_with_the_reading_that_it_repeats(care: Care) -> None:
    care.prepare()
    high = care.measure(-4, sbp_mmhg=142, dbp_mmhg=84, heart_rate_bpm=70, spo2_pct=98)[0]
    care.measure(-2, sbp_mmhg=138, dbp_mmhg=84, heart_rate_bpm=70, spo2_pct=98)
    assert held(care)["M02"].about == high.id
    charting.acknowledge(care.act(-1, care.prescriber), rule="M02", about=high.id, reason="white coat")
    assert "M02" not in held(care)


@pytest.mark.hazard("H029")
def test_a_high_pressure_that_was_no_true_reading_asks_for_no_rest(care: Care) -> None:
    care.prepare()
    high = care.measure(-4, sbp_mmhg=182, dbp_mmhg=84)[0]
    care.measure(-2, sbp_mmhg=138, dbp_mmhg=84, heart_rate_bpm=70, spo2_pct=98)
    reminding.artefact(care.act(-2), about=high.id, rows=("bp",), reason="cuff slipped")
    assert "M02" not in held(care)


@pytest.mark.hazard("H008")
def test_one_open_session_a_patient(care: Care) -> None:
    care.prepare()
    second = care.another()
    second.book(planned_at=care.at(3000), number=2)
    with pytest.raises(Refused, match="another session of this patient is open"):
        second.time_out(-2)


@pytest.mark.hazard("H009")
def test_a_dose_too_soon_after_the_last_is_not_started_even_if_it_was_booked(care: Care) -> None:
    care.book(planned_at=care.at(60))
    second = care.another()
    second.book(planned_at=care.at(60 + 48 * 60), number=2)
    care.weigh()
    care.order()
    care.measure(60)
    care.time_out(62)
    care.check(63)
    care.begin(70)
    late = session_facts(second.chart, second.session)
    found = blockers(care.chart, late, monitoring.items(), care.at(60 + 48 * 60), UTC)
    assert [b.id for b in found if b.id == "H009"] == ["H009"]
    assert "from today 11:12 on" in next(b.what for b in found if b.id == "H009")
