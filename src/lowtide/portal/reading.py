"""What a patient can read: the treatment, a session, side effects with their numbers, and what it costs."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lowtide.data import consent, documents, portal
from lowtide.data.consent import Element, Scope
from lowtide.data.mechanism import mechanism
from lowtide.data.protocols import Protocol
from lowtide.pathway.course.consent import scope_of
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.state import CourseState, fold
from lowtide.pathway.course.staying import stay
from lowtide.people.clinic import clinic_chart, zone
from lowtide.people.own_place import own_chart, own_page, short_day, speaks
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.portal import agreement, effects, visit
from lowtide.portal.how_it_works import chain
from lowtide.record.chart import Chart
from lowtide.record.entries.papers import Coverage, DocumentSent, PriceSet

ABOUT = (
    "what",
    "standing",
    "compounded",
    "evidence",
    "unknown",
    "pregnancy",
    "alternatives",
    "series",
    "stop",
)


def scope(state: CourseState) -> Scope | None:
    """What this person gets, or was found fit for; None before either."""
    if state.course and (found := scope_of(state.course)):
        return found
    if state.candidacy and state.candidacy[1].indication in consent.evidence():
        said = state.candidacy[1]
        return consent.scope(said.product, said.route, said.indication)
    return None


def elements(of: Scope) -> list[Element]:
    """The parts of the consent form that say what the treatment is."""
    found = {e.id: e for e in consent.form(of).elements}
    return [found[name] for name in ABOUT if name in found]


def protocol(state: CourseState) -> Protocol | None:
    return protocol_of(state.course) if state.course else None


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def treatment(request: Request) -> HttpResponse:
    """What the treatment is, how well it works, what nobody knows, and what else there is."""
    chart = own_chart(request)
    of = scope(fold(chart.chart))
    about = own_page(
        chart,
        "more",
        parts=told_parts(of, elements(of)) if of else [],
        chain=mark_safe(chain.draw(mechanism(), narrow=True, say=_)),  # noqa: S308  drawn from numbers and our own words
        way=visit.ways().get(of.route, "") if of else "",
    )
    return render(request, "portal/treatment.html", about)


def told_parts(of: Scope, parts: Iterable[Element]) -> list[dict[str, Any]]:
    """Each part in the reader's language: the words that are filled in are put in afterwards."""
    known = consent.evidence_for(of.product, of.indication)
    sentences = (known.caution, known.text, consent.strengths()[known.strength])
    evidence = " ".join(_(sentence) for sentence in sentences if sentence)
    raw = {e.id: e for e in consent.elements() if e.concerns(of)}
    return [
        {
            "id": e.id,
            "title": _(e.title),
            "text": _(raw[e.id].text).replace("{evidence}", evidence).replace("{condition}", _(known.label)),
            "source": e.source,
        }
        for e in parts
    ]


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def session(request: Request) -> HttpResponse:
    """What a session will be like, from the door to the way home."""
    chart = own_chart(request)
    state = fold(chart.chart)
    return render(request, "portal/session.html", own_page(chart, "more", parts=_session(state)))


def _session(state: CourseState) -> list[tuple[str, list[str]]]:
    found, route = protocol(state), visit.route_of(state)
    numbers = {
        "dose_min": int(found.over_min) if found and found.over_min else None,
        "stay_min": int(stay(found).total_seconds() // 60) if found else None,
    }
    lines = [
        line
        for line in portal.pages().session
        if (not line.routes or route in line.routes) and (not line.needs or numbers[line.needs])
    ]
    parts = dict.fromkeys(line.part for line in lines)
    return [
        (_(part), [_(line.text).format(**numbers) for line in lines if line.part == part]) for part in parts
    ]


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def side_effects(request: Request) -> HttpResponse:
    """How often side effects were seen, as dots of a hundred, and what nobody counted."""
    chart = own_chart(request)
    of = scope(fold(chart.chart))
    product = of.product if of else ""
    state = fold(chart.chart)
    tables = [_drawn(table) for table in effects.tables(product, state.phase.value)]
    about = own_page(
        chart,
        "more",
        own=[t for t in tables if t["own"]],
        near=[t for t in tables if not t["own"]],
        measured=effects.measured(product),
        known=[k for k in effects.known(product) if not k.grave],
        grave=[k for k in effects.known(product) if k.grave],
        way=visit.ways().get(of.route, "") if of else "",
        asked=bool(of),
    )
    return render(request, "portal/side_effects.html", about)


def _drawn(table: effects.Table) -> dict[str, Any]:
    rows = [
        {
            "row": row,
            "dots": mark_safe(effects.dots(row.of_100)),  # noqa: S308  drawn from one number
            "dummy": mark_safe(effects.dots(row.dummy_of_100 or 0, "dummy")),  # noqa: S308  likewise
        }
        for row in table.rows
    ]
    return {"table": table, "rows": rows, "own": table.own}


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def costs(request: Request) -> HttpResponse:
    """Who pays and what it costs, as far as the clinic has written it down; what is unknown says so."""
    chart = own_chart(request)
    known, state = chart.chart.last(Coverage), fold(chart.chart)
    of, today = scope(state), timezone.now().astimezone(zone()).date()
    about = own_page(
        chart,
        "more",
        coverage=known[1] if known else None,
        kind=_(documents.bill().payer_kinds.get(known[1].payer_kind, known[1].payer_kind)) if known else "",
        since=short_day(known[0].at, zone()) if known else "",
        agreed=agreement.told(chart.chart, state, of.product if of else "", today, zone()),
        prices=_prices(state),
        bills=_bills(chart.chart),
    )
    return render(request, "portal/costs.html", about)


def _prices(state: CourseState) -> list[dict[str, Any]]:
    """The clinic's own prices for what fits this person's product, those in force today."""
    of, today = scope(state), timezone.now().astimezone(zone()).date()
    table = documents.bill()
    codes = {line.code for line in table.line if of and (not line.products or of.product in line.products)}
    latest = {
        b.code: b for _entry, b in clinic_chart().said(PriceSet) if b.code in codes and b.valid_from <= today
    }
    return [
        {"label": table.codes[c].label, "code": c, "price": b.price, "currency": b.currency}
        for c, b in sorted(latest.items())
    ]


def _bills(chart: Chart) -> list[dict[str, Any]]:
    sent = [(e, b) for e, b in chart.said(DocumentSent) if b.document == "bill"]
    return [{"day": short_day(e.at, zone()), "to": b.to} for e, b in reversed(sent)]
