"""What people ask: honest answers in plain words whose numbers stand in the table of trials and nowhere else."""

import re
from html import unescape

import pytest
from django.test import Client

from lowtide.data.claims import claims
from lowtide.data.questions import HOLE, questions
from lowtide.pathway.course import trial_answers
from lowtide.pathway.course.trial_answers import standing
from lowtide.portal.people_ask import shown, views
from tests.pathway.course.story import Story
from tests.portal.conftest import html
from tests.science.evidence.test_named import altered, without

EVERY = questions().question
MUST_BE_ASKED = {
    "what-it-is", "other-antidepressants", "depression", "anxiety", "ptsd", "suicidal-thoughts", "chronic-pain",
    "fibromyalgia", "nerve-pain", "crps", "safe", "long-term", "addictive", "candidate", "precautions",
    "side-effects", "one-session", "maintenance", "together", "access", "insurance",
}  # fmt: skip
COUNTED = re.compile(r"\b(half|third|quarter|percent|twice|dozens?|hundreds?|thousands?)\b", re.I)
ALLOWED = ("in every hundred", "pain cut in half", "half less pain", "half of them", "half of these")


def texts() -> list[str]:
    found = [text for q in EVERY for text in (q.ask, q.short, *(p.text for p in q.part))]
    found += [text for q in EVERY for one in q.dots for text in (one.with_, one.without)]
    return found + [text for c in claims().values() for text in (c.says, *(line.plain for line in c.when))]


def test_every_question_that_people_ask_has_its_page() -> None:
    assert {q.slug for q in EVERY} == MUST_BE_ASKED


def test_no_digit_of_a_result_stands_in_a_text() -> None:
    for text in texts():
        assert not re.search(r"\d|%", HOLE.sub("", text)), text


def test_no_share_stands_in_a_text_as_a_word() -> None:
    for text in texts():
        plain = text
        for words in ALLOWED:
            plain = plain.replace(words, "")
        assert not COUNTED.search(plain), text


def test_every_answer_a_page_names_is_in_the_table_and_every_claim_is_judged() -> None:
    now = standing()
    for question in EVERY:
        assert set(question.answers) <= set(now.answers), question.slug
        assert set(question.claims) <= set(now.claims), question.slug


def test_nothing_is_left_out_while_the_table_is_whole() -> None:
    for question in EVERY:
        assert not shown.page(question, standing())["changed"], question.slug


def test_a_page_of_results_shows_dots_certainty_and_sources() -> None:
    page = shown.page(questions().of("depression"), standing())  # type: ignore[arg-type]
    assert all(one["sure"] and one["dots"] for one in page["drawn"])
    assert all(source.url.startswith("http") for source in page["sources"])
    assert len(page["sources"]) >= 5


def test_numbers_are_filled_in_from_the_rows() -> None:
    text = shown.filled("{ptsd_small.people} people, {crps_week1.value} of ten", standing().answers)
    assert text == "30 people, 2.7 of ten"


def test_a_part_whose_row_is_gone_is_left_out_and_the_page_says_so() -> None:
    now = altered(durability=without("Murrough2013Rep,KET6"))
    page = shown.page(questions().of("maintenance"), now)  # type: ignore[arg-type]
    assert page["changed"]
    assert not any("After six doses" in part["text"] for part in page["parts"])


def test_a_part_that_a_new_result_contradicts_is_left_out() -> None:
    now = altered(
        outcomes=lambda text: text.replace(
            "Abdallah2022,K05,ptsd,PCL-5,group_by_time,4 weeks,28,,,,,,,,,,,PBO,text,not significant",
            "Abdallah2022,K05,ptsd,PCL-5,group_by_time,4 weeks,28,,,,,,,,,,,PBO,text,significant",
        )
    )
    page = shown.page(questions().of("ptsd"), now)  # type: ignore[arg-type]
    assert page["changed"]
    assert not any("larger study" in part["text"] for part in page["parts"])


@pytest.mark.django_db
@pytest.mark.parametrize("slug", sorted(MUST_BE_ASKED))
def test_anybody_may_read_every_page_in_both_languages(slug: str) -> None:
    asked = questions().of(slug)
    assert asked
    english = unescape(html(Client(), f"/questions/{slug}"))
    spanish = unescape(html(Client(), f"/questions/{slug}", HTTP_ACCEPT_LANGUAGE="es"))
    assert asked.ask in english
    assert asked.ask not in spanish
    assert "{" not in re.sub(r"<(style|script).*?</\1>", "", english + spanish, flags=re.S)


@pytest.mark.django_db
def test_the_list_leads_to_every_page_and_unknown_ones_are_not_found() -> None:
    page = html(Client(), "/questions/")
    assert all(f'/questions/{slug}"' in page for slug in MUST_BE_ASKED)
    assert Client().get("/questions/no-such-thing").status_code == 404


@pytest.mark.django_db
def test_claims_say_their_verdict_in_words_and_when_they_were_checked() -> None:
    page = unescape(html(Client(), "/questions/claims"))
    assert "It works for everyone." in page
    assert page.count("Checked on") == len(claims())
    assert "Not shown." in page


@pytest.mark.django_db
def test_the_page_on_suicidal_thoughts_shows_whom_to_call_and_promises_nothing() -> None:
    page = unescape(html(Client(), "/questions/suicidal-thoughts"))
    assert "You are not alone with this" in page
    assert "No study shows that fewer people try to take their life" in page
    assert page.index("You are not alone") < page.index("Counted, of a hundred people")


