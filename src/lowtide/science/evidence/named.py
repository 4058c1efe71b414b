"""Answers by name, worked out from the table of trials: shares, an effect with its limits, and the rows behind them.

Only verified rows speak. An answer whose rows are gone or recalled is not in the result: whoever needs it says so.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lowtide.data.events import Rate
from lowtide.data.evidence import Line, Pooled, Tables
from lowtide.data.named_answers import Asked, Certainty, Count, Named
from lowtide.science.evidence.answering import Comparison
from lowtide.science.evidence.compare import Known, compare
from lowtide.science.evidence.named_arms import (
    RATIO,
    noted,
    number,
    odds,
    of_harm,
    of_lasting,
    of_trial,
    people,
    plain,
    seen_at,
)
from lowtide.science.evidence.on_whom import People, of_all
from lowtide.science.evidence.selection import Question
from lowtide.science.evidence.shares import share, whole

SURE: dict[Certainty, int] = {"very_low": 0, "low": 1, "moderate": 2, "high": 3, "unknown": -1}
RANDOMISED = "RCT"
TOLD = ("text", "F")
"""Measures whose row says in words whether a difference was found."""
SIGNIFICANT = 0.05


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`percent` of those treated and `control_percent` of those beside them; `effect` between them on `measure`, above 1
    or below 0 in favour as the trial printed it; `value` where the answer is no share (days, points of a scale). `p` is at most so much, `p_said` as printed; `interaction` is the chance of a part of a trial being so unlike
    the others if it is not. `people_at_most` stands where nobody printed how many they were.

    `knapp` are Hartung and Knapp's limits where few trials are behind the effect. `unit` is that of `value`; `rows` are the lines of the table that it was read from, each with the name of its file.
    """

    name: str
    said: Named
    rows: tuple[tuple[str, Line], ...] = ()
    studies: tuple[str, ...] = ()
    trials: int | None = None
    on: People = People()
    people: int | None = None
    took_part: int | None = None
    people_at_most: int | None = None
    percent: float | None = None
    control_percent: float | None = None
    events: int | None = None
    n: int | None = None
    control_events: int | None = None
    control_n: int | None = None
    value: float | None = None
    control_value: float | None = None
    unit: str = ""
    measure: str = ""
    effect: float | None = None
    lower: float | None = None
    upper: float | None = None
    knapp: tuple[float, float] | None = None
    p: float | None = None
    p_said: str = ""
    interaction: float | None = None
    words: str = ""
    certainty: Certainty = "unknown"
    because: str = ""
    source: tuple[str, ...] = ()

    @property
    def per_100(self) -> int | None:
        return whole(self.percent)

    @property
    def control_per_100(self) -> int | None:
        return whole(self.control_percent)

    @property
    def gap(self) -> int | None:
        """How many more of a hundred, as a reader of both counts sees it; below nought where there were fewer."""
        if self.per_100 is None or self.control_per_100 is None:
            return None
        return self.per_100 - self.control_per_100

    @property
    def more_per_100(self) -> int | None:
        """How many more of a hundred, where a review prints only how many have to be treated for one more."""
        row = self.rows[0][1] if self.rows else None
        needed = noted(row.notes, self.said.needed_is) if isinstance(row, Pooled) else None
        return whole(100 / needed) if needed else None

    @property
    def sure(self) -> int:
        return SURE[self.certainty]

    @property
    def is_ratio(self) -> bool:
        return self.measure in RATIO

    @property
    def null(self) -> float:
        return 1.0 if self.is_ratio else 0.0

    @property
    def size(self) -> float | None:
        """The effect without its sign, for a sentence that names the direction."""
        return abs(self.effect) if self.effect is not None else None

    @property
    def value_gap(self) -> float | None:
        """How much more or less the value is than beside it."""
        if self.value is None or self.control_value is None:
            return None
        return self.value - self.control_value

    @property
    def shown(self) -> int | None:
        """1 where the limits (or without them p) leave “no difference” out, 0 where they do not; None where neither is known."""
        if self.measure in TOLD:
            return int(not self.words.startswith("not "))
        if self.lower is None or self.upper is None:
            return int(self.p < SIGNIFICANT) if self.measure and self.p is not None else None
        if not self.measure:
            return None
        return int(not self.lower <= self.null <= self.upper)


def unrated(known: Known, rates: Mapping[str, Rate], named: Mapping[str, Named]) -> dict[str, Answer]:
    """Every answer that verified rows give; how sure those are that compare something is said in `rated`."""
    found = {name: _answer(name, said, known, rates) for name, said in named.items()}
    return {name: answer for name, answer in found.items() if answer is not None}


def _answer(name: str, said: Named, known: Known, rates: Mapping[str, Rate]) -> Answer | None:
    read = _read(said, known, rates)
    if read is None:
        return None
    typed = {"certainty": said.certainty, "because": said.because, "on": _on(said, read, known, rates)}
    return Answer(name=name, said=said, **{**typed, **read})


def _on(said: Named, read: Mapping[str, Any], known: Known, rates: Mapping[str, Rate]) -> People:
    """On whom it was found; nothing of a count of trials, which is on nobody."""
    if said.rate:
        return People(rates[said.rate].population)
    reviews = [row.pooled_id for _, row in read.get("rows", ()) if isinstance(row, Pooled)]
    studies = () if said.count else read.get("studies", ())
    found = of_all(known.tables, known.words, (*studies, *reviews))
    part = said.trial.subgroup if said.trial else ""
    return People(f"{found.said}: those with {part} disorder") if part else found


