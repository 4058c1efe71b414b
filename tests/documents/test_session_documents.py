"""One morning, every document: they are made from the same entries and agree to the digit."""

import random
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given as generated
from hypothesis import settings
from hypothesis import strategies as st

from lowtide.data import documents as tables
from lowtide.documents.papers import bill
from lowtide.documents.papers.making import make, make_all
from lowtide.documents.papers.model import Document, NotNeeded
from lowtide.documents.papers.rems_form import ANSWERS
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.chair import Discharged, DoseStopped, Note, Vitals
from lowtide.record.entries.history import HistoryTaken, Medicine, ProblemStatus, TreatmentTrial
from lowtide.record.entries.identity import Patient
from lowtide.record.entries.papers import Coverage, PriceSet
from lowtide.record.entries.safe import StockReceived
from lowtide.science.units import amount, plain
from tests.conftest import CLINIC, said
from tests.documents.story import LOT, START, Morning, text

pytestmark = pytest.mark.either

SECRET = "he told me about his brother"


@pytest.fixture
def morning(clinic: Entry) -> Morning:
    made = Morning(country="US")
    made.letterhead()
    made.correspondent()
    return made.infusion()


@pytest.fixture
def sprayed(clinic: Entry) -> Morning:
    made = Morning(country="US", protocol="P01")
    made.letterhead()
    return made.devices()


def corrected(entry: Entry, body: Any, **envelope: Any) -> None:
    draft = said(body, entry.stream, reason="misread", **({"at": entry.at} | envelope))
    store.append([draft.correcting(entry)])


# -- the same digits everywhere -------------------------------------------------------------------------------


def test_every_document_of_ines_says_the_same_dose_lot_and_times(morning: Morning) -> None:
    made = morning.documents()
    assert set(made) == {"flowsheet", "summary", "drug_use", "bill", "instructions", "letter"}
    for document in made.values():
        assert "36.5 mg" in text(document), document.id
        assert "10:02" in text(document), document.id
        found = set(re.findall(r"\b3[5-7](?:\.\d+)? mg\b", text(document)))
        assert found == {"36.5 mg"}, document.id
    for name in ("summary", "drug_use", "bill"):
        assert LOT in text(made[name])
    assert (
        made["drug_use"].said("Sum")
        == "40.0 mg racemic ketamine drawn = 36.5 given + 3.5 wasted + 0.0 returned"
    )
    assert made["drug_use"].said("Books") == "closed: chart and safe agree"
    assert {made[n].said("Ended") for n in ("flowsheet", "summary", "bill", "letter")} == {"10:42"}


def test_every_field_that_says_something_names_the_entries_it_was_made_from(morning: Morning) -> None:
    known = {
        i
        for chart in (morning.sources.whole, morning.sources.clinic, *morning.sources.safes.values())
        for i in chart.entries
    }
    for document in morning.documents().values():
        assert document.entries <= known
        silent = [f.label for part in document.parts for f in part.fields if not f.entries and not f.state]
        assert not silent, document.id


def test_every_row_of_a_table_names_the_entries_it_was_made_from(morning: Morning) -> None:
    for name in ("drug_use", "bill"):
        tables_of = [t for part in morning.document(name).parts for t in part.tables]
        assert tables_of
        assert not [c.text for t in tables_of for row in t.rows for c in row if c.text and not c.entries], (
            name
        )


def test_times_on_another_day_than_the_start_say_their_date(clinic: Entry) -> None:
    made = Morning(country="US").infusion()
    sources = made.sources
    assert sources.clock(made.care.at(60 * 24)) == "23 Nov 2026, 10:02"
    assert sources.clock(made.care.at(10)) == "10:12"


def test_the_drug_use_record_says_expiry_and_what_the_vial_held(morning: Morning) -> None:
    record = morning.document("drug_use")
    assert record.said("Expires") == "31 Aug 2028"
    assert record.said("In the vial before and after") == "10 mL and 9.2 mL"


def test_documents_do_not_depend_on_who_makes_them_or_when(morning: Morning) -> None:
    again = morning.documents()
    assert {n: d.digest for n, d in morning.documents().items()} == {n: d.digest for n, d in again.items()}


def _chart(entries: list[Entry], order: int) -> Chart:
    shuffled = list(entries)
    random.Random(order).shuffle(shuffled)
    return Chart.of(entries[0].stream, shuffled)


def test_documents_are_the_same_in_whatever_order_the_entries_came(morning: Morning) -> None:
    sources, expected = morning.sources, {n: d.digest for n, d in morning.documents().items()}
    for order in range(5):
        chart = _chart(list(sources.whole.entries.values()), order)
        made = make_all(msgspec.structs.replace(sources, whole=chart))
        assert {n: d.digest for n, d in made.items() if isinstance(d, Document)} == expected


