"""The searches say how likely, how sure of it, when, and what would change; they keep people apart from worlds."""

import msgspec
import numpy as np
import pytest

from lowtide.data.monitoring import Condition
from lowtide.data.protocols import protocol
from lowtide.pathway.plan.searching import criteria, observed_min
from lowtide.pathway.plan.simulating import tables
from lowtide.problems import BadInput
from lowtide.science.pharmacology.draws import Draws, World
from lowtide.science.pharmacology.ensemble import Plan, Tables, run
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose, split_devices
from lowtide.science.pharmacology.searches.bands import Band, band
from lowtide.science.pharmacology.searches.changing import changing, given_by
from lowtide.science.pharmacology.searches.course import Ask, carry_over, session_course
from lowtide.science.pharmacology.searches.crossing import Crossing, Limits, crossings, largest_within
from lowtide.science.pharmacology.searches.leaving import leaving
from lowtide.science.pharmacology.searches.limits import limit
from lowtide.science.pharmacology.searches.worlds import Search, moments
from lowtide.science.pharmacology.simulate import Question, simulate

SEARCH = Search(Person(70), people=400, worlds=20, seed=3)
ASK = Ask(Person(70), members=200, seed=3)


def infusion(mg: float, at_h: float = 0.0) -> tuple[Dose, ...]:
    return (Dose(at_h, "ketamine", "iv", mg, 40),)


def nasal(mg: float) -> tuple[Dose, ...]:
    return tuple(split_devices(Dose(0, "esketamine", "in", mg), tables().routes["in_esketamine"]))


def asked(*texts: str, noise: bool = False) -> Limits:
    return Limits(tuple(limit(t) for t in texts), {"sbp_mmhg": 128.0, "dbp_mmhg": 78.0}, noise)


def certain() -> Tables:
    """One model, and typical values that are known exactly."""
    known = {
        name: msgspec.structs.replace(
            table, numbers={k: msgspec.structs.replace(n, log_se=0.0) for k, n in table.numbers.items()}
        )
        for name, table in tables().effects.items()
    }
    alone = msgspec.structs.replace(tables().ensemble, weights={"simons_2022": 1.0})
    return msgspec.structs.replace(tables(), effects=known, ensemble=alone)


def probability(limits: Limits, mg: float = 35, given: Tables | None = None) -> Band:
    return crossings([infusion(mg)], limits, SEARCH, given or tables()).options[0].probability


def crossed(median: float) -> Crossing:
    return Crossing(Band(median, 0.0, 1.0), {})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("sbp_mmhg>180", "sbp_mmhg>180"),
        (" CADSS >= 40 ", "cadss>=40"),
        ("ketamine_ng_ml>250", "venous ketamine_ng_ml>250"),
        ("arterial ketamine_ng_ml>250.5", "arterial ketamine_ng_ml>250.5"),
        ("sedation>0.5", "sedation>0.5"),
    ],
)
def test_a_limit_is_read_as_people_write_it(text: str, meant: str) -> None:
    assert str(limit(text)) == meant


@pytest.mark.parametrize(
    "text",
    ["", "sbp_mmhg", "sbp_mmhg<90", "spo2_pct>90", "cadss>92", "high>-1", "venous cadss>4", "sbp_mmhg>18"],
)
def test_a_limit_that_means_nothing_here_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput, match="--limit"):
        limit(text)


def test_in_a_world_all_people_share_the_typical_value_and_differ_as_before() -> None:
    people = [Draws(50, 1, 0, world=World(number, 8)) for number in range(8)]
    shared = [draws.normal("sbp typical") for draws in people]
    assert all(len(set(values)) == 1 for values in shared)
    assert np.mean([values[0] for values in shared]) == pytest.approx(0, abs=1e-12)
    assert (people[0].normal("sbp") == people[7].normal("sbp")).all()


