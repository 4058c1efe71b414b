"""What lies ahead of one person: by day, under three futures, and when the next session is likely to be wanted.

Members of the response are weighed by the person's own scores; everything here is a share of virtual people like them.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from lowtide.data.designs import Designs
from lowtide.data.pharmacology import Parameter
from lowtide.science.pharmacology.response.conditioning import (
    Scores,
    Setting,
    misfits,
    weighed,
)
from lowtide.science.pharmacology.response.fading import back_by, crossed
from lowtide.science.pharmacology.response.model import Members, Session, in_single, noisy, scores
from lowtide.science.pharmacology.response.outlook import Day, bands
from lowtide.science.pharmacology.structure import Array

PERCENTS = {"median": 0.5, "p5": 0.05, "p25": 0.25, "p75": 0.75, "p95": 0.95}
FEW = 0.05  # of members who hold a response: below this nothing is said of losing it
WEEK = 7.0


class Window(msgspec.Struct, frozen=True):
    """Days between which the next session is likely to be wanted; both None where no fading is foreseen."""

    from_day: int | None
    to_day: int | None


class Lost(msgspec.Struct, frozen=True):
    """Share of virtual people like this one, responders now, who would have lost the response by a day."""

    day: float
    p_lost: float


class Future(msgspec.Struct, frozen=True):
    """One way to go on."""

    sessions: tuple[float, ...]
    days: list[Day]


class Foreseen(msgspec.Struct, frozen=True):
    """`lost`: by week if nothing more is given, None where it is not said of this person. `responding`: share who hold a
    response now; `why`: what the window rests on, or why there is none."""

    days: list[Day]
    window: Window
    why: str
    responding: float
    lost: list[Lost] | None
    futures: dict[str, Future]
    ess: float
    tempered: bool
    warnings: list[str]


class Person(msgspec.Struct, frozen=True):
    """Whom it is about: what was given and is planned, and the scores of one instrument. `series` are the days of a new
    series, counted from its first session: with it there is a fourth future. `today`: nothing is foreseen before it."""

    drawn: Setting
    given: tuple[Session, ...]
    planned: tuple[Session, ...]
    scores: Scores
    until_day: float
    series: tuple[float, ...] = ()
    today: float = 0.0

    @property
    def now(self) -> float:
        """Today, or the last thing that is known."""
        return max([s.day for s in self.given] + [day for day, _ in self.scores.seen] + [self.today])

    @property
    def responded(self) -> bool:
        return min((value for _, value in self.scores.seen), default=np.inf) <= self.scores.response


class Upkeep(msgspec.Struct, frozen=True):
    """The rule of the next session: between which shares that have relapsed its window lies, and how far it is looked for
    after the last dose and after the last score."""

    opens: float
    closes: float
    after_dose_d: float
    after_score_d: float


def foresee(who: Person, designs: Designs, rule: Upkeep, seed: int = 1) -> Foreseen:
    """The outlook by day with what is planned, the next session's window and the three futures."""
    count = int(designs.people["members"].value)
    found = {"scores": who.scores}
    drawn = who.drawn.after(found, max(who.until_day, who.now + _far(designs, rule)))
    _, rows, outcome = weighed(drawn, who.given, found, count, seed)
    people = in_single(drawn.held(rows, seed))
    window, why, responding, lost = _window(who, people, designs, rule)
    last = int(np.floor(who.until_day))
    days = np.array(sorted({*range(last + 1), float(who.until_day)}), float)
    ordered = tuple(sorted((*who.given, *who.planned), key=lambda s: s.day))
    return Foreseen(
        days=_days(who, people, ordered, days, designs, seed),
        window=window,
        why=why,
        responding=responding,
        lost=lost,
        futures=_futures(who, people, designs, seed),
        ess=round(outcome.ess, 1),
        tempered=outcome.tempered,
        warnings=misfits(drawn, who.given, found, rows),
    )


def _far(designs: Designs, rule: Upkeep) -> float:
    """How long after the last thing that is known anything is told."""
    return max(designs.futures["days"].value, rule.after_dose_d, rule.after_score_d)


def widened(drawn: Setting, log_sds: Sequence[float]) -> Setting:
    """With what people differ in the area under the drug, and what is not known of a route, put on the exposure that
    half the effect needs: the share a dose reaches knows their ratio alone."""
    numbers, table = drawn.numbers, "pain" if drawn.condition.process == "pain" else "mood"
    name = "c50_ng_ml" if table == "pain" else "half_exposure"
    values: dict[str, Parameter] = getattr(numbers, table)
    wide = float(np.sqrt(values[name].log_se ** 2 + sum(sd * sd for sd in log_sds)))
    moved = {**values, name: msgspec.structs.replace(values[name], log_se=wide)}
    return msgspec.structs.replace(drawn, numbers=msgspec.structs.replace(numbers, **{table: moved}))


