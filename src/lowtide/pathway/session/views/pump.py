"""The pump: started, read, paused, resumed, stopped; each number as somebody read it off."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse

from lowtide.pathway.course.approved_here import dosing_here, monitored_here
from lowtide.pathway.course.ordered import pump as set_on_pump
from lowtide.pathway.session import forms
from lowtide.pathway.session.actions import dosing
from lowtide.pathway.session.actions.common import Act
from lowtide.pathway.session.actions.enrolment import held_by_programs
from lowtide.pathway.session.rules.containers import containers, ready
from lowtide.pathway.session.rules.gates import blockers
from lowtide.pathway.session.rules.state import Phase, Verb
from lowtide.pathway.session.views.common import Seen, act, back, conflicts_shown, done, page, seen
from lowtide.people.charts import whole_chart
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.science.units import amount, plain

RATE = ("rate_ml_per_h", "Rate, mL/h")
VOLUME = ("volume_ml", "Volume to be infused, mL")
DELIVERED = ("delivered_ml", "Volume infused, mL")
Do = Callable[[Act, dict[str, Any]], object]


@needs(Permission.CHART_SESSION)
@conflicts_shown
def start(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Record that the infusion was started: rate and volume as read off the pump, checked against the order."""
    see = seen(request, patient, session)
    chart = whole_chart(see.found.stream)
    held = [
        *held_by_programs(chart, see.facts.session, see.now),
        *blockers(chart, see.facts, monitored_here(), see.now, see.zone, dosing_here()),
    ]
    why = see.state.refusal(Verb.START)

    def do(acting: Act, given: dict[str, Any]) -> object:
        return dosing.start(
            acting,
            rate_ml_per_h=given["rate_ml_per_h"],
            volume_ml=given["volume_ml"],
            reason=given["reason"],
            scanned_code=given.get("scanned"),
        )

    return _pump(
        request,
        see,
        "Start the infusion",
        (RATE, VOLUME),
        do,
        "The infusion is running.",
        labelled=bool(containers(see.facts)),
        refused=why,
        held=held,
        ordered=_ordered(see, "rate_ml_per_h", "volume_ml"),
    )


@needs(Permission.CHART_SESSION)
@conflicts_shown
def pump(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Read the pump: a check when the rate is unchanged, a change when it is not; a resume while paused."""
    see = seen(request, patient, session)
    paused = see.state.phase is Phase.PAUSED
    verb = dosing.resume if paused else dosing.change_rate

    def do(acting: Act, given: dict[str, Any]) -> object:
        return verb(acting, rate_ml_per_h=given["rate_ml_per_h"], reason=given["reason"])

    return _pump(
        request,
        see,
        "Resume the infusion" if paused else "Read the pump",
        (RATE,),
        do,
        "Recorded.",
        refused=see.state.refusal(Verb.RESUME if paused else Verb.CHANGE_RATE),
        ordered=_ordered(see, "rate_ml_per_h"),
        may_pause=not paused,
    )


@needs(Permission.CHART_SESSION)
@conflicts_shown
def pause(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Record that the pump was paused."""
    see = seen(request, patient, session)
    return _pump(
        request,
        see,
        "Record a pause",
        (),
        lambda acting, given: dosing.pause(acting, reason=given["reason"]),
        "Paused.",
        refused=see.state.refusal(Verb.PAUSE),
        why="Reason",
    )


@needs(Permission.CHART_SESSION)
@conflicts_shown
def stop(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Record that the infusion ended: what the pump says went in, whole or cut short."""
    see = seen(request, patient, session)
    infusion = see.facts.infusion

    def do(acting: Act, given: dict[str, Any]) -> object:
        delivered: Decimal = given["delivered_ml"]
        complete = infusion is not None and delivered >= infusion.loaded_ml + see.facts.more_ml
        return dosing.stop(
            acting,
            delivered_ml=delivered,
            complete=complete or bool(request.POST.get("complete")),
            reason=given["reason"],
        )

    counted = infusion.delivered_ml(see.now) if infusion else None
    return _pump(
        request,
        see,
        "Record the end",
        (DELIVERED,),
        do,
        "The infusion has ended. The observation has begun.",
        refused=see.state.refusal(Verb.STOP),
        ordered={"delivered_ml": f"by the rates {plain(amount(counted))} of {plain(infusion.loaded_ml)} mL"}
        if infusion and counted is not None
        else {},
        why="Reason, if it was cut short",
        asks_complete=True,
    )


def _pump(
    request: Request,
    see: Seen,
    title: str,
    asks: tuple[tuple[str, str], ...],
    do: Do,
    said: str,
    *,
    refused: str | None = None,
    ordered: dict[str, str] | None = None,
    why: str = "Reason, if it differs from the order",
    labelled: bool = False,
    **more: Any,
) -> HttpResponse:
    """One page of the pump: its form, what is written, and where it goes wrong."""
    form = forms.PumpForm(request.POST or None, asks=asks, why=why, labelled=labelled)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        acting = act(request, see, given["entry_id"], form.at(see.now, see.zone))
        if done(form, lambda: do(acting, given)):
            messages.success(request, said)
            return back(see)
    cells = [{"field": form[name], "name": name, "last": (ordered or {}).get(name, "")} for name, _ in asks]
    return page(
        request,
        "session/pump.html",
        see,
        status=422 if form.is_bound else 200,
        title=title,
        form=form,
        cells=cells,
        refused=refused,
        note="Lowtide writes down what the pump says. It never drives one.",
        **more,
    )


def _ordered(see: Seen, *names: str) -> dict[str, str]:
    """What the order says, to stand under each field."""
    if see.facts.order is None:
        return {}
    order = see.facts.order[1]
    by_pump = set_on_pump(order)
    if by_pump is None:
        return {}
    values = {
        "rate_ml_per_h": f"ordered {by_pump.rate_ml_per_h:f} mL/h",
        "volume_ml": f"ordered {by_pump.final_volume_ml:f} mL with {order.dose_mg:f} mg",
    }
    if hung := ready(see.facts):
        held = hung[0]
        values["volume_ml"] = f"the label of {held.name} says {held.body.final_volume_ml:f} mL"
    return {name: values[name] for name in names}
