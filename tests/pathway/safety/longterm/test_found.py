"""What answers a check and came out badly stops, or marks until a clinician saw it: it is never a check in order."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.data import longterm
from lowtide.data.result_words import finds, says
from lowtide.pathway.safety.longterm.concerns import concern
from lowtide.pathway.safety.longterm.gate import blocking, holds
from lowtide.pathway.safety.longterm.stops import stop_name
from lowtide.record import store
from lowtide.record.entries.base import Answer, Body
from lowtide.record.entries.care import Answers, Total
from lowtide.record.entries.events import AdverseEvent, AdverseEventFollowed
from lowtide.record.entries.history import (
    Coding,
    Diagnosis,
    HistoryItem,
    ProblemStatus,
    Result,
    ResultReviewed,
)
from lowtide.record.entries.longterm import SafetyAsked
from tests.pathway.course.story import Story
from tests.pathway.safety.longterm.test_pages import address, html, lately, post
from tests.pathway.safety.longterm.test_schedule import GOOD, treated
from tests.pathway.safety.longterm.test_stops import CALM, event, released, stops

SignIn = Callable[..., Client]
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def said(*bodies: Body) -> Story:
    story = treated(2)
    for body in bodies:
        story.after(days=1).say(body)
    return story


def result(test: str, text: str, abnormal: Answer = Answer.YES) -> Result:
    return Result(label=test, test=test, text=text, abnormal=abnormal)


def value(test: str, number: str, high: str | None, unit: str = "U/L") -> Result:
    limit = Decimal(high) if high else None
    return Result(label=test, test=test, value=Decimal(number), unit=unit, reference_high=limit)


def problem(label: str, icd: str = "", **more: object) -> Diagnosis:
    codings = (Coding(ICD, icd),) if icd else ()
    return Diagnosis(label=label, status=ProblemStatus.ACTIVE, codings=codings, **more)  # type: ignore[arg-type]


def form(name: str, items: int, each: int) -> Answers:
    given = {str(n): each for n in range(1, items + 1)}
    return Answers(instrument=name, version="1", items=given, mode="paper")


@pytest.mark.hazard("H038")
@pytest.mark.parametrize(
    ("stop", "body"),
    [
        ("liver", result("lft", "ALT 390 U/L (limit 45), AST 210")),
        ("liver", result("lft", "raised", Answer.NOT_KNOWN)),
        ("liver", value("ggt_u_l", "900", "55")),
        ("liver", value("bilirubin_mg_dl", "9", "1.2", "mg/dL")),
        ("liver", value("bilirubin_mg_dl", "9", None, "mg/dL")),
        ("cystitis", result("urinalysis", "blood +++")),
        ("cystitis", result("urinalysis", "Blood+++, leucocytes neg", Answer.NO)),
        ("cystitis", result("haematuria", "+++")),
        ("cystitis", result("haematuria", "1+", Answer.NOT_KNOWN)),
        (
            "cystitis",
            HistoryItem(item="workup.lut_questionnaire", answer=Answer.YES, detail="new pain, blood"),
        ),
        ("cystitis", HistoryItem(item="workup.lut_questionnaire", answer=Answer.YES, abnormal=Answer.YES)),
        ("misuse", result("uds", "cocaine positive")),
        ("misuse", HistoryItem(item="uds_positive", answer=Answer.YES, value="cocaine")),
        ("misuse", HistoryItem(item="pdmp_checked", answer=Answer.YES, abnormal=Answer.YES)),
        ("pregnancy", result("hcg", "positive", Answer.NOT_KNOWN)),
    ],
)
def test_a_bad_result_of_a_check_holds_however_it_was_recorded(stop: str, body: Body) -> None:
    story = said(body)
    assert stop in stops(story)
    assert stop_name(stop) in {h.id for h in blocking(story.chart, story.now)}


@pytest.mark.parametrize(
    ("stop", "body"),
    [
        ("cystitis", form("BPICSS", 8, 4)),
        ("cystitis", Total(instrument="BPIC-SS", value=Decimal(19))),
        ("cystitis", HistoryItem(item="bpic_ss", answer=Answer.YES, value="30")),
        (
            "misuse",
            Answers(
                instrument="DAST10",
                version="1",
                items={str(n): int(n != 3) for n in range(1, 11)},
                mode="paper",
            ),
        ),
        ("cognition", SafetyAsked(check="cognition", answers={"noticed": "worse"})),
        ("cognition", Total(instrument="MoCA", value=Decimal(12))),
        ("side_effects", SafetyAsked(check="side_effects", answers={"severe": "yes"})),
        ("cystitis", problem("Cystitis", "N30.00")),
        ("cystitis", problem("Cystitis")),
        ("liver", problem("Drug-induced liver injury")),
        ("liver", problem("Toxic liver disease", "K71.9")),
        ("liver", problem("Toxic hepatitis")),
        ("liver", problem("Cholangitis", "K83.0")),
        ("liver", problem("Cholangitis")),
        ("misuse", problem("Opioid use disorder")),
        ("misuse", problem("Alcohol use disorder")),
        ("misuse", problem("Cocaine abuse", "F14.10")),
        ("psychosis", problem("Schizophrenia", "F20.9")),
        ("psychosis", HistoryItem(item="dx.psychosis", answer=Answer.YES, value="active")),
        ("mania", HistoryItem(item="dx.mania", answer=Answer.YES, value="active")),
        ("cystitis", problem("Hydronephrosis", "N13.30")),
        ("cognition", problem("Mild cognitive impairment")),
    ],
)
def test_every_instrument_and_diagnosis_of_a_check_can_stop(stop: str, body: Body) -> None:
    assert stop in stops(said(body))


@pytest.mark.parametrize(
    "body",
    [
        result("urinalysis", "no blood, protein neg", Answer.NO),
        result("urinalysis", "blood negative, leucocytes nil", Answer.NOT_KNOWN),
        result("uds", "none detected", Answer.NO),
        result("lft", "all within normal limits", Answer.NO),
        value("ggt_u_l", "100", "55"),
        HistoryItem(item="workup.lut_questionnaire", answer=Answer.YES, abnormal=Answer.NO),
        form("BPICSS", 8, 1),
        problem("Low mood", "F32.1"),
        HistoryItem(item="uds_positive", answer=Answer.NO),
    ],
)
def test_what_is_in_order_or_below_its_limit_holds_nothing(body: Body) -> None:
    assert not stops(said(body))


def marks(story: Story) -> set[str]:
    return {h.id for h in holds(story.chart, story.now) if h.id.endswith("-RESULT")}


@pytest.mark.hazard("H038")
@pytest.mark.parametrize(
    "body",
    [
        value("alt_u_l", "90", "45"),
        result("ecg", "QTc prolonged"),
        result("ecg", "see letter", Answer.NOT_KNOWN),
        result("urinalysis", "see scan", Answer.NOT_KNOWN),
        result("uds", "not done", Answer.NOT_KNOWN),
    ],
)
def test_what_stops_nothing_and_is_not_in_order_marks_the_session_until_a_clinician_saw_it(
    body: Body,
) -> None:
    story = said(body)
    assert marks(story)
    (entry,) = [e for e, b in story.chart.said(Result)]
    story.after(hours=1).say(ResultReviewed(results=(entry.id,)))
    assert not marks(story)


def test_seen_and_still_out_of_range_is_no_check_in_order() -> None:
    story = said(value("alt_u_l", "90", "45"))
    (entry,) = [e for e, b in story.chart.said(Result)]
    story.say(ResultReviewed(results=(entry.id,)))
    known = concern(story.chart, longterm.checks()["liver"])
    assert known
    assert known.seen


def test_the_same_test_back_in_range_speaks_against_nothing_any_more() -> None:
    story = said(value("alt_u_l", "90", "45"), value("alt_u_l", "30", "45"))
    assert concern(story.chart, longterm.checks()["liver"]) is None


def test_the_same_panel_normal_again_does_not_release_what_stops() -> None:
    story = said(value("alt_u_l", "390", "45"), value("alt_u_l", "30", "45"))
    known = concern(story.chart, longterm.checks()["liver"])
    assert known
    assert known.held


@pytest.mark.hazard("H038")
@settings(max_examples=60, deadline=None)
@given(
    test=st.sampled_from(sorted({t for c in longterm.checks().values() for t in c.spoken_to_by})),
    text=st.text("abc+- ,.;negnormal", max_size=20),
)
def test_a_result_that_somebody_called_out_of_range_never_leaves_its_check_in_order(
    test: str, text: str
) -> None:
    story = said(result(test, text))
    against = [concern(story.chart, c) for c in longterm.checks().values() if test in c.spoken_to_by]
    assert all(one is not None and (one.held or one.waits) for one in against)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("+++", "bad"), ("pos", "bad"), ("trace", "bad"), ("NEG", "fine"), ("not detected", "fine"),
        ("not done", ""), ("", ""), ("leucocytes", ""), ("sinus rhythm, no abnormality", ""), ("no positive", ""),
    ],
)  # fmt: skip
def test_words_of_a_result_are_read_or_left_open(text: str, read: str) -> None:
    assert says(text) == read


def test_blood_is_read_apart_from_what_else_was_found() -> None:
    assert finds("urinalysis", "leucocytes ++, blood neg") == "fine"
    assert finds("urinalysis", "leucocytes neg, Hb 2+") == "bad"
    assert finds("urinalysis", "leucocytes ++") == ""


# -- a release, an old episode, an old score ----------------------------------------------------------------------------


def followed(story: Story, **said_now: object) -> Story:
    (entry,) = [e for e, _ in story.chart.said(AdverseEvent)]
    body = AdverseEventFollowed(event=entry.id, **{"outcome": "ongoing", **said_now})  # type: ignore[arg-type]
    story.after(days=1).say(body)
    return story


@pytest.mark.hazard("H038")
@pytest.mark.parametrize(
    "worse",
    [
        {"grade": 4, "serious": Answer.YES, "criteria": ("life_threatening",), "words": "liver failure"},
        {"grade": 3},
        {"serious": Answer.YES, "criteria": ("hospital",)},
        {"words": "liver failure"},
    ],
)
def test_an_event_that_was_released_and_gets_worse_asks_again(worse: dict[str, object]) -> None:
    story = released(said(event("liver")), "liver")
    assert "liver" in stops(followed(story, **worse))


@pytest.mark.parametrize("as_before", [{"grade": 2}, {"outcome": "improving"}, {"outcome": "recovered"}, {}])
def test_an_event_that_was_released_and_is_as_it_was_or_better_asks_for_nothing(
    as_before: dict[str, object],
) -> None:
    story = released(said(event("liver")), "liver")
    assert not stops(followed(story, **as_before))


def test_an_event_that_was_over_and_came_back_asks_again() -> None:
    story = followed(said(event("liver")), outcome="recovered")
    assert "liver" in stops(followed(released(story, "liver")))


def known_before(*bodies: Body) -> Story:
    story = Story()
    for body in bodies:
        story.after(hours=1).say(body)
    story.planned().after(days=1)
    story.held(1)
    return story.after(days=2)


def mania(status: ProblemStatus, **more: object) -> Diagnosis:
    return Diagnosis(label="Mania", status=status, keys=("mania",), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("before", [(ProblemStatus.PAST,), (ProblemStatus.ACTIVE, ProblemStatus.PAST), (ProblemStatus.REFUTED,)])  # fmt: skip
def test_an_old_episode_does_not_silence_a_new_one(before: tuple[ProblemStatus, ...]) -> None:
    story = known_before(*map(mania, before))
    story.say(mania(ProblemStatus.ACTIVE))
    assert "mania" in stops(story)


def test_a_condition_of_the_history_that_was_active_before_treatment_is_not_new() -> None:
    there = HistoryItem(item="dx.mania", answer=Answer.YES, value="active")
    story = known_before(there)
    story.say(mania(ProblemStatus.ACTIVE))
    assert "mania" not in stops(story)


def test_an_episode_under_treatment_that_is_over_when_somebody_tells_of_it_is_new_all_the_same() -> None:
    story = known_before()
    day = story.now.date().isoformat()
    story.after(days=5).say(mania(ProblemStatus.PAST, onset=day))
    assert "mania" in stops(story)


def test_a_typing_error_put_right_in_a_problem_known_before_is_no_new_problem() -> None:
    story = Story()
    first = story.say(mania(ProblemStatus.ACTIVE))
    story.planned().after(days=1).held(1)
    again = Diagnosis(label="Mania, known", status=ProblemStatus.ACTIVE, keys=("mania",))
    story.after(days=2).say(again, reason="typing error", corrects=first.id)
    assert "mania" not in stops(story)


@pytest.mark.parametrize(
    ("name", "before", "now", "held"),
    [
        ("YMRS", (13, 3), (40,), True),
        ("YMRS", (13,), (3, 14), True),
        ("YMRS", (13,), (40,), True),
        ("YMRS", (13,), (14,), False),
        ("YMRS", (), (13,), True),
        ("ICSI", (6,), (20,), True),
        ("ICSI", (8,), (8,), False),
        ("BPICSS", (20,), (38,), True),
        ("MOCA", (17,), (17,), False),
        ("MOCA", (17,), (12,), True),
    ],
)
def test_a_score_is_compared_with_the_last_before_treatment(
    name: str, before: tuple[int, ...], now: tuple[int, ...], held: bool
) -> None:
    story = known_before(*(Total(instrument=name, value=Decimal(v)) for v in before))
    for v in now:
        story.after(days=1).say(Total(instrument=name, value=Decimal(v)))
    assert bool(stops(story)) is held


# -- on the pages -------------------------------------------------------------------------------------------------------


@pytest.mark.hazard("H038")
def test_the_liver_form_asks_for_each_value_with_its_limit_and_a_high_one_holds(
    clinic: object, sign_in: SignIn
) -> None:
    story, client = lately().tell(), sign_in("nurse")
    form = f"/patients/{story.patient}/workup/lft"
    assert "normal up to" in html(client, form)
    post(client, form, alt_u_l="390", alt_u_l_limit="45", ast_u_l="30", ast_u_l_limit="40", abnormal="yes", on=story.now.date().isoformat())  # fmt: skip
    assert {b.test: b.abnormal for _, b in store.load(story.stream).said(Result)} == {
        "alt_u_l": Answer.YES,
        "ast_u_l": Answer.NO,
    }
    page = html(client, address(story))
    assert "ALT 8.7 times the upper limit" in page
    assert "Held" in page


def test_an_empty_liver_form_says_what_to_enter(clinic: object, sign_in: SignIn) -> None:
    story, client = lately().tell(), sign_in("nurse")
    page = post(client, f"/patients/{story.patient}/workup/lft", abnormal="no", on="2026-09-02")
    assert "Enter at least one value" in page
    assert not store.load(story.stream).said(Result)


@pytest.mark.hazard("H038")
def test_an_out_of_range_result_is_said_on_the_page_and_never_in_order(
    clinic: object, sign_in: SignIn
) -> None:
    story = lately()
    story.after(hours=3).say(result("ecg", "left bundle branch block"))
    page = html(sign_in("nurse"), address(story.tell()))
    assert "To be looked at" in page
    assert "Out of range" in page


def test_the_bladder_questionnaire_asks_how_it_came_out(clinic: object, sign_in: SignIn) -> None:
    story, client = lately().tell(), sign_in("nurse")
    post(client, f"/patients/{story.patient}/workup/lut_questionnaire", value="", abnormal="yes", on=story.now.date().isoformat())  # fmt: skip
    assert "Next session held" in html(client, address(story))


def test_calm_answers_are_in_order() -> None:
    story = said(SafetyAsked(check="bladder", answers=GOOD), SafetyAsked(check="dependence", answers=CALM))
    assert all(concern(story.chart, longterm.checks()[key]) is None for key in ("bladder", "dependence"))
