"""Side effects by product, route and how they were asked: never pooled over these, because each of them changes the number."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from lowtide.data import vocabulary
from lowtide.data.evidence import AdverseEvent, Arm, Tables
from lowtide.data.evidence_harms import harms as shown
from lowtide.data.evidence_words import Words
from lowtide.science.evidence.shares import of_100
from lowtide.science.evidence.shares import share as counted_share
from lowtide.site.evidence_pages.drawing.lanes import Axis, Lane, Mark, Sheet
from lowtide.site.evidence_pages.forest import named

TICKS = tuple((float(v), str(v)) for v in range(0, 101, 20))


class Event(msgspec.Struct, frozen=True):
    """`percent` is None where the row tells it in words, or counts without saying of how many."""

    event: str
    percent: float | None
    beside: float | None
    counts: str
    verified: bool

    @property
    def excess(self) -> float:
        """People of 100 more than beside it; without a control all of them, without a number none."""
        return (self.percent or 0.0) - (self.beside or 0.0)


class Group(msgspec.Struct, frozen=True):
    """Counted with one product by one route in one period, asked in one way. `study` is empty for a label's own table.

    `given` is the dose and its schedule, `condition` of whom; `asked_read` False where how they were asked was not seen.
    """

    study: str
    title: str
    asked: str
    beside: str
    events: tuple[Event, ...]
    source: tuple[str, ...] = ()
    asked_read: bool = False
    given: str = ""
    condition: str = ""
    product: str = ""
    route: str = ""

    @property
    def counted(self) -> int:
        return len(self.events)

    @property
    def weight(self) -> tuple[bool, bool, bool, float]:
        """Labels first, then what stands beside a control, the serious before the rest, the largest excess first."""
        said = shown()
        serious = any(said.is_serious(e.event) for e in self.events)
        return (
            bool(self.study),
            not self.beside,
            not serious,
            -max((e.excess for e in self.events), default=0.0),
        )


def groups(
    tables: Tables,
    words: Words,
    rates: Iterable[Mapping[str, Any]],
    indication: str,
    studies: Iterable[str],
    *,
    unverified: bool,
) -> list[Group]:
    found = [g for study in studies for g in _of_study(tables, study, unverified=unverified)]
    return sorted([*_of_label(words, rates, indication), *found], key=lambda g: g.weight)


def _of_study(tables: Tables, study: str, *, unverified: bool) -> Iterator[Group]:
    rows = [r for r in tables.adverse_events if r.study_id == study and (r.verified or unverified)]
    for period, arm in dict.fromkeys((r.period, r.arm_id) for r in rows if _is_ketamine(tables, r)):
        its = [r for r in rows if (r.period, r.arm_id) == (period, arm)]
        others = [r for r in rows if r.period == period and not _is_ketamine(tables, r)]
        events = [_event(row, next((o for o in others if o.event == row.event), None)) for row in its]
        asked, read = how_asked(tables, study)
        product, route = _given_as(tables, its[0])
        yield Group(
            study=study,
            title=f"{named(tables, study)}: {_product(tables, its[0])}, {period}",
            asked=asked,
            beside=_label(tables, others[0]) if others else "",
            events=ranked(events),
            asked_read=read,
            given=regimen(tables, its[0]),
            condition=tables.study[study].condition if study in tables.study else "",
            product=product,
            route=route,
        )


def ranked(events: Iterable[Event]) -> tuple[Event, ...]:
    """The serious first, then the largest excess over those beside them."""
    return tuple(sorted(events, key=lambda e: (not shown().is_serious(e.event), -e.excess)))


def drawn(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The first so many, and what is watched for whatever its excess."""
    first = events[: shown().drawn]
    return (*first, *(e for e in events[len(first) :] if shown().is_watched(e.event)))


def regimen(tables: Tables, row: AdverseEvent) -> str:
    """What was given, over how long, how often; as the arms of the row say it."""
    arms = tables.arms_of(row.study_id, row.arm_id)
    return "; ".join(dict.fromkeys(_regimen(arm) for arm in arms))


def _regimen(arm: Arm) -> str:
    over = f" over {_long(float(arm.infusion_minutes))}" if arm.infusion_minutes else ""
    often = f", {arm.schedule}" if arm.schedule and arm.schedule not in arm.arm_label else ""
    return f"{arm.arm_label}{over}{often}"


def _long(minutes: float) -> str:
    days, hours = minutes / 1440, minutes / 60
    return f"{days:.1f} days" if days >= 1 else f"{hours:g} h" if hours >= 2 else f"{minutes:g} min"


