"""What stops: it holds the next session until a prescriber releases it with a reason; observations stay neutral."""

from decimal import Decimal

import msgspec
import pytest

from lowtide.data import longterm
from lowtide.data.audiences import audience
from lowtide.pathway.course.due import due
from lowtide.pathway.course.state import fold
from lowtide.pathway.safety.longterm import signals
from lowtide.pathway.safety.longterm.gate import blocking
from lowtide.pathway.safety.longterm.stops import Open, open_stops, stop_name
from lowtide.record.entries.base import Answer, Draft
from lowtide.record.entries.care import Answers, OrderSigned, Total
from lowtide.record.entries.chair import SessionScheduled
from lowtide.record.entries.events import AdverseEvent
from lowtide.record.entries.history import Diagnosis, HistoryItem, ProblemStatus, Result
from lowtide.record.entries.longterm import SafetyAsked, StopReviewed, TreatedElsewhere, UseSignal
from tests.pathway.course.story import Story
from tests.pathway.safety.longterm.test_schedule import GOOD, asked, treated

CALM = {"craving": "1", "liking": "2", "new_use": "no", "between": "no"}


def stops(story: Story) -> dict[str, Open]:
    return {one.key: one for one in open_stops(story.chart)}


def alt(times: str, limit: str | None = "40", **more: object) -> Result:
    high = Decimal(limit) if limit else None
    value = Decimal(times) * (high or 40)
    return Result(label="ALT", test="alt_u_l", value=value, unit="U/L", reference_high=high, **more)  # type: ignore[arg-type]


def event(term: str) -> AdverseEvent:
    return AdverseEvent(term=term, grade=2, serious=Answer.NO)


@pytest.mark.hazard("H038")
@pytest.mark.parametrize(("times", "held"), [("3", False), ("3.1", True)])
def test_a_liver_value_above_three_times_the_laboratorys_limit_holds(times: str, held: bool) -> None:
    story = treated(2)
    story.after(days=1).say(alt(times, "35"))
    assert ("liver" in stops(story)) is held


@pytest.mark.hazard("H038")
def test_without_the_laboratorys_limit_an_assumed_one_holds_and_is_marked() -> None:
    story = treated(2)
    story.after(days=1).say(alt("4", None))
    found = stops(story)["liver"]
    assert "assumed" in found.text
    assert not found.verified


@pytest.mark.hazard("H038")
def test_a_corrected_result_that_is_low_after_all_holds_nothing() -> None:
    story = treated(2)
    first = story.after(days=1).say(alt("9"))
    story.after(hours=1).drafts.append(_correcting(story, first, alt("1")))
    assert "liver" not in stops(story)


def _correcting(story: Story, first: Draft, body: object) -> Draft:
    made = Draft(stream=story.stream, body=body, by="staff:test", at=story.now, reason="typing error")  # type: ignore[arg-type]
    return made.correcting(first.as_entry(1))


@pytest.mark.parametrize(
    ("stop", "body"),
    [
        ("psychosis", event("psychosis_mania")),
        ("mania", event("psychosis_mania")),
        ("mania", Diagnosis(label="Mania", status=ProblemStatus.ACTIVE, keys=("mania",))),
        ("mania", Total(instrument="YMRS", value=Decimal(13))),
        ("psychosis", Diagnosis(label="Psychosis", status=ProblemStatus.ACTIVE, keys=("psychosis",))),
        ("cystitis", event("urinary")),
        ("cystitis", SafetyAsked(check="bladder", answers=GOOD | {"pain": "worse"})),
        ("cystitis", SafetyAsked(check="bladder", answers=GOOD | {"blood": "worse"})),
        ("cystitis", Result(label="Blood", test="haematuria", text="positive")),
        (
            "cystitis",
            Answers(instrument="ICSI", version="1", items=dict.fromkeys("12345678", 2), mode="paper"),
        ),
        ("liver", event("liver")),
        ("liver", HistoryItem(item="alt_x_uln", answer=Answer.YES, value="3.5")),
        ("misuse", event("misuse")),
        ("misuse", SafetyAsked(check="dependence", answers=CALM | {"craving": "5"})),
        ("misuse", SafetyAsked(check="dependence", answers=CALM | {"new_use": "yes"})),
        ("misuse", UseSignal(signal="lost_supply")),
        ("pregnancy", HistoryItem(item="hcg_result", answer=Answer.YES, value="positive")),
    ],
)
def test_what_is_new_since_the_first_dose_holds_the_next_session(stop: str, body: object) -> None:
    story = treated(2)
    story.after(days=1).say(body)  # type: ignore[arg-type]
    assert stop in stops(story)
    assert stop_name(stop) in {h.id for h in blocking(story.chart, story.now)}


@pytest.mark.parametrize(
    "body",
    [
        Diagnosis(label="Mania", status=ProblemStatus.REFUTED, keys=("mania",)),
        Total(instrument="YMRS", value=Decimal(12)),
        SafetyAsked(check="bladder", answers=GOOD | {"pain": "as_before"}),
        SafetyAsked(check="dependence", answers=CALM | {"craving": "4"}),
        SafetyAsked(check="dependence", answers=CALM | {"new_use": "not_known"}),
        Result(label="Blood", test="haematuria", text="negative"),
    ],
)
def test_what_is_below_its_limit_or_not_known_holds_nothing(body: object) -> None:
    story = treated(2)
    story.after(days=1).say(body)  # type: ignore[arg-type]
    assert not stops(story)


