"""Rescue medicines at the chair: which, how much by whose word, what speaks against it, what it did."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse

from lowtide.data.rescue import RescueMedicine, medicines, routes
from lowtide.pathway.session import event_forms as forms
from lowtide.pathway.session.actions import rescuing as actions
from lowtide.pathway.session.rules.rescue import against, given
from lowtide.pathway.session.views import custody
from lowtide.pathway.session.views.common import Seen, act, back, conflicts_shown, done, page, seen
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.event_words import SAYS


@needs(Permission.CHART_SESSION)
@conflicts_shown
def choose(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Every medicine that may be given beside the dose."""
    see = seen(request, patient, session)
    rows = [(key, one, [routes()[r] for r in one.routes]) for key, one in medicines().items()]
    return page(request, "session/rescues.html", see, rows=rows)


@needs(Permission.CHART_SESSION)
@conflicts_shown
def give(request: Request, patient: UUID, session: UUID, medicine: str) -> HttpResponse:
    """Write down that one was given: dose, way, by whose order; what the chart says against it stands above."""
    see, known = seen(request, patient, session), medicines().get(medicine)
    if known is None:
        raise Http404("there is no such medicine in the table")
    form = forms.RescueForm(
        request.POST or None,
        key=medicine,
        medicine=known,
        orderers=list(actions.orderers().items()),
        initial={"orderer": request.person.by if request.person.can(Permission.ORDER) else ""},
    )
    if request.method == "POST" and form.is_valid():
        given_at = form.at(see.now, see.zone)
        do = act(request, see, form.cleaned_data["entry_id"], given_at)
        said = form.cleaned_data
        again = {"reason": said["reason"], "dose_again": said["dose_again"]}
        if done(form, lambda: actions.give(do, form.given(), **again)):
            messages.success(request, f"{known.label} recorded. Say what it did when you have seen it.")
            return back(see)
    speaks = against(see.found.whole, medicine, see.now)
    return page(
        request,
        "session/rescue.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        medicine=known,
        weighing=[one for one in speaks if one.weighs],
        notes=[one for one in speaks if not one.weighs],
        **_safes(request, see, known),
    )


def _safes(request: Request, see: Seen, medicine: RescueMedicine) -> dict[str, Any]:
    """A controlled one is drawn at the safe: the way there, where this person may go it."""
    if not medicine.drug:
        return {}
    return {"controlled": True, "safes": custody.beside(request, see).get("safes", [])}


@needs(Permission.CHART_SESSION)
@conflicts_shown
def effect(request: Request, patient: UUID, session: UUID, rescue: UUID) -> HttpResponse:
    """What a rescue medicine did."""
    see = seen(request, patient, session)
    found = next((one for one in given(see.facts) if one.entry.id == rescue), None)
    if found is None:
        raise Http404("no such medicine was given in this session")
    form = forms.EffectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        do = act(request, see, said["entry_id"])
        if done(form, lambda: actions.effect(do, rescue, effect=said["effect"], words=said["words"])):
            messages.success(request, "Recorded.")
            return back(see)
    return page(
        request,
        "session/rescue_effect.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        given=SAYS["rescue_given"](found.body, see.zone),
        at=found.entry.at.astimezone(see.zone),
    )
