"""How fast a response was lost: each printed share gives the days after which half were no longer well."""

from math import log

import pytest

from lowtide.data.evidence import Durability, Figure, shipped
from lowtide.data.evidence_answers import last
from lowtide.data.evidence_checks import tables
from lowtide.science.evidence.fading import Faded, faded, half_told
from lowtide.science.evidence.printing import moved_by_name, now
from lowtide.site.evidence import known


def row(**more: object) -> Durability:
    given: dict[str, object] = {
        "line": 2,
        "study_id": "S",
        "arm_id": "A",
        "population_at_risk": "responders",
        "metric": "retained_response",
        "time_days": 28,
        "value": Figure("50"),
        "unit": "percent",
        "percent": 50,
        "verified": True,
    }
    named = ("n_at_risk", "n_events", "ci_low", "ci_high", "comparator_arm_id", "definition", "maintenance_schedule", "source_url", "notes")  # fmt: skip
    return Durability(**dict.fromkeys(named) | given | more)  # type: ignore[arg-type]


def one(**more: object) -> Faded:
    (found,) = faded([row(**more)])
    return found


def test_when_half_are_left_the_half_time_is_the_time_that_passed() -> None:
    found = one()
    assert found.half_days is not None
    assert found.half_days.value == pytest.approx(28)
    assert found.losses_per_day is not None
    assert found.losses_per_day.value == pytest.approx(log(2) / 28)


def test_a_share_without_its_people_has_no_limits_and_one_with_them_has() -> None:
    assert half_told(one()) == "28 days"
    assert half_told(one(n_at_risk=20)) == "28 days (15 to 53)"


def test_what_was_lost_is_what_was_not_kept() -> None:
    assert one(metric="relapse_cum", percent=20).kept == 80


def test_days_are_counted_from_when_people_were_found_well() -> None:
    found = one(population_at_risk="responders at day 3", time_days=14)
    assert (found.since, found.days) == (3, 11)


def test_nobody_left_of_an_unknown_number_gives_no_half_time() -> None:
    found = one(percent=0)
    assert found.half_days is None
    assert half_told(found).startswith("not worked out")


def test_several_times_of_one_group_say_how_steady_the_losses_were() -> None:
    early, late = faded([row(time_days=10, percent=60), row(time_days=100, percent=50, line=3)])
    assert early.shape == late.shape
    assert early.shape is not None
    assert early.shape < 1


def test_people_who_were_never_well_and_recalled_rows_tell_nothing() -> None:
    assert faded([row(population_at_risk="all treated"), row(verified=False)]) == ()
    assert faded([row(verified=False)], unverified=True)


def test_each_shipped_share_is_an_answer_that_can_be_seen_to_move() -> None:
    line = next(ln for ln in shipped()["durability"].splitlines() if "McInnes2022" in ln and ",28,80," in ln)
    other = known(tables({"durability": shipped()["durability"].replace(line, line.replace(",80,", ",20,"))}))
    told = {m.answer: m for m in moved_by_name(last(), now(other))}
    found = told["still well after 28 days: McInnes2022 KIT, responders to induction"]
    assert found.why == (
        "row changed, durability: McInnes2022 KIT responders to induction retained_response 28",
    )