@pytest.mark.django_db
def test_a_patient_reads_it_in_their_own_place(mine: tuple[Client, Story]) -> None:
    page = html(mine[0], "/questions/safe")
    assert "Urgent help" in page
    assert 'class="tabs"' in page
    assert 'class="tabs"' not in html(Client(), "/questions/safe")
    assert "/questions/" in html(mine[0], "/my/more")


@pytest.mark.django_db
def test_no_page_promises_anything() -> None:
    promising = re.compile(r"\b(will help|will work|guarantee\w*|you will feel better|promise\w*)\b", re.I)
    for question in EVERY:
        assert not promising.search(html(Client(), f"/questions/{question.slug}")), question.slug


@pytest.mark.django_db
def test_a_changed_table_changes_what_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    now = altered(
        durability=lambda text: text.replace(
            "Ekstrand2022,KET,remitters,relapse_cum,365,70,percent,,,70",
            "Ekstrand2022,KET,remitters,relapse_cum,365,52,percent,,,52",
        )
    )
    monkeypatch.setattr(views, "standing", lambda: now)
    page = html(Client(), "/questions/maintenance")
    assert "<b>52</b> were ill again within a year" in page
    assert "<b>70</b> were ill again within a year" not in page
    assert trial_answers.standing().answers["relapse_one_year"].per_100 == 70


@pytest.mark.django_db
def test_nobody_is_said_to_be_counted_where_a_study_printed_shares_only(client: Client) -> None:
    answer = standing().answers["response_spray_28d"]
    assert (answer.people, answer.took_part) == (None, 565)
    (one,) = (d for d in drawn_of("depression") if d["number"] == answer.per_100 and d["took_part"])
    page = html(client, "/questions/depression")
    assert "About 565 people took part." in page
    assert one["people"] is None
    assert "477" not in page
    spanish = html(client, "/questions/depression", HTTP_ACCEPT_LANGUAGE="es")
    assert "Participaron unas 565 personas." in unescape(spanish)


@pytest.mark.django_db
def test_a_few_people_are_told_as_they_were_counted_beside_their_hundred_dots(client: Client) -> None:
    page = html(client, "/questions/ptsd")
    assert "Counted: 10 of 15 people, against 3 of 15." in page


@pytest.mark.django_db
def test_on_whom_it_was_counted_stands_beside_every_picture_of_depression(client: Client) -> None:
    page = html(client, "/questions/depression")
    assert "People of several sorts: other medicines had failed some of them, and not others." in page
    assert "People with depression that had not gone with other medicines." in page


def drawn_of(slug: str) -> list[dict[str, object]]:
    question = next(q for q in EVERY if q.slug == slug)
    return list(shown.page(question, standing())["drawn"])


@pytest.mark.django_db
def test_a_claim_whose_rows_changed_no_longer_says_when_it_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = altered(pooled=lambda text: text.replace("OR,2.48,1.0,6.18", "OR,2.48,1.4,4.4"))
    monkeypatch.setattr(views, "standing", lambda: now)
    page = unescape(html(Client(), "/questions/claims"))
    fast = page.split('id="fast"')[1].split("</li>")[0]
    assert "A study has come or changed since we last looked." in fast
    assert "Checked on" not in fast
    assert "How big the gap is" not in fast
    assert page.count("Checked on") < len(claims())


def test_shares_of_a_handful_say_of_how_many_people_at_most() -> None:
    now = standing()
    assert (now.answers["relapse_one_dose"].people, now.answers["relapse_one_dose"].people_at_most) == (
        None,
        27,
    )
    assert now.answers["relapse_one_year"].people_at_most == 44 + 57
    assert now.answers["relapse_on_off_spray"].people_at_most is None
    drawn = {one["says"]: one for one in shown.page(questions().of("maintenance"), now)["drawn"]}  # type: ignore[arg-type]
    one_dose = drawn["were ill again within two weeks, of those who were better after one dose"]
    assert (one_dose["people"], one_dose["people_at_most"]) == (None, 27)


@pytest.mark.django_db
def test_the_page_on_years_of_it_says_that_people_died_and_that_nobody_knows_why() -> None:
    page = unescape(html(Client(), "/questions/long-term"))
    assert "9 died in those years, some of them by suicide" in page
    assert "About 19 in every hundred had a serious health problem" in page
    assert "For 28 people it was thoughts of suicide" in page
    assert "nobody can say if the spray had a part in it" in page


@pytest.mark.django_db
def test_no_short_answer_says_what_no_row_counts() -> None:
    assert "lasting harm was seldom seen" not in unescape(html(Client(), "/questions/safe"))
    now = altered(adverse_events=lambda text: text.replace(",10.2,serious", ",2.0,serious"))
    page = shown.page(questions().of("safe"), now)  # type: ignore[arg-type]
    assert page["short"] == ""


@pytest.mark.parametrize("name", ["crps_week1"])
def test_the_gap_between_two_rounded_numbers_is_the_gap_between_the_rows(name: str) -> None:
    answer = standing().answers[name]
    assert answer.value is not None
    assert answer.control_value is not None
    told = [float(shown.number(v)) for v in (answer.value, answer.control_value)]
    assert abs((told[1] - told[0]) - (answer.control_value - answer.value)) <= 0.1
