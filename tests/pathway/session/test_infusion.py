"""What has gone in, from the rates alone."""

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lowtide.pathway.session.rules.infusion import Infusion, Step, _poured
from tests.pathway.session.making import MG, T0, VOLUME_ML, at

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
RATES = st.decimals(min_value="0", max_value="500", places=1)
MOMENTS = st.integers(min_value=0, max_value=4 * 3600 * 1_000_000)


@st.composite
def infusions(draw: st.DrawFn) -> Infusion:
    """Any infusion: a start above zero, then any changes and pauses, stopped or not."""
    changes = sorted(draw(st.lists(st.tuples(MOMENTS, RATES), max_size=6)))
    steps = [Step(T0, draw(st.decimals(min_value="0.1", max_value="500", places=1)))]
    steps += [Step(T0 + timedelta(microseconds=us), rate) for us, rate in changes]
    stop = draw(st.none() | MOMENTS.map(lambda us: T0 + timedelta(microseconds=us)))
    return Infusion(tuple(steps), VOLUME_ML, MG / VOLUME_ML, stop)


def moment(us: int) -> datetime:
    return T0 + timedelta(microseconds=us)


def test_half_way_through_forty_minutes_half_of_the_volume_is_in() -> None:
    infusion = Infusion((Step(T0, Decimal(75)),), VOLUME_ML, MG / VOLUME_ML)
    assert infusion.delivered_ml(at(20)) == Decimal(25)
    assert infusion.delivered_mg(at(20)) == Decimal("18.25")
    assert infusion.runs_empty_at == at(40)


def test_nothing_goes_in_while_paused_and_the_end_moves_on() -> None:
    steps = (Step(T0, Decimal(75)), Step(at(10), Decimal(0)), Step(at(25), Decimal(75)))
    infusion = Infusion(steps, VOLUME_ML, MG / VOLUME_ML)
    assert infusion.delivered_ml(at(10)) == infusion.delivered_ml(at(25)) == Decimal("12.5")
    assert infusion.runs_empty_at == at(55)


def test_a_pause_lasts_until_the_pump_runs_again_or_is_stopped() -> None:
    steps = (
        Step(T0, Decimal(75)),
        Step(at(6), Decimal(0)),
        Step(at(8), Decimal(0)),
        Step(at(10), Decimal(75)),
    )
    infusion = Infusion(steps, VOLUME_ML, MG / VOLUME_ML)
    assert infusion.pauses == ((at(6), at(10)),)
    again = Infusion((*steps, Step(at(20), Decimal(0))), VOLUME_ML, MG / VOLUME_ML)
    assert again.pauses == ((at(6), at(10)), (at(20), None))
    assert Infusion(again.steps, VOLUME_ML, MG / VOLUME_ML, at(22)).pauses[-1] == (at(20), at(22))


def test_an_empty_bag_was_empty_when_its_volume_was_in_whatever_was_set_later() -> None:
    infusion = Infusion((Step(T0, Decimal(75)), Step(at(60), Decimal(10))), VOLUME_ML, MG / VOLUME_ML)
    assert infusion.runs_empty_at == at(40)


@calm
@given(infusions(), MOMENTS)
def test_never_more_than_the_volume_made_up(infusion: Infusion, us: int) -> None:
    assert 0 <= infusion.delivered_ml(moment(us)) <= infusion.volume_ml


@calm
@given(infusions(), MOMENTS, MOMENTS)
def test_it_never_falls(infusion: Infusion, one: int, other: int) -> None:
    first, second = sorted((one, other))
    assert infusion.delivered_ml(moment(first)) <= infusion.delivered_ml(moment(second))


@calm
@given(infusions(), MOMENTS)
def test_an_interval_cut_anywhere_gives_the_same_sum(infusion: Infusion, us: int) -> None:
    cut, end = moment(us), at(400)
    whole = (*infusion.steps, Step(end, Decimal(0)))
    before = (*(s for s in infusion.steps if s.at < cut), Step(cut, Decimal(0)))
    rate = next((s.rate_ml_per_h for s in reversed(infusion.steps) if s.at < cut), Decimal(0))
    after = (Step(cut, rate), *(s for s in infusion.steps if s.at >= cut), Step(end, Decimal(0)))
    assert _poured(before) + _poured(after) == _poured(whole)


@calm
@given(infusions(), MOMENTS)
def test_after_the_stop_nothing_more_goes_in(infusion: Infusion, us: int) -> None:
    if infusion.stopped_at:
        later = infusion.stopped_at + timedelta(microseconds=us)
        assert infusion.delivered_ml(later) == infusion.delivered_ml(infusion.stopped_at)
        assert infusion.rate_at(later) == 0


@calm
@given(infusions())
def test_at_the_time_it_runs_empty_all_of_it_is_in(infusion: Infusion) -> None:
    running = Infusion(infusion.steps, infusion.volume_ml, infusion.mg_per_ml)
    if not running.paused:
        assert running.delivered_ml(running.runs_empty_at) == running.volume_ml
