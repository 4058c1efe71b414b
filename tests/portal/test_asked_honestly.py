"""Each number on a page of what people ask has how sure it is and its source beside it; words follow the dots shown."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import translation

from lowtide.data.questions import HOLE, Question, questions
from lowtide.data.sources import is_official
from lowtide.pathway.course.trial_answers import standing
from lowtide.portal.people_ask import places, shown
from lowtide.science.evidence.named import SURE
from tests.portal.conftest import html
from tests.science.evidence.test_named import altered, swapped

EVERY = questions().question
SHARES = {"per_100", "control_per_100", "more_per_100"}
ONLY_COPIES = {"moreblossom.com", "coverage.pharmacistwrite.com"}
"""Works of which neither a number nor an official address was seen; shrink it, never add without looking."""


def asked(slug: str) -> Question:
    found = questions().of(slug)
    assert found
    return found


# -- how sure, and from where, beside each number -------------------------------------------------------------------


def test_every_number_in_a_text_has_how_sure_it_is_and_its_source_beside_it() -> None:
    for question in EVERY:
        for part, told in zip(question.part, shown.page(question, standing())["parts"], strict=True):
            if HOLE.search(part.text):
                assert told["sure"], part.text
                assert told["places"], part.text


def test_every_share_that_a_text_tells_is_drawn_as_dots_on_the_same_page() -> None:
    for question in EVERY:
        told = {name for part in question.part for name, what in HOLE.findall(part.text) if what in SHARES}
        assert told <= {one.answer for one in question.dots}, question.slug


def test_every_picture_of_dots_has_how_sure_it_is_and_its_source() -> None:
    for question in EVERY:
        for one in shown.page(question, standing())["drawn"]:
            assert one["sure"], question.slug
            assert one["places"], question.slug


def test_how_sure_it_is_comes_from_the_answer_and_is_that_of_the_least_sure_one() -> None:
    now = standing()
    named = ("change_spray_28d", "response_24h_saline")
    least = min((now.answers[name] for name in named), key=lambda answer: answer.sure)
    assert shown.sure(named, now) == questions().certainty[least.certainty]
    assert shown.sure(("trials_inflammation",), now) == ""
    assert set(SURE) == set(questions().certainty)


def test_the_short_answer_on_thoughts_of_suicide_says_how_sure_it_is_and_whom_it_does_not_hold_for() -> None:
    page = shown.page(asked("suicidal-thoughts"), standing())
    answers = [standing().answers[name] for name in ("suicidal_24h", "suicidal_3d")]
    assert page["short_sure"] == questions().certainty[min(answers, key=lambda a: a.sure).certainty]
    assert "often" not in page["short"]
    assert "depression alone" in page["short"]


def test_every_short_answer_that_tells_a_result_of_ketamine_says_how_sure_it_is() -> None:
    own = {
        "fibromyalgia",
        "nerve-pain",
    }  # they say that nothing was counted; their dots are of another medicine
    for question in EVERY:
        assert bool(question.rests_on) == bool(question.dots and question.slug not in own) or (
            question.slug in {"chronic-pain"}
        ), question.slug


def test_a_claim_that_is_said_to_be_shown_says_how_sure_that_is_and_every_judged_one_its_source() -> None:
    now = standing()
    for judged in now.claims.values():
        told = shown.claim(judged, now)
        assert bool(told["sure"]) == (told["verdict"] in {"supported", "partly"}), judged.claim.id
        counted = all(now.answers[c.answer].said.count for c in judged.by)
        assert told["places"] or counted, judged.claim.id


def test_a_claim_names_what_spoke_for_it_and_what_spoke_against_it() -> None:
    told = shown.claim(standing().claims["ptsd"], standing())
    assert {place.short for place in told["places"]} >= {"Abdallah 2022", "Feder 2021"}


def test_a_number_needed_to_treat_is_told_and_drawn_as_so_many_more_of_a_hundred() -> None:
    assert standing().answers["neuropathy_duloxetine"].more_per_100 == 17
    assert standing().answers["pain_any"].more_per_100 is None
    (drawn,) = shown.page(asked("nerve-pain"), standing())["drawn"]
    assert (drawn["number"], drawn["beside"]) == (17, None)


# -- words that follow what is seen ---------------------------------------------------------------------------------


def test_no_text_sets_two_gaps_of_different_trials_beside_each_other() -> None:
    page = shown.page(asked("depression"), standing())
    told = " ".join(part["text"] for part in page["parts"])
    assert "by less" not in told
    assert "do not set the one pair of dots beside the other" in told
    assert page["several"]


def test_a_text_that_speaks_of_a_gain_goes_when_the_dots_no_longer_show_one() -> None:
    now = altered(pooled=swapped("OR,2.48,1.0,6.18", "OR,0.80,0.30,2.10"))
    assert now.answers["response_24h_midazolam"].gap is not None
    page = shown.page(asked("depression"), now)
    assert page["changed"]
    assert not any("A fairer test" in part["text"] for part in page["parts"])


def test_a_short_answer_that_a_new_result_contradicts_is_taken_back() -> None:
    now = altered(
        outcomes=lambda text: text.replace(
            "Abdallah2022,K05,ptsd,PCL-5,group_by_time,4 weeks,28,,,,,,,,,,,PBO,text,not significant",
            "Abdallah2022,K05,ptsd,PCL-5,group_by_time,4 weeks,28,,,,,,,,,,,PBO,text,significant",
        )
    )
    page = shown.page(asked("ptsd"), now)
    assert page["short"] == ""
    assert page["changed"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (27.5, "28"),
        (2.68, "2.7"),
        (5.45, "5.5"),
        (1.83, "1.8"),
        (-0.2, "-0.2"),
        (60, "60"),
        (9.8, "9.8"),
        (9.97, "10"),
        (2, "2"),
    ],
)
def test_numbers_are_rounded_as_one_says_them(value: float, said: str) -> None:
    assert shown.number(value) == said


def test_numbers_are_written_as_the_readers_language_writes_them() -> None:
    with translation.override("es"):
        assert shown.number(2.68) == "2,7"


# -- where it comes from --------------------------------------------------------------------------------------------


def test_every_address_that_a_text_names_is_told_by_what_stands_there() -> None:
    named = {url for question in EVERY for part in question.part for url in part.source}
    assert named <= set(questions().cited)
    for cited in questions().cited.values():
        assert cited.title
        assert not cited.official or is_official(cited.official), cited.official


def test_each_work_is_led_by_its_own_address_and_copies_are_called_copies() -> None:
    for question in EVERY:
        for place in shown.page(question, standing())["sources"]:
            assert place.title, place.url
            assert not place.is_copy or place.host in ONLY_COPIES, place.url


def test_the_number_of_a_work_stands_before_the_page_it_was_read_at() -> None:
    page = shown.page(asked("maintenance"), standing())
    relapse = next(one for one in page["sources"] if one.short == "Daly 2019")
    assert relapse.url == "https://doi.org/10.1001/jamapsychiatry.2019.1189"
    assert [host for _, host in relapse.copies] == ["develop-sr3snxi-tt7lcx6s5gdv4.us-4.platformsh.site"]
    assert not relapse.papers


def test_a_number_that_nobody_checked_does_not_stand_before_an_address_that_was_read() -> None:
    study = standing().tables.study
    assert places.of_study(study["Taylor2018"]).url == study["Taylor2018"].source_url
    assert places.of_study(study["TRANSFORM1"]).url == "https://clinicaltrials.gov/study/NCT02417064"
    recalled = places.of_study(study["Anderson2017"], "https://copy.example/x")
    assert (recalled.url, recalled.checked) == ("https://doi.org/10.1016/S2215-0366(17)30077-9", False)


@pytest.mark.parametrize(
    ("number", "url"),
    [
        ("10.1001/x", "https://doi.org/10.1001/x"),
        ("31166571", "https://pubmed.ncbi.nlm.nih.gov/31166571"),
        ("PMC2211759", "https://pmc.ncbi.nlm.nih.gov/articles/PMC2211759"),
        ("ACTRN12618001042235", ""),
        ("", ""),
    ],
)
def test_a_number_of_a_work_is_turned_into_its_address(number: str, url: str) -> None:
    assert places.address(number) == url


@pytest.mark.django_db
def test_the_sources_are_open_on_the_page_so_that_they_are_printed() -> None:
    for slug in ("maintenance", "fibromyalgia", "crps"):
        page = html(Client(), f"/questions/{slug}")
        assert "<details" not in page
        assert "https://doi.org/" in page[page.index('class="sources"') :]
    assert "Seen through a copy:" in html(Client(), "/questions/maintenance")


# -- words of the pages ---------------------------------------------------------------------------------------------


def test_no_heading_is_called_as_one_of_the_questions_under_it() -> None:
    assert not {question.group for question in EVERY} & {question.ask for question in EVERY}


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "day"), [("en", "28 Nov 2026"), ("es", "28 de noviembre de 2026")])
def test_a_date_is_written_as_the_reader_writes_it(language: str, day: str) -> None:
    page = unescape(html(Client(), "/questions/claims", HTTP_ACCEPT_LANGUAGE=language))
    assert day in re.sub(r"\s+", " ", page)
    assert "27. 11. 2026" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/questions/nope", "/how-it-works/nope", "/is-this-for-me/nope"])
def test_a_page_that_is_not_there_is_told_in_the_readers_words_and_language(path: str) -> None:
    english = Client().get(path)
    spanish = Client().get(path, HTTP_ACCEPT_LANGUAGE="es")
    assert english.status_code == spanish.status_code == 404
    assert "search for the patient" not in english.content.decode()
    assert "This page is not here" in english.content.decode()
    assert "Esta página no está aquí" in spanish.content.decode()
    assert 'href="/questions/"' in spanish.content.decode()
