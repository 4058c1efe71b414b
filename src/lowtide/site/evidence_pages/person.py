"""The same answers for one person: their indication, what failed, the way that is planned, and where they are unlike the trials."""

from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.data import vocabulary
from lowtide.data.evidence import Tables
from lowtide.data.evidence_pages import Outside, Page, outside, pages
from lowtide.data.evidence_words import words
from lowtide.data.expression import UNKNOWN, answer
from lowtide.data.policies import Number, in_force
from lowtide.pathway.course.banner import patient_context
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.state import CourseState, fold
from lowtide.pathway.course.trial_answers import known, standing
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.lookup import Asked
from lowtide.people.charts import chart_for
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.chart import Chart
from lowtide.science.evidence.bias import randomised
from lowtide.science.evidence.selection import Question
from lowtide.site.evidence_pages import harms, lasting, page
from lowtide.site.evidence_pages.analysed import compared
from lowtide.site.evidence_pages.forest import named
from lowtide.site.evidence_pages.pictures import picture


class Planned(msgspec.Struct, frozen=True):
    """What is planned or was decided; each empty while nothing is."""

    indication: str = ""
    product: str = ""
    route: str = ""
    whence: str = ""


class Unlike(msgspec.Struct, frozen=True):
    """Where this person is unlike the trials, or where the chart does not say (`settled` False)."""

    text: str
    settled: bool
    verified: bool
    source: tuple[str, ...]


def planned(state: CourseState) -> Planned:
    """The course, else the decision on candidacy."""
    if state.course:
        protocol = protocol_of(state.course)
        product, route = (protocol.product, protocol.route or "") if protocol else ("", "")
        return Planned(state.course.indication, product, route, "the planned course")
    if state.candidacy:
        said = state.candidacy[1]
        return Planned(said.indication, said.product, said.route, "the decision on candidacy")
    return Planned()


def unlike(chart: Chart, of: Planned, on: date, here: ZoneInfo) -> tuple[list[Unlike], int | None]:
    """Each way in which they differ, and how many adequate trials of antidepressants are on the chart."""
    request = {"indication": of.indication, "product": of.product, "route": of.route}
    lookup = Asked(facts_from_chart(chart, on, here), request, _numbers(), on)
    every = [o for o in outside().outside if not o.indications or of.indication in o.indications]
    found = [_unlike(one, lookup) for one in every]
    weeks = lookup.numbers["trial_min_weeks"].value
    tried = lookup.adequate_trials(weeks if isinstance(weeks, float | int) else 0.0).value
    return [one for one in found if one], tried if isinstance(tried, int) else None


def _numbers() -> dict[str, Number]:
    """The numbers in force, and those that only these conditions name."""
    own = outside().number.items()
    return in_force().numbers() | {n: Number(n, value, "", "", False, (), "", None) for n, value in own}


def _unlike(one: Outside, lookup: Asked) -> Unlike | None:
    value = answer(one.when, lookup).value
    if value is UNKNOWN:
        return Unlike(one.unknown, False, one.verified, one.source) if one.unknown else None
    return Unlike(one.says, True, one.verified, one.source) if value else None


def way_in_trials(tables: Tables, of: Planned) -> list[str]:
    """The randomised studies of the indication in which this product was given by this route."""
    nodes = {n.node for n in tables.nodes if (n.product, n.route) == (of.product, of.route)}
    on = [s for s in page.studies(tables, of.indication) if randomised(s) and s.verified]
    return [s.study_id for s in on if s.study_id in given(tables, nodes)]


def given(tables: Tables, nodes: set[str]) -> set[str]:
    """The studies with an arm of one of these."""
    return {arm.study_id for arm in tables.arms if arm.nma_node in nodes}


@needs(Permission.SEE_CHART)
@require_GET
def for_person(request: Request, patient: UUID) -> HttpResponse:
    """What the trials say on this person's treatment, and where they do not speak of this person."""
    chart = chart_for(request, patient)
    now, here = timezone.now(), zone()
    of = planned(fold(chart.chart))
    shown = pages().get(of.indication)
    about: dict[str, Any] = {"of": of, "patient_id": patient, **patient_context(request, chart, "plan")}
    if shown:
        differs, tried = unlike(chart.chart, of, timezone.localtime(now, here).date(), here)
        kept = _evidence(of, shown, known().digest, page.texts())
        about |= kept | {"differs": differs, "tried": tried}
    return render(request, "evidence/person.html", about)


@lru_cache(maxsize=128)
def _evidence(of: Planned, shown: Page, digest: str, texts: str) -> dict[str, Any]:
    """What does not depend on the chart, kept for each state of the data."""
    now, every = standing(), known()
    tables = every.tables
    nodes = {n.node for n in tables.nodes if (n.product, n.route) == (of.product, of.route)}
    ids = way_in_trials(tables, of)
    kept = lasting.sheet(tables, lasting.rows_of(tables, ids, unverified=False))
    return {
        "label": words().indication[of.indication].label,
        "way": _way(of),
        "trials": [(named(tables, s), page.study_url(s)) for s in ids],
        "compared": [c for outcome, at in shown.asked if (c := _compared(of, outcome, at, nodes, tables))],
        "lasting": picture(kept) if kept else None,
        "harms": [page.harm(g, f"harms-{i}") for i, g in enumerate(_harms(of, nodes))][:3],
        "unknown": page.unknown(shown, now),
    }


def _way(of: Planned) -> str:
    parts = [vocabulary.label("product", of.product)] if of.product else []
    return ", ".join([*parts, *([vocabulary.label("route", of.route)] if of.route else [])])


def _compared(of: Planned, outcome: str, at: str, nodes: set[str], tables: Tables) -> dict[str, Any] | None:
    """The comparisons of this way of giving it; None where no trial gives a number."""
    found = compared(Question(of.indication, outcome, at or None)).answer
    rows, _ = page.comparisons(found, tables)
    own = [row for row in rows if row["one"].treatment in nodes]
    return {"label": page.choice_label(outcome, at), "rows": own} if own else None


def _harms(of: Planned, nodes: set[str]) -> list[harms.Group]:
    """Of this product by this route, whatever it was given for: the label's table where it is of it, then its studies."""
    every = known()
    ids = sorted(given(every.tables, nodes))
    found = harms.groups(every.tables, every.words, every.rates, of.indication, ids, unverified=False)
    label = {n.node for n in every.tables.nodes if n.product == of.product}
    rates = {r.treatment for r in every.words.adverse.rates}
    return [g for g in found if g.study or rates & label]
