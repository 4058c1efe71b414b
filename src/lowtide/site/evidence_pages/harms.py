"""Side effects by product, route and how they were asked: never pooled over these, because each of them changes the number."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from lowtide.data import vocabulary
from lowtide.data.evidence import AdverseEvent, Arm, Tables
from lowtide.data.evidence_words import Words
from lowtide.science.evidence import shares
from lowtide.site.evidence_pages.drawing.lanes import Axis, Lane, Mark, Sheet
from lowtide.site.evidence_pages.forest import named

TICKS = tuple((float(v), str(v)) for v in range(0, 101, 20))
SHOWN = 10
"""So many of a group are drawn; the table twin has all."""


class Event(msgspec.Struct, frozen=True):
    event: str
    percent: float
    beside: float | None
    counts: str
    verified: bool


class Group(msgspec.Struct, frozen=True):
    """Counted with one product by one route in one period, asked in one way. `study` is empty for a label's own table."""

    study: str
    title: str
    asked: str
    beside: str
    events: tuple[Event, ...]
    source: tuple[str, ...] = ()


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
    return [*_of_label(words, rates, indication), *found]


def _of_study(tables: Tables, study: str, *, unverified: bool) -> Iterator[Group]:
    rows = [r for r in tables.adverse_events if r.study_id == study and (r.verified or unverified)]
    rows = [r for r in rows if share(r) is not None]
    for period, arm in dict.fromkeys((r.period, r.arm_id) for r in rows if _is_ketamine(tables, r)):
        its = [r for r in rows if (r.period, r.arm_id) == (period, arm)]
        others = [r for r in rows if r.period == period and not _is_ketamine(tables, r)]
        events = [_event(row, next((o for o in others if o.event == row.event), None)) for row in its]
        yield Group(
            study,
            f"{named(tables, study)}: {_product(tables, its[0])}, {period}",
            how_asked(tables, study),
            _label(tables, others[0]) if others else "",
            tuple(sorted(events, key=lambda e: -e.percent)),
        )


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
    return shares.share(row.n_at_risk, row.n_events, percent)


def _event(row: AdverseEvent, beside: AdverseEvent | None) -> Event:
    counts = ", ".join(_count(r) for r in (row, beside) if r)
    percent = share(row)
    assert percent is not None
    return Event(row.event, percent, share(beside) if beside else None, counts, row.verified)


def _count(row: AdverseEvent) -> str:
    if row.n_events is not None and row.n_at_risk:
        return f"{row.n_events}/{row.n_at_risk}"
    return f"{share(row):.1f} % of {row.n_at_risk}" if row.n_at_risk else f"{share(row):.1f} %"


def how_asked(tables: Tables, study: str) -> str:
    row = next((r for r in tables.asked if r.study_id == study), None)
    return row.asked if row else "how it was asked was not read"


def _of_label(words: Words, rates: Iterable[Mapping[str, Any]], indication: str) -> Iterator[Group]:
    every = list(rates)
    for of in words.adverse.rates:
        its = [r for r in every if (r["population"], r["product_dose"]) == (of.population, of.product)]
        if of.indication == indication and its:
            events = [Event(r["term"], *_counted(r), _printed(r), r["verified"] == "yes") for r in its]
            title = f"Label: {of.product}, {its[0]['phase_or_window']}"
            seen = tuple(dict.fromkeys(url.strip() for r in its for url in r["source_url"].split(" ; ")))
            ranked = tuple(sorted(events, key=lambda e: -e.percent))
            yield Group("", title, of.asked, its[0]["control"], ranked, seen)


def _counted(row: Mapping[str, Any]) -> tuple[float, float]:
    return (
        100 * int(row["events"]) / int(row["n_treated"]),
        100 * int(row["events_control"]) / int(row["n_control"]),
    )


def _printed(row: Mapping[str, Any]) -> str:
    return f"{row['events']}/{row['n_treated']}, {row['events_control']}/{row['n_control']}"


def sheet(group: Group, key: str) -> Sheet:
    """Filled with the drug, open beside it."""
    lanes = tuple(_lane(event) for event in group.events[:SHOWN])
    beside = f", open circles: {group.beside}" if group.beside else ""
    title = f"{group.title}. Asked: {group.asked}"
    return Sheet(key, title, f"{title}{beside}.", Axis(0, 100, TICKS, "people of 100"), lanes, row=26)


def _lane(event: Event) -> Lane:
    marks = [
        Mark(
            event.percent,
            "trial",
            weight=0.3,
            verified=event.verified,
            tip=f"{shares.of_100(event.percent)} of 100",
        )
    ]
    if event.beside is not None:
        marks.insert(0, Mark(event.beside, "beside", tip=f"{shares.of_100(event.beside)} of 100 beside"))
    beside = f" against {shares.of_100(event.beside)}" if event.beside is not None else ""
    return Lane(event.event, tuple(marks), f"{shares.of_100(event.percent)}{beside} of 100 ({event.counts})")
