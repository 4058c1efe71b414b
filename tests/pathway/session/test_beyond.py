"""A bag that goes beyond the order or the safe asks for its reason; its lot is read twice, and a recall finds it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from lowtide.data import own
from lowtide.pathway.session.actions import dosing
from lowtide.pathway.session.rules.containers import ready, waiting_for_check
from lowtide.problems import BadInput, Refused
from lowtide.record.entries.base import Entry
from lowtide.safe.actions import session as safe_session
from tests.pathway.session.conftest import Care
from tests.pathway.session.test_containers import OF_BAG, begin, change, checked, facts, long_care, make
from tests.pathway.session.test_pages import SignIn, url
from tests.safe.conftest import KEY, NOW, Bench

D = Decimal


@pytest.fixture
def care(clinic: Entry) -> Care:
    return long_care()


@pytest.fixture
def stocked(clinic: Entry) -> Care:
    """A clinic whose safe keeps the drug; 0.73 mL of it were drawn for the session."""
    bench = Bench()
    bench.open()
    bench.receive()
    care = long_care(start=NOW + timedelta(minutes=10))
    bench.minute = 3
    safe_session.draw(bench.act(), key=KEY, quantity=D("0.73"), patient=care.patient, session=care.session)
    return care


@pytest.mark.hazard("H012")
@pytest.mark.hazard("H036")
def test_more_than_the_order_has_left_is_made_up_for_a_reason_only(care: Care) -> None:
    begin(care, checked(care, -4))
    checked(care, 5)
    with pytest.raises(BadInput, match=r"the order has 0 mg left to be made up, this holds 36\.5 mg"):
        make(care, 10)
    one = make(care, 10, because="bag 2 was contaminated")
    assert one.reason == "bag 2 was contaminated"
    assert one.body.beyond == ("the order has 0 mg left to be made up, this holds 36.5 mg",)


def test_what_was_poured_away_may_be_made_up_again_without_a_reason(care: Care) -> None:
    begin(care, checked(care, -4))
    change(care, checked(care, 10), 20, "50")
    assert make(care, 25).body.beyond == ()


def test_a_bag_whose_check_differs_is_made_up_again_without_a_reason(care: Care) -> None:
    make(care, -6)
    make(care, -5)
    care.check(-4, **(OF_BAG | {"vial_volume_ml": "1.46"}))
    assert make(care, -3).reason is None


@pytest.mark.hazard("H036")
def test_a_lot_that_was_not_drawn_for_the_session_needs_its_reason(stocked: Care) -> None:
    with pytest.raises(BadInput, match="lot WRONGLOT was not drawn for this session"):
        make(stocked, -4, lot="WRONGLOT")
    assert make(stocked, -4, lot=KEY[1].lower()).body.beyond == ()
    assert make(stocked, -3, lot="WRONGLOT", because="borrowed from the ward").body.beyond


@pytest.mark.hazard("H036")
def test_where_the_clinic_says_so_no_reason_makes_it_good(stocked: Care) -> None:
    strict = own.own((("safe:undrawn_lot_refused", "1"),))
    with own.laying(strict), pytest.raises(Refused):
        make(stocked, -4, lot="WRONGLOT", because="borrowed from the ward")


@pytest.mark.hazard("H012")
@pytest.mark.hazard("H036")
def test_the_second_person_reads_the_lot_too(stocked: Care) -> None:
    make(stocked, -4, lot=KEY[1])
    stocked.check(-3, **OF_BAG, lot="WRONGLOT")
    assert not ready(facts(stocked))
    stocked.check(-2, **OF_BAG, lot=KEY[1])
    assert ready(facts(stocked))
    assert waiting_for_check(facts(stocked)) is None


@pytest.mark.hazard("H036")
def test_a_recall_finds_a_lot_that_is_in_a_patient_though_no_safe_had_it(
    stocked: Care, sign_in: SignIn
) -> None:
    one = make(stocked, -4, lot="WRONGLOT", because="borrowed from the ward")
    director = sign_in("medical_director")
    page = director.get("/safe/recall?lot=wronglot").content.decode()
    assert "In charts, and not from a safe" in page
    assert "made up, not begun" in page
    stocked.check(-3, **OF_BAG)
    dosing.start(stocked.act(0), rate_ml_per_h=D(25), volume_ml=D(50), scanned_code=one.body.code)
    page = director.get("/safe/recall?lot=wronglot").content.decode()
    assert "<b>begun</b>" in page
    assert "Testperson" in page


def test_the_page_asks_for_the_reason_and_keeps_what_was_typed(stocked: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    said = {
        "entry_id": "7f1a7b0e-6f27-4a52-9b52-0d2d4f6f1c11",
        "container": "bag",
        "vial_mg_per_ml": "50",
        "lot": "WRONGLOT",
        "vial_volume_ml": "0.73",
        "diluent": "saline",
        "final_volume_ml": "50",
    }
    answer = nurse.post(url(stocked, "make-up"), said)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Lot WRONGLOT was not drawn for this session" in page
    assert 'value="WRONGLOT"' in page


@pytest.mark.hazard("H036")
def test_a_recall_does_not_call_what_was_drawn_here_and_is_in_hand_undrawn(
    stocked: Care, sign_in: SignIn
) -> None:
    make(stocked, -4, lot=KEY[1])
    page = sign_in("medical_director").get(f"/safe/recall?lot={KEY[1]}").content.decode()
    assert "not accounted for yet" in page
    assert "In charts, and not from a safe" not in page
