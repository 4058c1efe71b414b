"""What went wrong in a session stands in the form, the summary, the letter and the instructions."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from msgspec import structs

from lowtide.pathway.session.actions import charting, dosing, emergency
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.chair import DoseGiven, DosingEnded, Rating
from lowtide.record.entries.events import AdverseEvent, AdverseEventFollowed, RescueGiven
from tests.documents.story import START, Morning, text


@pytest.fixture
def sprayed(clinic: Entry) -> Morning:
    return Morning(country="US", protocol="P01").devices(signed=False)


def happened(morning: Morning, term: str, serious: Answer, minutes: float = 30, **more: object) -> Entry:
    fields = {"grade": 2, "outcome": "recovered", "ended_at": START + timedelta(minutes=minutes + 20)} | more
    return morning.care.write(
        AdverseEvent(term=term, serious=serious, **fields), minutes, session=morning.care.session
    )  # type: ignore[arg-type]


@pytest.mark.hazard("H050")
def test_before_the_signature_no_event_is_not_a_no(sprayed: Morning) -> None:
    label = "19. Serious adverse event"
    assert label in {f.label for f in sprayed.document("rems_form").missing}
    sprayed.sign()
    assert sprayed.document("rems_form").said(label) == "none recorded"


@pytest.mark.hazard("H050")
def test_a_serious_event_is_on_the_form_with_what_makes_it_serious(sprayed: Morning) -> None:
    event = happened(sprayed, "respiratory_depression", Answer.NOT_KNOWN)
    sprayed.sign()
    form = sprayed.document("rems_form")
    assert form.said("19. Serious adverse event").startswith("not judged")
    assert form.said("18. Respiratory depression") == "yes, 10:32 to 10:52; over within 2 h: yes"
    more = AdverseEventFollowed(
        event=event.id, outcome="recovered", serious=Answer.YES, criteria=("hospital",)
    )
    sprayed.care.write(more, 300)
    field = next(f for f in sprayed.document("rems_form").fields() if f.label.startswith("19."))
    assert "hospital" in field.text
    assert event.id in field.entries


def test_a_rescue_medicine_is_told_to_everybody_who_treats_next(sprayed: Morning) -> None:
    sprayed.correspondent()
    body = RescueGiven(
        medicine="other", name="ondansetron", dose=Decimal(4), unit="mg", route="iv", ordered_by="Dr Test"
    )
    sprayed.care.write(body, 50, session=sprayed.care.session)
    sprayed.sign()
    for name in ("summary", "letter"):
        assert "10:52 ondansetron 4 mg" in text(sprayed.document(name))
    assert "We also gave you ondansetron." in text(sprayed.document("instructions"))


def test_a_CADSS_total_counts_in_the_forms_course_of_dissociation_and_in_the_summary(
    sprayed: Morning,
) -> None:
    def rated(total: int, minutes: float) -> Entry:
        body = Rating(scale="cadss", value=Decimal(total))
        return sprayed.care.write(body, minutes, session=sprayed.care.session)

    first = rated(40, 20)
    field = next(f for f in sprayed.document("rems_form").fields() if f.label == "17. Dissociation")
    assert field.text == "yes, 10:22 to 12:01; over within 2 h: yes"
    assert first.id in field.entries
    rated(3, 121)
    assert sprayed.document("rems_form").said("17. Dissociation").startswith("yes, 10:22 to 12:01")
    rated(9, 122)
    assert "its end was not rated" in sprayed.document("rems_form").said("17. Dissociation")
    assert "40 (0–92) at 10:22" in text(sprayed.document("summary"))


# -- how the dose went ------------------------------------------------------------------------------------------------


@pytest.fixture
def cut_short(clinic: Entry) -> Morning:
    """Paused for five minutes, ended early with its reason; an emergency was opened, and nothing rated until the end."""
    morning = Morning(country="US")
    morning.correspondent()
    care = morning.care
    care.prepare()
    care.begin()
    dosing.pause(care.act(15))
    care.measure(15, sbp_mmhg=171, dbp_mmhg=99)
    dosing.resume(care.act(20), rate_ml_per_h=Decimal(75))
    opened = emergency.open_checklist(care.act(24), "hypertension")[0]
    dosing.stop(care.act(30), delivered_ml=Decimal("31.25"), complete=False, reason="pressure stays high")
    charting.rating(care.act(50), scale="dissociation", value=Decimal(0))
    emergency.end(care.act(60), opened.id, outcome="settled")
    return morning


@pytest.mark.parametrize("name", ["summary", "letter"])
def test_a_dose_that_was_paused_and_cut_short_says_so_and_why(cut_short: Morning, name: str) -> None:
    document = cut_short.document(name)
    assert document.said("Paused") == "10:17 to 10:22"
    assert document.said("Ended") == "10:32, before its end: pressure stays high"


def test_a_pause_is_traced_to_the_entries_that_tell_it(cut_short: Morning) -> None:
    (paused,) = [f for f in cut_short.document("summary").fields() if f.label == "Paused"]
    kept = cut_short.care.chart.entries
    assert [kept[key].body.rate_ml_per_h for key in paused.entries] == [0, 75]


@pytest.mark.parametrize("name", ["summary", "letter"])
def test_an_emergency_is_told_with_how_it_ended(cut_short: Morning, name: str) -> None:
    said = cut_short.document(name).said("Emergency")
    assert "10:26" in said
    assert "until 11:02" in said


def test_a_rating_of_nothing_that_was_made_after_the_dose_does_not_read_as_no_dissociation(
    cut_short: Morning,
) -> None:
    said = cut_short.document("summary").said("Worst dissociation")
    assert said.endswith("rated once, never while the dose went in")


def test_a_rating_made_while_the_dose_went_in_needs_no_such_word(clinic: Entry) -> None:
    assert "never" not in Morning(country="US").infusion().document("summary").said("Worst dissociation")


@pytest.mark.parametrize("name", ["summary", "letter"])
def test_a_part_that_did_not_go_in_whole_says_so_and_why(sprayed: Morning, name: str) -> None:
    assert "before its end" not in sprayed.document(name).said("Ended")
    care, (_, second) = sprayed.care, [e for e, _ in sprayed.care.chart.said(DoseGiven)]
    half = structs.replace(second.body, mg=Decimal(14))  # type: ignore[arg-type]
    told = {"session": care.session, "corrects": second.id, "reason": "the nose was blocked"}
    care.write(half, (second.at - care.start).total_seconds() / 60, **told)
    care.write(DosingEnded(), 20, session=care.session, reason="no more wanted")
    said = sprayed.document(name).said("Ended")
    assert said.endswith(", before its end: the nose was blocked; no more wanted")
    assert sprayed.document(name).said("Given").startswith("42 mg")


# -- what crossed a threshold -----------------------------------------------------------------------------------------


@pytest.fixture
def peaked(clinic: Entry) -> Morning:
    """The highest pressure once over a bound that asks for two."""
    morning = Morning(country="US")
    care = morning.care
    care.prepare()
    care.begin()
    for minute, systolic, diastolic in (
        (5, 165, 95),
        (10, 182, 112),
        (15, 150, 85),
        (20, 165, 92),
        (21, 161, 92),
    ):
        care.measure(minute, sbp_mmhg=systolic, dbp_mmhg=diastolic)
    return morning


@pytest.mark.hazard("H019")
@pytest.mark.parametrize("name", ["flowsheet", "summary"])
def test_the_highest_pressure_is_among_what_crossed_though_it_was_read_once_only(
    peaked: Morning, name: str
) -> None:
    label = "Crossed" if name == "flowsheet" else "Reminder"
    said = [f.text for f in peaked.document(name).fields() if f.label == label]
    assert any(t.startswith("BP 182/112, not 2 times 5 min apart: ") and "M13" in t for t in said), said
    assert any(t.startswith("BP 165/92: ") for t in said), "of a run the worst is told, not the last"
    assert not any("150/85" in t or "161/92" in t for t in said)


@pytest.mark.hazard("H019")
def test_the_printed_flowsheet_on_screen_tells_it_too(
    peaked: Morning, sign_in: Callable[..., Client]
) -> None:
    url = reverse("session:flowsheet", args=[peaked.care.patient, peaked.care.session])
    page = sign_in("nurse").get(url).content.decode()
    assert "BP 182/112, not 2 times 5 min apart: M13" in page
