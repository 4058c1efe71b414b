"""How fast a response was lost: each printed share gives the days after which half were no longer well."""

from math import exp, inf, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data import events, named_answers
from lowtide.data.evidence import Durability, Figure, Outcome, Tables, shipped
from lowtide.data.evidence_answers import last
from lowtide.data.evidence_checks import tables
from lowtide.science.evidence import rated
from lowtide.science.evidence.fading import Faded, basis_told, faded, half_told, latest
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


def counted(events: int, *, metric: str = "response", **more: object) -> Outcome:
    """How many people of the arm the trial counted as well."""
    about = {"study_id": "S", "arm_id": "A", "metric": metric, "events": events, "verified": True}
    return Outcome(**dict.fromkeys(Outcome.__struct_fields__) | about | more)  # type: ignore[arg-type]


def of(*rows: Durability, outcomes: tuple[Outcome, ...] = (), unverified: bool = False) -> tuple[Faded, ...]:
    return faded(Tables(digest="", durability=rows, outcomes=outcomes), unverified=unverified)


def one(*, outcomes: tuple[Outcome, ...] = (), **more: object) -> Faded:
    (found,) = of(row(**more), outcomes=outcomes)
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
    early, late = of(row(time_days=10, percent=60), row(time_days=100, percent=50, line=3))
    assert early.shape == late.shape
    assert early.shape is not None
    assert early.shape < 1


def test_people_who_were_never_well_and_recalled_rows_tell_nothing() -> None:
    assert of(row(population_at_risk="all treated"), row(verified=False)) == ()
    assert of(row(verified=False), unverified=True)


def test_who_became_well_bounds_how_many_were_followed_and_the_limits_say_so() -> None:
    found = one(outcomes=(counted(20), counted(9, verified=False), counted(7, metric="remission")))
    assert (found.people, found.at_most) == (20, True)
    assert half_told(found) == half_told(one(n_at_risk=20)) == "28 days (15 to 53)"
    assert "at most 20 people, all who became well" in basis_told(found)
    assert one(outcomes=(counted(20, arm_id="B"),)).people is None
    assert one(population_at_risk="remitters", outcomes=(counted(20),)).people is None


def test_a_printed_count_goes_before_a_rounded_percentage() -> None:
    assert one(metric="relapse_cum", percent=26, n_at_risk=90, n_events=24).kept == pytest.approx(
        100 - 2400 / 90
    )


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (None, None, "28 days"),
        (14, Figure("60", 60, 60), "28 days (14 to 60)"),  # type: ignore[arg-type]
        (14, Figure("not estimable"), "28 days (14 to no end in sight)"),
    ],
)
def test_a_printed_median_is_the_half_time_with_the_limits_that_were_printed(
    low: int | None, high: Figure | None, says: str
) -> None:
    found = one(metric="median_time_to_relapse", percent=None, time_days=None, value=Figure("28", 28, 28), ci_low=low, ci_high=high)  # type: ignore[arg-type]  # fmt: skip
    assert found.printed
    assert half_told(found) == says
    assert found.half_days is not None
    assert (found.half_days.upper == inf) is (says.endswith("sight)"))


def test_a_median_that_was_not_reached_is_no_half_time() -> None:
    assert of(row(metric="median_time_to_relapse", percent=None, value=Figure("not reached"))) == ()


@given(st.floats(5, 60), st.floats(0.4, 2.5))
def test_between_two_shares_the_half_time_is_that_of_the_curve_that_made_them(
    half: float, shape: float
) -> None:
    def kept(days: float) -> float:
        return 100 * exp(-log(2) * (days / half) ** shape)

    times = (half / 2, half * 1.5)
    found = of(*(row(time_days=t, percent=kept(t), line=n) for n, t in enumerate(times)))
    (last,) = latest(found)
    assert last.half_days is not None
    assert last.half_days.value == pytest.approx(half)
    assert last.shape == pytest.approx(shape)


def test_the_median_of_those_who_relapsed_is_when_half_of_the_lost_were_gone() -> None:
    lost = row(metric="median_days_in_remission", percent=None, time_days=None, value=Figure("57", 57, 57), line=3)  # type: ignore[arg-type]  # fmt: skip
    (found,) = of(row(metric="relapse_cum", percent=70, time_days=365), lost)
    assert found.between == ((57, 65), (365, 30))
    assert found.shape is not None
    assert found.shape < 1
    assert found.half_days is not None
    assert 57 < found.half_days.value < 210


def test_a_half_time_takes_the_level_of_its_row_or_is_judged_as_one_group_alone() -> None:
    its = known()
    answers = rated.answers(its, events.rates_by_key(), named_answers.named())
    found = {(f.row.study_id, f.row.arm_id): rated.of_group(its, f, answers) for f in faded(its.tables)}
    typed = answers["relapse_after_course"]
    assert found["Murrough2013Rep", "KET6"] == (typed.certainty, typed.because)
    level, why = found["Ekstrand2022", "KET"]
    assert level == "very_low"
    assert "one group, with nobody beside it" in why
    assert "44 people" in why


def test_each_shipped_share_is_an_answer_that_can_be_seen_to_move() -> None:
    line = next(ln for ln in shipped()["durability"].splitlines() if "McInnes2022" in ln and ",28,80," in ln)
    other = known(tables({"durability": shipped()["durability"].replace(line, line.replace(",80,", ",20,"))}))
    told = {m.answer: m for m in moved_by_name(last(), now(other))}
    found = told["still well after 28 days: McInnes2022 KIT, responders to induction"]
    assert found.why == (
        "row changed, durability: McInnes2022 KIT responders to induction retained_response 28",
    )
