"""Whether the patient may leave."""

from decimal import Decimal

import pytest

from lowtide.data import monitoring
from lowtide.pathway.course.approved import approvals, item_key, monitored
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.leaving import Criterion, criteria, ready, unmet
from lowtide.record import store
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.chair import Rating
from lowtide.record.entries.clinic import NumberApproved
from tests.conftest import said
from tests.pathway.session.making import at, bp, dosing, entry, stopped

ITEMS = monitoring.items()
ASKED = (
    "oriented",
    "steady_gait",
    "nausea_controlled",
    "cadss_near_baseline",
    "cssrs_repeated",
    "escort_present",
    "advice_given",
)
YES = dict.fromkeys(ASKED, Answer.YES)


def recovered(*more: Entry, aldrete: int = 10, last_bp: tuple[int, int] = (126, 78)) -> Facts:
    score = entry(Rating(scale="aldrete", value=Decimal(aldrete)), 158)
    return dosing(bp(128, 80, -8), bp(150, 90, 30), stopped(), bp(*last_bp, 158), score, *more)


def found(facts: Facts, now: float = 160, answers: dict[str, Answer] = YES) -> dict[str, Criterion]:
    return {c.id: c for c in criteria(facts, ITEMS, at(now), answers)}


def test_everything_met_at_two_hours_after_the_end() -> None:
    assert unmet(criteria(recovered(), ITEMS, at(160), YES)) == []
    assert ready(recovered(), ITEMS, at(160))


@pytest.mark.hazard("H022")
@pytest.mark.parametrize(("now", "met"), [(159, Answer.NO), (160, Answer.YES), (161, Answer.YES)])
def test_two_hours_count_from_the_end_of_the_dose_not_from_its_start(now: float, met: Answer) -> None:
    observed = found(recovered(), now)["M28"]
    assert observed.met is met
    assert observed.found == f"{now - 40} min since the end"


@pytest.mark.parametrize(
    ("pressure", "met"),
    [
        ((126, 78), Answer.YES),
        ((139, 89), Answer.YES),
        ((148, 100), Answer.YES),  # 20 above the one before the dose, in both
        ((149, 89), Answer.NO),
        ((148, 101), Answer.NO),
        ((152, 88), Answer.NO),
    ],
)
def test_pressure_is_near_the_one_before_the_dose_or_low_and_past_its_peak(
    pressure: tuple[int, int], met: Answer
) -> None:
    assert found(recovered(last_bp=pressure))["M29"].met is met


def test_a_pressure_from_before_the_end_or_too_old_is_not_known() -> None:
    early = dosing(bp(128, 80, -8), bp(126, 78, 39), stopped())
    assert found(early, 45)["M29"].met is Answer.NOT_KNOWN
    assert found(recovered(), 190)["M29"].met is Answer.NOT_KNOWN


@pytest.mark.parametrize(("score", "met"), [(8, Answer.NO), (9, Answer.YES)])
def test_the_recovery_score_needs_nine(score: int, met: Answer) -> None:
    assert found(recovered(aldrete=score))["M30"].met is met


def test_a_recovery_score_from_before_the_end_does_not_count() -> None:
    scored = dosing(entry(Rating(scale="aldrete", value=Decimal(10)), 20), stopped())
    assert found(scored)["M30"].met is Answer.NOT_KNOWN


def test_what_nobody_asked_is_not_known_rather_than_no() -> None:
    silent = found(recovered(), answers={"oriented": Answer.NO})
    assert silent["oriented"].met is Answer.NO
    assert silent["escort_present"].met is Answer.NOT_KNOWN
    assert silent["escort_present"].found == "not asked"


def test_ready_does_not_wait_for_the_questions_at_the_door() -> None:
    assert ready(recovered(), ITEMS, at(160))
    assert {c.id for c in unmet(criteria(recovered(), ITEMS, at(160)))} == set(ASKED)


def test_before_the_end_of_the_dose_nobody_is_ready() -> None:
    assert not ready(dosing(), ITEMS, at(20))
    assert found(dosing(), 20)["M28"].found == "the dose has not ended"


def test_numbers_nobody_approved_are_marked() -> None:
    answers = found(recovered())
    assert not answers["M28"].verified
    assert not answers["M29"].verified
    assert answers["M30"].verified


@pytest.mark.hazard("H030")
def test_what_the_clinical_lead_approved_is_marked_no_longer(clinic: Entry) -> None:
    keys = [item_key(ITEMS[name]) for name in ("M28", "M29")]
    store.append([said(NumberApproved(number=k, value=v), "clinic:main") for k, v in keys])
    items = monitored(approvals(store.load("clinic:main")))
    answers = {c.rule.id: c for c in criteria(recovered(), items, at(160))}
    assert answers["M28"].verified
    assert answers["M29"].verified
