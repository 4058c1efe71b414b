"""The page that is signed: two bars of one length, and the checklist of what the record made."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from lowtide.pathway.session.actions import charting
from lowtide.pathway.session.shown.milligrams import milligrams
from lowtide.record.entries.base import Entry
from tests.documents.story import Morning

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
