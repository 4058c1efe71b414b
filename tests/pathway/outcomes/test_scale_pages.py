"""Any scale at the desk, from paper, rated by somebody who is named, on the tablet; and the clinic's licensed words."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lowtide.data.instruments import instrument
from lowtide.pathway.course.models import DueRow
from lowtide.record import store
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.care import Answers
from tests.pathway.course.story import Story

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def story(clinic: object) -> Story:
    return Story(at=datetime.now(UTC) - timedelta(days=2)).took_history().decided().tell()


def page(story: Story, name: str = "") -> str:
    return f"/patients/{story.patient}/outcomes/scales{'/' + name if name else ''}"


def sent(items: Mapping[str, Any], form: UUID | None = None, **more: Any) -> dict[str, Any]:
    return {"form": str(form or uuid4()), **{f"item_{item}": v for item, v in items.items()}, **more}


def forms(story: Story) -> list[tuple[Entry, Answers]]:
    return store.load(story.stream).said(Answers)


def all_at(name: str, value: int) -> dict[str, int]:
    return dict.fromkeys(instrument(name).ids, value)


def me(client: Client) -> str:
    return client.get("/today").wsgi_request.person.by  # type: ignore[attr-defined,no-any-return]


def test_a_questionnaire_copied_from_paper_counts_from_the_day_on_it(sign_in: SignIn, story: Story) -> None:
    client = sign_in("nurse")
    day = (datetime.now(UTC) - timedelta(days=1)).replace(second=0, microsecond=0)
    data = sent(all_at("GAD7", 2), mode="paper", given_at=day.strftime("%Y-%m-%dT%H:%M"))
    told = client.post(page(story, "gad7"), data, follow=True).content.decode()
    assert "GAD-7 recorded: 14, moderate." in told
    assert "from paper, typed by Test Nurse" in told
    entry, body = forms(story)[0]
    assert (body.mode, body.complete, entry.source) == ("paper", True, Source.MANUAL)
    assert abs((entry.at - day).total_seconds()) <= 14 * 3600  # the clinic's own zone


def test_a_form_from_tomorrow_is_refused(sign_in: SignIn, story: Story) -> None:
    day = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    response = sign_in("nurse").post(page(story, "gad7"), sent(all_at("GAD7", 2), mode="paper", given_at=day))
    assert response.status_code == 422
    assert "lies in the future" in response.content.decode()
    assert forms(story) == []


def test_a_rating_names_its_rater(sign_in: SignIn, story: Story) -> None:
    client = sign_in("nurse")
    rater = me(sign_in("prescriber"))
    data = sent(all_at("MADRS", 3), mode="interview", rater=rater, window="24 h")
    told = client.post(page(story, "madrs"), data, follow=True).content.decode()
    assert "MADRS recorded: 30, moderate." in told or "Raised answer" in told
    ((entry, body),) = forms(story)
    assert (body.rater, body.window, body.mode) == (rater, "24 h", "interview")
    assert entry.by != rater
    assert "rated by Test Prescriber" in client.get(page(story)).content.decode()


@pytest.mark.parametrize("rater", ["staff:nobody", ""])
def test_a_rating_by_nobody_is_refused_and_keeps_what_was_typed(
    sign_in: SignIn, story: Story, rater: str
) -> None:
    response = sign_in("nurse").post(
        page(story, "ymrs"), sent(all_at("YMRS", 1), mode="interview", rater=rater)
    )
    assert response.status_code == 422
    assert forms(story) == []
    assert 'name="item_1" value="1" checked' in response.content.decode()


def test_who_rated_may_be_put_right_after_the_last_answer_was_kept(sign_in: SignIn, story: Story) -> None:
    client, form = sign_in("nurse"), uuid4()
    items, other = all_at("CADSS6", 1), me(sign_in("therapist"))
    client.post(page(story, "cadss6"), sent(items, form, part="1", mode="interview", rater=me(client)))
    client.post(page(story, "cadss6"), sent(items, form, mode="interview", rater=other))
    ((_, body),) = forms(story)
    assert (body.rater, body.complete) == (other, True)


@pytest.mark.hazard("H026")
def test_a_raised_answer_of_any_scale_opens_the_task_while_the_form_is_open(
    sign_in: SignIn, story: Story
) -> None:
    client = sign_in("nurse")
    answer = client.post(page(story, "cssrs"), sent({"1": 1}, part="1", mode="interview")).json()
    assert answer == {"saved": 1, "raised": True}
    assert DueRow.objects.filter(stream=story.stream, task="risk").count() == 1


@pytest.mark.hazard("H027")
def test_the_screener_is_whole_without_what_it_does_not_ask(sign_in: SignIn, story: Story) -> None:
    client = sign_in("nurse")
    data = sent({"1": 0, "2": 0, "6": 0}, mode="interview", rater=me(client), window="past month")
    client.post(page(story, "cssrs"), data)
    assert [b.complete for _, b in forms(story)] == [True]
    data = sent({"1": 0, "2": 1, "6": 0}, mode="interview", rater=me(client), window="past month")
    response = client.post(page(story, "cssrs"), data)
    assert response.status_code == 422
    assert response.content.decode().count('class="missing"') == 3


def test_work_that_does_not_apply_is_an_answer(sign_in: SignIn, story: Story) -> None:
    client = sign_in("nurse")
    told = client.post(page(story, "wsas"), sent({**all_at("WSAS", 2), "1": "na"}, mode="paper"), follow=True)
    ((_, body),) = forms(story)
    assert (body.complete, body.not_applicable, "1" in body.items) == (True, ("1",), False)
    assert "does not apply" in told.content.decode()


@pytest.mark.hazard("H041")
def test_words_that_may_not_be_shipped_are_not_on_the_page(sign_in: SignIn, story: Story) -> None:
    told = sign_in("nurse").get(page(story, "madrs")).content.decode()
    assert "Read it from your licensed copy" in told
    assert told.count('type="radio" name="item_') == 70


def wording(**more: Any) -> dict[str, Any]:
    lines = "\n".join(f"Wording of item {n}" for n in range(1, 11))
    return {"entry_id": str(uuid4()), "licence": "Letter of 3 Mar 2026", "items": lines, **more}


@pytest.mark.hazard("H041")
def test_the_clinics_own_licensed_copy_is_shown_with_its_licence(sign_in: SignIn, story: Story) -> None:
    director = sign_in("medical_director")
    data = wording()
    director.post("/clinic/instruments/madrs", data)
    director.post("/clinic/instruments/madrs", data)
    told = sign_in("nurse").get(page(story, "madrs")).content.decode()
    assert "Wording of item 7" in told
    assert "Shown under: Letter of 3 Mar 2026" in told
    assert "Letter of 3 Mar 2026" in director.get("/clinic/instruments").content.decode()
    director.post("/clinic/instruments/madrs", {"entry_id": str(uuid4()), "take_away": "1"})
    assert "Wording of item 7" not in sign_in("nurse").get(page(story, "madrs")).content.decode()


@pytest.mark.hazard("H041")
def test_a_licence_that_ended_shows_nothing(sign_in: SignIn, story: Story) -> None:
    director = sign_in("medical_director")
    director.post("/clinic/instruments/madrs", wording(until="2020"))
    assert "Wording of item 7" not in sign_in("nurse").get(page(story, "madrs")).content.decode()
    assert "Ended" in director.get("/clinic/instruments").content.decode()


def test_the_wording_may_come_as_a_file(sign_in: SignIn, story: Story) -> None:
    text = "\n".join(f"Line {n} of the file" for n in range(1, 11)).encode()
    data = wording(items="", file=SimpleUploadedFile("madrs.txt", text))
    assert sign_in("medical_director").post("/clinic/instruments/madrs", data).status_code == 302
    assert "Line 7 of the file" in sign_in("nurse").get(page(story, "madrs")).content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"items": "only one line"}, "1 lines for 10 items"),
        ({"licence": ""}, "required"),
        ({"options": "one\ntwo"}, "2 words for the answers 0 to 6"),
        ({"file": SimpleUploadedFile("x.txt", b"\xff\xfe\x00")}, "not plain text"),
    ],
)
def test_wording_that_does_not_fit_is_refused_with_the_reason(
    sign_in: SignIn, change: dict[str, Any], said: str, clinic: object
) -> None:
    response = sign_in("medical_director").post("/clinic/instruments/madrs", wording(**change))
    assert response.status_code == 422
    assert said in response.content.decode()


@pytest.mark.parametrize("name", ["phq9", "nothing", "kset"])
def test_no_wording_is_asked_where_it_is_here_or_has_no_items(
    sign_in: SignIn, name: str, clinic: object
) -> None:
    assert sign_in("medical_director").get(f"/clinic/instruments/{name}").status_code == 404


def test_the_tablet_asks_what_is_due_and_then_says_thank_you(sign_in: SignIn, clinic: object) -> None:
    at = datetime.now(UTC) - timedelta(days=2)
    story = Story(at=at).took_history().decided().tell()
    body = store.load(story.stream)
    assert body.entries
    client = sign_in("nurse")
    done = client.get(page(story, "tablet"), follow=True).content.decode()
    assert "Thank you" in done  # depression asks the patient nothing beside the PHQ-9 before the first dose
    path = page(story, "gad7") + "/tablet"
    asked = client.get(path).content.decode()
    assert "Testperson" not in asked
    assert "Feeling nervous" in asked
    client.post(path, sent(all_at("GAD7", 1)))
    entry, said = forms(story)[0]
    assert (said.mode, entry.source, said.rater) == ("tablet", Source.PATIENT, "")


@pytest.mark.parametrize("name", ["madrs", "cadss", "nothing"])
def test_what_staff_rate_is_not_handed_over(sign_in: SignIn, story: Story, name: str) -> None:
    assert sign_in("nurse").get(f"{page(story, name)}/tablet").status_code == 404


@pytest.mark.hazard("H041")
def test_numbers_without_their_words_are_not_put_into_a_patients_hands(sign_in: SignIn, story: Story) -> None:
    client = sign_in("nurse")
    assert "Hand over the tablet" not in client.get(page(story, "isi")).content.decode()
    told = client.get(page(story, "isi") + "/tablet", follow=True).content.decode()
    assert "cannot be handed over" in told


def test_a_scale_is_corrected_like_any_other_form(sign_in: SignIn, story: Story) -> None:
    client = sign_in("nurse")
    client.post(page(story, "gad7"), sent(all_at("GAD7", 3), mode="paper"))
    first = forms(story)[0][0]
    path = f"/patients/{story.patient}/outcomes/{first.id}/correct"
    assert "Feeling nervous" in client.get(path).content.decode()
    data = {**sent(all_at("GAD7", 1)), "reason": "misread", "entry_id": str(uuid4())}
    assert client.post(path, data)["Location"] == page(story)
    assert sum(forms(story)[0][1].items.values()) == 7


def test_the_page_of_scales_says_what_is_asked_and_how_each_stands(sign_in: SignIn, story: Story) -> None:
    client = sign_in("nurse")
    assert "No scale was answered yet" in client.get(page(story)).content.decode()
    client.post(page(story, "auditc"), sent({"1": 2, "2": 1, "3": 0}, mode="paper"))
    told = client.get(page(story)).content.decode()
    assert "positive" in told  # the cut for women, which the chart says she is
    assert "Rate it" in told  # a rating before the first dose
    assert client.get(page(story, "kset")).status_code == 404