@settings(max_examples=20, deadline=None)
@generated(
    st.lists(st.tuples(st.sampled_from(["stop", "bp"]), st.integers(1, 500)), min_size=1, max_size=4),
    st.integers(0, 99),
)
def test_after_any_corrections_in_any_order_every_document_says_what_the_fold_says(
    changes: list[tuple[str, int]], order: int
) -> None:
    sources = PURE[0]
    entries = list(sources.whole.entries.values())
    for what, value in changes:
        entries.append(_corrected(entries, sources.session, what, value))
    found = msgspec.structs.replace(sources, whole=_chart(entries, order))
    mg = found.facts.given_mg
    assert mg is not None
    for name in ("summary", "drug_use", "bill", "letter"):
        made = make(found, name)
        assert isinstance(made, Document)
        assert made.said("Given").startswith(f"{plain(amount(mg))} mg ")
    top = max(int(r.values["sbp_mmhg"]) for r in found.facts.readings["bp"] if r.at >= START)
    for name in ("summary", "letter"):
        made = make(found, name)
        assert isinstance(made, Document)
        assert made.said("Highest pressure").startswith(f"{top}/")


PURE: list[Any] = []


@pytest.fixture(autouse=True)
def _pure(request: pytest.FixtureRequest) -> None:
    """The property runs on one chart in memory: the story is told once."""
    if "corrections_in_any_order" in request.node.name and not PURE:
        request.getfixturevalue("clinic")
        PURE.append(Morning(country="US").infusion().sources)
        _ = PURE[0].clinic, PURE[0].safes


def _corrected(entries: list[Entry], session: UUID, what: str, value: int) -> Entry:
    """A correction of the latest entry of the stop, or of the highest pressure."""
    kind = DoseStopped if what == "stop" else Vitals
    superseded = {e.corrects for e in entries}
    latest = next(
        e
        for e in reversed(entries)
        if e.session == session and isinstance(e.body, kind) and e.id not in superseded
    )
    body = (
        msgspec.structs.replace(latest.body, delivered_ml=Decimal(value) / 10)
        if what == "stop"
        else msgspec.structs.replace(latest.body, sbp_mmhg=100 + value % 120)
    )
    seq = max(e.seq for e in entries) + 1
    return msgspec.structs.replace(
        latest, id=UUID(int=10_000 + seq), seq=seq, body=body, corrects=latest.id, reason="misread"
    )


# -- for whose eyes -------------------------------------------------------------------------------------------


@pytest.mark.hazard("H049")
@pytest.mark.parametrize("topic", ["therapy", "substance_use"])
def test_what_is_for_some_roles_only_is_in_no_document(clinic: Entry, topic: str) -> None:
    made = Morning(country="US")
    made.correspondent()
    made.begin()
    made.care.write(
        Note(text=SECRET, topic=topic), 30, session=made.care.session, visible_to=("therapist", "prescriber")
    )
    made.care.write(Note(text="slept well"), 31, session=made.care.session)
    made.end()
    made.sign()
    for document in made.documents().values():
        assert SECRET not in text(document), document.id
    assert "slept well" in text(made.document("letter"))
    assert made.document("summary").left_out == 1


@pytest.mark.hazard("H049")
def test_a_medicine_or_a_note_hidden_from_most_is_not_on_a_form_or_a_bill(sprayed: Morning) -> None:
    hidden = Medicine(name="lorazepam", status=ProblemStatus.ACTIVE)
    sprayed.care.write(hidden, -3000, visible_to=("therapist",))
    for name in ("rems_form", "bill"):
        assert "lorazepam" not in text(sprayed.document(name))


def test_no_letter_goes_where_the_patient_does_not_want_it(clinic: Entry) -> None:
    made = Morning(country="US")
    made.correspondent(Answer.NO)
    made.infusion()
    assert isinstance(make(made.sources, "letter"), NotNeeded)


# -- the monitoring form --------------------------------------------------------------------------------------


def test_the_monitoring_form_of_two_devices_is_filled_from_the_record(sprayed: Morning) -> None:
    form = sprayed.document("rems_form")
    expected = {
        "1. First name": "Ines",
        "2. Date of birth": "14 Mar 1983",
        "3. First treatment?": "yes",
        "9. Dose": "56 mg",
        "10. Lot numbers": "E-77",
        "11. Minutes from the first device to the end of monitoring": "125 min",
        "14. Blood pressure before administration": "128/80 mmHg at 09:54",
        "14. Blood pressure about 40 minutes after the start": "150/90 mmHg at 10:43",
        "14. Blood pressure before completion": "128/82 mmHg at 12:00",
        "17. Dissociation": "yes, 10:44 to 12:01; over within 2 h: yes",
        "21. Completed by, on": "Nora Nurse, 22 Nov 2026",
    }
    assert {label: form.said(label) for label in expected} == expected
    assert form.form == "spravato_rems_monitoring 2021-11"


@pytest.mark.hazard("H028")
def test_a_medicine_nobody_asked_about_is_missing_on_the_form_and_never_a_no(sprayed: Morning) -> None:
    label = "5. Takes an opioid"
    assert label in {f.label for f in sprayed.document("rems_form").missing}
    sprayed.care.write(HistoryTaken(items=("medicines",)), -3000)
    assert sprayed.document("rems_form").said(label) == "no"
    sprayed.care.write(Medicine(name="oxycodone", dose="5 mg", status=ProblemStatus.ACTIVE), -2999)
    assert sprayed.document("rems_form").said(label) == "yes: oxycodone 5 mg"
    sprayed.care.write(Medicine(name="zzz-unheard-of", status=ProblemStatus.ACTIVE), -2998)
    assert (
        sprayed.document("rems_form")
        .said("5. Takes a benzodiazepine")
        .startswith("not known: zzz-unheard-of")
    )


