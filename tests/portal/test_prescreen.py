"""“Is this for me?”: no verdict and no dose, nothing kept without a yes, help at once, and a referral that is read."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data import intake
from lowtide.data.prescreen import prescreen, questions
from lowtide.data.rules import rules
from lowtide.pathway.course.referrals import referrals
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.people.clinic import INBOX, zone
from lowtide.people.models import PatientIndex
from lowtide.portal.prescreen import result
from lowtide.record import access_log, store
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.clinic import Filed
from lowtide.record.entries.history import HistoryItem
from lowtide.record.entries.referral import Referral

PAGE, SEND = "/is-this-for-me", "/is-this-for-me/contact"
CALM = {q.id: next(k for k in q.options if k not in q.matters) for q in questions().values()}
VERDICT = re.compile(r"\b(eligible|you qualify|candidate|suitable|\d+(\.\d+)? ?mg)\b", re.I)


@pytest.fixture(autouse=True)
def _no_requests_counted() -> None:
    cache.clear()


def contact(**changes: Any) -> dict[str, Any]:
    who = {"given": "Ada", "family": "Newcomer", "birth_date": "5 Jan 1990", "phone": "555 0100"}
    return {"entry_id": str(uuid4()), **CALM, **who, "preferred": "telephone", "agrees": "on", **changes}


def waiting() -> list[Any]:
    return referrals(store.load(INBOX))


def text(answer: Any) -> str:
    return re.sub(r"<[^>]+>", " ", answer.content.decode())


# -- the questions --------------------------------------------------------------------------------------------------


def test_each_question_points_to_items_of_the_intake_and_so_to_rules() -> None:
    for q in questions().values():
        assert q.items
        assert set(q.items) <= set(intake.items())
        assert set(q.rules) <= set(rules())
        assert q.step in prescreen().steps
        assert not q.records or intake.items()[q.records].kind == "yes_no"


def test_the_questions_are_short() -> None:
    assert all(len(q.text.split()) <= 22 for q in questions().values())


@given(
    st.fixed_dictionaries({}, optional={k: st.sampled_from(list(q.options)) for k, q in questions().items()})
)
def test_every_answer_that_matters_and_every_missing_one_is_talked_about(answers: dict[str, str]) -> None:
    told = [p.asked for points in result.topics(answers).values() for p in points]
    calm = [q.text for k, q in questions().items() if k in answers and answers[k] not in q.matters]
    assert sorted([*told, *result.left_open(answers), *calm]) == sorted(q.text for q in questions().values())


@pytest.mark.django_db
@pytest.mark.parametrize("condition", result.conditions())
def test_the_end_page_gives_no_verdict_and_no_dose(condition: str, clinic: Entry) -> None:
    shown = text(Client().post(PAGE, CALM | {"condition": condition}))
    assert not VERDICT.search(shown)
    assert "no yes and no no" in shown
    assert "off-label" in shown


# -- help -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.hazard("H026")
@pytest.mark.parametrize("said", ["yes", "unsure"])
@pytest.mark.parametrize("question", ["hurt", "tried_to_die"])
def test_help_stands_above_everything_on_every_page_that_follows(
    question: str, said: str, clinic: Entry
) -> None:
    for page, fields in ((PAGE, CALM), (SEND, contact())):
        shown = Client().post(page, fields | {question: said}).content.decode()
        main = shown[shown.index("<main") :]
        assert main.index("Please talk to somebody now") < main.index("<h1>")
        assert "crisis--waits" not in main


@pytest.mark.django_db
def test_the_page_holds_help_before_anything_is_sent_and_needs_no_script(clinic: Entry) -> None:
    shown = Client().get(PAGE).content.decode()
    assert shown.index("crisis--waits") < shown.index('name="condition"')
    assert shown.count("data-crisis") == 4


@pytest.mark.django_db
def test_without_a_crisis_line_the_emergency_number_is_named() -> None:
    assert "Call your local emergency number" in text(Client().post(PAGE, CALM | {"hurt": "yes"}))


# -- nothing is kept --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.hazard("H049")
def test_answers_leave_no_trace(clinic: Entry, caplog: pytest.LogCaptureFixture) -> None:
    client, before = Client(enforce_csrf_checks=True), store.load(INBOX)
    asked = client.get(PAGE)
    answer = client.post(PAGE, CALM | {"hurt": "yes"})
    assert answer.status_code == 200
    assert not client.cookies
    assert "no-store" in answer["Cache-Control"]
    assert "no-store" not in asked.get("Cache-Control", "")
    assert store.load(INBOX) == before
    assert not caplog.records


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes", [{"agrees": ""}, {"given": ""}, {"phone": ""}, {"birth_date": "soon"}, {"family": "x" * 200}]
)
def test_without_a_yes_a_name_and_a_way_to_reach_nothing_is_stored(
    changes: dict[str, str], clinic: Entry
) -> None:
    answer = Client().post(SEND, {k: v for k, v in contact(**changes).items() if v})
    assert answer.status_code == 422
    assert "Nothing was sent yet" in text(answer)
    assert not waiting()


@pytest.mark.django_db
def test_a_program_that_fills_in_everything_is_thanked_and_forgotten(clinic: Entry) -> None:
    assert "Thank you" in text(Client().post(SEND, contact(website="http://spam")))
    assert not waiting()


@pytest.mark.django_db
def test_a_flood_is_held_back_and_says_so(clinic: Entry) -> None:
    answers = [
        Client().post(SEND, contact()).status_code for _ in range(prescreen().limits.from_one_address + 1)
    ]
    assert answers[-1] == 429
    assert len(waiting()) == prescreen().limits.from_one_address


# -- the referral -----------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(clinic: Entry) -> Callable[..., UUID]:
    def make(**changes: Any) -> UUID:
        form = contact(**changes)
        assert Client().post(SEND, form).status_code == 200
        return UUID(form["entry_id"])

    return make


def test_a_referral_keeps_the_words_and_the_yes(sent: Callable[..., UUID]) -> None:
    sent()
    body: Referral = waiting()[0].body
    assert body.consent == prescreen().consent.text
    assert [a.asked for a in body.answers] == [q.text for q in questions().values()]
    assert waiting()[0].entry.source is Source.PATIENT


def test_pressing_send_twice_is_one_referral(clinic: Entry) -> None:
    form = contact()
    for _ in range(2):
        assert Client().post(SEND, form).status_code == 200
    assert len(waiting()) == 1


@pytest.mark.hazard("H026")
def test_an_urgent_referral_is_on_top_today_until_a_named_reader_has_it(
    sent: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    sent(family="Calm")
    item = sent(family="Urgent", hurt="yes")
    assert [w.body.family for w in waiting()] == ["Urgent", "Calm"]
    assert waiting()[0].due_at - waiting()[0].entry.at <= timedelta(hours=1)
    nurse = sign_in("nurse")
    assert "nobody has taken it yet" in text(nurse.get("/today"))
    nurse.get(f"/referrals/{item}")
    nurse.post(f"/referrals/{item}/take", {"entry_id": str(uuid4())})
    reader = waiting()[0].taken
    assert reader
    assert reader.by.startswith("staff:")
    assert "nobody has taken it yet" not in text(nurse.get("/today"))
    assert any(str(item) in line.detail for line in access_log.recent(INBOX))


@pytest.mark.hazard("H026")
def test_an_urgent_referral_is_a_clinicians_and_not_declined_before_one_has_it(
    sent: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    item, desk = sent(hurt="yes"), sign_in("front_desk")
    desk.post(f"/referrals/{item}/take", {"entry_id": str(uuid4())})
    assert waiting()[0].taken is None
    assert not any(
        "suicide" in text(desk.get(page)) for page in ("/today", f"/referrals/{item}", "/referrals/")
    )
    fields = {"entry_id": str(uuid4()), "reason": "no answer"}
    assert desk.post(f"/referrals/{item}/decline", fields).status_code == 422
    assert waiting()[0].is_open


@pytest.mark.hazard("H049")
def test_the_front_desk_sees_who_and_not_what_they_said(
    sent: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    item = sent()
    desk, nurse = sign_in("front_desk"), sign_in("nurse")
    asked = questions()["psychosis"].text
    assert asked not in text(desk.get(f"/referrals/{item}"))
    assert asked in text(nurse.get(f"/referrals/{item}"))


@pytest.mark.hazard("H028")
def test_a_chart_opened_from_it_has_it_and_leaves_its_answers_to_be_confirmed(
    sent: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    item = sent(breastfeeding="no")
    form = {"entry_id": str(uuid4()), "patient_id": str(uuid4()), "sex": "female"}
    nurse = sign_in("nurse")
    for _ in range(2):
        assert nurse.post(f"/referrals/{item}/open", form).status_code == 302
    chart = store.load(f"chart:{form['patient_id']}")
    assert len(chart.said(Referral)) == 1
    assert store.load(INBOX).last(Filed)[1].chart == chart.stream  # type: ignore[index]
    (entry, said) = chart.said(HistoryItem)[0]
    assert (said.item, entry.source) == ("lactating", Source.PATIENT)
    assert "lactating" not in facts_from_chart(chart, datetime.now(UTC).date(), zone()).values
    assert "the patient said" in text(nurse.get(f"/patients/{form['patient_id']}/history"))


@pytest.mark.hazard("H001")
def test_a_look_alike_has_to_be_spoken_for(
    sent: Callable[..., UUID], sign_in: Callable[..., Client], new_patient: Callable[..., UUID]
) -> None:
    known = new_patient(family="Newcomer", given="Ada", birth_date="1990-01-05")
    item, desk = sent(), sign_in("front_desk")
    assert "who is a patient here" in text(desk.get(f"/referrals/{item}"))
    form = {"entry_id": str(uuid4()), "patient_id": str(uuid4()), "sex": "female"}
    assert desk.post(f"/referrals/{item}/open", form).status_code == 422
    assert PatientIndex.objects.count() == 1
    joined = {"entry_id": str(uuid4()), "patient": str(known)}
    assert desk.post(f"/referrals/{item}/join", joined).status_code == 302
    assert store.load(f"chart:{known}").said(Referral)
    assert not waiting()[0].is_open


def test_a_declined_one_keeps_its_reason(sent: Callable[..., UUID], sign_in: Callable[..., Client]) -> None:
    item, desk = sent(), sign_in("front_desk")
    desk.post(f"/referrals/{item}/decline", {"entry_id": str(uuid4()), "reason": "moved away"})
    assert "moved away" in text(desk.get("/referrals/?show=ended"))


def test_a_spanish_reader_is_asked_and_answered_in_spanish_to_the_end(clinic: Entry) -> None:
    client = Client()
    first = client.get("/is-this-for-me?say=es").content.decode()
    assert '<html lang="es"' in first
    assert "¿Piensa que estaría mejor muerto, o en hacerse daño?" in first
    assert 'action="/is-this-for-me?say=es"' in first
    answered = client.post("/is-this-for-me?say=es", {"hurt": "unsure", "liver": "yes"}).content.decode()
    assert "Tiene o puede tener un problema de hígado." in answered
    assert "Hable ahora con alguien, por favor" in answered
    left = re.findall(r">([^<>]*\b(?:the|you|your|with|and)\b[^<>]*)<", answered)
    assert [words for words in left if words.strip()] == []
    asked = client.post("/is-this-for-me/contact?say=es", {"given": "Ana"}).content.decode()
    assert "Escriba sus apellidos." in asked
    assert client.cookies == {}


def test_what_a_spanish_reader_agrees_to_is_kept_in_the_words_they_read(clinic: Entry) -> None:
    given = {
        "entry_id": str(uuid4()),
        "given": "Ana",
        "family": "Prueba",
        "birth_date": "14 de marzo de 1983",
        "phone": "555 0123",
        "preferred": "telephone",
        "agrees": "on",
        "liver": "yes",
    }
    done = Client().post("/is-this-for-me/contact?say=es", given).content.decode()
    assert "Su petición está en la clínica." in done
    (body,) = (body for _, body in store.load(INBOX).said(Referral) if body.family == "Prueba")
    assert body.birth_date == "1983-03-14"
    assert body.consent.startswith("La clínica puede guardar mi nombre")
    assert [(a.question, a.answer, a.said) for a in body.answers] == [("liver", "yes", "Yes")]
