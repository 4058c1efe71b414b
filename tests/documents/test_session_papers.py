"""The label of a bag and the paper sheet for when the system cannot be used."""

from datetime import UTC, datetime, timedelta

import pytest

from lowtide.documents import pdf
from lowtide.pathway.session.rules import label_code
from lowtide.pathway.session.rules.containers import containers
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.record.entries.base import Entry
from tests.pathway.session.conftest import Care, register
from tests.pathway.session.test_containers import checked, long_care
from tests.pathway.session.test_pages import SignIn, url

pytestmark = pytest.mark.either


@pytest.fixture
def prepared(clinic: Entry) -> Care:
    care = register(start=datetime.now(UTC) + timedelta(minutes=30))
    care.book()
    care.weigh()
    care.order()
    return care


@pytest.fixture
def begun(clinic: Entry) -> Care:
    care = register(start=datetime.now(UTC) - timedelta(minutes=32))
    care.prepare()
    care.begin()
    care.measure(10, sbp_mmhg=136, dbp_mmhg=84, heart_rate_bpm=80, spo2_pct=97)
    return care


def page(sign_in: SignIn, care: Care) -> str:
    return str(sign_in("nurse").get(url(care, "downtime")).content.decode())


def test_before_the_dose_the_sheet_has_the_compiled_slots_from_the_start_on(
    prepared: Care, sign_in: SignIn
) -> None:
    said = page(sign_in, prepared)
    for word in ("Testperson", "14 Mar 1983", "36.5 mg", "75 mL/h", "50 mL", "Dr Test", "T+10", "T+40"):
        assert word in said
    assert label_code.grouped(label_code.code(prepared.session)) in said


def test_while_it_runs_the_sheet_goes_on_from_now_by_the_clock(begun: Care, sign_in: SignIn) -> None:
    said = page(sign_in, begun)
    assert "T+40" in said
    assert ">T+0<" not in said
    assert "136/84" in said
    assert "Gone in by the rates" in said


@pytest.mark.hazard("H014")
def test_every_limit_stands_on_it_with_what_to_do_and_marked_where_nobody_approved_it(
    begun: Care, sign_in: SignIn
) -> None:
    said = page(sign_in, begun)
    assert "Limits and what to do" in said
    assert "two-person re-check" in said
    assert "unverified default" in said
    assert "Before leaving" in said


@pytest.mark.parametrize("name", ["downtime.pdf", "label"])
def test_both_come_as_pdf(name: str, clinic: Entry, sign_in: SignIn) -> None:
    try:
        pdf.check()
    except pdf.NoPango:
        pytest.skip("no Pango here")
    care = long_care(start=datetime.now(UTC) + timedelta(minutes=10))
    checked(care, -12)
    one = containers(session_facts(care.chart, care.session))[0]
    address = url(care, name if name.endswith("pdf") else f"label/{one.id}.pdf")
    answer = sign_in("nurse").get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_of_a_session_that_nobody_ordered_the_sheet_says_that_nothing_is_given(
    clinic: Entry, sign_in: SignIn
) -> None:
    care = register(start=datetime.now(UTC) + timedelta(hours=2))
    care.book()
    assert "No order is signed" in page(sign_in, care)
