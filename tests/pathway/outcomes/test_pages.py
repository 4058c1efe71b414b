"""Scoring at the desk and on the tablet, correcting, and acting on a raised answer, as each role."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.pathway.course.models import DueRow
from lowtide.record import store
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.care import Answers, RiskReviewed
from tests.pathway.course.story import Story, items_for

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def story(clinic: object) -> Story:
    return Story(at=datetime.now(UTC) - timedelta(days=2)).took_history().decided().tell()


def sent(items: Mapping[str, int], form: UUID | None = None, **more: Any) -> dict[str, Any]:
    return {"form": str(form or uuid4()), **{f"item_{item}": v for item, v in items.items()}, **more}


def forms(story: Story) -> list[tuple[Entry, Answers]]:
    return store.load(story.stream).said(Answers)


def phq9(story: Story) -> str:
    return f"/patients/{story.patient}/outcomes/phq9"


def test_nine_answers_make_a_total_that_the_server_worked_out(sign_in: SignIn, story: Story) -> None:
    response = sign_in("nurse").post(phq9(story), sent(items_for(13), mode="interview"), follow=True)
    page = response.content.decode()
    assert "PHQ-9 13, moderate." in page
    entry, body = forms(story)[0]
    assert (body.mode, body.complete, entry.source) == ("interview", True, Source.MANUAL)


@pytest.mark.hazard("H039")
def test_a_tampered_total_is_not_even_read(sign_in: SignIn, story: Story) -> None:
    client = sign_in("nurse")
    client.post(phq9(story), sent(items_for(21), total="3", score="3", band="minimal"))
    page = client.get(f"/patients/{story.patient}/outcomes").content.decode()
    assert "<b>21</b>" in page
    assert "severe" in page


@pytest.mark.hazard("H039")
def test_a_form_with_a_gap_is_kept_shown_again_and_has_no_total(sign_in: SignIn, story: Story) -> None:
    client, form = sign_in("nurse"), uuid4()
    seven = {str(n): 1 for n in range(1, 8)}
    response = client.post(phq9(story), sent(seven, form))
    assert response.status_code == 422
    assert response.content.decode().count("not answered") == 2
    assert [b.complete for _, b in forms(story)] == [False]
    client.post(phq9(story), sent({**seven, "8": 0, "9": 0}, form))
    assert [(b.complete, len(b.items)) for _, b in forms(story)] == [(True, 9)]


def test_a_form_may_be_left_unfinished_and_is_gone_on_with(sign_in: SignIn, story: Story) -> None:
    client, form = sign_in("nurse"), uuid4()
    left = client.post(phq9(story), sent({"1": 2}, form, leave="1"), follow=True)
    assert "1 of 9 answers kept" in left.content.decode()
    again = client.get(phq9(story)).content.decode()
    assert str(form) in again
    assert 'name="item_1" value="2" checked' in again
    assert f'value="{form}"' not in client.get(phq9(story) + "?new=1").content.decode()


@pytest.mark.parametrize("value", ["4", "-1", "x", "1.5"])
def test_an_answer_that_the_item_does_not_take_is_refused_with_the_choices(
    sign_in: SignIn, story: Story, value: str
) -> None:
    response = sign_in("nurse").post(phq9(story), sent({**items_for(9), "2": value}))  # type: ignore[dict-item]
    assert response.status_code == 422
    assert "It takes 0 to 3" in response.content.decode()
    assert forms(story) == []


@pytest.mark.parametrize("form", ["", "not-an-id"])
def test_a_form_without_its_id_is_refused(sign_in: SignIn, story: Story, form: str) -> None:
    data = {**sent(items_for(9)), "form": form}
    assert sign_in("nurse").post(phq9(story), data).status_code == 422
    assert forms(story) == []


def test_pressing_twice_records_once(sign_in: SignIn, story: Story) -> None:
    client, data = sign_in("nurse"), sent(items_for(13))
    client.post(phq9(story), data)
    client.post(phq9(story), data)
    assert len(forms(story)) == 1
    assert len(store.load(story.stream).line(forms(story)[0][0].id)) == 1


def test_another_answer_to_a_finished_form_is_refused_not_swallowed(sign_in: SignIn, story: Story) -> None:
    client, form = sign_in("nurse"), uuid4()
    client.post(phq9(story), sent(items_for(13), form))
    response = client.post(phq9(story), sent(items_for(12), form))
    assert response.status_code == 422
    assert "this form is finished" in response.content.decode().lower()


@pytest.mark.hazard("H026")
def test_each_answer_is_kept_as_it_is_given_and_the_last_one_surfaces_at_once(
    sign_in: SignIn, story: Story
) -> None:
    client, form, given = sign_in("nurse"), uuid4(), {}
    for item in ("1", "2", "9"):
        given[item] = 1
        answer = client.post(phq9(story), sent(given, form, part="1")).json()
        assert answer == {"saved": len(given), "raised": item == "9"}
    assert DueRow.objects.filter(stream=story.stream, task="risk").count() == 1
    assert "Act now" in client.get(f"/patients/{story.patient}/").content.decode()
    assert "Call Ada Testperson" in sign_in("prescriber").get("/today").content.decode()


def test_parts_that_overtake_each_other_are_merged(sign_in: SignIn, story: Story) -> None:
    client, form = sign_in("nurse"), uuid4()
    client.post(phq9(story), sent({"1": 1, "2": 1}, form, part="1"))
    client.post(phq9(story), sent({"1": 1}, form, part="1"))
    client.post(phq9(story), sent({"3": 2}, form, part="1"))
    assert [b.items for _, b in forms(story)] == [{"1": 1, "2": 1, "3": 2}]


def test_a_part_that_cannot_be_read_is_answered_with_the_reason(sign_in: SignIn, story: Story) -> None:
    response = sign_in("nurse").post(phq9(story), sent({"1": 9}, part="1"))
    assert response.status_code == 422
    assert "It takes 0 to 3" in response.json()["problem"]


def test_a_raised_answer_leads_straight_to_the_task(sign_in: SignIn, story: Story) -> None:
    response = sign_in("nurse").post(phq9(story), sent(items_for(13, 2)))
    form = forms(story)[0][0].id
    assert response["Location"] == f"/patients/{story.patient}/outcomes/{form}/risk"


@pytest.mark.hazard("H026")
def test_on_the_tablet_the_patient_sees_help_and_that_nobody_watches_live(
    sign_in: SignIn, story: Story
) -> None:
    client = sign_in("nurse")
    path = f"/patients/{story.patient}/outcomes/tablet"
    asked = client.get(path).content.decode()
    assert "Testperson" not in asked
    assert "555 0100" in asked
    done = client.post(path, sent(items_for(13, 1))).content.decode()
    assert "You are not alone with this" in done
    assert "Nobody watches these answers live" in done
    assert "Testperson" not in done
    entry, body = forms(story)[0]
    assert (body.mode, entry.source, entry.by.partition(":")[0]) == ("tablet", Source.PATIENT, "staff")


def test_every_answer_is_a_labelled_radio_and_nothing_is_chosen(sign_in: SignIn, story: Story) -> None:
    page = sign_in("nurse").get(phq9(story)).content.decode()
    assert page.count('type="radio" name="item_') == 36
    assert page.count('role="radiogroup"') == 9
    assert not re.search(r'name="item_\d"[^>]*checked', page)


def test_a_mistyped_answer_is_corrected_and_keeps_its_time(sign_in: SignIn, story: Story) -> None:
    client = sign_in("nurse")
    client.post(phq9(story), sent(items_for(20)))
    first = forms(story)[0][0]
    path = f"/patients/{story.patient}/outcomes/{first.id}/correct"
    assert client.get(path).status_code == 200
    data = {**sent(items_for(8)), "reason": "misread the paper", "entry_id": str(uuid4())}
    client.post(path, data)
    ((entry, body),) = forms(story)
    assert (entry.corrects, entry.at, entry.reason) == (first.id, first.at, "misread the paper")
    assert sum(body.items.values()) == 8
    page = client.get(f"/patients/{story.patient}/outcomes").content.decode()
    assert "<b>8</b>" in page
    assert ">corrected<" in page


@pytest.mark.parametrize("change", [{"reason": ""}, {"item_4": ""}])
def test_a_correction_needs_its_reason_and_every_answer(
    sign_in: SignIn, story: Story, change: dict[str, str]
) -> None:
    client = sign_in("nurse")
    client.post(phq9(story), sent(items_for(20)))
    first = forms(story)[0][0]
    data = {**sent(items_for(8)), "reason": "misread", "entry_id": str(uuid4()), **change}
    response = client.post(f"/patients/{story.patient}/outcomes/{first.id}/correct", data)
    assert response.status_code == 422
    assert forms(story)[0][0].id == first.id


def raised(story: Story, client: Client, value: int = 2) -> UUID:
    client.post(phq9(story), sent(items_for(13, value)))
    return forms(story)[-1][0].id


def review(**more: str) -> dict[str, str]:
    return {
        "entry_id": str(uuid4()),
        "done": "spoke",
        "detail": "No plan",
        "closes": "yes",
        "because": "safe",
        **more,
    }


@pytest.mark.hazard("H026")
def test_a_risk_is_closed_by_a_person_who_says_what_was_done(sign_in: SignIn, story: Story) -> None:
    client = sign_in("nurse")
    form = raised(story, client)
    path = f"/patients/{story.patient}/outcomes/{form}/risk"
    page = client.get(path).content.decode()
    assert "Call before" in page
    assert "555 0100" in page
    data = review()
    client.post(path, data)
    client.post(path, data)
    said = store.load(story.stream).said(RiskReviewed)
    assert [b.action for _, b in said] == ["Spoke with the patient: No plan"]
    assert "Act now" not in client.get(f"/patients/{story.patient}/").content.decode()
    assert "Closed" in client.get(f"/patients/{story.patient}/outcomes").content.decode()


def test_a_step_without_an_end_leaves_it_open_and_may_hand_it_over(sign_in: SignIn, story: Story) -> None:
    client = sign_in("nurse")
    prescriber = sign_in("prescriber").get("/today").wsgi_request.person  # type: ignore[attr-defined]
    form = raised(story, client)
    path = f"/patients/{story.patient}/outcomes/{form}/risk"
    client.post(path, review(closes="no", because="", owner=prescriber.by))
    row = DueRow.objects.get(stream=story.stream, task="risk")
    assert row.taken == prescriber.by
    assert "Owner: Test Prescriber" in client.get(path).content.decode()


@pytest.mark.parametrize("change", [{"done": "", "detail": " "}, {"closes": ""}, {"owner": "staff:nobody"}])
def test_a_step_says_what_was_done_and_whether_it_ends_it(
    sign_in: SignIn, story: Story, change: dict[str, str]
) -> None:
    client = sign_in("nurse")
    form = raised(story, client)
    path = f"/patients/{story.patient}/outcomes/{form}/risk"
    assert client.post(path, review(**change)).status_code == 422
    assert store.load(story.stream).said(RiskReviewed) == []


def test_the_page_says_whether_it_helped_and_from_what_baseline(sign_in: SignIn, clinic: object) -> None:
    at = datetime.now(UTC) - timedelta(days=40)
    story = Story(at=at).took_history().decided().planned().induced((20, 15, 13, 10, 9, 8, 7)).tell()
    page = sign_in("therapist").get(f"/patients/{story.patient}/outcomes").content.decode()
    assert "<h2>Response</h2>" in page
    assert "PHQ-9 20 before the first dose, 7 now, 65 % lower." in page
    assert "the last whole score before the first dose of the course" in page
    assert "<svg" in page
    assert "<details" in page


@pytest.mark.parametrize(
    ("role", "page", "status"),
    [
        ("therapist", "outcomes", 200),
        ("therapist", "outcomes/phq9", 200),
        ("front_desk", "outcomes", 403),
        ("front_desk", "outcomes/phq9", 403),
        ("researcher", "outcomes", 403),
        ("administrator", "outcomes/tablet", 403),
        ("patient", "outcomes", 403),
    ],
)
def test_pages_are_for_those_who_treat(
    sign_in: SignIn, story: Story, role: str, page: str, status: int
) -> None:
    assert sign_in(role).get(f"/patients/{story.patient}/{page}").status_code == status


def test_a_form_of_another_chart_is_not_found(sign_in: SignIn, story: Story) -> None:
    client = sign_in("nurse")
    form = raised(story, client)
    other = Story().tell()
    for page in ("risk", "correct"):
        assert client.get(f"/patients/{other.patient}/outcomes/{form}/{page}").status_code == 404
