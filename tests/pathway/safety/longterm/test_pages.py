"""The pages of long-term safety as their readers meet them, and the gate at the dose sheet and at the chair."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.test import Client

from lowtide.data import monitoring
from lowtide.pathway.plan.actions import refuse_held
from lowtide.pathway.safety.longterm.clinic import lines
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.gates import blockers
from lowtide.problems import Refused
from lowtide.record import store
from lowtide.record.entries.base import Answer
from lowtide.record.entries.care import RiskReviewed
from lowtide.record.entries.history import Result
from lowtide.record.entries.longterm import (
    SafetyAsked,
    SafetyReviewed,
    StopReviewed,
    TreatedElsewhere,
    UseSignal,
)
from tests.pathway.course.story import Story, items_for
from tests.pathway.safety.longterm.test_schedule import GOOD, asked, treated

SignIn = Callable[..., Client]
ALT = Result(label="ALT", test="alt_u_l", value=Decimal(200), unit="U/L", reference_high=Decimal(40))


def lately(count: int = 2) -> Story:
    """Treated until two days ago, told to the record."""
    story = treated(count)
    return story.shifted(datetime.now(UTC) - timedelta(days=2) - story.now)


@pytest.fixture
def held(clinic: object) -> Story:
    """A liver value five times the limit holds the next session."""
    story = lately()
    story.after(hours=3).say(ALT)
    return story.tell()


def html(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def post(client: Client, address: str, form: str = "", **fields: object) -> str:
    page = client.get(address).content.decode()
    name = f"{form}-entry_id" if form else "entry_id"
    entry = page.partition(f'name="{name}" value="')[2].partition('"')[0]
    answer = client.post(address, {name: entry, **fields}, follow=True)
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def address(story: Story, more: str = "") -> str:
    return f"/patients/{story.patient}/long-term{more}"


def sources(client: Client, story: Story) -> str:
    page = client.get(address(story, "/stop")).content.decode()
    return page.partition('name="sources" value="')[2].partition('"')[0]


@pytest.mark.hazard("H038")
def test_every_page_of_the_chart_says_that_the_next_session_is_held(held: Story, sign_in: SignIn) -> None:
    page = html(sign_in("nurse"), f"/patients/{held.patient}/events")
    assert "Next session held" in page
    assert "ALT 5 times the upper limit" in page


def test_what_holds_stands_before_the_dose_sheet_and_before_the_dose(held: Story) -> None:
    chart = store.load(held.stream)
    with pytest.raises(Refused, match="stop and review: liver injury"):
        refuse_held(chart, datetime.now(UTC))
    facts = session_facts(chart, held.sessions[-1])
    stands = [b.id for b in blockers(chart, facts, monitoring.items(), datetime.now(UTC), UTC)]
    assert "stop_liver" in stands


def test_a_nurse_cannot_release_and_a_prescriber_does_with_a_reason(held: Story, sign_in: SignIn) -> None:
    nurse, prescriber = sign_in("nurse"), sign_in("prescriber")
    assert "Release" not in html(nurse, address(held, "/stop"))
    said = {"of": "liver", "sources": sources(prescriber, held), "liver-choice": "release"}
    page = post(prescriber, address(held, "/stop"), "liver", **said, **{"liver-reason": ""})
    assert "The decision is recorded" not in page
    page = post(
        prescriber, address(held, "/stop"), "liver", **said, **{"liver-reason": "a new statin, stopped"}
    )
    assert "The decision is recorded" in page
    assert "Next session held" not in page
    (_, body), *_ = store.load(held.stream).said(StopReviewed)
    assert body.findings == ("ALT 5 times the upper limit",)


def test_what_came_up_while_the_page_was_open_is_looked_at_first(held: Story, sign_in: SignIn) -> None:
    client = sign_in("prescriber")
    said = {
        "of": "liver",
        "sources": sources(client, held),
        "liver-choice": "release",
        "liver-reason": "fine",
    }
    held.after(hours=1).say(ALT)
    held.tell()
    assert "did not show" in post(client, address(held, "/stop"), "liver", **said)


def test_a_nurse_holds_the_next_session_with_a_reason(clinic: object, sign_in: SignIn) -> None:
    story = lately().tell()
    fields = {"own-stop": "other", "own-reason": "very unlike himself"}
    assert "The next session is held" in post(sign_in("nurse"), address(story, "/stop"), "own", **fields)
    assert "very unlike himself" in html(sign_in("prescriber"), address(story))


@pytest.mark.hazard("H037")
def test_the_bladder_is_asked_about_on_one_page_and_stands_as_done(clinic: object, sign_in: SignIn) -> None:
    story, client = lately().tell(), sign_in("nurse")
    fields = {f"q_{name}": given for name, given in GOOD.items()}
    day = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    page = post(client, address(story, "/ask/bladder"), **fields, on=day, mode="interview")
    assert "recorded" in page
    (_, body) = store.load(story.stream).said(SafetyAsked)[-1]
    assert (body.answers, body.dated) == (GOOD, day)


def test_a_question_without_an_answer_is_pointed_out(clinic: object, sign_in: SignIn) -> None:
    story = lately().tell()
    page = post(sign_in("nurse"), address(story, "/ask/bladder"), q_pain="no", mode="interview", on="")
    assert "Choose one" in page


def test_an_answer_is_put_right_and_the_old_one_stays_readable(clinic: object, sign_in: SignIn) -> None:
    story, client = lately(), sign_in("nurse")
    first = asked(story.after(hours=2), pain="worse").drafts[-1]
    story.tell()
    where = f"{address(story, '/ask/bladder')}?corrects={first.id}"
    fields = {f"q_{name}": given for name, given in GOOD.items()}
    page = post(client, where, **fields, mode="interview", on=story.now.date().isoformat(), reason="misread")
    assert "Next session held" not in page
    assert len(store.load(story.stream).line(first.id)) == 2


def test_treatment_elsewhere_of_unknown_amount_is_told_as_not_known(clinic: object, sign_in: SignIn) -> None:
    story, client = lately().tell(), sign_in("nurse")
    fields = {"drug": "esketamine", "still": "not_known", "told_by": "patient", "sessions": "", "mg": ""}
    page = post(client, address(story, "/elsewhere"), **fields)
    assert "number of sessions not known, amount not known" in page
    assert "an amount not known" in page
    assert store.load(story.stream).last(TreatedElsewhere)


@pytest.mark.hazard("H035")
@pytest.mark.hazard("H049")
def test_an_observation_about_use_is_read_by_few(clinic: object, sign_in: SignIn) -> None:
    story, writer = lately().tell(), sign_in("nurse")
    said = {"signal": "early_request", "days_early": "3", "said_words": "a hard week at work"}
    assert "The observation is kept" in post(writer, address(story, "/observe"), **said)
    entry, _ = store.load(story.stream).said(UseSignal)[0]
    assert "nurse" not in entry.visible_to
    seen = {
        r: "a hard week" in html(sign_in(r), address(story)) for r in ("prescriber", "therapist", "nurse")
    }
    assert seen == {"prescriber": True, "therapist": True, "nurse": False}


def test_a_prescriber_puts_an_overdue_check_off_within_the_limit(clinic: object, sign_in: SignIn) -> None:
    story, client = lately(5).tell(), sign_in("prescriber")
    assert "Bladder symptoms" in html(client, address(story))
    where, today = address(story, "/put-off/bladder"), datetime.now(UTC).date()
    page = post(client, where, until=(today + timedelta(days=60)).isoformat(), reason="abroad")
    assert "Choose a day from today" in page
    page = post(client, where, until=(today + timedelta(days=5)).isoformat(), reason="abroad")
    assert "put off until" in page


def test_the_yearly_review_is_signed_as_it_was_read(held: Story, sign_in: SignIn) -> None:
    client, where = sign_in("prescriber"), f"/patients/{held.patient}/safety-review"
    page = client.get(where).content.decode()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    fields = {"conclusion": "go_on", "reason": "borne well", "printed_name": "Test Prescriber"}
    assert "moved on" in post(client, where, **fields, seen="another")
    assert "The safety review is signed" in post(client, where, **fields, seen=seen)
    entry, body = store.load(held.stream).said(SafetyReviewed)[0]
    assert (body.digest, entry.reason) == (seen, "borne well")
    assert "Signed: Test Prescriber" in html(client, where)
    held.after(hours=1).say(ALT)
    held.tell()
    assert "what it said has changed since" in html(client, where)


def test_the_yearly_review_says_what_blocks_what_was_answered_on_suicide_and_spans_without_a_dose(
    sign_in: SignIn, clinic: object
) -> None:
    story = treated(1)
    story.shifted(datetime.now(UTC) - timedelta(days=120) - story.now)
    form = story.after(days=20).answered(items_for(9, 1)).id
    said = RiskReviewed(answers=form, action="Called", closed=True, contact="spoke", because="safe")
    story.after(hours=1).say(said)
    story.after(days=30).answered(items_for(9, 2))
    story.tell()
    page = html(sign_in("prescriber"), f"/patients/{story.patient}/safety-review")
    assert "30 days nothing on record 0 0" in page
    assert "blocks the next session" in page
    assert "closed: safe for now, and a plan is agreed" in page
    assert re.search(r"item 9 answered “more than half the days”, [^:]*: open", page)
    assert "no stop and review in these days" in page


def test_the_yearly_review_prints(held: Story, sign_in: SignIn) -> None:
    answer = sign_in("prescriber").get(f"/patients/{held.patient}/safety-review.pdf")
    assert answer.content[:4] == b"%PDF"


def test_the_clinics_page_puts_whoever_is_held_first(held: Story, sign_in: SignIn) -> None:
    lately(3).tell()
    page = html(sign_in("medical_director"), "/long-term")
    assert page.index("Held") < page.index("Overdue")
    first, second = lines(datetime.now(UTC))
    assert (UUID(first.stream.partition(":")[2]), first.counts[30]) == (held.patient, 2)
    assert second.counts[30] == 3


def test_the_clinics_page_says_what_was_not_read_off(sign_in: SignIn, clinic: object) -> None:
    story = lately(0)
    story.ordered(1).started(1).tell()
    page = html(sign_in("medical_director"), "/long-term")
    assert "1 dose not read off" in page
    assert '<span class="quiet">none</span>' not in page


def test_the_clinics_page_counts_what_was_given_elsewhere(clinic: object) -> None:
    story = lately(2)
    story.say(TreatedElsewhere(drug="ketamine", told_by="clinic", sessions=14, last=story.now.date().isoformat(), still=Answer.NO))  # fmt: skip
    story.tell()
    (line,) = lines(datetime.now(UTC))
    assert line.counts[91] == 16
    assert line.over == ("16 in 91 days",)
