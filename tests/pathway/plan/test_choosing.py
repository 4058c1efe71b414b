"""The prescriber's choice of a dose beside the rule's, and the word on a review: kept in the record."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.pathway.course.state import fold
from lowtide.pathway.plan import actions, choosing
from lowtide.problems import BadInput
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CourseReviewed, OrderSigned
from tests.pathway.course.story import DAY, Story
from tests.pathway.plan.test_ordering import VIAL, act, decided, weigh

pytestmark = pytest.mark.django_db


def planned(patient: UUID, name: str = "P07") -> UUID:
    decided(patient)
    actions.plan_course(act(patient), name, datetime.now(UTC).date(), "")
    course = fold(store.load(f"chart:{patient}")).course
    assert course
    weigh(patient, "73")
    return course.sessions[0].session


def sign(patient: UUID, session: UUID, mg: str, **more: object) -> OrderSigned:
    entry: Entry = actions.sign_order(
        act(patient),
        session,
        VIAL,
        seen_mg=Decimal(mg),
        printed_name="Dr Test",
        second_person=None,
        **more,  # type: ignore[arg-type]
    )[0]
    assert isinstance(entry.body, OrderSigned)
    return entry.body


def test_another_dose_than_the_rules_needs_a_reason_and_is_kept_with_both() -> None:
    patient = uuid4()
    session = planned(patient)
    with pytest.raises(BadInput, match="begin with the protocol"):
        sign(patient, session, "54.5", dose=Decimal("0.75"))
    signed = sign(patient, session, "54.5", dose=Decimal("0.75"), dose_because="borne well elsewhere")
    assert signed.dose_mg == Decimal("54.5")
    assert signed.titration
    assert (signed.titration.dose, signed.titration.advised) == (Decimal("0.75"), Decimal("0.5"))
    assert signed.titration.because == "borne well elsewhere"


def test_the_rules_own_dose_needs_none() -> None:
    patient = uuid4()
    signed = sign(patient, planned(patient), "36.5")
    assert signed.titration
    assert signed.titration.advice == "start"


@pytest.mark.hazard("H003")
def test_a_dose_outside_the_protocols_range_is_refused() -> None:
    patient = uuid4()
    session = planned(patient)
    with pytest.raises(BadInput, match="does not give 5 mg/kg"):
        sign(patient, session, "365", dose=Decimal(5), dose_because="typed wrongly")


def without_response() -> Story:
    return Story().planned().induced((20, 20, 19, 19, 18, 18, 18)).shifted(-100 * DAY).tell()


def test_a_review_is_written_with_the_words_it_was_made_on_and_settles_the_finding() -> None:
    story = without_response()
    rules = tuple(f.id for f in choosing.waiting(store.load(story.stream), fold(store.load(story.stream))))
    made = actions.review_course(act(story.patient), rules, "continue", "PHQ-9 lags behind how he lives")
    assert isinstance(made[0].body, CourseReviewed)
    assert any("no response" in text for text in made[0].body.findings)
    assert not choosing.waiting(store.load(story.stream), fold(store.load(story.stream)))


def test_a_review_without_a_reason_or_of_findings_that_are_gone_is_refused() -> None:
    story = without_response()
    with pytest.raises(BadInput, match="reason"):
        actions.review_course(act(story.patient), ("P05.stopping.1",), "continue", " ")
    with pytest.raises(BadInput, match="no longer stand"):
        actions.review_course(act(story.patient), ("P99",), "continue", "seen")


def test_the_page_shows_the_rule_the_findings_and_takes_the_word(sign_in: Callable[..., Client]) -> None:
    story = without_response()
    page = sign_in("prescriber")
    shown = page.get(f"/patients/{story.patient}/plan").content.decode()
    assert "To review" in shown
    rules = re.findall(r'name="rule" value="([^"]+)"', shown)
    word = {"entry_id": uuid4(), "rule": rules, "choice": "change", "reason": "another route"}
    assert page.post(f"/patients/{story.patient}/plan/review", word).status_code == 302
    after = page.get(f"/patients/{story.patient}/plan").content.decode()
    assert "another route" in after
    assert 'id="review-title"' not in after


def test_the_order_page_offers_the_protocols_doses_and_asks_why(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient = new_patient()
    session = planned(patient)
    page = sign_in("prescriber")
    address = f"/patients/{patient}/plan/{session}?vial=50&final_volume=50"
    assert "Why another dose" not in page.get(address).content.decode()
    other = page.get(f"{address}&dose=0.75").content.decode()
    assert "54.5" in other
    assert "Why another dose" in other
