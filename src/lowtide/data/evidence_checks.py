"""What rows of the table of trials must agree on: ids resolve, counts and percentages agree, intervals hold their estimate."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any

import msgspec

from lowtide.data import evidence_bounds
from lowtide.data.evidence import Figure, Tables, digest, shipped
from lowtide.data.evidence_cells import Fault, Read, rows
from lowtide.data.evidence_words import indications_of, words
from lowtide.problems import BadInput

Said = tuple[str | None, str, str]
"""Column, what is wrong, how to mend it."""
Check = Callable[[Any, Tables], Iterator[Said]]
LABEL = re.compile(
    r"(?:within )?(?:(?P<unit>day|week|month) (?P<n>\d+)|(?P<n2>\d+) (?P<unit2>h|days?|weeks?|months?))"
)
DAYS = {"h": 1 / 24, "day": 1, "week": 7, "month": 30.44}
NEAR = 3
"""So many ids that begin as a wrong one does are named."""
SLACK = 0.05
"""A label and its days may differ by so much: 13 weeks are 91 days or 92."""


class Checked(msgspec.Struct, frozen=True):
    """What was read, the rows of each table, and every fault."""

    tables: Tables
    rows: dict[str, int]
    faults: tuple[Fault, ...]


def check(texts: Mapping[str, str], files: Mapping[str, str] | None = None) -> Checked:
    """The given tables, each against the others; a table that is not given is the one that comes with the product.

    Where a whole file cannot be read the others are not held to it yet: its faults are told alone.
    """
    called = {name: (files or {}).get(name, f"{name}.csv") for name in texts}
    read = {name: rows(name, text, called[name]) for name, text in texts.items()}
    given = {name: its.rows for name, its in read.items()}
    behind = {} if set(texts) >= set(shipped()) else _behind()
    tables = Tables(digest=digest({**shipped(), **texts}), **{**behind, **given})
    faults = [fault for its in read.values() for fault in its.faults]
    if all(its.whole for its in read.values()):
        faults += [
            fault for name, its in read.items() for fault in _together(name, its, tables, called[name])
        ]
    places = {file: place for place, file in enumerate(called.values())}
    faults.sort(key=lambda fault: (places[fault.file], fault.row or 0))
    return Checked(tables, {name: len(its) for name, its in given.items()}, tuple(faults))


def _together(name: str, read: Read, all_rows: Tables, file: str) -> Iterator[Fault]:
    """The faults of rows beside others; a row with an unreadable cell has its fault already."""
    sound = [row for row in read.rows if row.line not in read.broken]
    for row in sound:
        yield from (Fault(file, row.line, *said) for said in _of(name, row, all_rows))
    yield from _twice(name, sound, file)


def tables(texts: Mapping[str, str] | None = None, files: Mapping[str, str] | None = None) -> Tables:
    """The tables, ready for use. Raises BadInput with every fault."""
    if texts is None:
        return _shipped()
    found = check(texts, files)
    if found.faults:
        raise BadInput(*(fault.problem for fault in found.faults))
    return found.tables


@cache
def _shipped() -> Tables:
    return tables(shipped())


@cache
def _behind() -> dict[str, tuple[Any, ...]]:
    return {name: rows(name, text, name).rows for name, text in shipped().items()}


def _of(name: str, row: Any, all_rows: Tables) -> Iterator[Said]:
    for one in (*CHECKS.get(name, ()), *((_source,) if hasattr(row, "verified") else ())):
        yield from one(row, all_rows)


def _twice(name: str, rows: Iterable[Any], file: str) -> Iterator[Fault]:
    key, column = KEYS[name]
    seen: dict[Any, int] = {}
    for row in rows:
        first = seen.setdefault(key(row), row.line)
        if first != row.line:
            yield Fault(file, row.line, column, f"the same as line {first}", "Keep one of the two rows.")


def _source(row: Any, _: Tables) -> Iterator[Said]:
    if row.verified and not row.source_url:
        yield "verified", "it says yes without a source", "Give the address in source_url, or write no."


def _known_study(row: Any, all_rows: Tables) -> Iterator[Said]:
    if row.study_id not in all_rows.study:
        yield "study_id", f"no study “{row.study_id}”", _instead(row.study_id, all_rows.study, "studies.csv")


def _known_arm(row: Any, all_rows: Tables) -> Iterator[Said]:
    """The arm, the group or the arms joined by `+`; and the comparator beside it."""
    ids = {"arm_id": row.arm_id, "comparator_arm_id": getattr(row, "comparator_arm_id", None)}
    its = [a.arm_id for a in all_rows.arms if a.study_id == row.study_id]
    if row.study_id in all_rows.study:
        for column, arm in ids.items():
            if arm and not all_rows.arms_of(row.study_id, arm) and (row.study_id, arm) not in all_rows.group:
                yield column, f"{row.study_id} has no arm “{arm}”", _instead(arm, its, "arms.csv")
    if ids["comparator_arm_id"] == row.arm_id:
        yield "comparator_arm_id", f"“{row.arm_id}” is compared with itself", "Name the other arm."


def _instead(given: str, known: Iterable[str], file: str) -> str:
    begun = [name for name in known if given and name.casefold().startswith(given.casefold())]
    near = begun[:NEAR] or get_close_matches(given, list(known), n=1)
    return f"Did you mean {' or '.join(near)}?" if near else f"Add it to {file}, or mend the id."


def _instead_word(column: str, given: str | None, known: Iterable[str]) -> Iterator[Said]:
    if given and given not in known:
        yield column, f"“{given}” is not known", f"Use one of: {', '.join(known)}."


def _study(row: Any, all_rows: Tables) -> Iterator[Said]:
    known = words().indication
    if not indications_of(row.condition):
        some = ", ".join(word for one in known.values() for word in one.conditions)
        yield "condition", f"no indication reads “{row.condition}”", f"Use one of these words in it: {some}."
    begins = words().allowed["design"]
    if not any(row.design.startswith(word) for word in begins):
        yield (
            "design",
            f"“{row.design}” begins with no known design",
            f"Begin with one of: {', '.join(begins)}.",
        )
    if str(row.year) not in row.citation:
        yield "year", f"the citation does not say {row.year}", "Mend the year or the citation."
    yield from _at_most(
        "n_analysed", row.n_analysed, row.n_randomised_or_enrolled, "people were randomised or enrolled"
    )
    for column in ("doi", "pmid", "registry_id"):
        same = [
            s for s in all_rows.studies if getattr(s, column) and getattr(s, column) == getattr(row, column)
        ]
        if any(s.family_id != row.family_id and s.line < row.line for s in same):
            yield (
                column,
                f"{same[0].study_id} has the same",
                "Give reports of one trial one family_id, or mend the number.",
            )


def _at_most(column: str, given: int | None, most: int | None, what: str) -> Iterator[Said]:
    if given is not None and most is not None and given > most:
        yield column, f"it is {given}, but {most} {what}", "Mend one of the two."


def _arm(row: Any, all_rows: Tables) -> Iterator[Said]:
    yield from _instead_word("route", row.route, words().allowed["route"])
    if row.nma_node not in all_rows.node:
        yield "nma_node", f"no node “{row.nma_node}”", _instead(row.nma_node, all_rows.node, "nodes.csv")
    if row.dose_value and not row.dose_unit:
        yield "dose_unit", f"the dose {row.dose_value.text} has no unit", "Give it, such as mg/kg."


def _arms_together(row: Any, all_rows: Tables) -> Iterator[Said]:
    """Arms of a trial of parallel groups are no more people than were randomised; told once, at its last arm."""
    study = all_rows.study.get(row.study_id)
    its = [a for a in all_rows.arms if a.study_id == row.study_id]
    if study and study.design.startswith("RCT parallel") and its[-1].arm_id == row.arm_id:
        together = sum(a.n_arm or 0 for a in its)
        yield from _at_most(
            "n_arm", together, study.n_randomised_or_enrolled, f"people were randomised in {row.study_id}"
        )


def _node(row: Any, _: Tables) -> Iterator[Said]:
    yield from _instead_word("kind", row.kind, words().allowed["kind"])
    if row.kind == "control" and not row.control:
        yield (
            "control",
            "a control without its sort",
            "Say what was given: saline, midazolam, placebo and so on.",
        )


def _group(row: Any, all_rows: Tables) -> Iterator[Said]:
    for member in row.members:
        study, _, arm = member.partition("/")
        if (study, arm) not in all_rows.arm:
            yield "members", f"no arm “{member}”", "Write members as STUDY/ARM, with a space between them."


def _outcome(row: Any, all_rows: Tables) -> Iterator[Said]:
    for column in ("outcome_domain", "metric", "events_basis"):
        yield from _instead_word(column, getattr(row, column), words().allowed[column])
    yield from _counts(row, "events", row.events, "n_analysed", row.n_analysed)
    arms = all_rows.arms_of(row.study_id, row.arm_id)
    in_arm = [a.n_arm for a in arms]
    if arms and None not in in_arm:
        yield from _at_most(
            "n_analysed", row.n_analysed, sum(n for n in in_arm if n), "people are in the arm"
        )
    if row.sd is not None and row.mean is None:
        yield "mean", "a spread without its mean", "Give the mean, or take the spread away."
    yield from _interval("mean", row.mean, row.ci_low, row.ci_high, "ci_low")
    yield from _interval("effect", row.effect, row.effect_ci_low, row.effect_ci_high, "effect_ci_low")
    yield from _effect(row)
    yield from _time(row)


def _counts(row: Any, column: str, events: int | None, of: str, n: int | None) -> Iterator[Said]:
    if n == 0:
        yield of, "it is 0", "Give the people that were looked at, or leave it empty."
    elif events is not None and n is not None and events > n:
        yield column, f"{events} events in {n} people", "There can be one a person at most."
    elif events is not None and n is not None and row.percent is not None:
        share = Decimal(100 * events) / n
        if abs(share - row.percent) > _half(row.percent):
            yield (
                "percent",
                f"{events} of {n} are {share:.1f} percent, not {row.percent}",
                "Mend the one that is wrong.",
            )


def _half(printed: Decimal) -> Decimal:
    """Half a unit of the last place that was printed."""
    exponent = printed.as_tuple().exponent
    return Decimal(5).scaleb((exponent if isinstance(exponent, int) else 0) - 1)


def _interval(column: str, value: Figure | None, low: Any, high: Any, first: str) -> Iterator[Said]:
    bound = high.low if isinstance(high, Figure) else high
    if low is not None and bound is not None and low > bound:
        yield first, f"the interval begins at {low} and ends at {bound}", "Give the lower end first."
    elif value is not None and value.low is not None and value.low == value.high:
        outside = (low is not None and value.low < low) or (bound is not None and value.low > bound)
        if outside:
            yield (
                column,
                f"{value.text} lies outside its interval, {low} to {bound}",
                "Mend the one that is wrong.",
            )


def _effect(row: Any) -> Iterator[Said]:
    kinds = words().effect
    if row.effect is None:
        return
    if not row.effect_type:
        yield (
            "effect_type",
            f"{row.effect.text} of what is not said",
            f"Give one of: {', '.join((*kinds.between, *kinds.words))}.",
        )
        return
    yield from _instead_word("effect_type", row.effect_type, (*kinds.between, *kinds.words))
    if row.effect.exact is None and row.effect_type in kinds.between:
        yield "effect", f"“{row.effect.text}” is not a number", "Give the number, or text as its effect_type."
    if row.effect_type in kinds.between and not row.comparator_arm_id:
        yield (
            "comparator_arm_id",
            f"{row.effect_type} against which arm is not said",
            "Give the other arm's id.",
        )
    yield from _ratio(row.effect_type, row.effect, row.effect_ci_low)


def _ratio(kind: str, value: Figure, low: Decimal | None) -> Iterator[Said]:
    ratio = kind in words().effect.ratio and not kind.startswith("log")
    ends = [end for end in (value.low, low) if end is not None]
    if ratio and ends and min(ends) <= 0:
        yield "effect", f"a ratio of {value.text} from {low}", "A ratio and its interval are above 0."


def _time(row: Any) -> Iterator[Said]:
    label = LABEL.fullmatch(row.timepoint_label.casefold())
    if label is None or row.time_days is None:
        return
    unit = (label["unit"] or label["unit2"]).rstrip("s") or "h"
    days = int(label["n"] or label["n2"]) * DAYS[unit]
    if abs(float(row.time_days) - days) > SLACK * days:
        yield (
            "time_days",
            f"“{row.timepoint_label}” is {days:g} days, not {row.time_days}",
            "Give the time in days.",
        )


def _adverse(row: Any, _: Tables) -> Iterator[Said]:
    yield from _counts(row, "n_events", row.n_events, "n_at_risk", row.n_at_risk)


def _durability(row: Any, _: Tables) -> Iterator[Said]:
    yield from _instead_word("metric", row.metric, words().allowed["durability_metric"])
    yield from _counts(row, "n_events", row.n_events, "n_at_risk", row.n_at_risk)
    yield from _interval("value", row.value, row.ci_low, row.ci_high, "ci_low")
    if row.unit == "percent" and row.percent is not None and row.value.low != row.percent:
        yield "value", f"it says {row.value.text}, percent says {row.percent}", "Mend the one that is wrong."
    if row.metric == "hazard_ratio":
        yield from _ratio("HR", row.value, row.ci_low)
        if not row.comparator_arm_id:
            yield "comparator_arm_id", "a ratio against which arm is not said", "Give the other arm's id."


def _pooled(row: Any, _: Tables) -> Iterator[Said]:
    yield from _interval("effect", row.effect, row.ci_low, row.ci_high, "ci_low")
    yield from _ratio(row.effect_type, row.effect, row.ci_low)


def _contrasted(row: Any, all_rows: Tables) -> Iterator[Said]:
    if row.pooled_id not in {p.pooled_id for p in all_rows.pooled}:
        yield "pooled_id", f"no pooled result “{row.pooled_id}”", "Add it to pooled.csv, or mend the id."
    for column in ("treatment", "versus"):
        node = getattr(row, column)
        if node not in all_rows.node:
            yield column, f"no node “{node}”", _instead(node, all_rows.node, "nodes.csv")
    for indication in row.indications or ("",):
        yield from _instead_word("indications", indication or "none", words().indication)


def _bias(row: Any, _: Tables) -> Iterator[Said]:
    for column in ("domain", "judgement"):
        yield from _instead_word(column, getattr(row, column), words().allowed[column])


def _reference(row: Any, _: Tables) -> Iterator[Said]:
    value = Figure(str(row.effect), row.effect, row.effect)
    yield from _interval("effect", value, row.ci_low, row.ci_high, "ci_low")
    yield from _ratio(row.effect_type, value, row.ci_low)


CHECKS: dict[str, tuple[Check, ...]] = {
    "studies": (_study, evidence_bounds.control),
    "arms": (_known_study, _arm, _arms_together, evidence_bounds.dose, evidence_bounds.baseline),
    "outcomes": (_known_study, _known_arm, _outcome, evidence_bounds.scores),
    "adverse_events": (_known_study, _known_arm, _adverse),
    "durability": (_known_study, _known_arm, _durability),
    "pooled": (_pooled,),
    "nma_reference": (_reference,),
    "nodes": (_node,),
    "groups": (_known_study, _group),
    "pooled_contrasts": (_contrasted,),
    "bias": (_known_study, _bias),
    "asked": (_known_study,),
}


def _fields(*names: str) -> Callable[[Any], tuple[Any, ...]]:
    return lambda row: tuple(getattr(row, name) for name in names)


KEYS: dict[str, tuple[Callable[[Any], Any], str | None]] = {
    "studies": (_fields("study_id"), "study_id"),
    "arms": (_fields("study_id", "arm_id"), "arm_id"),
    "outcomes": (
        _fields(
            *("study_id", "arm_id", "outcome_domain", "instrument", "metric", "timepoint_label", "time_days"),
            *("comparator_arm_id", "definition", "part"),
        ),
        None,
    ),
    "adverse_events": (_fields("study_id", "arm_id", "event", "period", "severity"), None),
    "durability": (
        _fields("study_id", "arm_id", "population_at_risk", "metric", "time_days", "definition"),
        None,
    ),
    "pooled": (_fields("pooled_id"), "pooled_id"),
    "predictors": (_fields("source", "predictor", "outcome", "statistic"), None),
    "conversions": (_fields("from_instrument", "from_value", "to_instrument", "kind"), None),
    "nma_reference": (_fields("dataset", "method", "treatment", "reference", "effect_type"), None),
    "nodes": (_fields("node"), "node"),
    "groups": (_fields("study_id", "group_id"), "group_id"),
    "pooled_contrasts": (_fields("pooled_id"), "pooled_id"),
    "bias": (_fields("study_id", "domain"), "domain"),
    "asked": (_fields("study_id"), "study_id"),
}
"""Table -> what makes two of its rows the same, and the column to point at."""
