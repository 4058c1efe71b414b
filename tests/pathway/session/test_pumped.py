"""The pump's own count against what was recorded and ordered."""

from decimal import Decimal
from typing import Any

import pytest

from lowtide.data import monitoring
from lowtide.data.safe import limits
from lowtide.pathway.session.actions import closing, dosing
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.pumped import Agreement, agreement
from lowtide.pathway.session.rules.thresholds import crossings, pressing
from lowtide.problems import BadInput
from lowtide.record import store
from lowtide.record.entries.base import Source
from lowtide.record.entries.chair import SessionSigned
from lowtide.record.entries.devices import AlarmTold, PumpTold
from lowtide.record.entries.safe import CaseOpened
from tests.pathway.session.conftest import Care
from tests.pathway.session.test_pages import SignIn, url
from tests.safe.conftest import Bench


def tell(care: Care, minutes: float, delivered: str | None = None, **more: Any) -> None:
    fields = {"device": "P-7", "delivered_ml": Decimal(delivered) if delivered else None, **more}
    care.write(PumpTold(**fields), minutes, session=care.session, source=Source.DEVICE)


def run(care: Care, ended: str = "50", told: tuple[tuple[float, str], ...] = ()) -> None:
    care.prepare()
    care.begin()
    for minutes, delivered in told:
        tell(care, minutes, delivered)
    dosing.stop(care.act(41), delivered_ml=Decimal(ended), complete=ended == "50", reason="as read")


def found(care: Care) -> Agreement:
    said = agreement(session_facts(care.chart, care.session), limits())
    assert said
    return said


@pytest.mark.hazard("H014")
def test_the_pump_and_the_record_agree_when_both_say_the_same(care: Care) -> None:
    run(care, told=((0, "0"), (20, "25"), (40, "49.6")))
    said = found(care)
    assert (said.pump_ml, said.recorded_mg, said.ordered_mg) == (
        Decimal("49.6"),
        Decimal("36.5"),
        Decimal("36.5"),
    )
    assert said.difference_mg == Decimal("-0.292")
    assert not said.differs


@pytest.mark.hazard("H014")
def test_a_larger_difference_than_the_clinic_allows_is_told_in_mg_and_per_cent(care: Care) -> None:
    run(care, told=((0, "0"), (40, "46")))
    said = found(care)
    assert said.differs
    assert said.difference_mg == Decimal("-2.92")
    assert said.difference_pct == Decimal("-8")


def test_either_two_per_cent_or_one_mg_may_lie_between_them_whichever_is_more(care: Care) -> None:
    run(care, told=((0, "0"), (40, "48.7")))
    assert found(care).allowed_mg == Decimal(1)
    assert not found(care).differs


@pytest.mark.hazard("H018")
def test_what_the_pump_had_counted_before_this_dose_is_not_this_patients(care: Care) -> None:
    run(care, told=((-2, "112.4"), (20, "137.4"), (40, "162.4")))
    assert found(care).pump_ml == 50


def test_a_counter_that_was_cleared_in_between_goes_on_from_nothing(care: Care) -> None:
    run(care, told=((0, "0"), (20, "25"), (25, "0"), (40, "18.75")))
    assert found(care).pump_ml == Decimal("43.75")


def test_a_pump_that_was_heard_late_is_said_to_have_been(care: Care) -> None:
    run(care, told=((12, "15"), (40, "50")))
    assert found(care).pump_ml == 50
    assert any("first heard 12 min after the start" in note for note in found(care).notes)


@pytest.mark.hazard("H018")
def test_a_pump_with_another_drug_is_not_counted(care: Care) -> None:
    care.prepare()
    care.begin()
    tell(care, 0, "0", drug="Ketamine")
    tell(care, 20, "25", drug="KETAMINE 50 mg/mL")
    tell(care, 21, "90", drug="Magnesium sulfate", device="P-8")
    assert found(care).pump_ml == 25
    assert any("Magnesium" in note for note in found(care).notes)


