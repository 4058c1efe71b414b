"""Answers by name, worked out from the table of trials: shares, an effect with its limits, and the rows behind them.

Only verified rows speak. An answer whose rows are gone or recalled is not in the result: whoever needs it says so.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from math import exp
from typing import Any

import msgspec

from lowtide.data.evidence import AdverseEvent, Durability, Figure, Line, Outcome, Pooled, Study, Tables
from lowtide.data.evidence_answers import Asked, Certainty, Count, Harm, Lasting, Named, Trial
from lowtide.data.events import Rate
from lowtide.science.evidence.analysis import interval
from lowtide.science.evidence.answering import Comparison
from lowtide.science.evidence.compare import Known, compare
from lowtide.science.evidence.effects import contrasts
from lowtide.science.evidence.selection import Question
from lowtide.science.evidence.table import EventArm

SURE: dict[Certainty, int] = {"very_low": 0, "low": 1, "moderate": 2, "high": 3, "unknown": -1}
RATIO = ("OR", "RR", "HR", "OR (NMA)")
RANDOMISED = "RCT"
TOLD = ("text", "F")
"""Measures whose row says in words whether a difference was found."""
SIGNIFICANT = 0.05
NEAR_DAYS = 0.6
"""Two times of a trial are the same one if they are no further apart than this."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`percent` of those treated and `control_percent` of those beside them; `effect` between them on `measure`, above 1
    or below 0 in favour as the trial printed it; `value` where the answer is no share (days, points of a scale).

    `rows` are the lines of the table that it was read from, each with the name of its file.
    """

    name: str
    said: Named
    rows: tuple[tuple[str, Line], ...] = ()
    studies: tuple[str, ...] = ()
    trials: int | None = None
    people: int | None = None
    percent: float | None = None
    control_percent: float | None = None
    events: int | None = None
    n: int | None = None
    control_events: int | None = None
    control_n: int | None = None
    value: float | None = None
    control_value: float | None = None
    measure: str = ""
    effect: float | None = None
    lower: float | None = None
    upper: float | None = None
    p: float | None = None
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
    def shown(self) -> int | None:
        """1 where the limits leave “no difference” out, 0 where they do not; None where neither is known."""
        if self.measure == "p":
            return int(self.p < SIGNIFICANT) if self.p is not None else None
        if self.measure in TOLD:
            return int(not self.words.startswith("not "))
        if not self.measure or self.lower is None or self.upper is None:
            return None
        return int(not self.lower <= self.null <= self.upper)


def whole(percent: float | None) -> int | None:
    """So many of a hundred people."""
    return None if percent is None else int(Decimal(str(percent)).quantize(Decimal(1), ROUND_HALF_UP))


def answers(known: Known, rates: Mapping[str, Rate], named: Mapping[str, Named]) -> dict[str, Answer]:
    """Every answer that verified rows give."""
    found = {name: _answer(name, said, known, rates) for name, said in named.items()}
    return {name: answer for name, answer in found.items() if answer is not None}


def _answer(name: str, said: Named, known: Known, rates: Mapping[str, Rate]) -> Answer | None:
    read = _read(said, known, rates)
    return None if read is None else Answer(
        name=name, said=said, **{"certainty": said.certainty, "because": said.because, **read}
    )


def _read(said: Named, known: Known, rates: Mapping[str, Rate]) -> dict[str, Any] | None:
    tables = known.tables
    if said.asked:
        return _asked(said.asked, known)
    if said.pooled:
        return _pooled(said, tables)
    if said.trial:
        return _trial(said.trial, tables)
    if said.harm:
        return _harm(said.harm, tables)
    if said.lasting:
        return _lasting(said.lasting, tables)
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
        "trials": len(one.studies),
        "people": one.people,
        "percent": shown.per_100 if shown else None,
        "control_percent": shown.baseline if shown else None,
        "measure": one.measure or "",
        "effect": one.effect,
        "lower": one.lower,
        "upper": one.upper,
        "certainty": one.certainty.level.replace(" ", "_") if one.certainty else "unknown",
        "because": _reason(one),
        "source": tuple(dict.fromkeys(s.source_url for s in one.seen if s.source_url)),
    }


def _reason(one: Comparison) -> str:
    if one.certainty is None:
        return ""
    return one.certainty.why if one.certainty.computed else "as its authors rated it"


def _seen(one: Comparison, tables: Tables) -> Iterator[tuple[str, Line]]:
    for seen in one.seen:
        rows: tuple[Line, ...] = getattr(tables, seen.table, ())
        yield from ((seen.table, row) for row in rows if row.line == seen.line)


# -- a published pooled result ------------------------------------------------------------------------------------


def _pooled(said: Named, tables: Tables) -> dict[str, Any] | None:
    row = next((p for p in tables.pooled if p.pooled_id == said.pooled and p.verified), None)
    if row is None:
        return None
    lower, upper = _number(row.ci_low), _number(row.ci_high)
    about = {
        "rows": (("pooled", row),),
        "trials": row.k_trials,
        "people": int(row.n_participants.exact) if row.n_participants and row.n_participants.exact else None,
        "certainty": _rated(row, said.certainty),
        "source": _source(row),
    }
    if row.effect_type in ("percent", "pooled"):
        return {**about, "percent": row.effect.exact, "lower": lower, "upper": upper}
    shares = {"percent": _printed(row, said.treated_is, said.per), "control_percent": _printed(row, said.control_is, said.per)}
    return {**about, **shares, "measure": row.effect_type, "effect": row.effect.exact, "lower": lower, "upper": upper}


def _rated(row: Pooled, otherwise: Certainty) -> Certainty:
    """What its authors said, where they said it in these words."""
    said = (row.certainty or "").replace(" ", "_")
    return said if said in SURE else otherwise  # type: ignore[return-value]


def _printed(row: Pooled, wording: str, per: int) -> float | None:
    """A share that the row's note prints, found by the words beside it."""
    if not wording or not row.notes:
        return None
    pattern = re.escape(wording).replace(re.escape("{}"), r"([\d.]+)")
    found = re.search(pattern, row.notes)
    return float(found[1]) * 100 / per if found else None


