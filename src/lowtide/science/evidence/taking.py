"""What one study says on one outcome at one time: its arms by node, or the effect that it published between them.

An arm needs its count and its people, or its mean, spread and people. Where only percentages are printed, as many are taken
to have been looked at as another row of the same scale and time counts, else the smallest share that is likely. Whatever cannot be taken says why, and what the study printed instead.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log, sqrt
from typing import Any

import msgspec

from lowtide.data.evidence import Arm, Outcome, Tables
from lowtide.data.evidence_words import Taking
from lowtide.science.evidence.added import added_up
from lowtide.science.evidence.shares import counted
from lowtide.science.evidence.table import Contrast, EventArm, MeanArm

WIDE = 2 * 1.959963984540054
"""A 95 % interval in standard errors."""
SHARED = 0.75
"""Two arms against one control: the mean of their two contrasts, of which each pair correlates by one half."""
RECALLED = "n recalled"
"""A note: the share was read, its denominator was not."""
KINDS = {"OR": "OR", "MD": "MD", "LSMD": "MD", "adjusted MD": "MD", "SMD": "SMD", "HR": "HR"}


Part = EventArm | MeanArm | Contrast
"""What a study gives to an analysis: arms, or a contrast."""


class Seen(msgspec.Struct, frozen=True):
    """A row that an answer rests on: its table and line, where it was seen, whether the number was read there."""

    table: str
    line: int
    source_url: str | None
    verified: bool


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """One trial's part in one comparison. `group` keeps apart what may not be pooled; `covers` are the trials in it.

    `people` were counted. `assumed`: the source was read for percentages, and how many people they are of is assumed or
    recalled; then nobody counted them, and `took_part` alone is known. `stated` is the published effect of
    a single contrast with its own limits, which need not lie evenly about it. `shares` are printed percentages of arms (by
    node) whose people nobody printed. `added`: how arms of several trials were added up. `window` is named where no time was asked for: each time then stands for itself.
    """

    study: str
    covers: tuple[str, ...]
    rows: tuple[Part, ...]
    measure: str
    group: str
    population: str
    design: str
    at: str
    days: float | None
    window: str = ""
    metric: str = ""
    people: int | None
    seen: tuple[Seen, ...]
    said: tuple[str, ...] = ()
    assumed: bool = False
    took_part: int | None = None
    added: str = ""
    stated: tuple[float, float, float] | None = None
    shares: tuple[tuple[str, float], ...] = ()

    @property
    def size(self) -> int | None:
        """How large it is: the people counted, else those who took part."""
        return self.took_part if self.people is None else self.people

    @property
    def verified(self) -> bool:
        return all(s.verified for s in self.seen)

    @property
    def nodes(self) -> set[str]:
        pairs = ((r.first, r.second) if isinstance(r, Contrast) else (r.treatment,) for r in self.rows)
        return {node for pair in pairs for node in pair}


class Left(msgspec.Struct, frozen=True):
    """A study that was looked at and not taken: why, what it printed, which treatments it had."""

    study: str
    reason: str
    printed: str = ""
    nodes: frozenset[str] = frozenset()


class Taken(msgspec.Struct, frozen=True):
    """Rows of arms or contrasts, what they rest on, and what was assumed; `metric` of what the arms' means are."""

    rows: tuple[Part, ...]
    measure: str
    covers: tuple[str, ...]
    people: int | None
    seen: tuple[Seen, ...]
    said: tuple[str, ...] = ()
    assumed: bool = False
    took_part: int | None = None
    added: str = ""
    stated: tuple[float, float, float] | None = None
    metric: str = ""
    shares: tuple[tuple[str, float], ...] = ()


def as_printed(rows: Iterable[tuple[str, int | None, Any]]) -> tuple[tuple[str, float], ...]:
    """Of (node, events, percent): the percentages of nodes of which there is one row, and no count in it."""
    its = list(rows)
    nodes = [node for node, _, _ in its]
    return tuple(
        (node, float(percent))
        for node, events, percent in its
        if events is None and percent is not None and nodes.count(node) == 1
    )


def seen(table: str, row: Any) -> Seen:
    return Seen(table, row.line, row.source_url, row.verified)


