"""Bags and syringes of one infusion: made up, checked, hung by their label, changed, and summed without a remainder."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data import monitoring
from lowtide.pathway.session.actions import containers as bags
from lowtide.pathway.session.actions import dosing
from lowtide.pathway.session.actions.containers import Made
from lowtide.pathway.session.rules import label_code
from lowtide.pathway.session.rules.containers import containers, ready, running
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.rules.infusion import Change, Infusion, Step
from lowtide.pathway.session.rules.state import session_state
from lowtide.pathway.session.shown.containers import rows, totals
from lowtide.pathway.session.shown.todo import todo
from lowtide.people.clinic import zone
from lowtide.problems import BadInput, Conflict, Refused
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import DoseStarted
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.longrun import ContainerChanged
from lowtide.safe.actions import session as safe_session
from tests.pathway.session.conftest import READ, Care, register
from tests.pathway.session.making import T0, at
from tests.pathway.session.test_pages import SignIn, url
from tests.safe.conftest import KEY, NOW, Bench

D = Decimal
BAG = Made(
    container="bag",
    vial_volume_ml=D("0.73"),
    final_volume_ml=D(50),
    diluent="saline",
    vial_mg_per_ml=D(50),
    lot="6K221",
)
OF_BAG = READ | {"rate_ml_per_h": "25"}
calm = settings(deadline=None, max_examples=60)


def long_care(**more: Any) -> Care:
    """73 mg in 100 mL at 25 mL/h, four hours: two bags of 50 mL."""
    care = register(**more)
    care.book()
    care.weigh()
    whole = {
        "dose_mg": D(73),
        "vial_volume_ml": D("1.46"),
        "final_volume_ml": D(100),
        "diluent_ml": D("98.54"),
    }
    care.order(rate_ml_per_h=D(25), duration_min=D(240), **whole)
    care.measure(-8)
    care.time_out(-5)
    return care


@pytest.fixture
def care(clinic: Entry) -> Care:
    return long_care()


def facts(care: Care) -> Facts:
    return session_facts(care.chart, care.session)


def make(care: Care, minutes: float, **changes: Any) -> Entry:
    return bags.make_up(care.act(minutes), msgspec.structs.replace(BAG, **changes))[0]


def checked(care: Care, minutes: float, **changes: Any) -> Entry:
    """Made up, and read by a second person with figures that are the ordered ones."""
    one = make(care, minutes, **changes)
    care.check(minutes + 1, **OF_BAG)
    return one


def begin(care: Care, one: Entry, minutes: float = 0, **changes: Any) -> list[Entry]:
    fields: dict[str, Any] = {"rate_ml_per_h": D(25), "volume_ml": D(50), "scanned_code": one.body.code}
    return dosing.start(care.act(minutes), **(fields | changes))


def change(care: Care, one: Entry, minutes: float, residual: str = "0", **changes: Any) -> list[Entry]:
    fields: dict[str, Any] = {
        "residual_ml": D(residual),
        "rate_ml_per_h": D(25),
        "scanned_code": one.body.code,
    }
    return bags.change(care.act(minutes), **(fields | changes))


def two_bags(care: Care, residual: str = "2") -> None:
    begin(care, checked(care, -4))
    change(care, checked(care, 100), 118, residual)


@pytest.mark.hazard("H012")
def test_a_bag_holds_its_share_of_the_order_and_is_checked_against_that_share(care: Care) -> None:
    checked(care, -4)
    assert [c.name for c in ready(facts(care))] == ["bag 1"]


@pytest.mark.hazard("H012")
@pytest.mark.parametrize(
    "wrong",
    [
        {"vial_volume_ml": D("1.46")},
        {"final_volume_ml": D(25)},
        {"vial_mg_per_ml": D(100)},
        {"final_volume_ml": D(250)},
    ],
)
def test_a_bag_of_another_strength_than_ordered_is_refused(care: Care, wrong: dict[str, Decimal]) -> None:
    with pytest.raises(BadInput):
        make(care, -4, **wrong)
    assert not containers(facts(care))


@pytest.mark.hazard("H012")
def test_a_bag_that_nobody_checked_is_not_hung(care: Care) -> None:
    one = make(care, -4)
    with pytest.raises(Refused, match="no second person has checked bag 1"):
        begin(care, one)


@pytest.mark.hazard("H012")
def test_a_bag_whose_check_differs_is_not_hung(care: Care) -> None:
    one = make(care, -4)
    care.check(-3, **(OF_BAG | {"vial_volume_ml": "1.46"}))
    with pytest.raises(Refused, match="the second check of bag 1 differs"):
        begin(care, one)


@pytest.mark.hazard("H012")
def test_where_a_label_was_made_the_infusion_starts_by_its_label_only(care: Care) -> None:
    one = checked(care, -4)
    with pytest.raises(BadInput, match="the label was not read"):
        begin(care, one, scanned_code="")
    with pytest.raises(BadInput, match="no number of a label"):
        begin(care, one, scanned_code="1234 5678 9012 3456")
    begin(care, one)
    assert running(facts(care)) is not None


@pytest.mark.hazard("H001")
def test_the_label_of_another_patient_is_refused(care: Care) -> None:
    other = long_care(family="Other", start=T0 + timedelta(days=1))
    theirs, ours = make(other, -4), checked(care, -4)
    with pytest.raises(Refused, match="this label is of another session"):
        begin(care, ours, scanned_code=theirs.body.code)
    begin(care, ours)
    checked(care, 100)
    with pytest.raises(Refused, match="this label is of another session"):
        change(care, theirs, 118)


def test_a_bag_past_its_time_of_use_is_not_hung(care: Care) -> None:
    one = make(care, -1500)
    care.check(-4, **OF_BAG)
    with pytest.raises(BadInput):
        begin(care, one)


def test_a_second_press_of_start_or_change_is_answered_with_what_was_written(care: Care) -> None:
    first, key, other_key = checked(care, -4), uuid4(), uuid4()
    act = care.act(0, entry_id=key)
    fields: dict[str, Any] = {"rate_ml_per_h": D(25), "volume_ml": D(50), "scanned_code": first.body.code}
    assert dosing.start(act, **fields) == dosing.start(act, **fields)
    second, act = checked(care, 100), care.act(118, entry_id=other_key)
    fields = {"residual_ml": D(2), "rate_ml_per_h": D(25), "scanned_code": second.body.code}
    assert bags.change(act, **fields) == bags.change(act, **fields)
    with pytest.raises((Conflict, BadInput)):
        bags.change(act, **(fields | {"residual_ml": D(3)}))
    assert len(care.chart.said(ContainerChanged)) == len(care.chart.said(DoseStarted)) == 1


def test_a_bag_is_hung_once(care: Care) -> None:
    one = checked(care, -4)
    begin(care, one)
    with pytest.raises(Refused, match="bag 1 was hung before"):
        change(care, one, 118)


def test_more_cannot_be_left_than_it_held(care: Care) -> None:
    begin(care, checked(care, -4))
    with pytest.raises(BadInput, match="so much cannot be left"):
        change(care, checked(care, 100), 118, "51")


@pytest.mark.hazard("H036")
def test_what_was_measured_in_the_bag_that_ended_counts_not_what_the_rates_say(care: Care) -> None:
    two_bags(care, residual="2")
    infusion = facts(care).infusion
    assert infusion
    assert infusion.delivered_ml(care.at(118)) == 48
    assert infusion.delivered_mg(care.at(118)) == D("35.04")
    assert infusion.delivered_ml(care.at(118 + 60)) == 48 + 25
    assert infusion.left_ml(care.at(118 + 60)) == 25


def test_the_dose_ends_when_the_ordered_volume_is_in_whatever_the_bag_holds(care: Care) -> None:
    begin(care, checked(care, -4))
    assert facts(care).infusion.runs_empty_at == care.at(120)  # type: ignore[union-attr]
    assert facts(care).ends_at == care.at(240)
    change(care, checked(care, 100), 118, "2")
    assert facts(care).more_ml == 0  # the 2 mL that were left are waste: no third bag is asked for
    assert facts(care).ends_at == care.at(118 + 50 / 25 * 60)


@pytest.mark.hazard("H014")
@pytest.mark.hazard("H015")
def test_a_bag_poured_away_half_full_did_not_go_in_and_the_dose_goes_on(care: Care) -> None:
    begin(care, checked(care, -4))
    change(care, checked(care, 10), 20, "40")
    change(care, checked(care, 30, because="the second was contaminated"), 40, "40")
    assert facts(care).infusion.hung_ml == 150  # type: ignore[union-attr]
    assert facts(care).more_ml == facts(care).again_ml == 100 - 20 - 50
    assert facts(care).ends_at == care.at(40 + (100 - 20) / 25 * 60)
    task = todo(session_state(care.chart, care.session, monitoring.items(), care.at(159)), care.at(159)).task
    assert task.title == "30 mL of the order were poured away"
    assert "Ask the prescriber" in task.text


def test_at_the_end_the_sum_over_the_bags_is_what_went_in(care: Care) -> None:
    two_bags(care, residual="2")
    dosing.stop(care.act(238), delivered_ml=D(98), complete=True)
    assert facts(care).given_mg == D("71.54")
    first, second = rows(facts(care), care.at(240))
    assert (first.gave, first.rest_ml, second.gave, second.rest_ml) == ("48 mL", "2", "50 mL", "0")
    assert totals(facts(care), care.at(240)).given_mg == "71.5"
    with pytest.raises(BadInput):
        dosing.stop(care.act(239), delivered_ml=D(100), complete=True)


@pytest.mark.hazard("H036")
def test_a_bag_of_two_vials_is_drawn_twice_and_accounted_for_twice(clinic: Entry, sign_in: SignIn) -> None:
    bench = Bench()
    bench.open()
    bench.receive()
    care = long_care(start=NOW + timedelta(minutes=10))
    both = []
    for quantity in ("0.5", "0.23"):
        bench.minute = 3
        drawn = safe_session.draw(
            bench.act(), key=KEY, quantity=D(quantity), patient=care.patient, session=care.session
        )
        both.append(drawn[0].id)
    one = make(care, -4, draws=tuple(both), lot=None, vial_mg_per_ml=None)
    assert (one.body.lot, one.body.vial_mg_per_ml, one.body.draws) == (KEY[1], 50, tuple(both))
    with pytest.raises(BadInput, match="so much of this is not in hand"):
        make(care, -3, draws=(both[1],), lot=None, vial_mg_per_ml=None)
    care.check(-3, **OF_BAG)
    begin(care, one)
    change(care, checked(care, 20), 30, "5")
    page = sign_in("nurse").get(url(care, "infusion")).content.decode()
    assert page.count("Account for the rest") == 2
    for draw, sum_ in zip(both, (("0.45", "0.05"), ("0.207", "0.023")), strict=True):
        address = reverse("safe:account", args=["main", draw])
        assert address in page
        form = sign_in("nurse").get(address).context["form"]
        assert (form["given"].value(), form["residual"].value()) == sum_


def test_the_chair_asks_for_the_next_bag_before_this_one_is_empty(care: Care) -> None:
    begin(care, checked(care, -4))
    second = checked(care, 100)

    def task(minutes: float) -> str:
        state = session_state(care.chart, care.session, monitoring.items(), care.at(minutes))
        return todo(state, care.at(minutes)).task.title

    assert task(50) != "Change to bag 2"
    assert task(110) == task(121) == "Change to bag 2"
    change(care, second, 121)
    assert task(122) != "Change to bag 2"


def test_a_bag_that_was_struck_never_lends_its_label_to_another(care: Care) -> None:
    one = make(care, -5)
    care.write(EnteredInError(), -4.5, corrects=one.id, session=care.session, reason="spilt")
    assert make(care, -4).body.code != one.body.code


def test_the_page_of_the_bags_and_the_label_say_what_hangs(care: Care, sign_in: SignIn) -> None:
    two_bags(care)
    nurse = sign_in("nurse")
    page = nurse.get(url(care, "infusion")).content.decode()
    assert "Bag 1" in page
    assert "6K221" in page
    second = containers(facts(care))[1]
    label = nurse.get(url(care, f"label/{second.id}")).content.decode()
    for said in ("Testperson", "14 Mar 1983", "36.5 mg", "50 mL", "0.73 mg/mL", "25 mL/h"):
        assert said in label
    assert label_code.grouped(second.body.code) in label
    assert 'class="barcode"' in label


def test_the_page_of_a_change_keeps_what_was_typed_and_says_what_is_wrong(
    care: Care, sign_in: SignIn
) -> None:
    begin(care, checked(care, -4))
    nurse = sign_in("nurse")
    assert 'type="submit">Record the change' in nurse.get(url(care, "change-container")).content.decode()
    answer = nurse.post(
        url(care, "change-container"),
        {"entry_id": uuid4(), "residual_ml": "2", "rate_ml_per_h": "25", "scanned": "1111"},
    )
    assert answer.status_code == 422
    assert "This is no number of a label" in answer.content.decode()
    assert 'value="1111"' in answer.content.decode()


# -- laws ------------------------------------------------------------------------------------------------------


@st.composite
def several(draw: st.DrawFn) -> tuple[Infusion, list[Decimal]]:
    """Any chain of bags with whatever was left in each, stopped at any time after the last was hung."""
    volumes = draw(st.lists(st.decimals("10", "500", places=1), min_size=1, max_size=5))
    rests = [draw(st.decimals("0", v, places=1)) for v in volumes]
    times = sorted(draw(st.lists(st.integers(1, 6000), min_size=len(volumes) - 1, max_size=len(volumes) - 1)))
    changes = tuple(
        Change(at(t), rest, volume, D(2))
        for t, rest, volume in zip(times, rests[:-1], volumes[1:], strict=True)
    )
    steps = (Step(T0, draw(st.decimals("0.1", "100", places=1))),)
    return Infusion(steps, volumes[0], D(2), None, changes), rests


@pytest.mark.hazard("H036")
@calm
@given(several())
def test_what_was_drawn_is_what_was_given_and_what_was_left_in_every_bag(
    found: tuple[Infusion, list[Decimal]],
) -> None:
    infusion, rests = found
    held = infusion.held
    given_ml = sum((h.gave_ml for h in held if h.gave_ml is not None), D(0)) + held[-1].volume_ml - rests[-1]
    drawn_mg = sum((h.volume_ml * h.mg_per_ml for h in held), D(0))
    wasted_mg = sum(rests, D(0)) * 2
    assert infusion.mg_of(given_ml) + wasted_mg == drawn_mg


@calm
@given(several(), st.integers(0, 7000), st.integers(0, 7000))
def test_the_sum_over_bags_never_falls_and_never_passes_what_was_hung(
    found: tuple[Infusion, list[Decimal]], one: int, other: int
) -> None:
    first, second = sorted((one, other))
    infusion = found[0]
    assert 0 <= infusion.delivered_ml(at(first)) <= infusion.delivered_ml(at(second)) <= infusion.loaded_ml


@calm
@given(st.uuids(), st.integers(0, 99), st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_of_a_label_is_never_another_label(
    session: Any, number: int, place: int, by: int
) -> None:
    code = label_code.code(session, number)
    assert label_code.is_whole(label_code.grouped(code))
    assert label_code.is_of(session, code)
    wrong = code[:place] + str((int(code[place]) + by) % 10) + code[place + 1 :]
    assert not label_code.is_whole(wrong)


@pytest.mark.hazard("H012")
def test_a_bag_that_hangs_past_its_time_of_use_is_asked_about(care: Care) -> None:
    one = checked(care, -4)
    begin(care, one)
    made_up_h = (one.body.use_by - one.at).total_seconds() / 3600
    later = made_up_h * 60
    dosing.pause(care.act(20), reason="rested")
    for minutes, words in ((later - 10, "Paused"), (later, "Bag 1 is past its time of use")):
        now = care.at(minutes)
        assert todo(session_state(care.chart, care.session, monitoring.items(), now), now).task.title == words


def test_a_time_of_use_is_told_with_its_day(care: Care, sign_in: SignIn) -> None:
    made = checked(care, -4)
    by = made.body.use_by.astimezone(zone())
    assert f"use by {by:%-d %b, %H:%M}" in sign_in("nurse").get(url(care)).content.decode()
