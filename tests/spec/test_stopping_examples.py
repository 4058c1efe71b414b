"""Every stopping and review rule of the protocols: a course that triggers it and one that just does not, run as a table.

A course is told by its protocol, the days of its sessions, scores by instrument and day, and what else happened.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from lowtide.data.protocols import protocol, protocols
from lowtide.pathway.course.state import fold
from lowtide.pathway.plan import reviewing
from lowtide.pathway.plan.reviewing import Finding
from lowtide.pathway.plan.stopping import JUDGE, rules_of
from lowtide.record.entries.care import CourseReviewed, Total
from lowtide.record.entries.chair import ChairEvent, Rating, SessionCancelled, Vitals
from tests.pathway.course.story import Story

More = Callable[[Story], object]
TWICE = (0, 3, 7, 10, 14, 17, 21, 24)
START = datetime(2026, 1, 8, 10, tzinfo=UTC)


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """`scores` are (day after the first session, PHQ-9), `totals` (day, instrument, value); `until`: the day it is
    looked at, for rules that hold from an instant on."""

    plan: str
    days: tuple[int, ...] = (0,)
    ahead: int = 0
    scores: tuple[tuple[float, int], ...] = ()
    totals: tuple[tuple[float, str, int], ...] = ()
    until: float | None = None
    more: More | None = None
    indication: str = "trd"


class Example(msgspec.Struct, frozen=True, kw_only=True):
    rule: str
    triggers: Course
    not_quite: Course
    then: str
    known: bool = True
    missing: tuple[str, ...] = ()


def told(course: Course) -> Story:
    whole = (*course.days, *(course.days[-1] + 3 * n for n in range(1, course.ahead + 1)))
    story = Story(at=START - timedelta(days=2)).planned(whole, protocol=course.plan)
    story.drafts[-1] = msgspec.structs.replace(
        story.drafts[-1], body=msgspec.structs.replace(story.drafts[-1].body, indication=course.indication)
    )
    first = story.first_at
    events: list[tuple[float, Callable[[], object]]] = []
    events += [(day, lambda n=n: story.held(n)) for n, day in enumerate(course.days, start=1)]  # type: ignore[misc]
    events += [(day, lambda v=value: story.phq9(v)) for day, value in course.scores]  # type: ignore[misc]
    events += [
        (day, lambda i=name, v=value: story.say(Total(instrument=i, value=Decimal(v))))  # type: ignore[misc]
        for day, name, value in course.totals
    ]
    for day, happen in sorted(events, key=lambda pair: pair[0]):
        story.now = first + timedelta(days=day)
        happen()
    if course.more:
        course.more(story)
    return story


def found(course: Course) -> dict[str, Finding]:
    story = told(course)
    now = None if course.until is None else story.first_at + timedelta(days=course.until)
    open_ = reviewing.findings(story.chart, fold(story.chart), protocol(course.plan))
    return {f.id: f for f in open_ if now is None or f.at is None or f.at <= now}


def event(*what: str) -> More:
    def more(story: Story) -> None:
        at = fold(story.chart).given[-1].at
        story.now = at + timedelta(minutes=5)
        story.say(Vitals(sbp_mmhg=130, dbp_mmhg=80), session=story.sessions[0])
        story.say(Rating(scale="moaas", value=Decimal(5)), session=story.sessions[0])
        for one in what:
            story.say(ChairEvent(what=one), session=story.sessions[0])

    return more


def cancelled(story: Story) -> None:
    story.after(hours=1).say(SessionCancelled(), session=story.sessions[-1])


def reviewed(rule: str, day: float) -> More:
    def more(story: Story) -> None:
        story.now = story.first_at + timedelta(days=day)
        body = CourseReviewed(course=story.course, rules=(rule,), findings=("x",), choice="continue")
        story.say(body, reason="goes well")

    return more


def course(plan: str, days: tuple[int, ...] = (0,), **more: object) -> Course:
    return Course(plan=plan, days=days, **more)  # type: ignore[arg-type]


def by_response(rule: str, sessions: int, then: str = "stop", *, known: bool = True) -> list[Example]:
    """No response from a number of sessions on, and one session earlier; nothing known; a response."""
    plan, all_days = rule.split(".")[0], tuple(range(0, 60, 7))
    days, poor, good = all_days[:sessions], (days_after := all_days[sessions - 1] + 1), 9
    before = (-1, 20)
    fewer = course(plan, days[:-1] or days, scores=(before, (1, 18 if sessions > 1 else good)))
    return [
        Example(
            rule=rule,
            then=then,
            known=known,
            triggers=course(plan, days, scores=(before, (poor, 18))),
            not_quite=fewer,
        ),
        Example(
            rule=rule,
            then=then,
            known=known,
            triggers=course(plan, days, scores=(before, (days_after, 11))),
            not_quite=course(plan, days, scores=(before, (days_after, 10))),
        ),
        Example(
            rule=rule,
            then=then,
            known=False,
            missing=("PHQ-9 since the first dose",),
            triggers=course(plan, days, scores=(before,)),
            not_quite=course(plan, days, scores=(before, (days_after, 10))),
        ),
    ]


def relief(rule: str, then: str, *, weeks: bool = True) -> list[Example]:
    """Under 30 % relief by a pain scale, and 30 % itself; with weeks also nothing scored once they are over."""
    plan, before = rule.split(".")[0], (-1, "NRS", 10)
    low, enough = ((before, (1, "NRS", value)) for value in (8, 7))
    found = [
        Example(
            rule=rule,
            then=then,
            triggers=course(plan, totals=low, indication="crps"),
            not_quite=course(plan, totals=enough, indication="crps"),
        )
    ]
    unscored = course(plan, totals=(before,), until=22, indication="crps")
    if not weeks:
        return [
            *found,
            Example(
                rule=rule,
                then=then,
                known=False,
                missing=("Pain NRS since the first dose",),
                triggers=unscored,
                not_quite=course(plan, totals=enough, indication="crps"),
            ),
        ]
    early = msgspec.structs.replace(unscored, until=20.9)
    return [
        *found,
        Example(
            rule=rule,
            then=then,
            known=False,
            missing=("Pain NRS since the last dose",),
            triggers=unscored,
            not_quite=early,
        ),
    ]


def at_induction_end(plan: str) -> Example:
    return Example(
        rule=f"{plan}.stopping.1",
        then="review",
        known=False,
        triggers=course(plan, TWICE, scores=((-1, 20), (25, 8))),
        not_quite=course(plan, TWICE[:-1], scores=((-1, 20), (22, 8))),
    )


EXAMPLES: list[Example] = [
    *(at_induction_end(plan) for plan in ("P01", "P02", "P04")),
    Example(
        rule="P02.stopping.2", then="continue",
        triggers=course("P02", scores=((-1, 20), (1, 10))), not_quite=course("P02", scores=((-1, 20), (1, 11))),
    ),
    Example(
        rule="P03.stopping.1", then="stop",
        triggers=course("P03", TWICE, until=28), not_quite=course("P03", TWICE, until=27.9),
    ),
    *by_response("P05.stopping.1", 6),
    Example(
        rule="P06.stopping.1", then="stop",
        triggers=course("P06", scores=((-1, 20), (1, 4))), not_quite=course("P06", scores=((-1, 20), (1, 5))),
    ),
    Example(
        rule="P06.stopping.2", then="stop",
        triggers=course("P06", (0, 2, 4), scores=((-1, 20), (1, 14), (3, 12), (5, 13))),
        not_quite=course("P06", (0, 2, 4), scores=((-1, 20), (1, 15), (3, 12), (5, 13))),
    ),
    Example(
        rule="P06.stopping.2", then="stop", known=False, missing=("PHQ-9 after each session",),
        triggers=course("P06", (0, 2, 4), scores=((-1, 20), (1, 12), (5, 12))),
        not_quite=course("P06", (0, 2), scores=((-1, 20), (1, 12))),
    ),
    *by_response("P07.stopping.1", 4),
    *by_response("P08.stopping.1", 6),
    Example(
        rule="P10.stopping.1", then="review",
        triggers=course("P10", totals=((1, "MADRS", 10),)), not_quite=course("P10", totals=((1, "MADRS", 11),)),
    ),
    Example(
        rule="P10.stopping.1", then="review", known=False, missing=("MADRS since the first dose",),
        triggers=course("P10", scores=((-1, 20), (1, 4))), not_quite=course("P10", scores=((-1, 20), (1, 5))),
    ),
    Example(
        rule="P11.stopping.1", then="review", known=False,
        triggers=course("P11", until=90), not_quite=course("P11", until=89.9),
    ),
    *by_response("P13.stopping.1", 1, known=False),
    Example(
        rule="P14.stopping.1", then="review", known=False,
        missing=("PCL-5 before the first dose", "PCL-5 since the first dose"),
        triggers=course("P14", until=14, indication="ptsd"), not_quite=course("P14", until=13.9, indication="ptsd"),
    ),
    Example(
        rule="P14.stopping.1", then="review", known=False,
        triggers=course("P14", totals=((-1, "PCL5", 60), (12, "PCL5", 40)), until=14, indication="ptsd"),
        not_quite=course("P14", totals=((-1, "PCL5", 60), (12, "PCL5", 40)), until=13.9, indication="ptsd"),
    ),
    *relief("P17.stopping.1", "review"),
    *relief("P18.stopping.1", "review"),
    *relief("P22.stopping.1", "stop", weeks=False),
    Example(
        rule="P23.stopping.1", then="pause",
        triggers=course("P23", more=event("vomited")), not_quite=course("P23", more=event("calm")), known=True,
    ),
    Example(
        rule="P23.stopping.2", then="review",
        triggers=course("P23", more=event("vomited", "chest pain")), not_quite=course("P23", more=event("vomited")),
    ),
    *by_response("P24.stopping.1", 3),
    Example(
        rule="P26.stopping.1", then="review", known=False,
        triggers=course("P26", until=181), not_quite=course("P26", until=180.9),
    ),
    Example(
        rule="P26.stopping.1", then="review", known=False,
        triggers=course("P26", (0, 150), until=365.1, more=reviewed("P26.stopping.1", 185)),
        not_quite=course("P26", (0, 150), until=364, more=reviewed("P26.stopping.1", 185)),
    ),
    *relief("P27.stopping.1", "review"),
    Example(
        rule="P28.stopping.1", then="continue",
        triggers=course("P01", ahead=1, scores=((-1, 20), (1, 12)), more=cancelled),
        not_quite=course("P01", ahead=1, scores=((-1, 20), (1, 12))),
    ),
    Example(
        rule="P28.stopping.2", then="review",
        triggers=course("P01", (0, 3), ahead=1, scores=((-1, 20), (1, 10), (4, 15)), more=cancelled),
        not_quite=course("P01", (0, 3), ahead=1, scores=((-1, 20), (1, 10), (4, 14)), more=cancelled),
    ),
    Example(
        rule="P28.stopping.2", then="review", known=False, missing=("PHQ-9 since the last dose",),
        triggers=course("P01", (0, 3), ahead=1, scores=((-1, 20), (1, 10)), more=cancelled),
        not_quite=course("P01", (0, 3), ahead=1, scores=((-1, 20), (1, 10))),
    ),
    Example(
        rule="P05.sessions", then="review", known=False,
        triggers=course("P05", (0, 3, 7, 10, 14, 17), ahead=1), not_quite=course("P05", (0, 3, 7, 10, 14), ahead=1),
    ),
]  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.rule}{'' if e.known else '-unknown'}")
def test_a_rule_triggers_and_just_does_not(example: Example) -> None:
    said = found(example.triggers).get(example.rule)
    assert said is not None, "it should trigger"
    assert said.then == example.then
    if example.missing:
        assert set(example.missing) <= set(said.missing)
    assert said.known is example.known
    assert said.text
    assert example.rule not in found(example.not_quite)


def test_every_rule_of_every_protocol_has_its_examples() -> None:
    every = {name for plan in protocols().values() for name, _, _ in rules_of(plan)}
    assert every <= {e.rule for e in EXAMPLES}


def test_every_kind_of_rule_has_a_judge() -> None:
    assert {rule.because for plan in protocols().values() for rule in plan.stopping} <= set(JUDGE)


def test_a_finding_names_its_rule_its_source_and_what_it_rests_on() -> None:
    said = found(course("P05", (0, 3, 7, 10, 14, 17), scores=((-1, 20), (18, 18))))["P05.stopping.1"]
    assert said.source == protocol("P05").source
    assert said.verified
    assert said.inputs == ("6 sessions under P05", "PHQ-9 20 → 18, 10 % better (25 Jan 2026)")


def test_a_number_that_stands_in_for_the_sources_is_marked() -> None:
    flat = course("P06", (0, 2, 4), scores=((-1, 20), (1, 14), (3, 12), (5, 13)))
    assert not found(flat)["P06.stopping.2"].verified


def test_a_rule_that_holds_from_an_instant_on_is_due_from_then_and_a_review_settles_it_for_good() -> None:
    story = told(course("P03", TWICE, scores=((-1, 20), (25, 8))))
    items = [i for i in reviewing.of_the_plan(story.chart, fold(story.chart)) if i.subject]
    at = fold(story.chart).given[0].at + timedelta(weeks=4)
    assert [(i.opens_at, i.rule.owner) for i in items] == [(at, "prescriber")]
    story.now = at + timedelta(hours=1)
    body = CourseReviewed(course=story.course, rules=("P03.stopping.1",), findings=("x",), choice="continue")
    story.say(body, reason="a specialist decided")
    assert "P03.stopping.1" not in {f.id for f in open_now(story, "P03")}
    story.planned((0,), protocol="P03")
    story.now = story.first_at
    story.held(1)
    assert "P03.stopping.1" not in {f.id for f in open_now(story, "P03")}


def open_now(story: Story, plan: str) -> tuple[Finding, ...]:
    return reviewing.unreviewed(story.chart, fold(story.chart), protocol(plan), now=story.now)
