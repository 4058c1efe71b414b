"""What the trials say on one way of treatment in one condition, as the page of a person shows it; kept for each state of the data."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from lowtide.data import vocabulary
from lowtide.data.evidence import Tables
from lowtide.data.evidence_pages import Page, pages
from lowtide.data.evidence_words import words
from lowtide.pathway.course.trial_answers import Standing, known, standing
from lowtide.science.evidence.bias import randomised
from lowtide.science.evidence.named import Answer
from lowtide.science.evidence.selection import Question
from lowtide.science.evidence.taking import Left
from lowtide.site.evidence_pages import half_times, harms, lasting, page, reactions
from lowtide.site.evidence_pages.analysed import compared
from lowtide.site.evidence_pages.forest import named
from lowtide.site.evidence_pages.pictures import picture
from lowtide.site.evidence_pages.readable import readable
from lowtide.site.evidence_pages.rows import anchor

OPEN_GROUPS = 3
"""So many groups of side effects stand open; the others are folded."""


class Way(msgspec.Struct, frozen=True):
    """An indication with the product and route that are planned; `nodes` are the treatments of trials that are it."""

    shown: Page
    product: str
    route: str
    nodes: frozenset[str]

    @property
    def near(self) -> tuple[str, ...]:
        return (self.shown.id, *self.shown.beside)


class Evidence(msgspec.Struct, frozen=True):
    """`about` is what the head of the page says, `body` the rest of it, drawn."""

    about: dict[str, Any]
    body: SafeString


@lru_cache(maxsize=128)
def evidence(indication: str, product: str, route: str, digest: str, texts: str) -> Evidence:
    """What does not depend on the chart: the same for everybody with this treatment."""
    now = standing()
    nodes = frozenset(n.node for n in now.tables.nodes if (n.product, n.route) == (product, route))
    way = Way(pages()[indication], product, route, nodes)
    head = {
        "label": words().indication[indication].label,
        "way": way_words(product, route),
        "trials": [(named(now.tables, s), page.study_url(s)) for s in way_in_trials(now.tables, way)],
    }
    body = render_to_string("evidence/person_body.html", head | _body(way, now))
    return Evidence(head, mark_safe(body))  # noqa: S308  our own template, escaped there


def way_words(product: str, route: str) -> str:
    parts = [vocabulary.label("product", product)] if product else []
    return ", ".join([*parts, *([vocabulary.label("route", route)] if route else [])])


def _body(way: Way, now: Standing) -> dict[str, Any]:
    tables = now.tables
    near = [s.study_id for one in way.near for s in page.studies(tables, one) if s.verified]
    kept = lasting.of_nodes(tables, dict.fromkeys(near), set(way.nodes))
    drawn = lasting.sheet(tables, kept, by_regimen=True)
    comparisons = [c for outcome, at in way.shown.asked if (c := _compared(way, outcome, at, tables))]
    return {
        "answers": _rows(
            [a for a in _named(way.shown.answers + way.shown.own, now) if speaks(a, way, tables)]
        ),
        "others": _rows([a for a in _named(way.shown.others, now) if not speaks(a, way, tables)]),
        "compared": comparisons,
        "left": [
            (named(tables, one.study), label, _told(one, tables), page.study_url(one.study))
            for label, one in _left(way, tables)
        ],
        "lasting": picture(drawn) if drawn else None,
        "half_times": half_times.of_rows(tables, kept, page.study_url),
        "told": [
            (t, f"{page.study_url(t.study)}#{anchor('durability', t.line)}")
            for t in lasting.told(tables, kept)
        ],
        "reactions": reactions.of_product(way.product, way.route, way.shown.id, near),
        "unknown": page.unknown(way.shown, now),
        **_harms(way),
    }


# -- how well it works ------------------------------------------------------------------------------------------------


def way_in_trials(tables: Tables, way: Way) -> list[str]:
    """The randomised studies of the indication in which this product was given by this route."""
    on = [s for s in page.studies(tables, way.shown.id) if randomised(s) and s.verified]
    return [s.study_id for s in on if tables.nodes_of[s.study_id] & way.nodes]


def rows_of(names: Iterable[str]) -> list[dict[str, Any]]:
    """Answers by name as lines of a table."""
    return _rows(_named(tuple(names), standing()))


def _named(names: tuple[str, ...], now: Standing) -> list[Answer]:
    return [now.answers[name] for name in dict.fromkeys(names) if name in now.answers]


def _rows(answers: list[Answer]) -> list[dict[str, Any]]:
    now = standing()
    return [page.answer_row(one, now) for one in answers]


def speaks(one: Answer, way: Way, tables: Tables) -> bool:
    """Whether an answer is about the product and the route that are planned."""
    said = one.said
    if said.asked:
        return said.asked.treatment in way.nodes
    if said.pooled:
        return any(
            row.pooled_id == said.pooled and row.treatment in way.nodes for row in tables.pooled_contrasts
        )
    part = said.trial or said.harm or said.lasting
    arms = tables.arms_of(part.study, part.treated) if part else ()
    return any(arm.nma_node in way.nodes for arm in arms)


def _compared(way: Way, outcome: str, at: str, tables: Tables) -> dict[str, Any] | None:
    """The comparisons of this way of giving it; None where no trial gives a number."""
    found = compared(Question(way.shown.id, outcome, at or None)).answer
    rows, _ = page.comparisons(found, tables)
    own = [row for row in rows if row["one"].treatment in way.nodes]
    return {"label": page.choice_label(outcome, at), "rows": own} if own else None


def _left(way: Way, tables: Tables) -> list[tuple[str, Left]]:
    """What was looked at on this way of giving it and not counted, once for each reason, with the outcome."""
    every = [
        (words().outcome[outcome].label, one)
        for outcome, at in way.shown.asked
        for one in compared(Question(way.shown.id, outcome, at or None)).answer.left
        if one.study in tables.study and one.nodes & way.nodes
    ]
    return list({(label, one.study, one.reason, one.printed): (label, one) for label, one in every}.values())


def _told(one: Left, tables: Tables) -> Left:
    return msgspec.structs.replace(one, reason=readable(one.reason, tables))


# -- side effects -----------------------------------------------------------------------------------------------------


def _harms(way: Way) -> dict[str, Any]:
    """Of this product by this route: in the condition and those beside it, then elsewhere; of another way in the condition
    only where there is nothing of its own."""
    tables = known().tables
    mine = [s.study_id for s in tables.studies if s.verified and tables.nodes_of[s.study_id] & way.nodes]
    near = [s for s in mine if any(_reads(one, tables, s) for one in way.near)]
    far = [s for s in mine if s not in near]
    own = [g for g in _groups(way, near) if _is_own(g, way)]
    other = [s.study_id for s in page.studies(tables, way.shown.id) if s.verified]
    return {
        "harms": _drawn(own[:OPEN_GROUPS], "own"),
        "harms_more": _drawn(own[OPEN_GROUPS:], "more"),
        "harms_other": _drawn([] if own else [g for g in _groups(way, other) if g.study], "other"),
        "harms_elsewhere": _drawn([g for g in _groups(way, far) if g.study and _is_own(g, way)], "far"),
    }


def _groups(way: Way, studies: list[str]) -> list[harms.Group]:
    every = known()
    return harms.groups(every.tables, every.words, every.rates, way.shown.id, studies, unverified=False)


def _is_own(group: harms.Group, way: Way) -> bool:
    """The label's table where it is of this product, and what trials gave by this route."""
    if group.study:
        return (group.product, group.route) == (way.product, way.route)
    return bool(way.nodes & {r.treatment for r in known().words.adverse.rates})


def _reads(indication: str, tables: Tables, study: str) -> bool:
    return words().indication[indication].reads(tables.study[study].condition)


def _drawn(groups: list[harms.Group], key: str) -> list[Any]:
    return [page.harm(group, f"harms-{key}-{i}") for i, group in enumerate(groups)]