def test_without_anything_unknown_the_band_has_no_width_and_is_the_share_of_people() -> None:
    found = probability(asked("sbp_rise_mmhg>15"), given=certain())
    assert found.p5 == found.median == found.p95
    plan = Plan(infusion(35), SEARCH.person, {"simons_2022": 1.0}, 400, 3, moments(infusion(35)))
    rises = np.concatenate([g.effects["sbp_rise_mmhg"].max(1) for b in run(plan, certain(), 1) for g in b])
    assert found.median == pytest.approx((rises > 15).mean(), abs=1e-9)


def test_what_is_not_known_of_the_typical_value_widens_the_band() -> None:
    found = probability(asked("sbp_rise_mmhg>15"))
    assert found.p5 < found.median / 2
    assert found.p95 > found.median * 2


def test_a_larger_dose_is_never_less_likely_to_cross_and_any_of_two_limits_at_least_as_likely_as_one() -> (
    None
):
    options = [infusion(mg) for mg in (20, 35, 70)]
    both, one = (
        [c.probability.median for c in crossings(options, asked(*texts), SEARCH, tables()).options]
        for texts in (("cadss>20", "sbp_mmhg>150"), ("cadss>20",))
    )
    assert one == sorted(one)
    assert all(a >= b for a, b in zip(both, one, strict=True))


def test_a_level_in_blood_is_looked_for_where_it_is_asked() -> None:
    venous, arterial = (probability(asked(f"{site} ketamine_ng_ml>250")) for site in ("venous", "arterial"))
    assert arterial.median > venous.median


def test_the_scatter_of_a_reading_counts_only_when_asked_for() -> None:
    quiet, noisy = (probability(asked("sbp_mmhg>150", noise=noise)) for noise in (False, True))
    assert noisy.median > quiet.median


def test_a_pressure_limit_needs_the_pressure_before() -> None:
    with pytest.raises(BadInput, match="--baseline-sbp"):
        crossings([infusion(35)], Limits((limit("sbp_mmhg>180"),)), SEARCH, tables())


def test_the_largest_option_is_judged_by_its_median_and_there_may_be_none() -> None:
    found = [crossed(p) for p in (0.01, 0.05, 0.08)]
    assert largest_within(found, 0.05) == 1
    assert largest_within(found, 0.001) is None


def test_a_band_weighs_its_values_and_never_is_none() -> None:
    assert band(np.array([1.0, 5.0]), np.array([0.99, 0.01])).median == pytest.approx(1.0, abs=0.05)
    assert band(np.array([1.0, np.inf, np.inf])).median is None


def test_the_criteria_for_leaving_are_those_of_the_monitoring_rules() -> None:
    found = criteria({})
    assert found.cadss == 4
    assert ("sbp_rise_mmhg", 20) in [(b.value, b.at_most) for either in found.pressure for b in either]


def test_leaving_grows_likelier_with_time_and_waits_for_the_slowest_criterion() -> None:
    found = leaving(infusion(35), criteria({}), Search(Person(70), 200, 8, 1), tables())
    medians = [at.probability.median for at in found.at]
    assert medians == sorted(medians)
    assert found.at[0].min >= 40
    assert found.likely_min.median >= max(each.median for each in found.each.values())


def test_a_low_pressure_before_the_dose_is_a_second_way_to_be_back() -> None:
    search = Search(Person(70), 200, 8, 1)
    bounds = ((Condition("sbp_rise_mmhg", at_most=5),), (Condition("sbp_mmhg", below=140),))
    strict = msgspec.structs.replace(criteria({}), pressure=bounds)
    low = msgspec.structs.replace(strict, baseline={"sbp_mmhg": 100.0})
    unknown, known = (leaving(infusion(70), one, search, tables()).each["pressure"] for one in (strict, low))
    assert known.median < unknown.median


def test_what_is_carried_over_is_what_the_simulation_leaves() -> None:
    left = carry_over(infusion(35), 24.0, ASK, tables()).analytes["ketamine"]
    found = simulate(Question(infusion(35), Person(70), (24.0,), 24.0, members=200, seed=3), tables(), 1)
    ketamine = found.analytes["ketamine"]
    assert left.level.median == pytest.approx(
        ketamine.at[0].ng_ml.median / ketamine.cmax_ng_ml.median, rel=0.2
    )
    assert carry_over(infusion(35), 72.0, ASK, tables()).analytes["ketamine"].area.median < left.area.median