class Reader(msgspec.Struct, frozen=True):
    """How rows of one outcome are taken. `metrics` are in order of preference."""

    tables: Tables
    how: Taking
    metrics: Sequence[str]
    contrasts: Sequence[str]
    binary: bool
    unverified: bool

    def take(self, rows: Sequence[Outcome]) -> Taken | str:
        """What rows of one study, instrument and time say, or why they say nothing. Read numbers go before recalled."""
        reasons: list[str] = []
        read = [r for r in rows if r.verified]
        for its in (read, list(rows)) if self.unverified and len(read) < len(rows) else (read,):
            for found in (*(self._arms(its, metric) for metric in self.metrics), self._between(its)):
                if isinstance(found, Taken):
                    return self._unmixed(found, its)
                reasons.append(found)
        return next((r for r in reasons if r), "it gives no numbers of two treatments")

    def _unmixed(self, found: Taken, rows: Sequence[Outcome]) -> Taken:
        """What was published between arms of several trials goes before the sums of their arms."""
        other = self._between(rows) if found.added else ""
        if isinstance(other, Taken) and other.covers == found.covers:
            return msgspec.structs.replace(other, people=found.people, took_part=found.took_part)
        return found

    def _arms(self, rows: Sequence[Outcome], metric: str) -> Taken | str:
        its = [r for r in rows if r.metric == metric and _tells(r)]
        by_node: dict[str, list[tuple[Outcome, tuple[Arm, ...]]]] = defaultdict(list)
        for row, arms in self._whole(its):
            nodes = {a.nma_node for a in arms}
            if len(nodes) == 1:
                by_node[nodes.pop()].append((row, arms))
        if len(by_node) < 2:
            return "its rows are of one treatment" if its else ""
        return self._counted(by_node, _ratios(rows)) if self.binary else self._meant(by_node)

    def _whole(self, rows: Sequence[Outcome]) -> Iterator[tuple[Outcome, tuple[Arm, ...]]]:
        """Rows of whole arms; rows of parts when the parts make up the arm; no arm twice."""
        taken: set[tuple[str, str]] = set()
        for row in sorted(rows, key=lambda r: r.part is not None):
            arms = self.tables.arms_of(row.study_id, row.arm_id)
            keys = {(a.study_id, a.arm_id) for a in arms}
            parts = {r.part for r in rows if r.arm_id == row.arm_id and r.part}
            complete = row.part is None or any(parts == set(c) for c in self.how.complementary)
            if arms and complete and not keys & taken:
                yield row, arms
            if row.part is None:
                taken |= keys

    def _counted(
        self, by_node: Mapping[str, list[tuple[Outcome, tuple[Arm, ...]]]], beside: Iterable[str]
    ) -> Taken | str:
        found: list[EventArm | MeanArm] = []
        said: list[str] = []
        assumed = False
        for node, rows in by_node.items():
            for row, arms in rows:
                n, how = self._people(row, arms)
                if not n:
                    return "it prints percentages, and of how many people is not known"
                assumed |= bool(how) or RECALLED in (row.notes or "")
                known = None if how else row.events
                events = counted(n, known, float(row.percent or 0)) or 0
                found.append(EventArm(row.study_id, node, min(events, n), n))
                said += [how] if how else []
                said += _remarks(row)
        shares = as_printed((node, r.events, r.percent) for node, its in by_node.items() for r, _ in its)
        taken = self._of(found, by_node, "OR", (*said, *beside))
        if not assumed:
            return msgspec.structs.replace(taken, shares=shares)
        return msgspec.structs.replace(
            taken, assumed=True, people=None, took_part=_in_arms(by_node), shares=shares
        )

    def _people(self, row: Outcome, arms: tuple[Arm, ...]) -> tuple[int, str]:
        """(people looked at, how that is known where it is not printed)."""
        if row.n_analysed:
            return row.n_analysed, ""
        if not all(a.n_arm and (a.verified or self.unverified) for a in arms):
            return 0, ""
        share, how = self._looked_at(row, arms)
        said = f"{row.study_id} prints percentages without saying of how many: {how}"
        return round(share * sum(a.n_arm or 0 for a in arms)), said

    def _looked_at(self, row: Outcome, arms: tuple[Arm, ...]) -> tuple[float, str]:
        """The share of these arms that was looked at: as other rows of the same scale and time count it, else assumed."""
        beside: dict[tuple[str, str, str], list[Outcome]] = defaultdict(list)
        for other in self.tables.outcomes:
            same = (other.instrument, other.time_days) == (row.instrument, row.time_days)
            if same and other.n_analysed and (other.verified or self.unverified):
                beside[other.study_id, other.arm_id, other.metric].append(other)
        for its in beside.values():
            whole = list(self._whole(its))
            those = {a for _, of in whole for a in of}
            n, given = sum(r.n_analysed or 0 for r, _ in whole), sum(a.n_arm or 0 for a in those)
            if set(arms) <= those and all(a.n_arm for a in those) and n <= given:
                scale = f"{row.instrument} at {row.timepoint_label}"
                return n / given, f"{n} of the {given} people in its and like arms were looked at on {scale}"
        share = self.how.evaluable_share
        return share, f"limits as if {share:.0%} of each arm had been looked at, and narrower if all were"

    def _meant(self, by_node: Mapping[str, list[tuple[Outcome, tuple[Arm, ...]]]]) -> Taken | str:
        found: list[EventArm | MeanArm] = []
        said: list[str] = []
        for node, rows in by_node.items():
            for row, _ in rows:
                spread, n = _spread(row), row.n_analysed
                if row.mean is None or row.mean.exact is None:
                    return "it prints a range of means"
                if n is None or n < 2 or not spread:
                    return "its means stand without " + ("their spread" if n else "the number of people")
                found.append(MeanArm(row.study_id, node, row.mean.exact, spread, n))
                said += _remarks(row)
        taken = self._of(found, by_node, "MD", said)
        (first, _), *_ = next(iter(by_node.values()))
        return msgspec.structs.replace(taken, metric=first.metric)

    def _of(
        self,
        found: Sequence[EventArm | MeanArm],
        by_node: Mapping[str, list[tuple[Outcome, tuple[Arm, ...]]]],
        measure: str,
        said: Iterable[str],
    ) -> Taken:
        rows = [pair for pairs in by_node.values() for pair in pairs]
        covers = tuple(sorted({a.study_id for _, arms in rows for a in arms}))
        where = tuple(seen("outcomes", row) for row, _ in rows)
        added = added_up(a for _, arms in rows for a in arms)
        told = tuple(dict.fromkeys((*said, added) if added else said))
        return Taken(tuple(found), measure, covers, sum(a.n for a in found), where, told, added=added)

    def _between(self, rows: Sequence[Outcome]) -> Taken | str:
        wanted = self.contrasts or self.metrics
        its = [r for r in rows if r.metric in wanted and r.effect and r.effect_type in KINDS]
        its = self._whole_effects([r for r in its if (KINDS[r.effect_type or ""] == "OR") == self.binary])
        usable = [r for r in its if r.effect_ci_low is not None and r.effect_ci_high is not None]
        if not usable:
            return "its effect stands without an interval" if its else ""
        kind = KINDS[usable[0].effect_type or ""]
        usable = [r for r in usable if KINDS[r.effect_type or ""] == kind]
        pairs = {
            (self._node(r.study_id, r.arm_id), self._node(r.study_id, r.comparator_arm_id)) for r in usable
        }
        if len(pairs) > 1 or None in next(iter(pairs)):
            return "it gives effects of several treatments and not all pairs of them"
        one, two = (str(node) for node in next(iter(pairs)))
        parts = [r.part for r in usable if r.part]
        given = [_interval_of(r) for r in usable]
        row = contrast(given, kind in ("OR", "HR"), usable[0].study_id, one, two, shared=not parts)
        arms = [
            a
            for r in usable
            for i in (r.arm_id, r.comparator_arm_id)
            for a in self.tables.arms_of(r.study_id, str(i))
        ]
        people = {(a.study_id, a.arm_id): a.n_arm for a in arms}
        return Taken(
            (row,),
            kind,
            tuple(sorted({a.study_id for a in arms})),
            sum(n for n in people.values() if n) if all(people.values()) else None,
            tuple(seen("outcomes", r) for r in usable),
            (_as_published(row.study, parts),),
            stated=_interval_of(usable[0]) if len(usable) == 1 else None,
        )

    def _whole_effects(self, rows: Sequence[Outcome]) -> list[Outcome]:
        """Effects in everybody; else those of parts, where the parts make up the whole."""
        whole = [r for r in rows if r.part is None]
        parts = {r.part for r in rows if r.part}
        complete = len({(r.arm_id, r.comparator_arm_id) for r in rows}) == 1 and any(
            parts == set(c) for c in self.how.complementary
        )
        return whole or (list(rows) if complete else [])

    def _node(self, study: str, arm: str | None) -> str | None:
        nodes = {a.nma_node for a in self.tables.arms_of(study, arm or "")}
        return nodes.pop() if len(nodes) == 1 else None