def _read(said: Named, known: Known, rates: Mapping[str, Rate]) -> dict[str, Any] | None:
    tables = known.tables
    if said.asked:
        return _asked(said.asked, known)
    if said.pooled:
        return _pooled(said, tables)
    if said.trial:
        return of_trial(said.trial, tables)
    if said.harm:
        return of_harm(said.harm, tables)
    if said.lasting:
        return of_lasting(said.lasting, tables)
    return _count(said.count, tables) if said.count else _rate(said.rate, rates)


# -- a comparison over all trials that speak ------------------------------------------------------------------------


def _asked(of: Asked, known: Known) -> dict[str, Any] | None:
    """The best answer to the comparison; None where no trial, or only a recalled one, gives a number."""
    found = compare(known, Question(of.indication, of.outcome, of.at), of.versus)
    one = next((c for c in found.comparisons if c.treatment == of.treatment and not c.no_evidence), None)
    if one is None or not one.verified:
        return None
    shown = one.absolute
    return {
        "rows": tuple(_seen(one, known.tables)),
        "studies": tuple(s for s in one.studies if s in known.tables.study),
        "trials": one.trials,
        **_counts(one),
        "people": one.people,
        "took_part": one.took_part,
        "percent": shown.per_100 if shown else None,
        "control_percent": shown.baseline if shown else None,
        "measure": one.measure or "",
        "effect": one.effect,
        "lower": one.lower,
        "upper": one.upper,
        "knapp": one.knapp,
        "certainty": one.certainty.level.replace(" ", "_") if one.certainty else "unknown",
        "because": one.certainty.why if one.certainty else "",
        "source": tuple(dict.fromkeys(s.source_url for s in one.seen if s.source_url)),
    }


def _counts(one: Comparison) -> dict[str, int]:
    if one.counted is None:
        return {}
    (events, n), (control_events, control_n) = one.counted
    return {"events": events, "n": n, "control_events": control_events, "control_n": control_n}


def _seen(one: Comparison, tables: Tables) -> Iterator[tuple[str, Line]]:
    for seen in one.seen:
        rows: tuple[Line, ...] = getattr(tables, seen.table, ())
        yield from ((seen.table, row) for row in rows if row.line == seen.line)


# -- a published pooled result ------------------------------------------------------------------------------------


def _pooled(said: Named, tables: Tables) -> dict[str, Any] | None:
    row = next((p for p in tables.pooled if p.pooled_id == said.pooled and p.verified), None)
    if row is None:
        return None
    lower, upper = number(row.ci_low), number(row.ci_high)
    about = {
        "rows": (("pooled", row),),
        "trials": row.own_trials,
        "people": row.own_people,
        "source": seen_at(row),
    }
    if row.effect_type in ("percent", "pooled"):
        return {**about, "percent": row.effect.exact, "lower": lower, "upper": upper}
    shares = {
        "percent": noted(row.notes, said.treated_is, said.per),
        "control_percent": noted(row.notes, said.control_is, said.per),
        "words": _told(row),
    }
    return {
        **about,
        **shares,
        "measure": row.effect_type,
        "effect": row.effect.exact,
        "lower": lower,
        "upper": upper,
    }


def _told(row: Pooled) -> str:
    """What stands in place of one number: a range, or words."""
    if row.effect.exact is not None:
        return ""
    return row.effect.text if row.effect_type in TOLD else f"{row.effect_type} {row.effect.text}"


# -- harms, how long it lasts, what was never tried -----------------------------------------------------------------


def _rate(key: str, rates: Mapping[str, Rate]) -> dict[str, Any] | None:
    row = rates.get(key)
    if row is None or not row.verified:
        return None
    given = {
        "n": _whole(row.n),
        "events": _whole(row.events),
        "percent": share(_whole(row.n), _whole(row.events), plain(row.pct)),
        "control_n": _whole(row.control_n),
        "control_events": _whole(row.control_events),
        "control_percent": share(_whole(row.control_n), _whole(row.control_events), plain(row.control_pct)),
        "words": "" if plain(row.pct) is not None else _range(row.pct),
        "source": row.source,
    }
    return given | odds(given) | people(given)


def _range(text: str) -> str:
    """A printed range of percentages as such; words stay words."""
    return f"{text} of 100" if re.fullmatch(r"[\d.]+-[\d.]+", text) else text


def _count(of: Count, tables: Tables) -> dict[str, Any]:
    """How many randomised trials there are; none is an answer, too."""
    randomised = {s.study_id for s in tables.studies if s.design.startswith(RANDOMISED) and s.verified}
    measured = {r.study_id for r in tables.outcomes if r.outcome_domain in of.domains}
    nodes: dict[str, set[str]] = {}
    for arm in tables.arms:
        nodes.setdefault(arm.study_id, set()).add(arm.nma_node)
    had = {study for study, its in nodes.items() if of.nodes and set(of.nodes) <= its}
    found = tuple(sorted(randomised & (measured | had)))
    return {"studies": found, "trials": len(found)}


# -- small things ---------------------------------------------------------------------------------------------------


def _whole(text: str) -> int | None:
    number = plain(text)
    return None if number is None else int(number)
