"""A claim's verdict follows from the rows: it moves when they move, and waits when they are gone."""

import re

import msgspec
import pytest

from lowtide.data import evidence_words
from lowtide.data.claims import claims
from lowtide.data.questions import questions
from lowtide.pathway.course.trial_answers import standing
from lowtide.portal.people_ask import shown
from lowtide.problems import BadInput
from lowtide.science.evidence.judged import condition
from lowtide.science.evidence.named import SURE
from tests.science.evidence.test_named import Change, added, altered, swapped, without

VERDICTS = {
    "fast": "partly",
    "others_failed": "partly",
    "ptsd": "not_shown",
    "resets_pain": "not_shown",
    "inflammation": "not_shown",
    "safe_supervised": "partly",
    "few_side_effects": "wrong",
    "lasts_weeks": "partly",
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
    "memory_and_ect": "partly",
}


def test_the_verdicts_of_the_shipped_table() -> None:
    assert {key: one.verdict for key, one in standing().claims.items()} == VERDICTS


def test_every_condition_can_be_read_and_names_an_answer() -> None:
    found = standing().answers
    for claim in claims().values():
        for line in claim.when:
            assert all(condition(text, found).value is not None for text in line.all), claim.id


def test_every_verdict_that_can_come_out_is_said_in_plain_words() -> None:
    assert all(line.plain for claim in claims().values() for line in claim.when)


def reviewed(*rows: tuple[str, str, str]) -> Change:
    """The pooled results with parts of some rows changed, each row by its name."""

    def change(text: str) -> str:
        lines = text.splitlines()
        for name, before, after in rows:
            at = next(n for n, line in enumerate(lines) if line.startswith(f"{name},"))
            assert before in lines[at]
            lines[at] = lines[at].replace(before, after)
        return "\n".join(lines) + "\n"

    return change


CLEAR = ("DEAN-MDZ-RESP", ",2.48,1.0,6.18,", ",2.48,1.4,4.4,")


def test_what_is_known_with_less_than_moderate_certainty_is_supported_in_part_only() -> None:
    sure = [(row, ",very low,", ",moderate,") for row in ("DEAN-MDZ-RESP", "DEAN-SAL-RESP")]
    for rows, verdict in (
        ((CLEAR,), "partly"),
        ((CLEAR, sure[0]), "partly"),
        ((CLEAR, *sure), "supported"),
    ):
        now = altered(pooled=reviewed(*rows))
        assert now.claims["fast"].verdict == verdict
        assert now.claims["fast"].plain == "Many people feel it within a day."


def test_no_claim_is_supported_on_less_than_moderate_certainty() -> None:
    now = standing()
    for one in now.claims.values():
        sure = [now.answers[name].sure for name in one.decided_by if now.answers[name].sure >= 0]
        assert one.verdict != "supported" or min(sure) >= SURE["moderate"], one.claim.id


def test_reasons_follow_the_rows() -> None:
    before = " ".join(standing().claims["fast"].why)
    after = " ".join(altered(pooled=reviewed(CLEAR)).claims["fast"].why)
    assert "the limits reach no difference" in before
    assert "the limits reach no difference" not in after
    assert "more people responded, too" in after


def test_every_reason_that_says_a_result_has_conditions() -> None:
    """What stands without a condition says how a thing was made or what is not known, never what was found."""
    found = re.compile(r"\b(more|fewer|no difference|did better|no better|benefit|gain)\b")
    for claim in claims().values():
        for why in claim.why:
            assert why.when or claim.argued or not found.search(why.text) or why.text in STATED, why.text


STATED = {
    "Long-term harm was hardly counted for racemic ketamine, so “safe” says more than is known.",
    "Stronger dissociation went with more improvement in one sample, weakly, and people can tell what they got.",
}


def test_what_decides_that_it_works_where_others_failed_rests_on_such_people_alone() -> None:
    now, words_ = standing(), evidence_words.words()
    decided = now.claims["others_failed"].decided_by
    assert {"change_spray_28d", "quetiapine_remission", "spray_japan_84"} <= set(decided)
    for name in decided:
        for study in now.answers[name].studies:
            condition_ = now.tables.study[study].condition
            assert words_.population_of(condition_).id == "resistant", (name, study)


def test_how_sure_a_verdict_is_is_the_least_of_what_decided_it() -> None:
    now = standing()
    told = shown.claim(now.claims["others_failed"], now)
    assert now.answers["spray_japan_84"].certainty == "very_low"
    assert told["sure"] == questions().certainty["very_low"]


# -- since somebody looked ----------------------------------------------------------------------------------------------


def test_every_claim_was_looked_at_with_the_rows_as_they_are() -> None:
    """Rows moved: read the claim beside its answers (/evidence/claims), then run tests.science.evidence.checked."""
    for one in standing().claims.values():
        assert one.since.stands, (one.claim.id, one.since.moved, one.since.trials)


def test_a_moved_answer_takes_last_checked_away_and_is_named() -> None:
    now = altered(pooled=reviewed(CLEAR))
    assert now.claims["fast"].since.moved == ("response_24h_midazolam",)
    told = shown.claim(now.claims["fast"], now)
    assert told["changed"]
    assert now.claims["ptsd"].since.stands
    assert not shown.claim(now.claims["ptsd"], now)["changed"]


def test_a_new_trial_that_no_answer_asks_for_is_named_beside_the_claims_on_its_people() -> None:
    study = "New2026,New2026,New A et al. A trial 2026,2026,,,,no,PTSD,,RCT parallel,double-blind,90,90,PCL-5,saline,,,yes,https://example.org/new"
    arm = "New2026,{id},{id},{node},{drug},IV,,,,single,1,1,,45,,,,,,yes,https://example.org/new,"
    worse = "New2026,K,ptsd,PCL-5,mean_difference,day 1,1,,,,,,,,,,,S,MD,6.0,2.0,10.0,,yes,https://example.org/new,"
    now = altered(
        studies=added(study),
        arms=added(
            arm.format(id="K", node="ketamine_iv_single", drug="racemic ketamine"),
            arm.format(id="S", node="saline", drug="saline"),
        ),
        outcomes=added(worse),
    )
    assert now.claims["ptsd"].since.trials == ("New2026",)
    assert now.claims["ptsd"].since.moved == ()
    assert not now.claims["ptsd"].since.stands
    assert now.claims["resets_pain"].since.stands


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
    assert now.claims["ptsd"].verdict == "partly"
    assert now.claims["ptsd"].plain == "The studies agree that it helps."
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
        assert set(one.claim.weighed) | set(one.claim.beside) == set(one.answers), one.claim.id
    assert {"ptsd_small", "ptsd_veterans"} <= set(found["ptsd"].answers)
    assert "response_ect" in found["better_than_ect"].answers
    assert "response_24h_midazolam" in found["fast"].answers
    assert "spray_old" in found["others_failed"].answers
    assert "suicidal_3d_depressive" in found["suicidal_thoughts"].answers


def test_a_claim_that_no_row_decides_is_argued_from_its_source() -> None:
    addictive = standing().claims["not_addictive"]
    assert addictive.claim.argued
    assert addictive.claim.source
    assert addictive.by == ()
    assert "trials_misuse" in addictive.answers
    with pytest.raises(ValueError, match="source"):
        msgspec.structs.replace(addictive.claim, source=())