# -- arms of a trial ----------------------------------------------------------------------------------------------


def _trial(of: Trial, tables: Tables) -> dict[str, Any] | None:
    rows = [r for r in tables.outcomes if r.study_id == of.study and r.verified and _fits(r, of)]
    own = [r for r in rows if not r.comparator_arm_id]
    arm, beside = (_one(own, a, lambda r: r.arm_id) for a in (of.treated, of.control))
    between = next((r for r in rows if r.comparator_arm_id and r.arm_id == of.treated), None)
    if of.subgroup:
        arm, beside = None, None
    used = [r for r in (arm, beside, between) if r]
    if not used or (of.control and not ((arm and beside) or between)):
        return None
    about = {**_about(of.study, "outcomes", used, tables), **_shares(arm, beside)}
    if arm and arm.mean:
        about |= {"value": arm.mean.exact, "control_value": beside.mean.exact if beside and beside.mean else None}
    return about | _between(between, about)


def _between(row: Outcome | None, about: Mapping[str, Any]) -> dict[str, Any]:
    """A ratio as it was published; else the odds ratio of the counts, where there are any; else what was published."""
    if row is None or (row.effect_type not in RATIO and _odds(about)):
        return _odds(about)
    return _published(row)


def _fits(row: Outcome, of: Trial) -> bool:
    near = of.days is None or (row.time_days is not None and abs(float(row.time_days) - of.days) < NEAR_DAYS)
    same = row.outcome_domain == of.domain and row.metric == of.metric
    return near and same and of.instrument in ("", row.instrument) and of.subgroup == subgroup(row)


def subgroup(row: Outcome) -> str:
    """Of whom in the trial a row speaks; empty for everybody."""
    noted = re.match(r"subgroup (\w+)", row.notes or "")
    return row.subgroup or (noted[1] if noted else "")


def _shares(arm: Outcome | AdverseEvent | None, beside: Outcome | AdverseEvent | None) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for row, before in ((arm, ""), (beside, "control_")):
        if row is None:
            continue
        n = row.n_analysed if isinstance(row, Outcome) else row.n_at_risk
        events = row.events if isinstance(row, Outcome) else row.n_events
        percent = _number(row.percent)
        if events is None and percent is not None and n:
            events = round(percent * n / 100)
        if percent is None and events is not None and n:
            percent = 100 * events / n
        given |= {f"{before}n": n, f"{before}events": events, f"{before}percent": percent}
    return given


