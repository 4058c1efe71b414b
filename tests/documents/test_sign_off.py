"""The page that is signed: two bars of one length, and the checklist of what the record made."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from lowtide.pathway.course.in_force import laid
from lowtide.pathway.session.actions import charting, closing
from lowtide.pathway.session.shown.milligrams import milligrams
from lowtide.people.clinic import CLINIC
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import Clinic, NumberChanged
from lowtide.record.entries.history import Coding, Diagnosis, ProblemStatus
from lowtide.record.entries.papers import Coverage
from tests.conftest import said
from tests.documents.story import Morning, text

CODED = Diagnosis(
    label="Depression",
    status=ProblemStatus.ACTIVE,
    codings=(Coding(system="http://hl7.org/fhir/sid/icd-10-cm", code="F33.2"),),
)
SignIn = Callable[..., Client]


@pytest.fixture
def unsigned(clinic: Entry) -> Morning:
    made = Morning()
    made.letterhead()
    made.correspondent()
    return made.infusion(signed=False)


def opened(morning: Morning, client: Client, name: str = "session:sign") -> str:
    return client.get(reverse(name, args=[morning.care.patient, morning.care.session])).content.decode()


@pytest.mark.hazard("H036")
def test_the_bars_are_as_long_as_each_other_and_say_the_sum(unsigned: Morning, sign_in: SignIn) -> None:
    (bar,) = milligrams(unsigned.sources.custody.draws)
    assert bar.equation == "40.0 drawn = 36.5 given + 3.5 wasted + 0.0 returned"
    end = Decimal(bar.segments[-1].x) + Decimal(bar.segments[-1].width)
    assert abs(end - 1000) <= Decimal("0.1")
    page = opened(unsigned, sign_in("nurse"))
    assert bar.equation in page
    assert "drawn from lot V-0311" in page
    assert "waste 10:47, witness P. Nair, own sign-in" in page


@pytest.mark.hazard("H036")
def test_what_nobody_accounted_for_is_a_piece_of_the_bar_and_the_next_thing(
    clinic: Entry, sign_in: SignIn
) -> None:
    made = Morning()
    made.begin()
    (bar,) = milligrams(made.sources.custody.draws)
    assert [part.way for part in bar.segments] == ["left"]
    assert bar.left == "40"


def test_every_document_is_on_the_checklist_with_how_it_stands(unsigned: Morning, sign_in: SignIn) -> None:
    page = opened(unsigned, sign_in("nurse"))
    for words in (
        "Flowsheet", "Drug-use record", "Leave checks", "Suicidality asked again", "Escort", "Session summary",
        "Instructions to the patient", "Bill", "Patient monitoring form", "Letter to the referrer", "Registry row",
        "No programme asks for one", "Jonas Halvorsen", "Not needed",
    ):  # fmt: skip
        assert words in page, words


def test_an_addendum_after_the_signature_makes_it_signed_amended(unsigned: Morning, sign_in: SignIn) -> None:
    unsigned.sign()
    nurse = sign_in("nurse")
    page = opened(unsigned, nurse, "documents:session")
    assert "Signed" in page
    assert "Signed, amended" not in page
    charting.event(unsigned.care.act(300), what="music")
    assert "Signed, amended" in opened(unsigned, nurse, "documents:session")
    url = reverse("documents:document", args=[unsigned.care.patient, unsigned.care.session, "summary"])
    assert "1 addendum since" in nurse.get(url).content.decode()


def test_each_field_on_the_screen_leads_to_the_entry_it_was_made_from(
    unsigned: Morning, sign_in: SignIn
) -> None:
    stop = next(e for e in unsigned.care.chart.entries.values() if e.kind == "dose_stopped.1")
    url = reverse("documents:document", args=[unsigned.care.patient, unsigned.care.session, "summary"])
    page = sign_in("nurse").get(url).content.decode()
    assert reverse("people:entry", args=[unsigned.care.patient, stop.id]) in page


@pytest.mark.hazard("H043")
def test_who_may_not_look_into_the_safe_gets_no_drug_use_record(unsigned: Morning, sign_in: SignIn) -> None:
    therapist = sign_in("therapist")
    url = reverse("documents:document", args=[unsigned.care.patient, unsigned.care.session, "drug_use"])
    assert therapist.get(url).status_code == 404
    assert url not in opened(unsigned, therapist, "documents:session")


def test_the_page_does_not_say_that_nothing_is_missing_above_what_was_missed(
    unsigned: Morning, sign_in: SignIn
) -> None:
    unsigned.care.write(CODED, -2_000)
    unsigned.care.write(Coverage(payer_kind="commercial", payer="Harbour Mutual"), -2_000)
    page = opened(unsigned, sign_in("nurse"))
    assert "missed, no reason" in page
    assert "Nothing is missing" not in page
    assert "Nothing keeps the signature back. Read what is open, then sign" in page
    assert "Flowsheet, incomplete" in page


# -- the clinic of then ---------------------------------------------------------------------------------------


def test_what_the_clinic_changes_after_the_signature_changes_no_document_of_it(clinic: Entry) -> None:
    made = Morning(country="US")
    made.letterhead()
    made.infusion()
    before = {name: one.digest for name, one in made.documents().items()}
    body = Clinic(name="South Quay Clinic", zone="Europe/Berlin", country="DE", crisis_line="112")
    lower = NumberChanged(
        number="monitoring:M12/trigger/when/0/0/at_least",
        value="140",
        was="160",
        told="systolic from 140",
        printed_name="D",
        meaning="m",
    )
    store.append([said(body, CLINIC), said(lower, CLINIC)])
    with laid(store.load(CLINIC)):
        after = made.documents()
    assert {name: one.digest for name, one in after.items()} == before
    assert "North Quay Clinic" in text(after["bill"])


def test_an_unsigned_record_is_told_for_the_clinic_as_it_is(unsigned: Morning) -> None:
    store.append(
        [
            said(
                Clinic(name="South Quay Clinic", zone="Europe/Berlin", country="US", crisis_line="988"),
                CLINIC,
            )
        ]
    )
    assert "South Quay Clinic" in text(unsigned.document("bill"))


# -- what was discarded ---------------------------------------------------------------------------------------


@pytest.mark.hazard("H036")
def test_the_bill_says_that_nothing_was_discarded_only_when_the_books_are_closed(clinic: Entry) -> None:
    made = Morning(country="US")
    made.letterhead()
    made.begin()
    drawn = text(made.document("bill"))
    assert "nothing discarded" not in drawn
    assert "not accounted for yet" in drawn
    made.end()
    assert "3.5 mg discarded" in text(made.document("bill"))


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("prepared", [False, True])
def test_a_session_that_was_broken_off_before_a_dose_lacks_nothing_of_one(
    clinic: Entry, sign_in: SignIn, prepared: bool, signed: bool
) -> None:
    made = Morning(country="US")
    if prepared:
        made.care.prepare()
    else:
        made.care.book()
        made.care.measure(-8)
    closing.abandon(made.care.act(-2), reason="the pressure stayed high")
    if signed:
        made.sign(10)
    page = sign_in("nurse").get(reverse("session:sign", args=[made.care.patient, made.care.session]))
    stands = {one.name: (one.word, one.says) for one in page.context["papers"]}
    assert stands["Leave checks"] == ("Not needed", "no dose was given: the pressure stayed high")
    gaps = {name: said for name, said in stands.items() if said[0] in ("Missing", "Incomplete")}
    assert not gaps
    summary, letter = (text(made.document(name)) for name in ("summary", "letter"))
    assert "before any dose: the pressure stayed high" in summary
    assert "It was broken off (the pressure stayed high): no dose was given." in letter
    assert "not known" not in letter.partition("Thank you")[2].partition("About")[0]
