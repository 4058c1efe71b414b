"""Emergencies at the chair: the list of checklists, one that runs with its steps to tick, how it ended."""

from typing import Any
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lowtide.data.emergencies import Step, checklists
from lowtide.pathway.session import event_forms as forms
from lowtide.pathway.session.actions import emergency as actions
from lowtide.pathway.session.rules.emergencies import Run, Ticked, run_of, running
from lowtide.pathway.session.rules.state import Verb
from lowtide.pathway.session.views.common import Seen, act, back, conflicts_shown, done, page, seen
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput

ROWS = {"bp": "bp", "spo2": "spo2", "resp": "resp"}
"""What a step opens that is a row of the flowsheet."""
OPENS = {
    "bp": "Record BP",
    "spo2": "Record SpO₂",
    "resp": "Record breaths",
    "rescue": "Medicine",
    "stop": "Stop the dose",
}


@needs(Permission.CHART_SESSION)
@conflicts_shown
def choose(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Every checklist, one tap each; or, sent with one, open it."""
    see = seen(request, patient, session)
    if request.method == "POST":
        return _open(request, see)
    going_on = {run.key: run.id for run in running(see.facts)}
    rows = [(key, one, uuid4(), going_on.get(key)) for key, one in checklists().items()]
    return page(request, "session/emergencies.html", see, rows=rows)


def _open(request: Request, see: Seen) -> HttpResponse:
    """Open a checklist, or go to the one that runs already: two thumbs open one emergency."""
    key = request.POST.get("checklist", "")
    if key not in checklists():
        return redirect(see.url("emergencies"))
    open_ = next((run.id for run in running(see.facts) if run.key == key), None)
    if open_ is None:
        rule = request.POST.get("rule") or None
        entry_id = _uuid(request.POST.get("entry_id")) or uuid4()
        about = _uuid(request.POST.get("about"))
        open_ = actions.open_checklist(act(request, see, entry_id), key, rule=rule, about=about)[0].id
    return redirect(see.url("emergency", open_))


@needs(Permission.SEE_CHART)
@conflicts_shown
def run(request: Request, patient: UUID, session: UUID, run: UUID) -> HttpResponse:
    """One checklist: each step a large button, stamped with who and when."""
    see = seen(request, patient, session)
    found = _run(see, run)
    names = names_of({s.entry.by for s in found.steps if s.entry} | {found.opened.by})
    return page(
        request,
        "session/emergency.html",
        see,
        run=found,
        opened_by=names[found.opened.by],
        steps=[_shown(see, found, step, request.person.by, names) for step in found.steps],
        may_chart=request.person.can(Permission.CHART_SESSION),
        form=forms.EndForm(),
        risk_url=reverse("outcomes:risk", args=[patient, found.id]) if found.checklist.risk else "",
        event_url=f"{see.url('adverse_event')}?term={found.checklist.term}",
        streams=",".join(see.found.chart.known),
    )


def _shown(see: Seen, found: Run, ticked: Ticked, person: str, names: dict[str, str]) -> dict[str, Any]:
    """One step; the id of its tick is the same whenever this person’s page is made, so that no button is swapped."""
    entry = ticked.entry
    return {
        "step": ticked.step,
        "state": ticked.state,
        "id": uuid5(found.id, f"{ticked.step.id} {ticked.state} {person}"),
        "by": names[entry.by] if entry else "",
        "at": entry.at.astimezone(see.zone) if entry else None,
        "opens": _opens(see, ticked.step),
        "opens_what": OPENS.get(ticked.step.opens, "Open"),
        "next": ticked.step is found.next,
    }


def _opens(see: Seen, step: Step) -> str:
    """Where a step is done at the chair, if it can be done now."""
    if step.opens in ROWS:
        return see.url("enter", ROWS[step.opens])
    if step.opens == "rescue":
        return see.url("rescue")
    if step.opens == "stop" and see.state.refusal(Verb.STOP) is None:
        return see.url("stop")
    if step.opens == "stop" and see.state.refusal(Verb.END_DOSING) is None:
        return see.url("end_dosing")
    return ""


@needs(Permission.CHART_SESSION)
@require_http_methods(["POST"])
@conflicts_shown
def tick(request: Request, patient: UUID, session: UUID, run: UUID, tick: str) -> HttpResponse:
    """A step was done, or does not apply."""
    see = seen(request, patient, session)
    found = _run(see, run)
    if tick not in {one.step.id for one in found.steps}:
        raise Http404("no such step")
    entry_id = _uuid(request.POST.get("entry_id")) or uuid4()
    try:
        actions.tick(act(request, see, entry_id), run, tick, done=request.POST.get("done") != "no")
    except BadInput as error:
        messages.error(request, ". ".join(problem.what for problem in error.problems))
    return redirect(see.url("emergency", run))


@needs(Permission.CHART_SESSION)
@conflicts_shown
def end(request: Request, patient: UUID, session: UUID, run: UUID) -> HttpResponse:
    """How it ended."""
    see = seen(request, patient, session)
    found = _run(see, run)
    form = forms.EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = act(request, see, given["entry_id"])
        if done(form, lambda: actions.end(do, run, outcome=given["outcome"], words=given["words"])):
            messages.success(request, "The end of the emergency is recorded.")
            return back(see)
    return page(
        request,
        "session/emergency_end.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        run=found,
        run_url=see.url("emergency", run),
        refused="" if found.ended is None else "this emergency has ended",
    )


def _run(see: Seen, run: UUID) -> Run:
    found = run_of(see.facts, run)
    if found is None:
        raise Http404("no such emergency in this session")
    return found


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