def _published(row: Outcome) -> dict[str, Any]:
    return {
        "measure": (row.effect_type or "").removeprefix("adjusted "),
        "effect": row.effect.exact if row.effect else None,
        "words": row.effect.text if row.effect and row.effect.exact is None else "",
        "lower": _number(row.effect_ci_low),
        "upper": _number(row.effect_ci_high),
        "p": _plain((row.p_value or "").split(" ")[0]),
    }


def _odds(about: Mapping[str, Any]) -> dict[str, Any]:
    """The odds ratio of two arms that were counted."""
    counts = [about.get(key) for key in ("events", "n", "control_events", "control_n")]
    if None in counts:
        return {}
    events, n, beside, beside_n = (int(c or 0) for c in counts)
    found, _ = contrasts([EventArm("it", "a", events, n), EventArm("it", "b", beside, beside_n)], "OR")
    if not found:
        return {}
    lower, upper = interval(found[0].estimate, found[0].se)
    return {"measure": "OR", "effect": exp(found[0].estimate), "lower": exp(lower), "upper": exp(upper)}


# -- harms, how long it lasts, what was never tried -----------------------------------------------------------------


def _harm(of: Harm, tables: Tables) -> dict[str, Any] | None:
    rows = [r for r in tables.adverse_events if (r.study_id, r.event) == (of.study, of.event) and r.verified]
    arm, beside = (_one(rows, a, lambda r: r.arm_id) for a in (of.treated, of.control))
    if arm is None or (of.control and beside is None):
        return None
    about = {**_about(of.study, "adverse_events", [r for r in (arm, beside) if r], tables), **_shares(arm, beside)}
    return about | _odds(about) | _people(about)


def _people(about: Mapping[str, Any]) -> dict[str, Any]:
    """Those who were counted, where the rows say how many; not everybody whom the trial enrolled."""
    counted = [n for n in (about.get("n"), about.get("control_n")) if n]
    return {"people": sum(counted) if counted else None}


def _rate(key: str, rates: Mapping[str, Rate]) -> dict[str, Any] | None:
    row = rates.get(key)
    if row is None or not row.verified:
        return None
    given = {
        "n": _whole(row.n),
        "events": _whole(row.events),
        "percent": _plain(row.pct),
        "control_n": _whole(row.control_n),
        "control_events": _whole(row.control_events),
        "control_percent": _plain(row.control_pct),
        "words": "" if _plain(row.pct) is not None else row.pct,
        "source": row.source,
    }
    return given | _odds(given) | _people(given)


def _lasting(of: Lasting, tables: Tables) -> dict[str, Any] | None:
    rows = [r for r in tables.durability if r.study_id == of.study and r.metric == of.metric and r.verified]
    rows = [r for r in rows if of.whom in ("", r.population_at_risk) and _at(r, of.days)]
    arm, beside = (_one(rows, a, lambda r: r.arm_id) for a in (of.treated, of.control))
    if arm is None or (of.control and beside is None):
        return None
    about = _about(of.study, "durability", [r for r in (arm, beside) if r], tables)
    for row, before in ((arm, ""), (beside, "control_")):
        if row is not None:
            what = "percent" if row.percent is not None else "value"
            about[before + what] = _number(row.percent) if row.percent is not None else row.value.exact
            about |= {f"{before}n": row.n_at_risk, f"{before}events": row.n_events}
    return about | _odds(about) | _people(about)


def _at(row: Durability, days: float | None) -> bool:
    return days is None or (row.time_days is not None and abs(float(row.time_days) - days) < NEAR_DAYS)


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


def _one(rows: Iterable[Any], wanted: str, key: Callable[[Any], str]) -> Any | None:
    return next((row for row in rows if wanted and key(row) == wanted), None)


def _about(study: str, table: str, rows: Iterable[Line], tables: Tables) -> dict[str, Any]:
    known: Study | None = tables.study.get(study)
    lines = tuple((table, row) for row in rows)
    source = tuple(dict.fromkeys(url for _, row in lines for url in _source(row)))
    people = (known.n_analysed or known.n_randomised_or_enrolled) if known else None
    return {"rows": lines, "studies": (study,), "trials": 1, "people": people, "source": source}


def _source(row: Line) -> tuple[str, ...]:
    return (row.source_url,) if row.source_url else ()


def _number(value: Decimal | Figure | None) -> float | None:
    if isinstance(value, Figure):
        return value.exact
    return None if value is None else float(value)


def _plain(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _whole(text: str) -> int | None:
    number = _plain(text)
    return None if number is None else int(number)
