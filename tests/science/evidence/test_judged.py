"""A claim's verdict follows from the rows: it moves when they move, and waits when they are gone."""

import msgspec
import pytest

from lowtide.data.claims import claims
from lowtide.pathway.course.trial_answers import standing
from lowtide.problems import BadInput
from lowtide.science.evidence.judged import condition
from tests.science.evidence.test_named import altered, swapped, without

VERDICTS = {
    "fast": "partly",
    "others_failed": "partly",
    "ptsd": "not_shown",
    "resets_pain": "not_shown",
    "inflammation": "not_shown",
    "safe_supervised": "partly",
    "few_side_effects": "wrong",
    "lasts_weeks": "supported",
    "combines": "partly",
    "not_addictive": "wrong",
    "everyone": "wrong",
    "home_as_safe": "not_shown",
    "cures": "wrong",
    "better_than_ect": "not_shown",
    "without_dissociation": "partly",
    "one_dose_lasts": "wrong",
    "suicidal_thoughts": "partly",
    "prevents_suicide": "not_shown",
    "memory_and_ect": "supported",
}


def test_the_verdicts_of_the_shipped_table() -> None:
    assert {key: one.verdict for key, one in standing().claims.items()} == VERDICTS


def test_every_condition_can_be_read_and_names_an_answer() -> None:
    found = standing().answers
    for claim in claims().values():
        for line in claim.when:
            assert all(condition(text, found).value is not None for text in line.all), claim.id


def test_every_verdict_that_can_come_out_is_said_in_plain_words() -> None:
    for claim in claims().values():
        assert {line.verdict for line in claim.when} <= set(claim.plain), claim.id


def test_a_lower_limit_above_one_and_better_certainty_support_a_claim() -> None:
    row = "DEAN-MDZ-RESP"
    now = altered(
        pooled=lambda text: (
            "\n".join(
                line.replace(",2.48,1.0,6.18,,very low", ",2.48,1.4,4.4,,moderate")
                if line.startswith(row)
                else line
                for line in text.splitlines()
            )
            + "\n"
        )
    )
    assert now.claims["fast"].verdict == "supported"


def test_a_trial_that_finds_something_after_all_moves_a_claim() -> None:
    now = altered(
        outcomes=lambda text: (
            "\n".join(
                line.replace(",not significant,", ",significant in favour of 0.5 mg/kg,")
                if line.startswith("Abdallah2022,K05,ptsd,PCL-5")
                else line
                for line in text.splitlines()
            )
            + "\n"
        )
    )
    assert now.claims["ptsd"].verdict == "supported"
    assert standing().claims["ptsd"].verdict == "not_shown"


def test_a_claim_whose_row_is_gone_waits_for_a_new_check() -> None:
    now = altered(durability=without("Ekstrand2022,"))
    assert now.claims["cures"].verdict == "unknown"
    assert now.claims["cures"].by[0].holds is None
    assert not now.claims["cures"].plain


def test_a_figure_past_the_border_turns_the_verdict() -> None:
    now = altered(durability=swapped("median_time_to_relapse,,18,days", "median_time_to_relapse,,75,days"))
    assert now.claims["lasts_weeks"].verdict == "partly"


@pytest.mark.parametrize("text", ["fast", "a.b", "a.b > c", "a.b == 1", "a.b > 1 or c.d > 2"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        condition(text, {})


def test_the_answer_of_every_line_is_shown_also_one_that_decided_against() -> None:
    found = standing().claims
    for one in found.values():
        asked = {c.answer for line in one.tried for c in line.conditions}
        assert asked | set(one.claim.beside) == set(one.answers), one.claim.id
    assert {"ptsd_small", "ptsd_veterans"} <= set(found["ptsd"].answers)
    assert "response_ect" in found["better_than_ect"].answers
    assert "response_24h_midazolam" in found["fast"].answers
    assert "response_course_midazolam" in found["others_failed"].answers
    assert "suicidal_3d_depressive" in found["suicidal_thoughts"].answers


def test_a_claim_that_no_row_decides_is_argued_from_its_source() -> None:
    addictive = standing().claims["not_addictive"]
    assert addictive.claim.argued
    assert addictive.claim.source
    assert addictive.by == ()
    assert "trials_misuse" in addictive.answers
    with pytest.raises(ValueError, match="source"):
        msgspec.structs.replace(addictive.claim, source=())
