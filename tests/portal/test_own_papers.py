"""What a patient reads and takes along: side effects as they were counted, costs, aftercare, consent, passport, record."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lowtide.data import consent, portal, read
from lowtide.pathway.course.consent import signed
from lowtide.people.clinic import CLINIC, zone
from lowtide.portal import effects
from lowtide.record import store
from lowtide.record.entries.base import Answer
from lowtide.record.entries.care import CourseEnded
from lowtide.record.entries.consent import Consent, ConsentWithdrawn
from lowtide.record.entries.history import Medicine, ProblemStatus
from lowtide.record.entries.papers import Coverage, PriceSet
from tests.conftest import said
from tests.pathway.course.story import Story
from tests.portal.conftest import SignIn, html, sent

pytestmark = pytest.mark.django_db
Mine = tuple[Client, Story]
NewPatient = Callable[..., UUID]
READ = (
    *("/my/", "/my/course", "/my/help", "/my/more", "/my/treatment", "/my/session", "/my/side-effects"),
    *(
        "/my/costs",
        "/my/messages",
        "/my/data",
        "/my/keys",
        "/my/consent",
        "/my/after-your-visit",
        "/my/passport",
    ),
)


@pytest.mark.parametrize("path", READ)
def test_every_page_opens_for_somebody_of_whom_nothing_is_known_yet(
    path: str, new_patient: NewPatient, sign_in: SignIn
) -> None:
    page = html(sign_in("patient", patient=new_patient()), path)
    assert 'href="/my/help"' in page
    assert "None" not in page.split("<main")[1].split("</main")[0].replace("None is", "").replace(
        "None known", ""
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_speaks_the_language_that_is_chosen_and_says_so(mine: Mine, language: str) -> None:
    client, _ = mine
    client.post("/my/language", {"language": language, "back": "/my/"})
    for path in READ:
        page = html(client, path)
        assert f'<html lang="{language}' in page
        assert ("Ayuda urgente" in page) is (language == "es")


def test_a_browser_that_asks_for_spanish_is_answered_in_it(mine: Mine) -> None:
    client, _ = mine
    assert "Su puntuación de ánimo es 8." in html(client, "/my/course", HTTP_ACCEPT_LANGUAGE="es-MX,es;q=0.9")
    assert "Your mood score is 8." in html(client, "/my/course", HTTP_ACCEPT_LANGUAGE="fr-FR")


# -- side effects -----------------------------------------------------------------------------------------------


def counted() -> dict[tuple[str, str, str], dict[str, str]]:
    rows = csv.DictReader(io.StringIO(read.text("adverse_event_rates.csv")))
    return {(r["term"], r["population"], r["phase_or_window"]): r for r in rows}


@pytest.mark.parametrize("table", effects.tables("esketamine_nasal"), ids=lambda t: str(t.of.population))
def test_each_number_of_side_effects_is_the_one_that_was_counted(table: effects.Table) -> None:
    for row in table.rows:
        source = counted()[row.effect.term, table.of.population, table.of.window]
        assert abs(Decimal(row.of_100) - Decimal(source["pct"])) <= Decimal("0.5")
        assert row.dummy_of_100 is not None
        assert abs(Decimal(row.dummy_of_100) - Decimal(source["pct_control"])) <= Decimal("0.5")
        assert set(row.source) <= set(source["source_url"].split(" ; "))


@pytest.mark.parametrize("number", [0, 1, 41, 100])
def test_so_many_dots_of_a_hundred_are_filled(number: int) -> None:
    empty, full = effects.dots(number).split('class="is-full"')
    assert (full.count("h0"), empty.count("h0")) == (number, 100 - number)


def test_a_drip_has_no_numbers_of_its_own_and_the_page_says_so_before_it_shows_the_sprays(mine: Mine) -> None:
    page = html(mine[0], "/my/side-effects")
    first, _, rest = page.partition("Numbers of a sister medicine")
    assert "nobody has counted them well" in first
    assert "felt far away" not in first
    assert "<b>41</b> felt far away" in rest


def test_who_gets_the_spray_sees_its_numbers_first(sign_in: SignIn) -> None:
    story = Story().planned(protocol="P01").tell()
    page = html(sign_in("patient", patient=story.patient), "/my/side-effects")
    assert "<b>41</b> felt far away" in page
    assert "sister medicine" not in page


def test_what_has_no_source_says_so() -> None:
    assert any(not known.source and not known.verified for known in portal.pages().known)
    assert all(known.source for known in portal.pages().known if known.verified)


# -- costs ------------------------------------------------------------------------------------------------------


def test_costs_that_are_unknown_are_said_to_be_unknown(mine: Mine) -> None:
    page = html(mine[0], "/my/costs")
    assert page.count('class="unknown"') == 2
    assert "Not known: the clinic has not written down who pays." in page


def test_costs_show_who_pays_and_the_clinics_own_prices(sign_in: SignIn) -> None:
    story = Story().planned(protocol="P01")
    story.say(Coverage(payer_kind="commercial", payer="Harbour Mutual"))
    story.tell()
    price = PriceSet(
        code="G2082", price=Decimal("410.00"), currency="USD", valid_from=datetime.now(UTC).date()
    )
    store.append([said(price, CLINIC)])
    page = html(sign_in("patient", patient=story.patient), "/my/costs")
    assert "Harbour Mutual" in page
    assert "410.00 USD" in page
    assert "Whether they pay for all of it is not known here." in page


# -- before and after a visit -----------------------------------------------------------------------------------


def test_no_medicine_is_to_be_left_out_by_a_default_that_nobody_approved(sign_in: SignIn) -> None:
    story = Story(at=datetime.now(UTC)).took_history().decided().planned()
    story.say(Medicine(name="lorazepam", status=ProblemStatus.ACTIVE))
    story.say(Medicine(name="sertraline", status=ProblemStatus.ACTIVE))
    story.scheduled_as_planned().tell()
    page = html(sign_in("patient", patient=story.patient), "/my/")
    unsaid = page.partition("Your clinic has to say what to do with these.")[2]
    assert "lorazepam" in unsaid
    assert "Leave these out" not in page
    assert "Take these as usual: sertraline." in page
    assert "Never stop a medicine on your own." in page


def test_after_a_visit_the_page_that_was_handed_out_stands_here_too(mine: Mine) -> None:
    client, _ = mine
    english, spanish = (
        html(client, "/my/after-your-visit", HTTP_ACCEPT_LANGUAGE=language) for language in ("en", "es")
    )
    assert "Do not drive a car or ride a bike until you have slept tonight" in english
    assert "No conduzca ni vaya en bicicleta hasta que haya dormido esta noche" in spanish


# -- consent ----------------------------------------------------------------------------------------------------


def planned(sign_in: SignIn, *, agreed: bool = False) -> Mine:
    story = Story(at=datetime.now(UTC)).took_history().decided().planned()
    if agreed:
        story.consented()
    story.tell()
    return sign_in("patient", patient=story.patient), story


def ticked(client: Client, **more: object) -> dict[str, object]:
    """The whole form, every part understood."""
    form = client.get("/my/consent/sign").context["form"]
    ticks = {f"tick_{e.id}": "on" for e in form.elements}
    return sent(digest=form.initial["digest"], signer="Ada Testperson", **ticks) | more


def standing(story: Story) -> Any:
    return signed(store.load(story.stream), datetime.now(UTC), zone())[0]


def test_a_consent_signed_at_home_holds_once_somebody_has_spoken_with_the_patient(sign_in: SignIn) -> None:
    client, story = planned(sign_in)
    assert client.post("/my/consent/sign", ticked(client)).status_code == 302
    one = standing(story)
    assert (one.body.capacity, one.waits) == (Answer.NOT_KNOWN, True)
    assert "signed at home" in one.why_not
    nurse = sign_in("nurse")
    assert "they can decide it" in html(nurse, f"/patients/{story.patient}/consent")
    nurse.post(f"/patients/{story.patient}/consent/{one.entry.id}/confirmed", {"capacity": "yes"})
    assert standing(story).why_not == ""
    assert "You said yes to this treatment." in html(client, "/my/consent")


def test_who_cannot_decide_it_when_asked_has_given_no_consent(sign_in: SignIn) -> None:
    client, story = planned(sign_in)
    client.post("/my/consent/sign", ticked(client))
    path = f"/patients/{story.patient}/consent/{standing(story).entry.id}/confirmed"
    sign_in("nurse").post(path, {"capacity": "no"})
    assert standing(story).why_not == "the patient could not decide it when asked"


def test_a_part_that_is_not_ticked_or_another_name_signs_nothing(sign_in: SignIn) -> None:
    client, story = planned(sign_in)
    for wrong in ({"tick_serious": ""}, {"signer": "Somebody Else"}, {"signer": ""}):
        answer = client.post("/my/consent/sign", {k: v for k, v in (ticked(client) | wrong).items() if v})
        assert answer.status_code == 422
        assert "Nothing is signed yet." in answer.content.decode()
    assert not store.load(story.stream).said(Consent)


def test_in_another_language_it_is_read_here_and_signed_at_the_clinic(sign_in: SignIn) -> None:
    client, story = planned(sign_in)
    form = ticked(client)
    client.post("/my/language", {"language": "es", "back": "/my/"})
    page = html(client, "/my/consent/sign")
    assert "Riesgos graves" in page
    assert "You can become very sleepy, pass out" in page
    client.post("/my/consent/sign", form)
    assert not store.load(story.stream).said(Consent)


def test_an_older_consent_for_another_series_is_not_said_to_hold(sign_in: SignIn) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(days=60)).took_history().decided().planned().consented()
    story.say(CourseEnded(course=story.course, outcome="well"))
    story.after(days=59).decided().planned().tell()
    page = html(sign_in("patient", patient=story.patient), "/my/consent")
    assert "It was for another treatment. It does not count for this one." in page
    assert "It holds." not in page


def test_a_consent_is_taken_back_without_a_reason(sign_in: SignIn) -> None:
    client, story = planned(sign_in, agreed=True)
    entry = standing(story).entry.id
    client.post(f"/my/consent/{entry}/take-back", sent(reason=""))
    said_, body = store.load(story.stream).said(ConsentWithdrawn)[0]
    assert (said_.by, body.consent) == (f"patient:{story.patient}", entry)
    assert standing(story).why_not == "the patient has withdrawn it"


@pytest.mark.hazard("H001")
def test_the_consent_of_another_patient_is_not_found(sign_in: SignIn) -> None:
    other = planned(sign_in, agreed=True)[1]
    client, _ = planned(sign_in)
    assert client.post(f"/my/consent/{standing(other).entry.id}/take-back", sent()).status_code == 404


# -- what was found with what, and what was counted how ---------------------------------------------------------


def about(sign_in: SignIn, protocol: str, path: str) -> str:
    story = Story().planned(protocol=protocol).tell()
    return html(sign_in("patient", patient=story.patient), path)


def test_who_gets_the_spray_reads_what_was_found_with_the_spray(sign_in: SignIn) -> None:
    assert "weeks of the nose spray" in about(sign_in, "P01", "/my/treatment")


def test_who_gets_a_drip_reads_what_was_found_with_a_drip(sign_in: SignIn) -> None:
    page = about(sign_in, "P05", "/my/treatment")
    assert "ketamine by drip" in page
    assert "weeks of the nose spray" not in page


def test_the_consent_form_says_what_was_found_with_its_own_product() -> None:
    of = consent.scope("esketamine_nasal", "in", "trd")
    (told,) = [e for e in consent.form(of).elements if e.id == "evidence"]
    assert "nose spray" in told.text
    assert "by drip" not in told.text


@pytest.mark.parametrize("indication", consent.evidence())
def test_studies_of_another_product_are_said_to_be_that(indication: str) -> None:
    for product in ("racemic_ketamine", "esketamine_nasal", "esketamine"):
        known = consent.evidence_for(product, indication)
        other = product not in known.found_with and known.strength != "none"
        assert bool(known.caution) is other


def test_what_was_measured_stands_beside_what_was_told_with_its_range(sign_in: SignIn) -> None:
    page = about(sign_in, "P01", "/my/side-effects")
    assert "<b>48 to 61</b> of 100 were sleepy when the staff checked it" in page
    assert "<b>8 to 19</b> of 100 had a big rise in blood pressure at least once (1 to 4 with a dummy" in page
    assert "<b>17</b> of 100 had trouble with the bladder" in page
    assert "to 61" not in about(sign_in, "P05", "/my/side-effects")


@pytest.mark.parametrize("one", effects.measured("esketamine_nasal"), ids=lambda one: str(one.says))
def test_each_measured_range_is_the_one_in_the_table(one: effects.Counted) -> None:
    printed = f"{one.low}-{one.high}" if one.high != one.low else one.low
    assert printed in {row["pct"] for row in counted().values()}
    assert one.source


def test_who_is_in_maintenance_reads_what_was_counted_in_maintenance_first() -> None:
    first, second, *_ = effects.tables("esketamine_nasal", "maintenance")
    assert (first.of.phase, second.of.phase) == ("maintenance", "")
    assert not [t for t in effects.tables("esketamine_nasal", "induction") if t.of.phase]
    assert not [t for t in effects.tables("racemic_ketamine", "maintenance") if t.of.phase]


def test_fewer_than_one_of_a_hundred_are_not_rounded_up_in_words(sign_in: SignIn) -> None:
    assert "<b>fewer than 1</b> with a dummy spray" in about(sign_in, "P01", "/my/side-effects")
