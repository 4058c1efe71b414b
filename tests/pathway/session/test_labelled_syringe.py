"""A syringe of an injection, or a measured solution: drawn up with a label, checked, and given by its label only."""

from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.utils import timezone

from lowtide.pathway.session.actions import containers as made_up
from lowtide.pathway.session.actions import giving
from lowtide.pathway.session.actions.containers import Made
from lowtide.pathway.session.rules import label_code
from lowtide.pathway.session.rules.containers import containers, ready
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.shown.containers import rows
from lowtide.pathway.session.typed.lines import Faults, Frame, read
from lowtide.people.record_pages import actions as record_pages
from lowtide.people.roles import permissions
from lowtide.people.tablets.tokens import issue
from lowtide.people.who import Person
from lowtide.problems import BadInput, Refused
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.clinic import EnteredInError
from tests.pathway.session.conftest import Care, register
from tests.pathway.session.making import T0, devices, injection
from tests.pathway.session.test_giving import care_for, check
from tests.pathway.session.test_pages import SignIn, url
from tests.pathway.session.test_start_without_line import kept
from tests.pathway.session.test_tablet_entries import DEVICE, Chair, hire, states

D = Decimal
SYRINGE = Made(
    container="syringe",
    vial_volume_ml=D("0.73"),
    final_volume_ml=D("0.73"),
    diluent="none",
    vial_mg_per_ml=D(50),
    lot="6K221",
)
READ = {"vial_mg_per_ml": D(50), "vial_volume_ml": D("0.73")}
SOLUTION: dict[str, Any] = {
    "protocol": "P13",
    "product": "racemic_ketamine",
    "drug": "ketamine",
    "route": "po",
    "dose_mg": D(50),
    "given_as": "oral_solution",
    "each_mg": D(10),
    "count": D(5),
    "unit": "mL",
    "apart_min": None,
}


def ordered(body: OrderSigned, protocol: str = "P10", **more: Any) -> Care:
    """Everything before the syringe is drawn up."""
    care = register(protocol=protocol, **more)
    care.book()
    care.weigh()
    care.write(body, -40, session=care.session)
    care.measure(-8)
    care.time_out(-5)
    return care


@pytest.fixture
def care(clinic: Entry) -> Care:
    return ordered(injection(weight_entry=None))


def facts(care: Care) -> Facts:
    return session_facts(care.chart, care.session)


def draw_up(care: Care, minutes: float = -4, **changes: Any) -> Entry:
    return made_up.make_up(care.act(minutes), msgspec.structs.replace(SYRINGE, **changes))[0]


def drawn_and_checked(care: Care, minutes: float = -4) -> Entry:
    one = draw_up(care, minutes)
    check(care, "ketamine", READ, minutes + 1)
    return one


def give(care: Care, code: str | None, minutes: float = 0, number: int = 1, **more: Any) -> Entry:
    return giving.give(care.act(minutes), number=number, scanned_code=code, **more)[0]


@pytest.mark.hazard("H012")
def test_a_syringe_with_a_label_is_given_by_its_label_only(care: Care) -> None:
    one = drawn_and_checked(care)
    with pytest.raises(BadInput, match="the label was not read"):
        give(care, None)
    with pytest.raises(BadInput, match="no number of a label"):
        give(care, "1234 5678 9012 3456")
    said = give(care, one.body.code).body
    assert (said.mg, said.volume_ml, said.lot) == (D("36.5"), D("0.73"), "6K221")
    assert (said.container, said.scanned) == (one.id, one.body.code)
    assert rows(facts(care), care.at(1))[0].state == "given"


@pytest.mark.hazard("H001")
def test_another_patients_syringe_is_refused_and_said_to_be_taken_away(care: Care) -> None:
    other = ordered(injection(weight_entry=None), family="Other", start=T0 + timedelta(days=1))
    theirs, ours = draw_up(other), drawn_and_checked(care)
    with pytest.raises(Refused, match="this label is of another session"):
        give(care, theirs.body.code)
    assert give(care, ours.body.code).body.whole