def test_the_last_session_dissociates_less_on_the_same_levels() -> None:
    weekly = tuple(infusion(35, at_h=168.0 * week)[0] for week in range(4))
    first = session_course(weekly[:1], 0.0, (20.0, 40.0), ASK, tables())
    last = session_course(weekly, 504.0, (20.0, 40.0), ASK, tables())
    assert last.analytes_ng_ml["ketamine"].at[1].median == pytest.approx(
        first.analytes_ng_ml["ketamine"].at[1].median, rel=0.01
    )
    assert last.effects["cadss"].peak.median < first.effects["cadss"].peak.median
    assert 0 <= last.effects["cadss"].peak_min.p5 <= 60


def test_pausing_takes_the_level_down_and_slowing_gives_the_dose_later() -> None:
    rates = {"continue": 1.0, "pause": 0.0, "slower": 0.5}
    found = changing(infusion(35), 20.0, 30.0, rates, ASK, tables())
    levels = {name: choice.course["venous ketamine_ng_ml"] for name, choice in found.items()}
    assert levels["pause"][-1].value.median < levels["continue"][-1].value.median
    assert levels["pause"][0].from_continuing.p95 == pytest.approx(0, abs=1e-9)
    assert [round(found[name].given_mg, 3) for name in rates] == [35, 17.5, 30.625]


def test_continuing_is_what_the_simulation_says() -> None:
    found = changing(infusion(35), 20.0, 20.0, {"continue": 1.0}, ASK, tables())["continue"]
    whole = simulate(Question(infusion(35), Person(70), (40 / 60,), 2.0, members=200, seed=3), tables(), 1)
    assert found.course["venous ketamine_ng_ml"][-1].value.median == pytest.approx(
        whole.analytes["ketamine"].at[0].ng_ml.median, rel=0.01
    )


def test_a_pause_holds_back_the_devices_not_yet_given_and_there_is_no_rate_to_halve() -> None:
    found = changing(nasal(84), 7.0, 30.0, {"continue": 1.0, "pause": 0.0, "slower": 0.5}, ASK, tables())
    assert {name: choice.given_mg for name, choice in found.items()} == {"continue": 84, "pause": 56}


@pytest.mark.parametrize("minute", [0.0, 40.0, 90.0])
def test_there_is_no_rate_to_change_before_and_after_the_dose(minute: float) -> None:
    with pytest.raises(BadInput, match="--now"):
        changing(infusion(35), minute, 30.0, {"continue": 1.0}, ASK, tables())


def test_what_is_given_by_a_minute_is_counted_along_the_infusion() -> None:
    assert given_by(infusion(40), 10) == pytest.approx(10)


def test_nobody_is_ready_before_the_peak_of_what_was_swallowed() -> None:
    swallowed = (Dose(0.0, "ketamine", "po", 50.0, 0.0),)
    search = Search(Person(70), 200, 8, 1)
    found = leaving(swallowed, criteria({}), search, tables())
    assert found.likely_min.p5 is not None
    assert found.likely_min.p5 >= 20
    assert all(each.p5 is None or each.p5 >= 20 for each in found.each.values())
    assert found.at[0].probability.median < 0.5


def test_an_infusion_peaks_at_its_end_and_is_not_held_back_by_it() -> None:
    found = leaving(infusion(7), criteria({}), Search(Person(70), 200, 8, 1), tables())
    assert found.likely_min.median == 40


@pytest.mark.parametrize(("route", "over", "until"), [("po", 0.0, 120), ("iv", 40.0, 160), ("in", 0.0, 120)])
def test_the_observation_that_is_asked_for_ends_no_sooner(route: str, over: float, until: float) -> None:
    assert observed_min((Dose(0.0, "ketamine", route, 35.0, over),), protocol("P05")) == until
