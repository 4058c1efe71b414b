"""Whether an earlier treatment was an adequate trial: from dose, time and adherence, and in words why."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data import codes
from lowtide.data.expression import Span
from lowtide.data.trials import minimum_doses, tables
from lowtide.pathway.evaluate.adequacy import Trial, counts, verdict
from lowtide.pathway.evaluate.charted_trials import charted, enough, trial_of
from lowtide.pathway.evaluate.facts import daily_mg
from lowtide.pathway.evaluate.facts import trial as tried
from lowtide.record.entries.base import Answer
from lowtide.record.entries.history import DepressiveEpisode, TreatmentTrial, TrialJudged
from tests.pathway.evaluate.charts import chart, correction, entry, trial

DOSES = [(agent, row.mg_day) for (use, agent), row in minimum_doses().items() if use == "antidepressant"]
KINDS = tuple(tables().kind)


def escitalopram(**told: object) -> Trial:
    return whole("escitalopram", **({"daily_mg": Decimal(20)} | told))  # type: ignore[arg-type]


def whole(agent: str, daily_mg: Decimal | None, **told: object) -> Trial:
    """A trial of which everything is known."""
    facts = {"weeks": 8, "adequate_dose": True, "current_episode": True, "adherent": True, "worked": False}
    return tried(agent, daily_mg=daily_mg, **(facts | told))  # type: ignore[arg-type]


def test_every_lowest_dose_is_of_a_medicine_that_is_recognised() -> None:
    for use, agent in minimum_doses():
        found = codes.recognise_medicine(agent)
        assert found, agent
        assert found.name == agent
        assert use in KINDS


@pytest.mark.hazard("H029")
@pytest.mark.parametrize(("agent", "least"), DOSES)
def test_the_lowest_dose_counts_and_a_hair_less_does_not(agent: str, least: Decimal) -> None:
    hair = Decimal("0.1")
    assert (enough(agent, None, least), enough(agent, None, least - hair)) == (Answer.YES, Answer.NO)
    assert verdict(whole(agent, least), 4).adequate is True
    assert verdict(whole(agent, least - hair), 4).adequate is None
    assert verdict(whole(agent, least - hair, adequate_dose=None), 4).adequate is False


@pytest.mark.hazard("H029")
def test_the_last_week_asked_for_counts() -> None:
    assert verdict(escitalopram(weeks=4), 4).adequate is True
    assert verdict(escitalopram(weeks=3.9), 4).adequate is False
    assert verdict(escitalopram(weeks=5), 6).adequate is False


def test_a_dose_too_low_is_told_with_both_numbers() -> None:
    why = verdict(
        tried("fluoxetine", weeks=5, adequate_dose=None, current_episode=True, daily_mg=Decimal(10)), 4
    )
    assert why.why == "10 mg a day: below the minimum of 20 mg"
    assert why.on_default


@pytest.mark.hazard("H028")
@pytest.mark.parametrize(
    "unknown",
    ["weeks", "daily_mg", "adequate_dose", "current_episode", "adherent", "worked"],
)
def test_what_is_not_known_leaves_it_open_whether_it_counts(unknown: str) -> None:
    assert counts(escitalopram(), 4).met is True
    found = counts(escitalopram(**{unknown: None}), 4)
    assert found.met is None
    assert "not recorded" in found.text or "not known" in found.text or "nobody has said" in found.text


def test_a_yes_that_the_dose_contradicts_is_not_taken_for_one() -> None:
    found = verdict(escitalopram(adequate_dose=True, daily_mg=Decimal(5)), 4)
    assert found.adequate is None
    assert "though the dose was said to be enough" in found.why


def test_a_no_stands_whatever_the_dose() -> None:
    assert verdict(escitalopram(adequate_dose=False), 4).adequate is False


def test_missed_doses_and_help_keep_a_trial_from_counting() -> None:
    assert counts(escitalopram(adherent=False), 4).text == "not taken as prescribed"
    assert counts(escitalopram(worked=True), 4).text == "it helped: no failure"


@pytest.mark.parametrize(
    ("agent", "kind"),
    [("lithium", "augmentation"), ("CBT, 12 hours", "psychotherapy"), ("ECT", "ect"), ("rTMS", "tms")],
)
def test_what_is_no_antidepressant_is_not_counted_as_one(agent: str, kind: str) -> None:
    found = tried(agent, weeks=8, adequate_dose=True, current_episode=True)
    assert found.kind == kind
    assert counts(found, 4).met is False


def test_a_therapy_is_measured_in_sessions() -> None:
    ect = [tried("ECT", weeks=None, adequate_dose=None, current_episode=True, sessions=n) for n in (5, 6)]
    assert [verdict(t, 4).adequate for t in ect] == [False, True]


@given(
    kind=st.sampled_from(KINDS),
    weeks=st.none() | st.floats(0, 60).map(lambda w: Span(w, w)),
    mg=st.none() | st.integers(1, 400).map(Decimal),
    said=st.none() | st.booleans(),
    current=st.none() | st.booleans(),
)
def test_more_weeks_asked_never_make_a_trial_adequate(
    kind: str, weeks: Span | None, mg: Decimal | None, said: bool | None, current: bool | None
) -> None:
    trial = Trial("sertraline", frozenset({"ssri"}), weeks, said, current, kind, mg, 20)
    rank = {False: 0, None: 1, True: 2}
    assert rank[verdict(trial, 6).adequate] <= rank[verdict(trial, 4).adequate]
    assert rank[counts(trial, 6).met] <= rank[counts(trial, 4).met]


@pytest.mark.parametrize(
    ("text", "mg"),
    [("20 mg", 20), ("37.5mg", Decimal("37.5")), ("20 mg daily", 20), ("20 mg/day", 20)]
    + [(text, None) for text in ("20 mg twice daily", "10-20 mg", "2 tablets", "", None)],
)
def test_a_written_dose_is_read_only_where_it_says_one_thing(text: str | None, mg: Decimal | None) -> None:
    assert daily_mg(text) == mg


# -- from the chart -------------------------------------------------------------------------------------------


def of(**told: object) -> Trial:
    return trial_of(trial("sertraline", **told))  # type: ignore[arg-type]


@pytest.mark.hazard("H028")
def test_dates_alone_show_that_it_was_too_short_and_never_that_it_was_long_enough() -> None:
    long, short = (
        of(weeks=None, started=a, stopped=b) for a, b in (("2025-01", "2025-06"), ("2025-05-01", "2025-05"))
    )
    assert verdict(long, 4).adequate is None
    assert "at most 25.7 weeks by its dates" in verdict(long, 4).why
    assert verdict(short, 5).adequate is False


def test_weeks_told_are_never_more_than_the_dates_allow() -> None:
    found = of(weeks=Decimal(12), started="2025-05-01", stopped="2025-05-15")
    assert found.weeks == Span(2, 2)


def test_the_start_of_the_episode_says_only_which_trials_do_not_belong_to_it() -> None:
    body = TreatmentTrial(agent="sertraline", started="2025-03", stopped="2025-06")
    before, during, across = (
        trial_of(body, DepressiveEpisode(started=began)).current_episode
        for began in ("2025-08", "2025-01", "2025-05")
    )
    assert (before, during, across) == (False, None, None)


def test_a_judgement_holds_until_what_it_judged_is_corrected() -> None:
    first = entry(TreatmentTrial(agent="sertraline", weeks=Decimal(3), daily_dose_mg=Decimal(50)))
    judged = entry(TrialJudged(trial=first.id, adequate=True), reason="stopped for a rash at full dose")
    assert charted(chart(first, judged))[0].trial.judged is True
    later = correction(first, TreatmentTrial(agent="sertraline", weeks=Decimal(1)))
    assert charted(chart(first, judged, later))[0].trial.judged is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("weeks", Decimal(-1)),
        ("daily_dose_mg", Decimal(0)),
        ("improvement_pct", Decimal(101)),
        ("result", "cured"),
        ("treatment", "prayer"),
        ("sessions", -1),
        ("agent", " "),
        ("stopped", "2024"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(field: str, value: object) -> None:
    told = {"agent": "sertraline", "started": "2025-03", field: value}
    assert [p.where for p in TreatmentTrial(**told).problems()] == [field]  # type: ignore[arg-type]


@pytest.mark.hazard("H028")
def test_an_entry_of_before_the_ledger_waits_for_what_it_does_not_say() -> None:
    body = TreatmentTrial(
        agent="sertraline", weeks=Decimal(8), minimum_effective_dose=Answer.YES, current_episode=Answer.YES
    )
    found = counts(trial_of(body), 4)
    assert found.met is None
    for missing in ("given for depression", "the dose a day", "taken as prescribed", "what came of it"):
        assert missing in found.text


def test_a_small_change_without_a_result_leaves_it_open_and_a_large_one_is_a_response() -> None:
    small, large = (of(result=None, improvement_pct=Decimal(pct)) for pct in (10, 50))
    assert (counts(small, 4).met, counts(large, 4).met) == (None, False)
