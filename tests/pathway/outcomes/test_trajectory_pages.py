"""The trajectory on the chart: every measure, the person's own goal, and what each session cost, as each role."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.data.instruments import version
from lowtide.pathway.course.measures import tracked
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes.trajectory import burden_page
from lowtide.pathway.outcomes.trajectory.burden import costs
from lowtide.pathway.outcomes.trajectory.goals import goals
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Source
from lowtide.record.entries.care import Answers
from lowtide.record.entries.chair import Rating, Vitals
from lowtide.record.entries.events import AdverseEvent
from lowtide.record.entries.goals import GoalRated, GoalSet
from tests.pathway.course.story import Story

SignIn = Callable[..., Client]


def treated() -> Story:
    """Two sessions with what was charted in them, a score a day after each, and another measure."""
    story = Story(at=datetime.now(UTC) - timedelta(days=30)).took_history().decided().phq9(20)
    story.say(
        Answers(instrument="GAD7", version=version("GAD7"), items=dict.fromkeys("1234567", 2), mode="paper")
    )
    story.planned((0, 3))
    for number, (before, peak) in enumerate(((128, 151), (131, 149)), start=1):
        story.now = story.first_at + timedelta(days=3 * (number - 1))
        session = story.sessions[number - 1]
        story.ordered(number)
        story.say(Vitals(sbp_mmhg=before, dbp_mmhg=80), session=session)
        story.after(minutes=1).started(number)
        story.after(minutes=20).say(Vitals(sbp_mmhg=peak, dbp_mmhg=91, spo2_pct=95), session=session)
        story.say(Rating(scale="dissociation", value=Decimal(4 + number)), session=session)
        if number == 2:
            event = AdverseEvent(term="nausea", grade=2, serious=Answer.NO)
            story.say(event, session=session)
        story.finished(number).after(hours=20).phq9(20 - 6 * number)
    story.say(
        Answers(instrument="GAD7", version=version("GAD7"), items=dict.fromkeys("1234567", 0), mode="phone")
    )
    return story


def test_each_session_stands_with_its_peaks_its_events_and_the_score_on_either_side() -> None:
    chart = treated().chart
    state = fold(chart)
    found = costs(chart, state, tracked(chart, state)[0])
    assert [(c.sbp, c.rise) for c in found] == [(151, 23), (149, 18)]
    assert [[e.body.term for e in c.events] for c in found] == [[], ["nausea"]]
    assert [c.change for c in found] == [6, 6]


def test_a_session_without_a_reading_or_a_score_says_so_and_guesses_nothing() -> None:
    story = Story().took_history().after(days=1).decided().planned((0,)).after(days=1).held(1)
    (cost,) = costs(story.chart, fold(story.chart), tracked(story.chart, fold(story.chart))[0])
    assert (cost.sbp, cost.rise, cost.change, cost.events) == (None, None, None, ())


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (5, "20 → 12 (4 h)"),
        (23, "20 → 12 (24 h)"),
        (72, "20 → 12 (72 h)"),
        (168, "20 → 12 (7 days)"),
        (26 * 24, "20 → none in time"),
    ],
)
def test_a_score_counts_for_a_session_only_within_the_windows_of_the_table(hours: float, said: str) -> None:
    story = Story().took_history().decided().phq9(20).planned((0,)).after(days=1).held(1)
    start = fold(story.chart).given[0].at
    story.now = start + timedelta(hours=hours)
    story.phq9(12)
    (cost,) = costs(story.chart, fold(story.chart), tracked(story.chart, fold(story.chart))[0])
    assert burden_page.rows([cost], UTC)[0]["score"] == said
    assert cost.change == (None if "none" in said else 8)


def test_a_score_from_long_before_the_session_is_not_what_it_started_from() -> None:
    story = Story().took_history().decided().phq9(20).after(days=20).planned((0,)).after(days=1).held(1)
    story.after(days=1).phq9(12)
    (cost,) = costs(story.chart, fold(story.chart), tracked(story.chart, fold(story.chart))[0])
    assert (cost.before, cost.change) == (None, None)


@pytest.mark.django_db
def test_the_page_shows_every_measure_how_fast_and_what_it_cost(sign_in: SignIn) -> None:
    story = treated().tell()
    page = sign_in("prescriber").get(f"/patients/{story.patient}/outcomes").content.decode()
    for words in (
        "PHQ-9 20 % lower",
        "within 23 h",
        "nothing was measured between the first dose and then",
        "GAD-7 and sessions",
        "reliably better",
        "response",
        "6 of 10",
        "151/91",
        "+23",
        "Nausea, moderate",
        "20 → 14",
    ):
        assert words in page, words
    assert page.count("<svg") >= 3
    assert page.count('class="twin"') >= 2


@pytest.mark.django_db
def test_an_empty_chart_says_what_will_stand_there(sign_in: SignIn) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(days=1)).tell()
    page = sign_in("nurse").get(f"/patients/{story.patient}/outcomes").content.decode()
    for words in ("No score yet", "No goal is written down", "No dose was given yet", "No form yet"):
        assert words in page


# -- the person's own goal ---------------------------------------------------------------------------------------


def ids(story: Story) -> list[UUID]:
    return [g.id for g in goals(store.load(story.stream))]


def rating(value: int | str, **more: str) -> dict[str, str]:
    return {"entry_id": str(uuid4()), "value": str(value), "words": "", **more}


@pytest.mark.django_db
def test_a_goal_is_set_in_the_persons_words_and_rated_over_time(sign_in: SignIn) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(days=3)).tell()
    nurse, place = sign_in("nurse"), f"/patients/{story.patient}/outcomes/goals"
    nurse.post(place, {"entry_id": str(uuid4()), "text": "to cook on Sundays"})
    (goal,) = ids(story)
    for value in (2, 6):
        assert nurse.post(f"{place}/{goal}", rating(value)).status_code == 302
    (found,) = goals(store.load(story.stream))
    assert (found.text, [r.value for r in found.ratings], found.nearer) == (
        "to cook on Sundays",
        [2, 6],
        True,
    )
    page = nurse.get(f"/patients/{story.patient}/outcomes").content.decode()
    assert "to cook on Sundays" in page
    assert "nearer than at first" in page


@pytest.mark.django_db
def test_a_goal_of_the_plan_becomes_an_entry_with_its_first_rating_and_a_double_click_says_it_once(
    sign_in: SignIn,
) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(days=3)).took_history().decided().planned((9,))
    plan = story.drafts[-1]
    story.drafts[-1] = type(plan)(
        **{f: getattr(plan, f) for f in plan.__struct_fields__} | {"body": _with_goal(plan)}
    )
    story.tell()
    (goal,), nurse, data = ids(story), sign_in("nurse"), rating(4, words="two nights of seven")
    for _ in range(2):
        assert nurse.post(f"/patients/{story.patient}/outcomes/goals/{goal}", data).status_code == 302
    chart = store.load(story.stream)
    assert [(e.id, b.text) for e, b in chart.said(GoalSet)] == [(goal, "to sleep through")]
    assert [(b.value, b.words) for _, b in chart.said(GoalRated)] == [(4, "two nights of seven")]


def _with_goal(plan: object) -> object:
    import msgspec

    return msgspec.structs.replace(plan.body, goal="to sleep through", goals=("to sleep through",))  # type: ignore[attr-defined]


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["11", "-1", "", "x"])
def test_a_rating_off_the_scale_is_refused_with_the_page(sign_in: SignIn, value: str) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(days=3))
    goal = story.say(GoalSet(text="to walk")).id
    story.tell()
    answer = sign_in("nurse").post(f"/patients/{story.patient}/outcomes/goals/{goal}", rating(value))
    assert answer.status_code == 422
    assert store.load(story.stream).said(GoalRated) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("how", "words"), [("reached", "reached"), ("dropped", "dropped")])
def test_a_goal_ends_and_is_asked_for_no_longer(sign_in: SignIn, how: str, words: str) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(days=3))
    goal = story.say(GoalSet(text="to walk")).id
    story.tell()
    nurse, place = sign_in("nurse"), f"/patients/{story.patient}/outcomes/goals/{goal}"
    nurse.post(place, {"end": how, "entry_id": str(uuid4())})
    (found,) = goals(store.load(story.stream))
    assert not found.is_open
    assert f"· {words}" in nurse.get(f"/patients/{story.patient}/outcomes").content.decode()
    assert nurse.post(place, rating(5)).status_code == 422


@pytest.mark.django_db
def test_the_patient_rates_it_on_the_phone_and_no_goal_of_somebody_else(sign_in: SignIn) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(days=3))
    goal = story.say(GoalSet(text="to walk")).id
    story.tell()
    client = sign_in("patient", patient=story.patient)
    assert "to walk" in client.get("/my/goals").content.decode()
    assert client.post("/my/goals", {"goal": str(goal), **rating(7)}).status_code == 302
    ((entry, body),) = store.load(story.stream).said(GoalRated)
    assert (body.value, body.mode, entry.by, entry.source) == (
        7,
        "phone",
        f"patient:{story.patient}",
        Source.PATIENT,
    )
    other = Story(at=datetime.now(UTC) - timedelta(days=3)).tell()
    stranger = sign_in("patient", patient=other.patient)
    assert stranger.post("/my/goals", {"goal": str(goal), **rating(7)}).status_code == 404


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_goals_are_the_same_in_whatever_order_they_arrive(order: tuple[int, ...]) -> None:
    story = Story(register=False)
    goal = story.say(GoalSet(text="to walk")).id
    story.after(days=1).say(GoalRated(goal=goal, value=3, mode="phone"))
    story.after(days=1).say(GoalRated(goal=goal, value=5, mode="phone"))
    entries = story.entries
    assert goals(Chart.of(story.stream, [entries[n] for n in order])) == goals(story.chart)
