"""The prediction out of the response model, asked as the outlook asks it."""

from datetime import datetime, timedelta

from lowtide.data import schedules
from lowtide.data.instruments import instrument
from lowtide.pathway.course import foreseen
from lowtide.pathway.outcomes.fade.asking import DAY, MEMBERS, SEED, Fade, FadeAsk
from lowtide.science.pharmacology.response.conditioning import Scores
from lowtide.science.pharmacology.response.fading import Fading, fading
from lowtide.science.pharmacology.response.outlook import Cuts

WEEK = 7


def run(asked: FadeAsk, first_at: datetime, version: str) -> Fade:
    """Predict from these scores and doses. Raises BadInput for a dose beyond what the models describe."""
    weight = float(asked.about.weight_kg)
    given = [foreseen.Given(d.day, d.drug, d.route, d.mg, d.over_min, weight) for d in asked.doses]
    found = Scores(
        asked.baseline,
        asked.seen,
        Cuts(None, float(asked.cut), foreseen.top(instrument(asked.instrument))),
    )
    drawn, sessions = foreseen.people(asked.condition, given), tuple(one.session for one in given)
    return _told(asked, fading(drawn, sessions, found, asked.until_day, MEMBERS, SEED), first_at, version)


def _told(asked: FadeAsk, said: Fading, first_at: datetime, version: str) -> Fade:
    def at(day: float | None) -> datetime | None:
        return None if day is None else first_at + timedelta(days=day)

    opens, closes = (schedules.thresholds()[f"fade_{end}_pct"].value / 100 for end in ("opens", "closes"))
    last, until = asked.doses[-1].day, said.days[-1].day
    start = first_at + said.from_day * DAY
    weeks = range(1, int((until - last) // WEEK) + 1)
    ahead = [(n, last + WEEK * n) for n in weeks if last + WEEK * n > said.from_day]
    return Fade(
        asked=asked,
        from_at=start,
        until_at=first_at + said.days[-1].day * DAY,
        opens_at=at(said.first(opens)),
        closes_at=at(said.first(closes)),
        weeks=tuple((n, first_at + day * DAY, round(100 * said.by(day))) for n, day in ahead),
        days=tuple((d.day, d.p5, d.p25, d.median, d.p75, d.p95, d.p_relapse) for d in said.days),
        well=said.well,
        ess=said.ess,
        numbers=version,
    )