@pytest.mark.hazard("H012")
def test_a_syringe_that_nobody_checked_or_whose_check_differs_is_not_given(care: Care) -> None:
    one = draw_up(care)
    with pytest.raises(Refused, match="no second person has checked syringe 1"):
        give(care, one.body.code)
    check(care, "ketamine", READ | {"vial_volume_ml": D("0.37")}, -3)
    with pytest.raises(Refused, match="the second check of syringe 1 differs"):
        give(care, one.body.code)


@pytest.mark.hazard("H012")
@pytest.mark.parametrize(
    "wrong",
    [
        {"vial_mg_per_ml": D(100)},
        {"vial_volume_ml": D("1.46"), "final_volume_ml": D("1.46")},
        {"final_volume_ml": D(2)},
        {"container": "bag"},
    ],
)
def test_a_syringe_that_is_not_as_ordered_gets_no_label(care: Care, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        draw_up(care, **wrong)
    assert not containers(facts(care))


def test_a_syringe_is_given_once(care: Care) -> None:
    one = drawn_and_checked(care)
    give(care, one.body.code, mg=D(10), reason="the needle slipped")
    with pytest.raises(Refused, match="syringe 1 was given before"):
        give(care, one.body.code, 2, number=2, reason="the rest")


def test_a_dose_over_two_syringes_is_two_parts_that_make_the_dose(clinic: Entry) -> None:
    care = ordered(injection(weight_entry=None, dose_mg=D(73), vial_volume_ml=D("1.46")))
    codes = [drawn_and_checked(care, minutes).body.code for minutes in (-8, -6)]
    assert [c.name for c in ready(facts(care))] == ["syringe 1", "syringe 2"]
    first, second = (give(care, code, n, number=n + 1).body for n, code in enumerate(codes))
    assert (first.mg, second.mg, first.volume_ml) == (D("36.5"), D("36.5"), D("0.73"))
    assert facts(care).given_mg == 73


@pytest.mark.hazard("H012")
def test_a_solution_that_is_measured_out_bears_a_label_too(clinic: Entry) -> None:
    care = ordered(devices(**SOLUTION), "P13")
    one = draw_up(
        care,
        container="oral_syringe",
        vial_mg_per_ml=D(10),
        vial_volume_ml=D(5),
        final_volume_ml=D(5),
    )
    check(care, "ketamine", {"each_mg": D(10), "count": D(5)}, -3)
    with pytest.raises(BadInput, match="the label was not read"):
        give(care, None)
    said = give(care, one.body.code).body
    assert (said.mg, said.count, said.container) == (50, 5, one.id)


def test_what_is_counted_out_is_not_drawn_up(clinic: Entry) -> None:
    care = ordered(devices(), "P01")
    with pytest.raises(Refused, match="counted out, not drawn up"):
        draw_up(care)


def test_where_none_was_drawn_up_with_a_label_none_is_asked_for(clinic: Entry) -> None:
    care = care_for(injection(weight_entry=None), "P10", **READ)
    assert give(care, None).body.container is None


def test_a_syringe_that_was_struck_never_lends_its_label(care: Care) -> None:
    one = draw_up(care, -5)
    care.write(EnteredInError(), -4.5, corrects=one.id, session=care.session, reason="dropped")
    again = drawn_and_checked(care)
    assert again.body.code != one.body.code
    with pytest.raises(Refused, match="nothing that stands was made up"):
        give(care, one.body.code)


def test_a_syringe_is_struck_on_the_record_until_it_was_given(care: Care) -> None:
    nurse = Person(care.nurse.by, care.nurse.name, ("nurse",), permissions(("nurse",)))
    dropped = draw_up(care, -5)
    record_pages.retract(nurse, uuid4(), care.chart.line(dropped.id), "dropped", now=care.at(-4))
    kept = draw_up(care)
    assert [c.id for c in containers(facts(care))] == [kept.id]
    check(care, "ketamine", READ, -1)
    give(care, kept.body.code)
    with pytest.raises(Refused, match="it was begun"):
        record_pages.retract(nurse, uuid4(), care.chart.line(kept.id), "dropped", now=care.at(1))


def test_when_the_part_is_struck_the_syringe_waits_again(care: Care) -> None:
    one = drawn_and_checked(care)
    part = give(care, one.body.code)
    care.write(EnteredInError(), 1, corrects=part.id, session=care.session, reason="of somebody else")
    assert [c.id for c in ready(facts(care))] == [one.id]


def test_the_pages_ask_for_the_label_and_print_it(care: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    page = nurse.get(url(care, "make-up")).content.decode()
    assert "undiluted" in page
    assert 'name="final_volume_ml"' not in page
    fields = {"entry_id": uuid4(), "container": "syringe", "vial_mg_per_ml": "50", "lot": "6K221"}
    fields |= {"vial_volume_ml": "0.73", "taken": ""}
    answer = nurse.post(url(care, "make-up"), fields)
    assert answer.status_code == 302, answer.content.decode()
    one = containers(facts(care))[0]
    label = nurse.get(answer["Location"]).content.decode()
    for said in ("Testperson", "36.5 mg", "0.73 mL", "undiluted", "subcutaneous", 'class="barcode"'):
        assert said in label, said
    check(care, "ketamine", READ, -3)
    wrong = nurse.post(url(care, "give"), {"entry_id": uuid4(), "number": "1", "how_much": "all"})
    assert wrong.status_code == 422
    assert "The label was not read" in wrong.content.decode()
    assert one.name in wrong.content.decode()


@pytest.fixture
def chair(clinic: Entry) -> Chair:
    """The dose is ordered and nothing is drawn up; the nurse's tablet has a token."""
    care = ordered(injection(weight_entry=None), start=timezone.now() - timedelta(minutes=12))
    nurse = hire("Nina Holt")
    return Chair(care, nurse, issue(nurse, DEVICE, now=care.at(-8)).token)


@pytest.mark.hazard("H012")
@pytest.mark.hazard("H017")
def test_without_the_line_a_syringe_is_given_by_the_label_that_the_tablet_knows(
    chair: Chair, sign_in: SignIn
) -> None:
    one, client = draw_up(chair.care), sign_in("nurse")
    assert "no second person" in kept(chair.care, client)["labels"][0]["why"]
    check(chair.care, "ketamine", READ, -3)
    known = kept(chair.care, client)
    assert [(x["digits"], x["mg"], x["why"]) for x in known["labels"]] == [(one.body.code, "36.5", "")]
    assert one.body.code.startswith(known["label_of"])
    bare, by_label = (
        chair.made("give", {"number": 1, **more}, minutes=2) for more in ({}, {"scanned_code": one.body.code})
    )
    assert states(chair.send(bare)) == ["refused"]
    assert states(chair.send(by_label)) == ["stored"]
    assert facts(chair.care).given_mg == D("36.5")
    assert kept(chair.care, client)["labels"] == []


def test_on_paper_a_syringe_is_given_by_the_digits_in_the_words(care: Care) -> None:
    one = drawn_and_checked(care)
    row = {"time": "10:02", "did": "give", "number": "36.5", "words": "", "who": ""}
    frame, faults = Frame(T0.date(), UTC, care.at(20), facts(care)), Faults()
    read(0, row, frame, faults)
    assert "label was not read" in faults[0, "words"]
    said = read(0, row | {"words": f"{label_code.grouped(one.body.code)}, calm"}, frame, Faults())[0]
    assert (said.body.container, said.reason) == (one.id, "calm")  # type: ignore[attr-defined]