def _as_published(study: str, parts: Sequence[str | None]) -> str:
    of = f", {' and '.join(str(part) for part in parts)} put together by their precision" if parts else ""
    return f"the effect of {study} is as it was published{of}"


def contrast(
    given: Sequence[tuple[float, float, float]],
    ratio: bool,
    study: str,
    one: str,
    two: str,
    *,
    shared: bool = True,
) -> Contrast:
    """One contrast from one or more (effect, lower, upper) of the same two treatments with a shared control, or, where it is
    not `shared`, of parts that have no people in common."""
    scale = log if ratio else float
    values = [(scale(e), (scale(high) - scale(low)) / WIDE) for e, low, high in given]
    weights = [1 / se**2 for _, se in values]
    estimate = sum(w * e for w, (e, _) in zip(weights, values, strict=True)) / sum(weights)
    alike = len(values) * SHARED if shared and len(values) > 1 else 1.0
    variance = alike / sum(weights)
    return Contrast(study, one, two, estimate, sqrt(variance))


def _interval_of(row: Outcome) -> tuple[float, float, float]:
    assert row.effect is not None
    return row.effect.exact or 0.0, float(row.effect_ci_low or 0), float(row.effect_ci_high or 0)


def _ratios(rows: Iterable[Outcome]) -> Iterator[str]:
    """Ratios that were printed beside counts: often adjusted, so not quite those of the counts."""
    for row in rows:
        whole = row.effect and row.effect_ci_low is not None and row.part is None
        if row.effect and whole and row.effect_type == "OR":
            limits = f"{row.effect_ci_low} to {row.effect_ci_high}"
            yield f"{row.study_id} printed OR {row.effect.text} ({limits}); here it is worked out from its counts"


