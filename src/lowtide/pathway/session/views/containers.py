"""Bags and syringes: all of them with their sums, making one up, changing to the next, the label."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from lowtide.data.safe import label as product_label
from lowtide.data.vocabulary import label as word
from lowtide.pathway.course.approved_here import dosing_here
from lowtide.pathway.course.drawing import code128
from lowtide.pathway.session import longrun_forms as forms
from lowtide.pathway.session.actions import containers as verbs
from lowtide.pathway.session.rules.containers import Container, containers, ready, running, waiting_for_check
from lowtide.pathway.session.rules.drawn import drawn
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.label_code import grouped
from lowtide.pathway.session.rules.state import Verb
from lowtide.pathway.session.shown import containers as shown
from lowtide.pathway.session.shown.lines import lines
from lowtide.pathway.session.views import custody
from lowtide.pathway.session.views.common import Seen, act, conflicts_shown, done, page, seen
from lowtide.people.clinic import this_clinic
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record.entries.longrun import ContainerChanged, HandedOver
from lowtide.safe.actions.session import everywhere
from lowtide.safe.places import PREFIX, label
from lowtide.science.units import amount, plain


@needs(Permission.SEE_CHART)
@require_GET
def infusion(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Every bag and syringe with what it gave, the sums, the pump beside them, and who was at the chair."""
    see = seen(request, patient, session)
    rows = shown.rows(see.facts, see.now)
    people = {r.preparer for r in rows} | {r.checker for r in rows} | {see.facts.nurse}
    names = names_of({p for p in people if p})
    changes = [e for e in see.facts.entries if isinstance(e.body, ContainerChanged | HandedOver)]
    return page(
        request,
        "session/infusion.html",
        see,
        rows=[(r, names.get(r.preparer, ""), names.get(r.checker, ""), _account(see, r)) for r in rows],
        totals=shown.totals(see.facts, see.now),
        next=_next(request, see),
        nurse=names.get(see.facts.nurse, ""),
        pump=custody.pump_shown(see.facts),
        lines=lines(see.found.chart, see.facts, see.zone, changes),
        verbs={verb.value for verb in Verb if see.state.refusal(verb) is None},
        may_chart=request.person.can(Permission.CHART_SESSION),
        ways=custody.ways(request, see, see.url("infusion")),
    )


def _next(request: Request, see: Seen) -> dict[str, str]:
    """What the bags ask for: the check of one that waits, the change to one that is ready, or another one."""
    if not request.person.can(Permission.CHART_SESSION):
        return {}
    one, hung, facts = waiting_for_check(see.facts), ready(see.facts), see.facts
    if one and see.state.refusal(Verb.CHECK_PREPARATION) is None:
        return {"title": f"{one.name} waits for its check", "verb": "Check it", "url": see.url("check")}
    if hung and see.state.refusal(Verb.CHANGE_CONTAINER) is None:
        return {
            "title": f"{hung[0].name} is ready",
            "verb": "Change to it",
            "url": see.url("change_container"),
        }
    if hung and see.state.refusal(Verb.START) is None:
        return {"title": f"{hung[0].name} is ready", "verb": "Start the infusion", "url": see.url("start")}
    if hung and see.state.refusal(Verb.GIVE) is None:
        return {"title": f"{hung[0].name} is ready", "verb": "Give it", "url": see.url("give")}
    if see.state.refusal(Verb.MAKE_UP) is None and facts.order and _wants_more(facts):
        title = f"Nothing is ready to {facts.way.begins}"
        return {"title": title, "verb": "Make one up", "url": see.url("make_up")}
    return {}


def _wants_more(facts: Facts) -> bool:
    """The order has more than what was begun holds."""
    if facts.infusion:
        return facts.more_ml > 0
    return not facts.parts or facts.parts.over_at is None


def _account(see: Seen, row: shown.Row) -> list[str]:
    """Where the draws of an ended container are accounted for."""
    if row.state not in ("ended", "given"):
        return []
    return [
        f"{reverse('safe:account', args=[stream.removeprefix(PREFIX), draw.id])}?next={see.url('infusion')}"
        for stream, books, draw in everywhere(see.facts.session)
        if draw.id in row.draws and books.in_hand(draw.id)
    ]