@pytest.mark.hazard("H012")
def test_a_pump_that_is_programmed_for_another_strength_is_said_and_the_label_counts(care: Care) -> None:
    care.prepare()
    care.begin()
    tell(care, 0, "0", mg_per_ml=Decimal(1))
    tell(care, 20, "25", mg_per_ml=Decimal(1))
    assert found(care).pump_mg == Decimal("18.25")
    assert any("programmed for 1 mg/mL" in note for note in found(care).notes)


@pytest.mark.hazard("H014")
def test_a_rate_that_only_the_pump_knows_of_is_a_reminder_at_once(care: Care) -> None:
    care.prepare()
    care.begin()
    tell(care, 10, "12.5", rate_ml_per_h=Decimal(95), event="rate_change")
    facts = session_facts(care.chart, care.session)
    pressed = pressing(crossings(facts, monitoring.items()), facts.entries[-1].at)
    assert "M24" in {c.rule.id for c in pressed}
    assert any("recorded are 75 mL/h" in note for note in found(care).notes)


def test_without_a_word_of_a_pump_there_is_nothing_to_compare(care: Care) -> None:
    run(care)
    assert agreement(session_facts(care.chart, care.session), limits()) is None


@pytest.mark.hazard("H014")
def test_a_difference_asks_for_a_reason_at_the_signature_and_opens_a_case(care: Care) -> None:
    Bench().open()
    run(care, told=((0, "0"), (40, "46")))
    closing.discharge(care.act(45), answers={}, against_advice=True, reason="test")
    with pytest.raises(BadInput, match=r"the pump says 33\.6 mg, the chart 36\.5 mg"):
        closing.sign(care.act(59), printed_name="Nora Nurse")
    closing.sign(care.act(59), printed_name="Nora Nurse", because="the line was primed by the pump")
    case = store.load("safe:main").last(CaseOpened)
    assert case
    assert (case[1].expected, case[1].found) == (Decimal("36.5"), Decimal("33.58"))
    signed = care.chart.last(SessionSigned)
    assert signed
    assert signed[0].reason == "the line was primed by the pump"


@pytest.mark.hazard("H014")
def test_the_page_of_the_signature_shows_the_three_side_by_side(care: Care, sign_in: SignIn) -> None:
    run(care, told=((0, "0"), (40, "46")))
    closing.discharge(care.act(45), answers={}, against_advice=True, reason="test")
    page = sign_in("nurse").get(url(care, "sign")).content.decode()
    assert "Pump, record and order" in page
    assert "33.6" in page
    assert "<b>2.92 mg</b> (8 %) less than the record" in page
    assert "Why they differ" in page


def test_what_a_pump_or_an_alarm_said_is_a_line_of_the_session(care: Care, sign_in: SignIn) -> None:
    care.prepare()
    care.begin()
    tell(care, 5, "6.25", rate_ml_per_h=Decimal(75), event="delivery_start")
    alarm = AlarmTold(device="M-3", alarm="low_spo2", text="SpO2 below limit", phase="start")
    care.write(alarm, 6, session=care.session, source=Source.DEVICE)
    page = sign_in("nurse").get(url(care)).content.decode()
    assert "Pump says" in page
    assert "SpO2 below limit" in page


@pytest.mark.hazard("H012")
@pytest.mark.parametrize(
    "label", ["Ketalar", "KETAMIN", "ketamine HCl", "KETAMINE50", "Kétamine 10 mg/mL", "ketamina racémica"]
)
def test_a_pump_may_call_the_drug_by_any_of_its_names(care: Care, label: str) -> None:
    care.prepare()
    care.begin()
    for minutes, delivered in ((0, "0"), (20, "25")):
        tell(care, minutes, delivered, drug=label)
    assert (found(care).pump_ml, found(care).notes) == (25, ())


@pytest.mark.hazard("H012")
@pytest.mark.parametrize("label", ["Dopamine", "Ketanest S", "S(+)-Ketamin", "Esketamine", "Drug A"])
def test_a_pump_that_runs_another_drug_is_said_although_nothing_of_it_is_counted(
    care: Care, sign_in: SignIn, label: str
) -> None:
    run(care)
    tell(care, 20, "25", drug=label)
    assert found(care).pump_mg is None
    assert found(care).notes == (
        f"the pump runs another drug: it says {label}, ordered is ketamine; nothing of it is counted",
    )
    closing.discharge(care.act(45), answers={}, against_advice=True, reason="test")
    assert "The pump runs another drug" in sign_in("nurse").get(url(care, "sign")).content.decode()