def _days(
    who: Person, people: Members, sessions: tuple[Session, ...], days: Array, designs: Designs, seed: int
) -> list[Day]:
    """Bands of the score as it would be read; losing a response is judged without the error of one reading."""
    base, cuts = who.scores.baseline, who.scores.cuts
    anchors = np.array([who.now, max([s.day for s in sessions], default=0.0) + 1])
    course, after = np.split(scores(people, sessions, np.append(days, anchors), base), [len(days)], 1)
    read = noisy(course, base, people, seed, cuts.top)
    relapsed = _relapsed(who, sessions, (days, course), (anchors, after), _relapse_cut(who, designs))
    told = np.round(bands(read, list(PERCENTS.values())), 2).T.tolist()
    responded = _rounded((read <= who.scores.response).mean(0))
    remitted = (
        [None] * len(days) if cuts.remission is None else _rounded((read <= cuts.remission + 0.5).mean(0))
    )
    return [
        Day(
            float(day),
            **dict(zip(PERCENTS, told[i], strict=True)),
            p_response=responded[i],
            p_remission=remitted[i],
            p_relapse=round(float(relapsed[i]), 4),
        )
        for i, day in enumerate(days)
    ]


def _rounded(shares: Array) -> list[float]:
    return [round(float(share), 4) for share in shares]


def _relapsed(
    who: Person,
    sessions: tuple[Session, ...],
    told: tuple[Array, Array],
    anchors: tuple[Array, Array],
    cut: float,
) -> Array:
    """By day, the share of those who respond now that has been back at the cut since; where hardly anybody like this one
    responds now, of those who do the day after the last session that is planned; 0 where nobody has a response to lose.
    A relapse that the scores show is certain, until sessions after it bring the response back: then the share of those
    who respond again that has lost it again. `told`, and `anchors` to judge by: days, and the course of everybody on them."""
    days, course = told
    back, best = _back(who, cut), min(who.scores.response, cut)
    if back is not None:
        begin = min((s.day for s in sessions if s.day > back), default=np.inf)
        return np.where(days >= back, _lost_again(course, days > max(begin, who.now), best, cut), 0.0)
    for anchor, then in zip(anchors[0], anchors[1].T, strict=True):
        well = then <= best
        if anchor >= who.now and well.mean() >= FEW:
            found, later = np.zeros(len(days)), days > anchor
            found[later] = back_by(course[:, later][well], cut)
            return found
    return np.zeros(len(days))


def _lost_again(course: Array, later: Array, best: float, cut: float) -> Array:
    """By day, the share of those who have responded on `later` days that has been back at the cut since; 1 while hardly
    anybody has."""
    again = np.logical_or.accumulate((course <= best) & (course < cut) & later, 1)
    gone = np.logical_or.accumulate(again & (course >= cut), 1)
    share = again.mean(0)
    return np.where(share >= FEW, gone.mean(0) / np.maximum(share, FEW), 1.0)


def _back(who: Person, cut: float) -> float | None:
    """The day of the score that was a relapse after a response, where no later score is a response below the cut."""
    responded = below = False
    back, most = None, who.scores.response
    for day, value in who.scores.seen:
        helps = value <= most
        responded = responded or helps
        if responded and value >= cut and (below or not helps):
            back = day if back is None else back
        elif helps:
            back, below = None, below or value < cut
    return back


def _relapse_cut(who: Person, designs: Designs) -> float:
    """The table's cut, or most of the own baseline where that lay below it or no table names one."""
    cut, base = who.scores.cuts.relapse, who.scores.baseline
    return cut if cut is not None and base >= cut else designs.relapse["within_of_baseline"].value * base


# -- the next session --------------------------------------------------------------------------------------------


def _window(
    who: Person, people: Members, designs: Designs, rule: Upkeep
) -> tuple[Window, str, float, list[Lost] | None]:
    """Between which days a relapse grows likely, by the rule of maintenance; none, and why, where nothing can be lost."""
    if not who.given:
        return Window(None, None), "no session was given", 0.0, None
    numbers, base, seen = designs.next_session, who.scores.baseline, who.scores.seen
    last = max(s.day for s in who.given)
    start = who.now if seen else last + numbers["settled_d"].value
    end = max(last + rule.after_dose_d, start + rule.after_score_d)
    days = np.array([start, *np.arange(np.floor(start) + 1, end + 1)])
    course = scores(people, who.given, days, base)
    holds = course[:, 0] <= who.scores.response
    share, first = round(float(holds.mean()), 4), last + numbers["least_gap_d"].value
    if why := _gone(who):
        now = int(np.ceil(max(who.now, first))) if who.responded else None
        return Window(now, now), why, share, None
    lost = _lost(days, course[holds], who.scores.response) if share >= FEW else None
    if why := _no_window(who, share):
        return Window(None, None), why, share, lost
    cut = who.scores.cuts.relapse or 0.0
    well = course[:, 0] < cut if seen else holds & (course[:, 0] < cut)
    gone = back_by(course[well] if well.any() else course, cut)
    return *_between(days, gone, first, rule, cut), share, lost