@pytest.mark.hazard("H028")
def test_a_treatment_elsewhere_is_no_first_one_and_not_asked_is_said(sprayed: Morning) -> None:
    label = "3. First treatment?"
    assert label in {f.label for f in sprayed.document("rems_form").to_check}
    sprayed.care.write(HistoryTaken(items=("trials",)), -3000)
    assert label not in {f.label for f in sprayed.document("rems_form").to_check}
    sprayed.care.write(TreatmentTrial(agent="esketamine nasal spray"), -2999)
    assert sprayed.document("rems_form").said(label) == "no"


@pytest.mark.parametrize(("given", "initial"), [("Ines", "none"), ("Ines Maria", "M")])
def test_the_form_has_the_initial_of_a_second_given_name(sprayed: Morning, given: str, initial: str) -> None:
    found = sprayed.care.chart.last(Patient)
    assert found
    corrected(found[0], msgspec.structs.replace(found[1], given=given))
    assert sprayed.document("rems_form").said("1. Middle initial") == initial


def test_a_product_that_no_programme_asks_about_has_no_form(morning: Morning) -> None:
    assert isinstance(make(morning.sources, "rems_form"), NotNeeded)


def test_every_field_of_a_definition_has_a_place_in_the_record() -> None:
    for form in tables.forms().values():
        assert {f.source for f in form.field} <= set(ANSWERS)
        assert {f.section for f in form.field} == set(form.sections)


# -- the bill -------------------------------------------------------------------------------------------------


def codes(document: Document) -> dict[str, str]:
    """code -> units"""
    rows = [row for part in document.parts for table in part.tables for row in table.rows]
    return {row[0].text.split()[-1]: row[2].text for row in rows}


def test_an_infusion_of_forty_minutes_is_one_first_hour_and_no_further_one(morning: Morning) -> None:
    assert codes(morning.document("bill")) == {"J3490": "1", "96365": "1"}


@pytest.mark.parametrize(
    ("minutes", "units"), [(0, 0), (60, 0), (90, 0), (91, 1), (150, 1), (151, 2), (240, 3)]
)
def test_a_further_hour_counts_once_more_than_half_of_it_is_run(minutes: int, units: int) -> None:
    line = next(one for one in tables.bill().line if one.units == "further")
    assert bill.further(minutes, line) == units


def test_milligrams_of_the_nasal_spray_are_units_under_the_code_that_is_valid_that_day(
    sprayed: Morning,
) -> None:
    assert codes(sprayed.document("bill")) == {"J0013": "56", "G2082": "1"}
    assert not tables.bill().codes["S0013"].is_valid_on(START.date())
    assert tables.bill().codes["S0013"].is_valid_on((START - timedelta(days=400)).date())


def test_a_visit_that_was_watched_for_less_than_its_code_says_is_not_billed_with_it(sprayed: Morning) -> None:
    found = sprayed.care.chart.last(Discharged)
    assert found
    entry, body = found
    corrected(entry, body, at=sprayed.care.at(30))
    made = sprayed.document("bill")
    assert codes(made) == {"J0013": "56"}
    assert made.said("Not billed") == "G2082: 30 min observed of the 120 min that it stands for"


def test_the_package_number_comes_from_the_delivery(morning: Morning) -> None:
    received = morning.sources.safes["safe:main"].last(StockReceived)
    assert received
    entry, body = received
    label = "Package number (NDC)"
    assert label in {f.label for f in morning.document("bill").to_check}
    corrected(entry, msgspec.structs.replace(body, ndc="42023-0115-10"))
    assert morning.document("bill").said(label) == "42023-0115-10"
    assert morning.document("drug_use").said(label) == "42023-0115-10"


def test_who_pays_chooses_the_lines_and_prices_make_exact_money(sprayed: Morning) -> None:
    sprayed.care.write(Coverage(payer_kind="commercial", payer="Blue Harbor", member="X1"), 200)
    assert codes(sprayed.document("bill")) == {"J0013": "56"}
    for price, day in ((Decimal("12.10"), START.date()), (Decimal("13"), START.date() + timedelta(days=1))):
        store.append([said(PriceSet(code="J0013", price=price, currency="USD", valid_from=day), CLINIC)])
    assert sprayed.document("bill").said("Total") == "677.60 USD"
    assert not [f for f in sprayed.document("bill").to_check if f.label == "Payer"]


def test_a_country_without_a_table_has_times_and_no_codes(clinic: Entry) -> None:
    made = Morning().infusion().document("bill")
    assert codes(made) == {}
    assert "no code table for Germany" in made.said("Codes")
    assert made.said("Infused") == "40 min, pauses left out"
