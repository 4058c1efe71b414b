"""What the protocol's rule says about the next dose: reasons and numbers, unknown said as unknown."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.protocols import Amount, protocol, protocols
from lowtide.pathway.course.response import Outcome, Response, Verdict
from lowtide.pathway.course.state import fold
from lowtide.pathway.course.tolerated import Excess, Tolerated
from lowtide.pathway.plan import reviewing, titration
from lowtide.pathway.plan.titration import Advice, advise, neighbour
from lowtide.record.entries.care import CourseReviewed, OrderSigned, Titrated
from lowtide.record.entries.chair import DoseStopped, Rating, Vitals
from tests.pathway.course.story import Story

Change = Callable[[Story], object]


def charted(story: Story, number: int = 1, sbp: int = 132, moaas: int = 5, *, complete: bool = True) -> Story:
    """One session with readings after its start."""
    story.ordered(number).started(number).after(minutes=20)
    session = story.sessions[number - 1]
    story.say(Vitals(sbp_mmhg=sbp, dbp_mmhg=84), session=session)
    story.say(Rating(scale="moaas", value=Decimal(moaas)), session=session)
    if not complete:
        story.say(DoseStopped(delivered_ml=Decimal(20), complete=False), session=session, reason="dizzy")
        return story
    return story.finished(number)


def told(name: str, before: int | None = 20, after: int | None = 18, **session: object) -> Advice:
    story = Story().planned(protocol=name)
    if before is not None:
        story.phq9(before)
    story.after(days=1, hours=2)
    charted(story, **session)  # type: ignore[arg-type]
    if after is not None:
        story.after(hours=20).phq9(after)
    return advise(story.chart, fold(story.chart), protocol(name))


def text(advice: Advice) -> str:
    return " ".join(reason.text for reason in advice.reasons)


def test_the_first_session_begins_with_the_protocols_dose() -> None:
    story = Story().planned(protocol="P10")
    said = advise(story.chart, fold(story.chart), protocol("P10"))
    assert (said.action, said.dose) == ("start", Amount(Decimal("0.5"), "mg/kg"))


def test_too_little_improvement_goes_one_step_up_and_says_the_numbers() -> None:
    said = told("P10", 20, 18)
    assert (said.action, said.dose) == ("step_up", Amount(Decimal("0.6"), "mg/kg"))
    assert "10 % better than the baseline; P10 goes up under 50 %" in text(said)
    assert "PHQ-9 20 → 18" in text(said)


@pytest.mark.parametrize(("after", "action"), [(10, "continue"), (11, "step_up")])
def test_the_bound_itself_is_improvement_enough(after: int, action: str) -> None:
    assert told("P10", 20, after).action == action


@pytest.mark.parametrize(("before", "after"), [(None, 12), (20, None), (None, None)])
def test_an_unknown_response_never_raises_the_dose(before: int | None, after: int | None) -> None:
    said = told("P10", before, after)
    assert said.action == "hold"
    assert "not known" in text(said)


@pytest.mark.parametrize(("sbp", "moaas"), [(184, 5), (132, 3)])
def test_a_session_that_was_not_borne_well_never_raises_the_dose(sbp: int, moaas: int) -> None:
    said = told("P10", sbp=sbp, moaas=moaas)
    assert said.action not in ("step_up", "continue")
    assert "M13" in text(said) or "M19" in text(said)


def test_a_label_with_steps_goes_down_where_a_dose_was_not_tolerated() -> None:
    story = Story().planned(protocol="P01").phq9(20).after(days=1, hours=2)
    kept = Titrated(dose=Decimal(84), unit="mg", advice="step_up", reasons=())
    charted(story, sbp=190)
    _kept(story, kept)
    said = advise(story.chart, fold(story.chart), protocol("P01"))
    assert (said.action, said.dose, said.last) == (
        "step_down",
        Amount(Decimal(56), "mg"),
        Amount(Decimal(84), "mg"),
    )


def _kept(story: Story, kept: Titrated) -> None:
    for n, draft in enumerate(story.drafts):
        if isinstance(draft.body, OrderSigned):
            body = msgspec.structs.replace(draft.body, titration=kept)
            story.drafts[n] = msgspec.structs.replace(draft, body=body)


def test_a_dose_stopped_early_is_told_with_its_reason() -> None:
    said = told("P10", complete=False)
    assert said.action == "hold"
    assert "stopped before its end: dizzy" in text(said)


def test_a_source_without_a_number_borrows_the_measures_cut_and_is_marked() -> None:
    said = told("P01", 20, 18)
    assert said.action == "step_up"
    assert [r.verified for r in said.reasons if "own response cut" in r.text] == [False]


def test_a_range_without_steps_names_no_dose() -> None:
    said = told("P07", 20, 18)
    assert (said.action, said.dose) == ("step_up", None)
    assert "no size of a step" in text(said)


def test_a_fixed_protocol_keeps_its_dose() -> None:
    assert told("P05", 20, 18).action == "continue"


def test_no_response_after_the_protocols_sessions_is_stop_and_review() -> None:
    story = Story().planned().induced((20, 20, 19, 19, 18, 18, 18))
    said = advise(story.chart, fold(story.chart), protocol("P05"))
    assert said.action == "review"
    assert "After session 6: no response; P05 says stop" in text(said)


bodies = st.builds(
    Tolerated,
    worst=st.just({}),
    excesses=st.sampled_from([(), (Excess("x", "M13", (), False),)]),
    events=st.just(()),
    stopped_early=st.sampled_from([None, True, False]),
    early_because=st.just(""),
    unknown=st.sampled_from([(), ("Sedation",)]),
)
answers = st.sampled_from([None, Fraction(0), Fraction(30), Fraction(60)])


@given(st.sampled_from([p for p in protocols().values() if not p.reference_only]), bodies, answers)
def test_the_dose_goes_up_only_when_response_and_bearing_are_known_and_never_past_the_top(
    plan: object, borne: Tolerated, fall: Fraction | None
) -> None:
    verdict = Verdict.UNKNOWN if fall is None else Verdict.RESPONSE if fall >= 50 else Verdict.NONE
    response = Response(
        baseline=None,
        first_dose_at=None,
        since=(),
        outcomes=(Outcome(verdict.value),),
        latest=verdict,
        fall_pct=fall,
    )
    action, dose, _ = titration._choose(plan, plan.dose, response, borne, (), [])  # type: ignore[attr-defined,arg-type]
    if action == "step_up":
        assert borne.well
        assert fall is not None
        assert dose is None or dose.value <= plan.dose_max.value  # type: ignore[attr-defined]
    if borne.well is not True:
        assert action != "step_up"


def test_steps_end_at_the_protocols_ends() -> None:
    top = Amount(Decimal("0.9"), "mg/kg")
    assert neighbour(protocol("P10"), top, up=True) is None
    assert neighbour(protocol("P10"), top, up=False) == Amount(Decimal("0.75"), "mg/kg")


# -- review ------------------------------------------------------------------------------------------------------


def found(story: Story, name: str = "P05") -> dict[str, reviewing.Finding]:
    return {f.id: f for f in reviewing.findings(story.chart, fold(story.chart), protocol(name))}


@pytest.mark.parametrize(("total", "asks"), [(16, True), (15, False)])
def test_under_a_quarter_better_after_four_sessions_asks_for_a_look(total: int, asks: bool) -> None:
    story = Story().planned().phq9(20)
    for number in range(1, 5):
        story.now = max(story.now, story.first_at + timedelta(days=(0, 3, 7, 10)[number - 1]))
        story.held(number)
    story.after(hours=20).phq9(total)
    assert ("M39" in found(story)) is asks


def many(story: Story, sessions: int, every_days: int) -> Story:
    days = [n * every_days for n in range(sessions)]
    story.planned(days)
    for number, day in enumerate(days, start=1):
        story.now = max(story.now, story.first_at + timedelta(days=day))
        story.held(number)
    return story


@pytest.mark.hazard("H035")
@pytest.mark.parametrize(("sessions", "every", "asks"), [(12, 4, False), (13, 4, True), (13, 9, False)])
def test_over_twelve_sessions_in_three_months_ask_for_a_second_clinician(
    sessions: int, every: int, asks: bool
) -> None:
    finding = found(many(Story(), sessions, every)).get("M38.91")
    assert (finding is not None) is asks
    assert finding is None or (finding.second_clinician and not finding.verified)


@pytest.mark.parametrize(("sessions", "asks"), [(24, False), (25, True)])
def test_over_twenty_four_sessions_in_a_year_ask_too(sessions: int, asks: bool) -> None:
    assert ("M38.365" in found(many(Story(), sessions, 14))) is asks


def test_a_review_is_due_until_somebody_recorded_one_and_again_after_the_next_dose() -> None:
    story = Story().planned().induced((20, 20, 19, 19, 18, 18, 18))
    state = fold(story.chart)
    item = next(reviewing.of_the_plan(story.chart, state))
    assert item.rule.owner == "prescriber"
    assert "no response" in item.detail
    ids = tuple(f.id for f in reviewing.unreviewed(story.chart, state, protocol("P05")))
    story.say(CourseReviewed(course=story.course, rules=ids, findings=(), choice="continue"), reason="r")
    assert not list(reviewing.of_the_plan(story.chart, fold(story.chart)))
