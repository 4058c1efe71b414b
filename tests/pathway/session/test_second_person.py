"""The second person's blind look at the preparation holds the start until it agrees (hazard H012)."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import msgspec
import pytest

from lowtide.data.dosing import dosing
from lowtide.pathway.session.actions import preparing
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.preparation import asked, compare, differing, figures, open_check
from lowtide.problems import Refused
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import PreparationChecked
from tests.pathway.session.conftest import READ, Care, person
from tests.pathway.session.making import T0, devices, injection, order
from tests.pathway.session.making import dosing as a_session

READING = {name: Decimal(value) for name, value in READ.items()}


def ready_but_unchecked(care: Care) -> Care:
    care.book()
    care.weigh()
    care.order()
    care.measure(-8)
    care.time_out(-5)
    return care


def differs(read: dict[str, str]) -> list[str]:
    """Which figures differ when these stand on vial, syringe and pump."""
    found = compare(
        order(),
        "ketamine",
        READING | {k: Decimal(v) for k, v in read.items()},
        identified=True,
        on=T0.date(),
    )
    return [f.figure for f in found if not f.agrees]


@pytest.mark.hazard("H012")
def test_without_a_second_person_the_infusion_does_not_start(care: Care) -> None:
    ready_but_unchecked(care)
    with pytest.raises(Refused, match="no second person has checked the preparation"):
        care.begin()


@pytest.mark.hazard("H012")
def test_after_a_check_that_agrees_it_starts(care: Care) -> None:
    ready_but_unchecked(care).check()
    care.begin()


@pytest.mark.hazard("H012")
def test_both_people_and_what_was_read_are_kept(care: Care) -> None:
    (entry,) = ready_but_unchecked(care).check()
    said = entry.body
    assert (said.preparer, said.checker) == (care.nurse.by, care.prescriber.by)
    assert said.agrees
    assert {f.figure: f.read for f in said.figures}["vial_volume_ml"] == "0.73 mL"


@pytest.mark.hazard("H012")
@pytest.mark.parametrize("vial", ["10", "100"])
def test_the_look_alike_vial_is_named_without_the_ordered_strength(care: Care, vial: str) -> None:
    (entry,) = ready_but_unchecked(care).check(vial_mg_per_ml=vial)
    assert differing(entry.body) == ["Strength on the vial"]
    with pytest.raises(Refused) as refused:
        care.begin()
    said = " ".join(f"{p.what} {p.mend}" for p in refused.value.problems)
    assert "the second check differs: strength on the vial" in said
    assert "50" not in said


@pytest.mark.hazard("H004")
def test_s_ketamine_in_the_hand_where_racemic_was_ordered_is_stopped(care: Care) -> None:
    (entry,) = ready_but_unchecked(care).check(drug="esketamine")
    assert differing(entry.body) == ["Drug"]
    with pytest.raises(Refused, match="the second check differs: drug"):
        care.begin()


@pytest.mark.hazard("H001")
def test_a_syringe_labelled_for_somebody_else_is_stopped(care: Care) -> None:
    (entry,) = ready_but_unchecked(care).check(typed="1983-03-15")
    assert differing(entry.body) == ["Patient on the label"]


def test_a_later_check_that_agrees_opens_the_way_again(care: Care) -> None:
    ready_but_unchecked(care).check(-4, rate_ml_per_h="7.5")
    care.check(-2)
    care.begin()


@pytest.mark.hazard("H012")
def test_a_new_order_asks_for_a_new_check(care: Care) -> None:
    ready_but_unchecked(care).check(-30)
    care.order(-20)
    with pytest.raises(Refused, match="checked for an earlier order"):
        care.begin()


@pytest.mark.hazard("H012")
def test_nobody_checks_their_own_preparation(care: Care) -> None:
    ready_but_unchecked(care)
    with pytest.raises(Refused, match="no second person"):
        care.check(other=care.nurse)
    own = PreparationChecked(order=uuid4(), preparer="staff:a", checker="staff:a", figures=())
    assert any("their own preparation" in p.what for p in own.problems())


@pytest.mark.hazard("H043")
@pytest.mark.parametrize("role", ["therapist", "front_desk", "administrator"])
def test_who_does_not_chart_at_the_chair_is_no_second_person(care: Care, role: str) -> None:
    ready_but_unchecked(care)
    with pytest.raises(Refused, match="no second person"):
        care.check(other=person(role))


@pytest.mark.hazard("H012")
@pytest.mark.parametrize(
    ("read", "named"),
    [
        ({"vial_volume_ml": "0.735"}, []),
        ({"vial_volume_ml": "0.74"}, ["vial_volume_ml"]),
        ({"vial_volume_ml": "7.3"}, ["vial_volume_ml"]),
        ({"final_volume_ml": "50.5"}, []),
        ({"final_volume_ml": "51"}, ["final_volume_ml"]),
        ({"rate_ml_per_h": "75.0"}, []),
        ({"rate_ml_per_h": "75.1"}, ["rate_ml_per_h"]),
        ({"vtbi_ml": "500"}, ["vtbi_ml"]),
    ],
)
def test_a_scale_is_read_within_its_mark_and_a_display_exactly(
    read: dict[str, str], named: list[str]
) -> None:
    assert differs(read) == named


@pytest.mark.parametrize("figure", [f.name for f in figures(order()) if f.counts])
def test_each_figure_can_differ_by_itself(figure: str) -> None:
    assert differs({figure: str(READING[figure] * 10)}) == [figure]


def of_the_vial(ordered: OrderSigned, **read: date | str) -> list[str]:
    """Which figures differ when this stands on the vial and lots A12 and B3 were drawn."""
    found = compare(ordered, ordered.drug, read, identified=True, on=T0.date(), lots=("A12", "B 3"))
    return [f.figure for f in found if not f.agrees]


@pytest.mark.hazard("H012")
@pytest.mark.parametrize("ordered", [order(), injection(), devices(route="po", product="racemic_ketamine")])
def test_lot_and_expiry_are_read_off_whatever_is_given(ordered: OrderSigned) -> None:
    assert {"lot", "expires"} <= {f.name for f in figures(ordered)}
    assert of_the_vial(ordered, lot="a12", expires=T0.date()) == []
    assert of_the_vial(ordered, lot="A12, B3") == []
    assert of_the_vial(ordered, lot="A13") == ["lot"]
    assert of_the_vial(ordered, expires=T0.date() - timedelta(days=1)) == ["expires"]


def test_of_a_labelled_bag_the_vial_was_written_down_before() -> None:
    assert {f.name for f in figures(order(), labelled=True)} >= {"lot"}
    assert "expires" not in {f.name for f in figures(order(), labelled=True)}


@pytest.mark.hazard("H036")
def test_the_start_keeps_the_lot_that_the_second_person_read(care: Care) -> None:
    ready_but_unchecked(care)
    preparing.check_preparation(
        care.act(-4),
        other=care.prescriber,
        prepared_by_me=True,
        typed="1983-03-14",
        drug="ketamine",
        read=READING | {"lot": "6K221", "expires": T0.date()},
    )
    (entry,) = care.begin()
    assert entry.body.lot == "6K221"


def test_where_the_policy_does_not_ask_nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    loose = msgspec.structs.replace(dosing(), preparation_check_iv=Decimal(0))
    assert asked(a_session())
    monkeypatch.setattr("lowtide.pathway.session.rules.preparation.dosing", lambda policy: loose)
    assert not asked(a_session())
    assert list(open_check(a_session())) == []


def test_the_same_press_twice_is_one_check(care: Care, new_care: Callable[..., Care]) -> None:
    ready_but_unchecked(care)
    press = care.act(-4)
    both = [_again(care, press.entry_id) for _ in range(2)]
    assert both[0] == both[1]
    assert len(care.chart.said(PreparationChecked)) == 1
    assert session_facts(care.chart, care.session).preparation is not None


def _again(care: Care, press: object) -> object:
    return preparing.check_preparation(
        care.act(-4, entry_id=press),
        other=care.prescriber,
        prepared_by_me=True,
        typed="1983-03-14",
        drug="ketamine",
        read=READING,
    )
