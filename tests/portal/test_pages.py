"""The patient's own place: only one's own chart, help always in reach, answers that reach the clinic."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from lowtide.pathway.course.models import DueRow
from lowtide.record import store
from lowtide.record.entries.base import Source
from lowtide.record.entries.care import Answers, RiskReviewed
from lowtide.record.entries.chair import SessionScheduled
from tests.pathway.course.story import Story, items_for

SignIn = Callable[..., Client]
PAGES = ("/my/", "/my/questions", "/my/course", "/my/help", "/my/questions/done")
pytestmark = pytest.mark.django_db


def treated(days: float = 20, totals: tuple[int, ...] = (20, 16, 13, 12, 10, 9, 8)) -> Story:
    at = datetime.now(UTC) - timedelta(days=days)
    return Story(at=at).took_history().decided().planned().induced(totals).tell()


def own(sign_in: SignIn, story: Story) -> Client:
    return sign_in("patient", patient=story.patient)


def html(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def answers(**items: int) -> dict[str, object]:
    return {"form": str(uuid4()), **{f"item_{n.removeprefix('i')}": v for n, v in items.items()}}


def whole(total: int, item_nine: int = 0) -> dict[str, object]:
    return {"form": str(uuid4()), **{f"item_{n}": v for n, v in items_for(total, item_nine).items()}}


@pytest.mark.either
@pytest.mark.parametrize("path", PAGES)
def test_help_and_the_crisis_line_are_one_step_away_on_every_page(sign_in: SignIn, path: str) -> None:
    patient = own(sign_in, treated())
    page = patient.get(path, follow=True).content.decode()
    assert 'href="/my/help"' in page
    assert "555 0100" in html(patient, "/my/help")


@pytest.mark.either
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", ["prescriber", "nurse", "front_desk", "administrator"])
def test_staff_have_no_place_of_their_own_here(sign_in: SignIn, path: str, role: str) -> None:
    assert sign_in(role).get(path).status_code == 403


def test_a_patient_sees_nothing_of_the_clinic(sign_in: SignIn) -> None:
    story = treated()
    client = own(sign_in, story)
    for path in ("", "outcomes", "maintenance", "record", "plan", "sessions"):
        assert client.get(f"/patients/{story.patient}/{path}").status_code == 403
    assert client.get("/today").status_code == 403


def test_a_patient_sees_their_own_scores_and_no_others(sign_in: SignIn) -> None:
    mine, other = treated(), treated(totals=(24, 24, 24, 24, 24, 24, 23))
    assert "Your mood score is 8. It was 20" in html(own(sign_in, mine), "/my/course")
    assert "Your mood score is 23. It was 24" in html(own(sign_in, other), "/my/course")


def test_a_sign_in_without_a_chart_finds_nothing(sign_in: SignIn) -> None:
    assert sign_in("patient", patient=uuid4()).get("/my/").status_code == 404


def with_visit(story: Story, **more: object) -> datetime:
    at = (datetime.now(UTC) + timedelta(days=2)).replace(hour=9, minute=0, second=0, microsecond=0)
    story.planned((0,), protocol="P26", phase="maintenance")
    body = SessionScheduled(course=story.course, number=7, planned_at=at, chair="Chair 2", **more)  # type: ignore[arg-type]
    story.say(body, session=story.sessions[0])
    story.tell()
    return at


def test_the_next_visit_says_when_to_come_and_how_to_prepare_by_the_clock(sign_in: SignIn) -> None:
    story = treated()
    at = with_visit(story, escort="Mia")
    page = html(own(sign_in, story), "/my/")
    local = at.astimezone(ZoneInfo("Europe/Berlin"))
    for minutes, words in ((-120, "Last food"), (-30, "Last drink"), (-30, "Come to the clinic")):
        assert f"<time>{local + timedelta(minutes=minutes):%H:%M}</time>" in page
        assert words in page
    assert "You named Mia." in page
    assert "Drive again, after a night’s sleep" in page
    assert "nose spray" not in page


def test_a_visit_that_is_not_booked_yet_is_not_promised(sign_in: SignIn) -> None:
    story = treated().planned((4,), protocol="P26", phase="maintenance").tell()
    page = html(own(sign_in, story), "/my/")
    assert "The clinic will confirm the time." in page
    assert "Last food" not in page


def test_without_a_visit_the_page_says_so(sign_in: SignIn) -> None:
    assert "No visit is planned" in html(own(sign_in, treated()), "/my/")


def test_the_questions_are_printed_in_full_with_their_answers(sign_in: SignIn) -> None:
    page = html(own(sign_in, treated()), "/my/questions?anyway=1")
    assert "Thoughts that you would be better off dead, or of hurting yourself in some way" in page
    assert "Over the last 2 weeks, how often have you been bothered" in page
    assert (
        page.count("Nearly every day") == 9 + 1
    )  # the form whole for script, and its first question without


def test_answers_are_the_patients_own(sign_in: SignIn) -> None:
    story = treated()
    response = own(sign_in, story).post("/my/questions", whole(11))
    assert response["Location"] == "/my/scales"  # on to what else is due
    entry, body = store.load(story.stream).said(Answers)[-1]
    assert (entry.by, entry.source, body.mode) == (f"patient:{story.patient}", Source.PATIENT, "phone")


@pytest.mark.hazard("H026")
def test_a_risk_answer_of_an_unfinished_form_reaches_the_worklist_before_it_is_finished(
    sign_in: SignIn,
) -> None:
    story = treated()
    client = own(sign_in, story)
    answer = client.post("/my/questions", answers(i1=1, i9=3) | {"part": "1"}).json()
    assert answer["raised"] is True
    assert "Call Ada Testperson before" in html(sign_in("nurse"), "/today")
    assert DueRow.objects.get(stream=story.stream, task="risk").word == "Urgent"


@pytest.mark.hazard("H026")
def test_whoever_takes_an_answer_back_sees_help_until_the_end_of_the_form(sign_in: SignIn) -> None:
    story = treated()
    client = own(sign_in, story)
    given = answers(i1=1, i9=2)
    client.post("/my/questions", given | {"step": "9"})
    back = {"form": given["form"], "item_9": "0"}
    assert client.post("/my/questions", back | {"part": "1"}).json()["raised"] is True
    after = client.post("/my/questions", back | {"step": "9"}, follow=True).content.decode()
    help_box = after[after.index('<div id="help"') :].partition(">")[0]
    assert "hidden" not in help_box


def test_a_patient_is_told_the_day_of_the_next_questions_and_no_minute(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lowtide.portal.asked_views._following", lambda chart: ())
    story = treated(days=18.2)
    client = own(sign_in, story)
    client.post("/my/questions", whole(6))
    page = html(client, "/my/questions")
    assert "The next ones come:" in page
    assert not re.search(r"The next ones come: [^<]*[0-9]{1,2}:[0-9]{2}", page)


@pytest.mark.hazard("H026")
def test_a_question_on_suicide_that_was_left_open_is_on_the_worklist_and_the_chart_and_help_is_shown(
    sign_in: SignIn,
) -> None:
    story = treated()
    client = own(sign_in, story)
    eight = {f"i{n}": 2 for n in range(1, 9)}
    assert client.post("/my/questions", answers(**eight) | {"leave": "1"}).status_code == 302
    assert "You are not alone with this" in html(client, "/my/questions/done")
    row = DueRow.objects.get(stream=story.stream, task="risk_asked")
    assert (row.word, row.label) == ("Ask", "PHQ-9: item 9 on suicide was not answered")
    nurse = sign_in("nurse")
    assert "item 9 on suicide was not answered" in html(nurse, "/today")
    assert "item 9 on suicide was not answered" in html(nurse, f"/patients/{story.patient}/record")
    form = store.load(story.stream).said(Answers)[-1][0].id
    page = html(nurse, f"/patients/{story.patient}/outcomes/{form}/risk")
    assert "Ask today" in page
    assert "Why it is closed" in page


@pytest.mark.hazard("H026")
def test_whoever_answers_above_zero_sees_help_at_once_until_somebody_has_spoken_with_them(
    sign_in: SignIn,
) -> None:
    story = treated()
    client = own(sign_in, story)
    client.post("/my/questions", whole(11, 2))
    done = html(client, "/my/questions/done")
    assert "You are not alone with this" in done
    assert 'href="tel:5550100"' in done
    assert "Nobody watches these answers live" in done
    form = store.load(story.stream).said(Answers)[-1][0].id
    story.now = datetime.now(UTC) + timedelta(seconds=1)
    story.say(RiskReviewed(answers=form, action="Called", closed=True))
    story.tell()
    assert "You are not alone with this" not in html(client, "/my/questions/done")


def test_a_form_with_gaps_is_shown_again_with_its_answers(sign_in: SignIn) -> None:
    story = treated()
    response = own(sign_in, story).post("/my/questions", answers(i1=2))
    page = response.content.decode()
    assert response.status_code == 422
    assert 'name="item_1" value="2" checked' in page
    assert "Leave the rest open" in page
    assert 'href="#q2"' in page


@pytest.mark.either
@pytest.mark.parametrize(
    ("totals", "sentence"),
    [
        ((20, 16, 13, 12, 10, 9, 8), "More than half has gone."),
        ((20, 16, 13, 12, 10, 10, 10), "Half has gone."),
        ((20, 16, 13, 12, 12, 12, 12), "Less than half has gone."),
        ((20, 20, 20, 20, 20, 20, 20), "It is the same as then."),
        ((12, 14, 14, 14, 14, 14, 14), "It is higher than then"),
    ],
)
def test_the_trajectory_is_one_plain_sentence(
    sign_in: SignIn, totals: tuple[int, ...], sentence: str
) -> None:
    page = html(own(sign_in, treated(totals=totals)), "/my/course")
    assert sentence in page
    assert "You had <b>6 treatments</b>" in page
    for word in ("remission", "relapse", "baseline", "moderately"):
        assert word not in page


def test_before_the_first_answers_the_page_says_what_will_be_there(sign_in: SignIn) -> None:
    page = html(own(sign_in, Story(at=datetime.now(UTC)).tell()), "/my/course")
    assert "Your course begins here" in page
    assert "<svg" not in page.split("<main")[1]


def test_the_first_page_is_small_enough_for_a_slow_network(sign_in: SignIn) -> None:
    story = treated()
    with_visit(story)
    assert len(own(sign_in, story).get("/my/").content) < 12_000
