"""One reaction asked in different ways, side by side: what a scale finds at set times, and what people report by themselves."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from django.urls import reverse

from lowtide.data import vocabulary
from lowtide.data.events import Rate, every_rate, rates_by_key
from lowtide.data.evidence_harms import Reaction, Shown, harms
from lowtide.pathway.course.trial_answers import known
from lowtide.science.evidence.shares import of_100
from lowtide.site.evidence_pages.harms import Group, groups


class Row(msgspec.Struct, frozen=True):
    """`how_read` is whether the way of asking was seen, `verified` whether the number was; `url` leads to the row."""

    term: str
    given: str
    whom: str
    how: str
    how_read: bool
    of_100: str
    verified: bool
    name: str
    url: str


class Asked(msgspec.Struct, frozen=True):
    label: str
    rows: tuple[Row, ...]


def on(indication: str, studies: Iterable[str]) -> list[Asked]:
    """Every reaction of which a row was read: the rates of this indication, and its trials."""
    found = _trials(indication, studies)
    return _asked(lambda one: indication in one.indications, found)


def of_product(product: str, route: str, indication: str, studies: Iterable[str]) -> list[Asked]:
    """The same of one product by one route; a row that names no route speaks of any."""
    found = [g for g in _trials(indication, studies) if (g.product, g.route) == (product, route)]
    return _asked(lambda one: one.product == product and one.route in ("", route), found)


def _trials(indication: str, studies: Iterable[str]) -> list[Group]:
    every = known()
    found = groups(every.tables, every.words, (), indication, studies, unverified=False)
    return [group for group in found if group.study]


def _asked(wanted: Any, trials: list[Group]) -> list[Asked]:
    found = (
        Asked(one.label, (*_of_rates(one, wanted), *_of_trials(one, trials))) for one in harms().reaction
    )
    return [one for one in found if one.rows]


def _of_rates(one: Reaction, wanted: Any) -> Iterator[Row]:
    rates = rates_by_key()
    for shown in one.row:
        rate = rates.get(shown.key)
        if rate and wanted(shown):
            yield _row(rate, shown)


def _row(rate: Rate, shown: Shown) -> Row:
    how = harms().how[shown.how]
    return Row(
        term=rate.term,
        given=_given(shown.product, shown.route),
        whom=f"{rate.population}, {rate.window}",
        how=how.label,
        how_read=how.read,
        of_100=printed(rate),
        verified=rate.verified,
        name="rows",
        url=f"{reverse('site:evidence_rates')}#{rate.key}",
    )


def _given(product: str, route: str) -> str:
    known_product = vocabulary.words()["product"].get(product)
    name = known_product.label if known_product else product
    return f"{name}, {vocabulary.label('route', route)}" if route else name


def printed(rate: Rate) -> str:
    """The share of people and that of those beside them; words as they stand."""
    beside = f" against {_plain(rate.control_pct)}" if rate.control_pct else ""
    return f"{_plain(rate.pct)}{beside}"


def _plain(text: str) -> str:
    return text.replace("-", "–") if text[:1].isdigit() else text


def _of_trials(one: Reaction, trials: list[Group]) -> Iterator[Row]:
    """Rows of trials that tell of the reaction of any grade with a number; labels stand in the rates already."""
    term = known().words.adverse.term
    for group in trials:
        for event in group.events:
            graded = harms().is_serious(event.event)
            if term(event.event) in one.terms and event.percent is not None and not graded:
                beside = f" against {of_100(event.beside)}" if event.beside is not None else ""
                yield Row(
                    term=event.event,
                    given=_given(group.product, group.route),
                    whom=f"{group.condition}, {group.title.rpartition(', ')[2]}",
                    how=group.asked,
                    how_read=group.asked_read,
                    of_100=f"{of_100(event.percent)}{beside}",
                    verified=event.verified,
                    name=group.title.partition(":")[0],
                    url=reverse("site:evidence_study", args=[group.study]),
                )


def every() -> list[dict[str, Any]]:
    """Every row of the rates of reactions with how it was asked, where that is known."""
    how = {row.key: harms().how[row.how] for one in harms().reaction for row in one.row}
    return [{"rate": rate, "of_100": printed(rate), "how": how.get(rate.key)} for rate in every_rate()]
