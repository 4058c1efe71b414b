"""The clinicians' pages: every number opens to its rows, recalled ones only on request, nothing between islands."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from lowtide.data.claims import looked
from lowtide.data.evidence_pages import pages
from lowtide.pathway.course.trial_answers import known, standing
from lowtide.people.roles import ROLES, Permission
from lowtide.science.evidence.judged import condition
from lowtide.science.evidence.selection import Question
from lowtide.site.evidence_pages import views
from lowtide.site.evidence_pages.analysed import compared, label
from lowtide.site.evidence_pages.forest import named
from tests.science.evidence.test_named import altered, swapped

pytestmark = [pytest.mark.django_db, pytest.mark.either]
SignIn = Callable[..., Client]
CLINICAL = ("prescriber", "nurse", "therapist", "medical_director")


def html(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return unescape(response.content.decode())


@pytest.fixture
def nurse(sign_in: SignIn) -> Client:
    return sign_in("nurse")


@pytest.mark.parametrize("role", CLINICAL)
def test_every_clinical_role_may_read_it_and_finds_it_in_the_bar(role: str, sign_in: SignIn) -> None:
    assert Permission.SEE_RULES in ROLES[role].permissions
    page = html(sign_in(role), "/evidence/")
    assert 'href="/evidence/"' in page


@pytest.mark.parametrize("name", sorted(pages()))
def test_each_indication_has_its_page_with_and_without_recalled_rows(name: str, nurse: Client) -> None:
    for query in ("", "?unverified=1"):
        page = html(nurse, f"/evidence/{name}/{query}")
        assert "What is not known" in page
        assert "{" not in re.sub(r"<(script|style).*?</\1>|content='.*?'|hx-headers.*?'{.*?}'", "", page)
    assert html(nurse, "/evidence/").count(f'/evidence/{name}/"') == 1


def test_every_comparison_on_offer_opens(nurse: Client) -> None:
    for one in pages().values():
        for outcome, at in one.asked:
            html(nurse, f"/evidence/{one.id}/?outcome={outcome}&at={at}")


def test_an_unknown_indication_study_or_review_is_not_found(nurse: Client) -> None:
    for path in ("/evidence/gout/", "/evidence/studies/Nobody1900/", "/evidence/reviews/NONE/"):
        assert nurse.get(path).status_code == 404


def test_an_odd_choice_shows_the_default_comparison(nurse: Client) -> None:
    page = html(nurse, "/evidence/trd/?outcome=<b>&at=never")
    assert "Compared: Response, 28 days" in page
    assert "is not on offer here: the first one is shown" in page
    assert "is not on offer here" not in html(nurse, "/evidence/trd/?outcome=response&at=24h")


def test_every_study_and_review_has_a_page_whose_rows_name_their_source(nurse: Client) -> None:
    for study in known().tables.studies:
        page = html(nurse, reverse("site:evidence_study", args=[study.study_id]))
        assert "Risk of bias" in page
    for row in known().tables.pooled:
        html(nurse, reverse("site:evidence_review", args=[row.pooled_id]))


def test_every_link_to_rows_leads_to_a_row_that_is_there(nurse: Client) -> None:
    found = {
        url
        for name in pages()
        for url in re.findall(
            r'href="(/evidence/(?:studies|reviews)/[^"]+)"', html(nurse, f"/evidence/{name}/")
        )
    }
    found |= set(re.findall(r'href="(/evidence/(?:studies|reviews)/[^"]+)"', html(nurse, "/evidence/claims")))
    assert len(found) > 30
    for url in found:
        path, _, anchor = url.partition("#")
        page = html(nurse, path)
        assert not anchor or f'id="{anchor}"' in page, url


def test_recalled_rows_are_hidden_counted_and_marked_when_asked_for(nurse: Client) -> None:
    page = html(nurse, "/evidence/studies/Murrough2013RCT/")
    assert "recalled rows are not shown" in page
    assert "14.77" not in page
    shown = html(nurse, "/evidence/studies/Murrough2013RCT/?unverified=1")
    assert "14.77" in shown
    assert 'class="ev-recalled"' in shown


def test_recalled_numbers_stay_out_of_an_indication_unless_asked_for(nurse: Client) -> None:
    assert "(recalled)" not in html(nurse, "/evidence/trd/?outcome=response&at=24h")
    assert "(recalled)" in html(nurse, "/evidence/trd/?outcome=response&at=24h&unverified=1")


def test_controls_are_named_and_no_number_stands_between_islands(nurse: Client) -> None:
    page = html(nurse, "/evidence/trd/")
    assert "control: placebo + new antidepressant" in page
    assert "Island 1" in page
    assert "Island 2" in page
    assert "no number is made" in page


def test_what_is_unknown_goes_when_a_trial_answers_it() -> None:
    found = standing().answers
    for one in pages().values():
        for line in one.unknown:
            assert all(condition(text, found).holds for text in line.when), (one.id, line.text)


def test_claims_show_verdict_rows_and_the_day_of_the_last_check(nurse: Client) -> None:
    page = html(nurse, "/evidence/claims")
    assert page.count("Last checked ") == len(standing().claims)
    assert f"Last checked {looked()['fast'].day:%-d %b %Y}" in page
    assert "Partly supported" in page
    assert "response_24h_saline.lower > 1" in page


def test_claims_say_counts_as_counts_values_with_their_unit_and_open_a_labels_rows(nurse: Client) -> None:
    page = html(nurse, "/evidence/claims")
    assert "18 days after last infusion" in page
    assert "0.3-0.4 of 100" in page
    assert "/evidence/rates#AE001" in page
    row = re.search(r"<tr><th scope=\"row\">trials that counted misuse.*?</tr>", page)
    assert row is not None
    assert "no control" not in row[0]
    assert "a count" in row[0]
    assert "Argued from its source" in page


def test_claims_print_no_bare_value_without_its_unit(nurse: Client) -> None:
    page = html(nurse, "/evidence/claims")
    assert "18.00" not in page
    assert "0.2 points, MADRS" in page


def test_a_claim_whose_rows_changed_says_which_and_no_longer_when_it_was_checked(
    nurse: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = altered(pooled=swapped("OR,2.48,1.0,6.18", "OR,2.48,1.4,4.4"))
    monkeypatch.setattr(views, "standing", lambda: now)
    views._claims.cache_clear()
    page = html(nurse, "/evidence/claims")
    views._claims.cache_clear()
    fast = page.split('id="fast"')[1].split("</section>")[0]
    assert "Rows changed since" in fast
    assert "response 24 hours after one infusion" in fast.split("Rows changed since")[1][:90]
    assert "Last checked" not in fast
    assert "more people responded, too" in fast


def test_what_no_trial_connects_is_told_once_for_each_treatment(nurse: Client) -> None:
    page = html(nurse, "/evidence/trd/")
    found = compared(Question("trd", "response", "28d")).answer
    none = [one for one in found.comparisons if one.no_evidence]
    told = page.split("Not connected by any trial")[1].split("</details>")[0]
    assert f"{len(none)} comparisons" in told
    assert told.count("<li>") == len({one.treatment for one in none}) < len(none)
    for one in none:
        assert label(known().tables, one.versus) in told
    assert "There are rows at other times: Phillips 2019" in told
    assert "No trial connects" not in told


def test_usual_treatments_stand_beside_with_control_and_certainty_and_apart(nurse: Client) -> None:
    told = {
        "trd": ("OR (NMA) 12.86", "OR (NMA) 1.90", "OR 3.26", "52 against 36", "13.4 against 13.4"),
        "ptsd": ("RR 0.66 (0.59 to 0.74)", "58 against 35", "SMD band 0.50-0.80"),
        "crps": ("37 against 23", "RR 1.65"),
        "chronic_pain": ("37 against 23",),
        "mdd": ("RR 1.64",),
    }
    for name, figures in told.items():
        section = html(nurse, f"/evidence/{name}/").split('id="usual"')[1].split("</section>")[0]
        assert "in no network with the numbers" in section
        for figure in figures:
            assert figure in section, (name, figure)
    assert "No row on a usual treatment" in html(nurse, "/evidence/panic/")


def test_remission_after_a_day_and_half_a_year_can_be_chosen(nurse: Client) -> None:
    assert "2.21 (0.67 to 7.32)" in html(nurse, "/evidence/trd/?outcome=remission&at=24h")
    assert "35 (" in html(nurse, "/evidence/trd/?outcome=remission&at=182d")


def test_studies_and_reviews_are_cited_by_names_that_tell_them_apart(nurse: Client) -> None:
    tables = known().tables
    names = [named(tables, study.study_id) for study in tables.studies]
    assert len(set(names)) == len(names)
    assert "aan het Rot 2010" in names
    assert "Murrough 2013a" in names
    page = html(nurse, "/evidence/trd/?outcome=response&at=24h")
    assert ">Dean 2021, review<" in page
    assert ">DEAN-SAL-RESP<" not in page
    assert ">NEWPORT-RESP<" not in page
    assert "NRS 0-10" in html(nurse, "/evidence/crps/")
    assert "Nrs" not in html(nurse, "/evidence/crps/")


def test_an_indication_with_a_review_only_says_so_and_not_that_nothing_was_tried(nurse: Client) -> None:
    page = html(nurse, "/evidence/")
    assert "a review of 7 trials" in page.split('id="i-chronic_pain"')[1].split("</article>")[0]
    assert "not selected for resistance" in html(nurse, "/evidence/mdd/")


def test_the_people_of_a_comparison_stand_in_its_row_and_mixed_ones_are_marked(nurse: Client) -> None:
    page = html(nurse, "/evidence/bipolar/?outcome=response&at=28d")
    rows = re.findall(r"<tr><th scope=\"row\" class=\"ev-what\">.*?</th>", page)
    (row,) = (r for r in rows if "course of ketamine infusions" in r)
    assert "on: MDD/bipolar inpatients; of several diagnoses together" in row
    assert "mixed people" in row
    page = (
        html(nurse, "/evidence/trd/?outcome=response&at=24h")
        .partition('id="compared"')[2]
        .partition("</table>")[0]
    )
    rows = re.findall(r"<tr><th scope=\"row\" class=\"ev-what\">.*?</th>", page)
    assert rows
    assert all(
        "on: of several sorts, resistant to treatment and not" in r and "mixed people" in r for r in rows
    )


@pytest.mark.parametrize("path", ["/evidence/", "/evidence/trd/", "/evidence/mdd/", "/evidence/claims"])
def test_every_answer_says_on_whom(path: str, nurse: Client) -> None:
    page = html(nurse, path)
    assert "on: of several sorts, resistant to treatment and not" in page
    assert page.count("mixed people") >= 1


def test_what_was_worked_out_and_what_nobody_counted_is_not_said_to_be_read(nurse: Client) -> None:
    page = html(nurse, "/evidence/trd/?outcome=response&at=28d")
    assert "worked out from the rows above" in page
    assert "percentages read; of how many was not read" in page
    assert "of 193" not in page
    assert "565 people took part" in page
    together = re.findall(r"<tr>(?:(?!</tr>).)*Together \(random effects\)(?:(?!</tr>).)*</tr>", page)
    assert together
    assert all("read in its source" not in row for row in together)


def test_a_level_that_a_review_printed_says_whose_it_is(nurse: Client) -> None:
    page = html(nurse, "/evidence/trd/?outcome=response&at=24h")
    assert "nothing lowers it" not in page
    assert "Why very low: as the review’s authors rated it" in page


def test_subgroups_and_trials_that_found_nothing_stand_in_short(nurse: Client) -> None:
    trd = html(nurse, "/evidence/trd/").split('id="ev-first"')[1].split("</section>")[0]
    for said in (
        "LSMD -1.60 (-5.60 to 2.41); interaction p 0.35",
        "LSMD -4.50 (-7.26 to -1.70)",
        "-14.5 against -15.3 points, MADRS",
        "LSMD -6.80, p <0.001",
        "LSMD -6.10 (-11.16 to -1.00)",
        "LSMD -3.60 (-7.20 to 0.07)",
    ):
        assert said in trd
    assert "not selected for resistance" not in trd
    thoughts = html(nurse, "/evidence/mdsi/").split('id="ev-first"')[1].split("</section>")[0]
    assert "Cohen d (range) 0.48-0.85" in thoughts


def test_every_trial_of_resistant_depression_with_a_number_of_its_own_is_in_short_or_compared(
    nurse: Client,
) -> None:
    text = html(nurse, "/evidence/trd/")
    seen = text.split('id="ev-first"')[1].split('id="ev-left"')[0]
    for study in ("Janik2025", "Takahashi2021", "BEDROC2024", "TRANSFORM3", "ELEKTD2023"):
        assert f"/evidence/studies/{study}/" in seen


def words_of(page: str) -> str:
    """What a reader sees: without tags, scripts and addresses."""
    return re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", page, flags=re.S)


@pytest.mark.parametrize(
    "path",
    [
        "/evidence/trd/?outcome=response&at=24h",
        "/evidence/trd/",
        "/evidence/crps/",
        "/evidence/chronic_pain/",
    ],
)
def test_no_sentence_names_a_trial_or_a_review_by_its_id(path: str, nurse: Client) -> None:
    said = words_of(html(nurse, path))
    for study in known().tables.studies:
        said = said.replace(named(known().tables, study.study_id), "")
    ids = [s.study_id for s in known().tables.studies] + [p.pooled_id for p in known().tables.pooled]
    assert not [i for i in ids if re.search(rf"(?<![\w-]){re.escape(i)}(?![\w-])", said)]


def test_resistance_to_antidepressants_is_told_of_depression_only(nurse: Client) -> None:
    for indication in ("crps", "ptsd", "social_anxiety"):
        assert "selected for resistance" not in words_of(html(nurse, f"/evidence/{indication}/")).casefold()
    assert "not selected for resistance" in words_of(html(nurse, "/evidence/mdd/")).casefold()


def test_what_a_league_table_means_stands_outside_the_box_that_scrolls(nurse: Client) -> None:
    page = html(nurse, "/evidence/trd/")
    said = page.index("The row’s treatment against the column’s")
    assert said < page.index('aria-label="League table')
    assert "<caption" not in page[said : page.index("</table>", said)]


def test_how_long_it_lasts_says_of_how_many_people_and_how_sure_as_a_table(nurse: Client) -> None:
    page = html(nurse, "/evidence/trd/")
    twin = (
        page.split('data-persist="twin-lasting"')[1].split("</table>")[0]
        if 'data-persist="twin-lasting"' in page
        else ""
    )
    twin = twin or page.split('id="ev-lasting"')[1].split("</table>")[0]
    head, rows = twin.split("</thead>")
    assert ">Of<" not in head
    assert ">Certainty<" in head
    assert "of at most 27 people over all doses" in rows
    assert "of 90 and 86 people" in rows
    assert "very low" in rows