def test_what_was_known_before_the_first_dose_is_for_candidacy() -> None:
    story = Story()
    story.say(Diagnosis(label="Psychosis", status=ProblemStatus.ACTIVE, keys=("psychosis",)))
    story.planned().after(days=1).held(1)
    story.after(days=2).say(Diagnosis(label="Psychosis", status=ProblemStatus.ACTIVE, keys=("psychosis",)))
    assert not stops(story)


def test_a_fall_of_three_points_of_the_moca_holds() -> None:
    story = Story()
    story.say(Total(instrument="MoCA", value=Decimal(28)))
    story.planned().held(1)
    story.after(days=180).say(Total(instrument="MoCA", value=Decimal(25)))
    assert "MoCA 28 at first, 25 now" in stops(story)["cognition"].text


def released(story: Story, key: str, reason: str = "an infection, treated") -> Story:
    body = StopReviewed(stop=key, choice="release", sources=stops(story)[key].sources)
    story.after(hours=1).say(body, reason=reason)
    return story


def test_released_with_a_reason_the_next_session_may_go_on() -> None:
    story = treated(2)
    story.after(days=1).say(event("urinary"))
    assert not stops(released(story, "cystitis"))


def test_something_new_after_the_release_holds_again() -> None:
    story = treated(2)
    story.after(days=1).say(event("urinary"))
    released(story, "cystitis").after(days=3).say(
        SafetyAsked(check="bladder", answers=GOOD | {"pain": "worse"})
    )
    assert "cystitis" in stops(story)


def test_a_session_held_by_hand_waits_for_a_prescriber() -> None:
    story = treated(2)
    story.say(StopReviewed(stop="other", choice="hold"), reason="he seems another person")
    assert "he seems another person" in stops(story)["other"].text
    items = [i for i in due(story.chart, fold(story.chart)) if i.task.name == "stop_other"]
    assert items[0].rule.rule_id == "STOP-REVIEW"


@pytest.mark.hazard("H035")
def test_a_request_three_days_early_is_kept_in_mind_and_alone_holds_nothing() -> None:
    story = treated(2)
    story.say(UseSignal(signal="early_request", days_early=3, said="a hard week"))
    assert [s.kind for s in signals.signals(story.chart)] == ["early_request"]
    assert "3 days early, a hard week" in signals.signals(story.chart)[0].text
    assert "misuse" not in stops(story)


@pytest.mark.hazard("H035")
def test_two_kinds_of_observations_within_three_months_ask_for_a_talk() -> None:
    story = treated(2)
    story.say(UseSignal(signal="early_request", days_early=3))
    story.after(days=60).say(UseSignal(signal="register", said="two prescribers"))
    assert "misuse" in stops(story)


@pytest.mark.hazard("H035")
def test_two_kinds_of_observations_far_apart_ask_for_nothing() -> None:
    story = treated(2)
    story.say(UseSignal(signal="early_request", days_early=3))
    story.after(days=92).say(UseSignal(signal="asks_for_more"))
    assert "misuse" not in stops(story)


@pytest.mark.hazard("H035")
def test_treatment_in_two_places_at_once_asks_for_a_talk() -> None:
    story = treated(2)
    story.say(TreatedElsewhere(drug="ketamine", told_by="register", still=Answer.YES))
    assert "misuse" in stops(story)


def test_a_session_booked_sooner_and_a_dose_that_rose_are_found_in_the_record() -> None:
    story = treated(2)
    course, session = story.course, story.sessions[0]
    sooner = SessionScheduled(course=course, number=3, planned_at=story.now, sooner_because="she travels")
    story.say(sooner, session=story.sessions[-1])
    (first,) = [d.body for d in story.drafts if isinstance(d.body, OrderSigned)][:1]
    story.after(days=1).say(msgspec.structs.replace(first, dose_mg_per_kg=Decimal("0.75")), session=session)
    assert {s.kind for s in signals.signals(story.chart)} == {"sooner", "dose_rise"}


@pytest.mark.hazard("H049")
def test_what_holds_because_of_use_says_nothing_about_it_to_everybody() -> None:
    story = treated(2)
    story.say(UseSignal(signal="lost_supply", said="left on the bus"), visible_to=audience("substance_use"))
    said = [h.what for h in blocking(story.chart, story.now) if h.id == "stop_review"]
    rows = [i for i in due(story.chart, fold(story.chart)) if i.task.name == "stop_review"]
    told = " ".join((*said, rows[0].label, rows[0].detail, rows[0].title, rows[0].task.name, rows[0].key))
    assert not [word for word in ("bus", "lost", "misuse", "supply", "use of") if word in told.lower()]


@pytest.mark.parametrize("text", [one.label + one.about for one in longterm.signals().values()])
def test_observations_are_worded_without_accusation(text: str) -> None:
    accusing = ("abuse", "addict", "drug-seek", "seeking", "suspicious", "lied", "manipul", "misuse", "dirty")
    assert not [word for word in accusing if word in text.lower()]


def test_asking_the_bladder_again_without_symptoms_does_not_release_by_itself() -> None:
    story = treated(2)
    story.after(days=1).say(SafetyAsked(check="bladder", answers=GOOD | {"pain": "worse"}))
    asked(story.after(days=1))
    assert "cystitis" in stops(story)