def _given_as(tables: Tables, row: AdverseEvent) -> tuple[str, str]:
    arms = tables.arms_of(row.study_id, row.arm_id)
    node = tables.node.get(arms[0].nma_node) if arms else None
    return (node.product or "", node.route or "") if node else ("", "")


def _is_ketamine(tables: Tables, row: AdverseEvent) -> bool:
    arms = tables.arms_of(row.study_id, row.arm_id)
    return any(_kind(tables, arm) == "ketamine" for arm in arms) or not arms


def _kind(tables: Tables, arm: Arm) -> str:
    node = tables.node.get(arm.nma_node)
    return node.kind if node else "other"


def _product(tables: Tables, row: AdverseEvent) -> str:
    arms = tables.arms_of(row.study_id, row.arm_id)
    node = tables.node.get(arms[0].nma_node) if arms else None
    if node is None or not node.product or not node.route:
        return _label(tables, row)
    product = vocabulary.words()["product"].get(node.product)
    return f"{product.label if product else node.product}, {vocabulary.label('route', node.route)}"


def _label(tables: Tables, row: AdverseEvent) -> str:
    group = tables.group.get((row.study_id, row.arm_id))
    arms = tables.arms_of(row.study_id, row.arm_id)
    return group.label if group else arms[0].arm_label if arms else row.arm_id


def share(row: AdverseEvent) -> float | None:
    percent = None if row.percent is None else float(row.percent)
    return counted_share(row.n_at_risk, row.n_events, percent)


def _event(row: AdverseEvent, beside: AdverseEvent | None) -> Event:
    counts = ", ".join(filter(None, (_count(r) for r in (row, beside) if r)))
    return Event(row.event, share(row), share(beside) if beside else None, counts, row.verified)


def _count(row: AdverseEvent) -> str:
    percent = share(row)
    if row.n_events is not None:
        return f"{row.n_events}/{row.n_at_risk}" if row.n_at_risk else f"{row.n_events} people"
    if percent is None:
        return row.time_course or ""
    return f"{percent:.1f} % of {row.n_at_risk}" if row.n_at_risk else f"{percent:.1f} %"


def how_asked(tables: Tables, study: str) -> tuple[str, bool]:
    """The words, empty where there are none, and whether they were read in a source."""
    row = next((r for r in tables.asked if r.study_id == study), None)
    return (row.asked, row.verified) if row else ("", False)


def _of_label(words: Words, rates: Iterable[Mapping[str, Any]], indication: str) -> Iterator[Group]:
    every = list(rates)
    for of in words.adverse.rates:
        its = [r for r in every if (r["population"], r["product_dose"]) == (of.population, of.product)]
        if of.indication == indication and its:
            events = [Event(r["term"], *_counted(r), _printed(r), r["verified"] == "yes") for r in its]
            title = f"Label: {of.product}, {its[0]['phase_or_window']}"
            seen = tuple(dict.fromkeys(url.strip() for r in its for url in r["source_url"].split(" ; ")))
            yield Group("", title, of.asked, its[0]["control"], ranked(events), seen)


def _counted(row: Mapping[str, Any]) -> tuple[float, float]:
    return (
        100 * int(row["events"]) / int(row["n_treated"]),
        100 * int(row["events_control"]) / int(row["n_control"]),
    )


def _printed(row: Mapping[str, Any]) -> str:
    return f"{row['events']}/{row['n_treated']}, {row['events_control']}/{row['n_control']}"


def sheet(group: Group, key: str) -> Sheet:
    """Filled with the drug, open beside it."""
    first = drawn(group.events)
    lanes = tuple(_lane(event) for event in first)
    rest = tuple(_lane(event) for event in group.events if event not in first)
    beside = f", open circles: {group.beside}" if group.beside else ""
    title = f"{group.title}. Asked: {group.asked or 'not read'}"
    said = "; ".join(f"{lane.label}: {lane.figures}" for lane in lanes)
    axis = Axis(0, 100, TICKS, "people of 100")
    return Sheet(key, title, f"{title}{beside}. {said}.", axis, lanes, row=26, undrawn=rest)


def _lane(event: Event) -> Lane:
    if event.percent is None:
        return Lane(event.event, figures=event.counts, nothing="no share of people was printed")
    marks = [
        Mark(
            event.percent, "trial", weight=0.3, verified=event.verified, tip=f"{of_100(event.percent)} of 100"
        )
    ]
    if event.beside is not None:
        marks.insert(0, Mark(event.beside, "beside", tip=f"{of_100(event.beside)} of 100 beside"))
    beside = f" against {of_100(event.beside)}" if event.beside is not None else ""
    return Lane(event.event, tuple(marks), f"{of_100(event.percent)}{beside} of 100 ({event.counts})")