def test_a_pump_without_a_counter_is_reckoned_by_its_rates(care: Care) -> None:
    care.prepare()
    care.begin()
    for minutes, event, rate in (
        (0, "delivery_start", 75),
        (10, "rate_change", 90),
        (30, "delivery_stop", None),
    ):
        tell(care, minutes, event=event, rate_ml_per_h=None if rate is None else Decimal(rate))
    assert found(care).pump_ml == Decimal("42.5")
    assert any("its rates are added up" in note for note in found(care).notes)


def test_a_pump_without_a_counter_that_told_no_stop_ran_until_the_recorded_one(care: Care) -> None:
    care.prepare()
    care.begin()
    tell(care, 0, event="delivery_start", rate_ml_per_h=Decimal(75))
    dosing.stop(care.act(40), delivered_ml=Decimal(50), complete=True, reason=None)
    assert found(care).pump_ml == 50


@pytest.mark.hazard("H014")
@pytest.mark.parametrize(
    ("strength", "ml", "mg", "note"),
    [
        (None, "50", "36.5", "what was made up: it says no strength"),
        ("0.73", "50", "36.5", "the strength that it says it reckons with"),
        ("1", "36.5", "26.645", "programmed for 1 mg/mL, what was made up has 0.73 mg/mL"),
    ],
)
def test_a_pump_that_tells_only_mg_per_hour_is_reckoned_by_the_strength_it_runs_with(
    care: Care, strength: str | None, ml: str, mg: str, note: str
) -> None:
    care.prepare()
    care.begin()
    own = Decimal(strength) if strength else None
    tell(care, 0, event="delivery_start", rate_mg_per_h=Decimal("54.75"), mg_per_ml=own)
    tell(care, 20, rate_mg_per_h=Decimal("54.75"))
    tell(care, 40, event="delivery_stop")
    said = found(care)
    assert (said.pump_ml, said.pump_mg) == (Decimal(ml), Decimal(mg))
    assert any(note in each for each in said.notes), said.notes


@pytest.mark.hazard("H014")
def test_a_rate_in_mg_per_hour_that_nobody_recorded_is_said(care: Care, sign_in: SignIn) -> None:
    care.prepare()
    care.begin()
    tell(care, 10, event="rate_told", rate_mg_per_h=Decimal("36.5"))
    assert any("runs at 36.5 mg/h, recorded are 75 mL/h" in note for note in found(care).notes)
    facts = session_facts(care.chart, care.session)
    assert "M24" in {c.rule.id for c in crossings(facts, monitoring.items())}
    assert "rate told, 36.5 mg/h" in sign_in("nurse").get(url(care)).content.decode()


def test_a_pump_that_told_neither_volume_nor_rate_is_said(care: Care) -> None:
    run(care)
    tell(care, 20, vtbi_ml=Decimal(50))
    assert found(care).pump_ml is None
    assert any("neither how much nor how fast" in note for note in found(care).notes)


@pytest.mark.hazard("H014")
def test_what_the_pump_says_is_held_against_the_order_too(care: Care) -> None:
    run(care, told=((0, "0"), (40, "46")))
    assert (found(care).from_order_mg, found(care).differs_from_order) == (Decimal("-2.92"), True)


def test_an_infusion_that_was_stopped_for_a_reason_is_not_held_against_the_whole_order(care: Care) -> None:
    run(care, ended="25", told=((0, "0"), (20, "25")))
    assert (found(care).from_order_mg, found(care).differs) == (None, False)


def test_a_plain_report_of_a_pump_is_no_line_and_no_look_at_it(care: Care, sign_in: SignIn) -> None:
    care.prepare()
    care.begin()
    before = len(session_facts(care.chart, care.session).readings["pump"])
    tell(care, 5, "6.25", rate_ml_per_h=Decimal(75))
    assert len(session_facts(care.chart, care.session).readings["pump"]) == before
    assert "Pump says" not in sign_in("nurse").get(url(care)).content.decode()
