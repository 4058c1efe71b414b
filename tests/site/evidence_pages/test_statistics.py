"""What a statistician looks for stands on the page, worked out from the rows; a funnel only where enough trials stand."""

import re
from collections.abc import Callable
from functools import cache
from html import unescape
from typing import Any

import pytest
from django.test import Client

from lowtide.data.evidence_words import words
from lowtide.pathway.course.trial_answers import known as shipped
from lowtide.science.evidence.selection import Question
from lowtide.site.evidence_pages import page
from lowtide.site.evidence_pages.analysed import _compared
from tests.site.evidence_pages.many import many

SignIn = Callable[..., Client]
ASKED = Question("trd", "response", "24h")


@cache
def network(pairs: int) -> dict[str, Any]:
    known = many(pairs)
    (found,) = page.networks(_compared(known, ASKED).networks, ASKED, known.tables)
    return found


def test_many_trials_of_a_pair_have_their_funnel_with_a_table_of_every_trial() -> None:
    (drawn,) = network(12)["statistics"]["funnels"]
    assert drawn["wide"].count('class="c-trial"') == drawn["narrow"].count('class="c-trial"') == 12
    assert len(drawn["table"].rows) == 12
    errors = [float(row[2]) for row in drawn["table"].rows]
    assert errors == sorted(errors)
    assert "Egger’s test: intercept 2.39 (se 0.57), p 0.0018" in drawn["caption"]


def test_of_nine_trials_no_funnel_is_drawn_and_the_reason_is_said() -> None:
    statistics = network(9)["statistics"]
    assert statistics["funnels"] == []
    (pair,) = statistics["pairs"]
    assert dict(pair["ways"])["Small trials against large (Egger)"] == (
        f"not tested: 9 of the {words().funnel_trials} trials that it takes"
    )


def test_every_mark_of_a_funnel_lies_inside_its_frame() -> None:
    (drawn,) = network(12)["statistics"]["funnels"]
    for name in ("wide", "narrow"):
        text = drawn[name]
        width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text).groups())  # type: ignore[union-attr]
        for x, y in re.findall(r'<rect x="([-\d.]+)" y="([-\d.]+)"[^>]*class="c-trial"', text):
            assert 0 <= float(x) <= width, name
            assert 0 <= float(y) <= height, name


def test_q_is_parted_and_direct_stands_against_indirect_evidence() -> None:
    statistics = network(12)["statistics"]
    ((_, facts),) = statistics["islands"]
    told = dict(facts)
    total, within, between = (
        float(told[name].split()[0]) for name in ("Q", "Q within designs", "Q between designs")
    )
    assert total == pytest.approx(within + between, abs=0.011)
    assert re.fullmatch(r"[\d.]+ \([\d.]+ to [\d.]+\)", told["tau² between trials (95 %, Q profile)"])
    assert len(statistics["splits"]) == 3
    assert {split["p"] for split in statistics["splits"]} == {statistics["splits"][0]["p"]}


def test_every_way_of_pooling_stands_side_by_side() -> None:
    (pair,) = network(12)["statistics"]["pairs"]
    assert [way for way, _ in pair["ways"]] == [
        "Common effect",
        "Random effects, DerSimonian and Laird",
        "Random effects, restricted likelihood (REML)",
        "Random effects, Paule and Mandel",
        "Random effects, Hartung and Knapp",
        "A new trial would lie in",
        "Mantel and Haenszel, nothing added to empty cells",
        "As risk ratio, random effects",
        "As risk difference, random effects",
        "tau² (95 %, Q profile)",
        "I²",
        "Q",
        "Small trials against large (Egger)",
    ]


def test_a_new_trial_s_limits_are_drawn_in_the_forest_and_p_scores_stand_in_the_league() -> None:
    found = network(12)
    assert "A new trial would lie in" in found["forest"]["wide"]
    (league,) = found["leagues"]
    scores = [float(score) for _, _, score, _ in league.rows]
    assert sum(scores) == pytest.approx(len(scores) / 2, abs=0.02)
    assert scores[0] == max(scores)


def html(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return unescape(response.content.decode())


@pytest.mark.django_db
def test_few_trials_have_the_wider_limits_beside_them_wherever_they_are_pooled(sign_in: SignIn) -> None:
    text = html(sign_in("nurse"), "/evidence/trd/")
    first = text.split('id="compared"')[0]
    compared = text.split('id="compared"')[1].split("</section>")[0]
    assert "for few trials (Hartung–Knapp): 0.18 to 20.6" in first
    assert "for few trials (Hartung–Knapp): 0.18 to 20.6" in compared
    assert "one more of 6 treated (4 to 14)" in compared
    assert "The same, Hartung and Knapp’s" in text
    league = text.split("League table 1, island 2")[1].split("</section>")[0]
    assert "few trials: 0.18 to 20.6" in league
    assert "few trials: 0.05 to 5.58" in league


@pytest.mark.django_db
def test_effects_over_time_lead_to_the_trials_of_each_time(sign_in: SignIn) -> None:
    section = html(sign_in("nurse"), "/evidence/trd/").split('aria-label="Over time"')[1].split("</table>")[0]
    heads = re.findall(r'<th scope="col">(\w+)</th>', section)
    assert heads == ["24h", "28d", "56d", "182d"]
    row = next(r for r in section.split("<tr>") if "quetiapine" in r)
    assert "OR 2.01 (1.42 to 2.85)" in row
    assert row.count("/evidence/studies/ESCAPETRD2023/") == 2


@pytest.mark.django_db
def test_half_times_say_from_whom_how_sure_and_lead_to_their_rows(sign_in: SignIn) -> None:
    section = html(sign_in("nurse"), "/evidence/mdd/").split('id="ev-lasting"')[1].split('id="ev-harms"')[0]
    table = section.split("ev-half")[1]
    row = next(r for r in table.split("<tr>") if "ketamine 0.5 mg/kg 3/week" in r)
    assert "<b>135 days</b>" in row
    assert "93 to 196, at least so wide" in row
    assert "65 of 100 still well after 57 days and 30 after 365, read between them" in row
    assert "one group, with nobody beside it" in row
    (line,) = {r.line for r in shipped().tables.durability if (r.study_id, r.arm_id, r.metric) == ("Ekstrand2022", "KET", "relapse_cum")}  # fmt: skip
    assert f'href="/evidence/studies/Ekstrand2022/#durability-{line}"' in row
    assert "in 1 study" in table


@pytest.mark.django_db
def test_conversions_are_shown_as_printed_with_their_error_and_recalled_ones_on_request(
    sign_in: SignIn,
) -> None:
    nurse = sign_in("nurse")
    text = html(nurse, "/evidence/conversions")
    assert "<span>20 → 26</span>" in text
    assert "Correlation of both 0.76 in 187 other patients" in text
    assert "Often fails for one person" in text
    assert "table → table" not in text
    assert "recalled rows are not shown" in text
    assert 'class="ev-recalled"' in html(nurse, "/evidence/conversions?unverified=1")