@needs(Permission.CHART_SESSION)
@conflicts_shown
def make_up(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Record a bag or syringe that was made up; its label is printed next."""
    see = seen(request, patient, session)
    order = see.facts.order[1] if see.facts.order else None
    known = drawn(order)
    form = forms.MakeUpForm(request.POST or None, draws=list(_draws(see)), known=known)
    if request.method == "POST" and form.is_valid():
        acting = act(request, see, form.cleaned_data["entry_id"], form.at(see.now, see.zone))
        written: list[Any] = []
        if done(form, lambda: written.extend(verbs.make_up(acting, form.made))):
            messages.success(request, "Made up. Print its label, then a second person checks it.")
            return redirect(see.url("label", written[0].id))
    return page(
        request,
        "session/make_up.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        order=order,
        known=known,
        use_h=plain(dosing_here().made_up_use_h),
        ways=custody.ways(request, see, see.url("make_up")),
        refused=see.state.refusal(Verb.MAKE_UP) or ("" if order else "no dose is ordered"),
    )


def _draws(see: Seen) -> Iterator[tuple[str, str]]:
    """The draws for this session that are in hand and not yet in a container."""
    used = {d for c in containers(see.facts) for d in c.body.draws}
    for stream, books, draw in everywhere(see.facts.session):
        left = books.in_hand(draw.id)
        if left and draw.id not in used:
            lot = books.lots[draw.body.product, draw.body.lot]
            what = f"{plain(left)} {lot.unit} of {product_label(draw.body.product)}, lot {draw.body.lot}"
            yield str(draw.id), f"{what}, {label(stream.removeprefix(PREFIX))}"


@needs(Permission.CHART_SESSION)
@conflicts_shown
def change(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """One ended with its rest measured, the next was hung by its label."""
    see = seen(request, patient, session)
    form = forms.ChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        acting = act(request, see, given["entry_id"], form.at(see.now, see.zone))
        if done(
            form,
            lambda: verbs.change(
                acting,
                residual_ml=given["residual_ml"],
                scanned_code=given["scanned"],
                rate_ml_per_h=given["rate_ml_per_h"],
                reason=given["reason"],
            ),
        ):
            messages.success(request, "Changed. Account for what was left at the safe.")
            return redirect(see.url("infusion"))
    ending, infusion = running(see.facts), see.facts.infusion
    return page(
        request,
        "session/change_container.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        ending=ending,
        by_rates=plain(amount(infusion.left_ml(see.now))) if infusion else "",
        hung=ready(see.facts),
        refused=see.state.refusal(Verb.CHANGE_CONTAINER),
    )


@needs(Permission.SEE_CHART)
@require_GET
def label_page(request: Request, patient: UUID, session: UUID, container: UUID) -> HttpResponse:
    """The label to print and stick on."""
    see = seen(request, patient, session)
    one = next((c for c in containers(see.facts) if c.id == container), None)
    if one is None:
        raise Http404("nothing that stands was made up under this label")
    may_check = request.person.can(Permission.CHART_SESSION)
    waits = not one.agreed and not one.begun
    return page(request, "session/label.html", see, waits=waits, may_check=may_check, **label_about(see, one))


def label_about(see: Seen, one: Container) -> dict[str, Any]:
    """Everything that stands on a label."""
    body, order = one.body, see.facts.order[1] if see.facts.order else None
    checker = one.checked[1].checker if one.checked and one.agreed else ""
    names = names_of({body.preparer, checker} - {""})
    rate = order.rate_ml_per_h if order else None
    clinic = this_clinic()
    return {
        "one": one,
        "body": body,
        "drug": word("drug", body.drug),
        "route": word("route", order.route) if order else "",
        "mg": plain(body.mg),
        "volume": plain(body.final_volume_ml),
        "strength": plain(body.mg_per_ml.quantize(Decimal("0.001"))),
        "diluent_ml": plain(body.diluent_ml) if body.diluent_ml else "",
        "rate": plain(rate) if rate is not None else "",
        "preparer": names[body.preparer],
        "checker": names.get(checker, ""),
        "made_at": one.entry.at.astimezone(see.zone),
        "use_by": body.use_by.astimezone(see.zone),
        "clinic": clinic.name if clinic else "",
        "code": grouped(body.code),
        "bars": mark_safe(code128.draw(body.code, grouped(body.code))),  # noqa: S308  digits only
    }