def _tells(row: Outcome) -> bool:
    """Whether a row gives an arm's own figure (a published effect of a part may carry a percentage beside it)."""
    return row.mean is not None or row.events is not None or (row.percent is not None and row.part is None)


def _spread(row: Outcome) -> float | None:
    """The standard deviation, from what is printed of it."""
    if row.sd is not None:
        return float(row.sd)
    n = row.n_analysed or 0
    if row.se is not None:
        return float(row.se) * sqrt(n)
    if row.ci_low is not None and row.ci_high is not None:
        return (float(row.ci_high) - float(row.ci_low)) / WIDE * sqrt(n)
    return None


def _in_arms(by_node: Mapping[str, list[tuple[Outcome, tuple[Arm, ...]]]]) -> int | None:
    """How many people the arms had, each arm once."""
    arms = {(a.study_id, a.arm_id): a.n_arm for rows in by_node.values() for _, of in rows for a in of}
    return sum(n or 0 for n in arms.values()) if all(arms.values()) else None


def _remarks(row: Outcome) -> Iterator[str]:
    if RECALLED in (row.notes or ""):
        yield f"{row.study_id}: its percentages were read, of how many people is recalled"
    for words in ("denominator inferred", "denominator derived", "subpopulation analysis"):
        if words in (row.notes or ""):
            yield f"{row.study_id}: {words}"


def printed(tables: Tables, rows: Sequence[Outcome]) -> str:
    """What a study prints, in a line: for what cannot be taken and must not be lost."""
    told = []
    for row in rows:
        arm = tables.arm.get((row.study_id, row.arm_id))
        kind = "" if row.effect_type == "text" else f"{row.effect_type} "
        ends = "" if row.effect_ci_low is None else f" ({row.effect_ci_low} to {row.effect_ci_high})"
        what = row.effect and f"{kind}{row.effect.text}{ends}"
        mean = row.mean and row.mean.text
        share = row.percent is not None and f"{row.percent} %"
        p = f", p {row.p_value}" if row.p_value else ""
        told.append(
            f"{arm.arm_label if arm else row.arm_id}: {row.instrument} {what or mean or share or row.metric}{p}"
        )
    return "; ".join(told)
