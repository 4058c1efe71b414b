"""Papers of a session: the label of a bag or syringe, and the sheet for when the system cannot be used."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from lowtide.data.vocabulary import label
from lowtide.documents.printing import answer
from lowtide.pathway.course.approved_here import monitored_here
from lowtide.pathway.course.drawing import code128
from lowtide.pathway.course.ordered import facts as order_facts
from lowtide.pathway.course.ordered import pump
from lowtide.pathway.session.projections import escort
from lowtide.pathway.session.rules import label_code
from lowtide.pathway.session.rules.containers import containers
from lowtide.pathway.session.rules.leaving import criteria
from lowtide.pathway.session.rules.state import WORDS
from lowtide.pathway.session.shown import containers as shown
from lowtide.pathway.session.shown import paper_sheet
from lowtide.pathway.session.views.common import Seen, seen, session_line
from lowtide.pathway.session.views.containers import label_about
from lowtide.people.banner import identity
from lowtide.people.clinic import clinic_chart, this_clinic
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.papers import Letterhead
from lowtide.record.entries.words import moment
from lowtide.science.units import plain


@needs(Permission.SEE_CHART)
@require_GET
def bag_label(request: Request, patient: UUID, session: UUID, container: UUID) -> HttpResponse:
    """The label alone, on a sheet of its size; the page itself where this machine cannot make PDF."""
    see = seen(request, patient, session)
    one = next((c for c in containers(see.facts) if c.id == container), None)
    if one is None:
        raise Http404("nothing that stands was made up under this label")
    about = {"patient": identity(request.person, see.found), **label_about(see, one)}
    return printed("bag_label", about, f"label-{one.body.code}")


@needs(Permission.SEE_CHART)
@require_GET
def downtime(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """The paper sheet of one session as PDF."""
    see = seen(request, patient, session)
    return printed("downtime", _sheet(request, see), f"paper-sheet-{session}")


@needs(Permission.SEE_CHART)
@require_GET
def downtime_page(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """The same sheet as a page, to print from the browser."""
    return HttpResponse(
        render_to_string("documents/downtime.html", _sheet(request, seen(request, patient, session)))
    )


def _sheet(request: Request, see: Seen) -> dict[str, Any]:
    """Everything that stands on the sheet, from the record as it is now."""
    order, watched = see.facts.order[1] if see.facts.order else None, monitored_here()
    letterhead = clinic_chart().last(Letterhead)
    start, booked = see.facts.started_at, see.facts.scheduled
    digits = label_code.code(see.facts.session)
    return {
        "patient": identity(request.person, see.found),
        "clinic": this_clinic(),
        "phone": letterhead[1].phone if letterhead else None,
        "session_line": session_line(see),
        "state_words": WORDS[see.state.phase],
        "started": moment(start, see.zone) if start else "",
        "planned": moment(booked[1].planned_at, see.zone) if booked else "",
        "order": order,
        "order_facts": list(order_facts(order)) if order else [],
        "drug": label("drug", order.drug) if order else "",
        "route": label("route", order.route) if order else "",
        "strength": _strength(order),
        "bags": shown.rows(see.facts, see.now),
        "last": list(_last(see)),
        "gone_in": _gone_in(see),
        "now_clock": f"{see.now.astimezone(see.zone):%H:%M}",
        "escort": escort(see.facts),
        "prescriber": order.printed_name if order else "",
        "strips": paper_sheet.strips(see.facts, watched, see.now, see.zone),
        "limits": paper_sheet.limits(see.facts, watched),
        "leaving": criteria(see.facts, watched, see.now),
        "bars": mark_safe(code128.draw(digits, label_code.grouped(digits))),  # noqa: S308  digits only
        "by": request.person.name,
        "printed": moment(see.now, see.zone),
        "head": max(see.facts.entries, key=lambda e: e.seq).hash[:12] if see.facts.entries else "none",
    }


def _strength(order: OrderSigned | None) -> str:
    by_pump = pump(order) if order else None
    if order is None or by_pump is None:
        return ""
    return plain(by_pump.mg_per_ml(order.dose_mg).quantize(Decimal("0.001")))


def _last(see: Seen) -> Iterator[tuple[str, str, str]]:
    for found in see.facts.readings.values():
        if found:
            last = found[-1]
            scale = bool(last.parameter.scale)
            unit = f" ({last.parameter.unit})" if scale else f" {last.parameter.unit}"
            yield last.parameter.label, f"{last.text}{unit}", f"{last.at.astimezone(see.zone):%H:%M}"


def _gone_in(see: Seen) -> str:
    sums = shown.totals(see.facts, see.now)
    return f"{sums.given_ml} mL, {sums.given_mg} mg" if see.facts.infusion else ""


def printed(template: str, about: dict[str, Any], name: str) -> HttpResponse:
    return answer(render_to_string(f"documents/{template}.html", about), name)