NONE_YET = "no response so far: there is none to keep up"


def _gone(who: Person) -> str:
    """Why there is no response that could be kept up; empty where there is one, and before any score. A relapse by the cut
    is one though the score may lie half below the baseline: what was won is on its way out."""
    seen, cut = who.scores.seen, who.scores.cuts.relapse
    if not seen:
        return ""
    if not who.responded:
        return NONE_YET
    if seen[-1][1] > who.scores.response:
        return "the response is gone by the last score"
    if cut is not None and who.scores.baseline > cut and _back(who, cut) is not None:
        return f"the last score is a relapse ({cut:g} or more, after a score below it), though it is still a response by its fall"
    return ""


def _no_window(who: Person, share: float) -> str:
    """Why no relapse can be foreseen; empty where one can."""
    cut = who.scores.cuts.relapse
    if cut is None:
        return "no table says from which score on a response is over"
    if who.scores.baseline <= cut:
        return f"the baseline did not lie above the score from which on it is a relapse ({cut:g})"
    if not who.scores.seen and share < FEW:
        return "hardly anybody like this one responds: there is nothing to keep up"
    return ""


def _lost(days: Array, course: Array, most: float) -> list[Lost]:
    gone = back_by(course, most, beyond=True)
    return [Lost(float(days[i]), round(float(gone[i]), 4)) for i in range(0, len(days), int(WEEK))]


def _between(days: Array, gone: Array, first: float, rule: Upkeep, cut: float) -> tuple[Window, str]:
    opens, closes = (crossed(days, gone, share) for share in (rule.opens, rule.closes))
    least, most = round(100 * rule.opens), round(100 * rule.closes)
    who = "of 100 virtual people like this one"
    if opens is None:
        why = f"by day {days[-1]:.0f} fewer than {least} {who} have relapsed (a score of {cut:g} or more)"
        return Window(None, None), why
    start = max(int(np.floor(opens)), int(np.ceil(first)))
    end = float(days[-1]) if closes is None else closes
    why = f"{least} to {most} {who} have relapsed then (a score of {cut:g} or more), if nothing more is given"
    return Window(start, max(start, int(np.floor(end)))), why


# -- three futures -----------------------------------------------------------------------------------------------


def _futures(who: Person, people: Members, designs: Designs, seed: int) -> dict[str, Future]:
    if not who.given:
        return {}
    horizon = who.now + designs.futures["days"].value
    days = np.append(np.arange(who.now, horizon, WEEK), horizon)
    found = {}
    for name in ("continue", "stretch", "stop", *(["anew"] if who.series else [])):
        more = _more(who, designs, name, horizon)
        course = _days(who, people, (*who.given, *more), days, designs, seed)
        found[name] = Future(tuple(s.day for s in more), course)
    return found


def _more(who: Person, designs: Designs, name: str, horizon: float) -> tuple[Session, ...]:
    """Sessions like the last one, from now on: at the last interval times what the future says, or as a new series."""
    if name == "stop":
        return ()
    last = who.given[-1]
    booked = tuple(s for s in who.planned if s.day > who.now)
    if name == "anew":
        begins = max(last.day + designs.next_session["least_gap_d"].value, np.floor(who.now) + 1)
        return tuple(
            Session(float(begins + day), last.exposure_ng_h_ml, last.over_d)
            for day in who.series
            if begins + day < horizon
        )
    before = (*who.given, *(booked if name == "continue" else ()))
    gaps = np.diff([s.day for s in before])
    usual = max(float(gaps[-1]) if len(gaps) else 0.0, designs.futures["usual_gap_d"].value)
    gap = usual * designs.futures[f"{name}_times"].value
    first = max(before[-1].day + gap, np.floor(who.now) + 1)
    more = (Session(float(day), last.exposure_ng_h_ml, last.over_d) for day in np.arange(first, horizon, gap))
    return (*(s for s in before[len(who.given) :] if s.day < horizon), *more)


def before_scores(who: Person, designs: Designs, seed: int = 1) -> float:
    """The chance of a response now that there was without any score."""
    count = int(designs.people["members"].value)
    blind = msgspec.structs.replace(who.scores, seen=())
    drawn = who.drawn.after({"scores": blind}, who.now)
    _, rows, _ = weighed(drawn, who.given, {"scores": blind}, count, seed)
    unread = msgspec.structs.replace(who, scores=blind)
    people = drawn.held(rows, seed)
    return _days(unread, people, who.given, np.array([who.now]), designs, seed)[0].p_response
