"""The therapist's page of a session: before, during, integration; each word for those whom its prompt is for."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from lowtide.data.audiences import topics
from lowtide.data.therapy import prompts, stages
from lowtide.pathway.session import event_forms as forms
from lowtide.pathway.session.actions import therapy as actions
from lowtide.pathway.session.views.common import Seen, act, conflicts_shown, done, page, seen
from lowtide.people.roles import ROLES, Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record.entries.therapy import TherapyNote


@needs(Permission.WRITE_THERAPY)
@conflicts_shown
def therapy(request: Request, patient: UUID, session: UUID, stage: str = "") -> HttpResponse:
    """One stage with its prompts; what was written stands beside it, and what came before the session above."""
    see = seen(request, patient, session)
    stage = stage or _stage(see)
    if stage not in stages():
        raise Http404("there is no such stage")
    form = forms.TherapyForm(request.POST or None, prompts=stages()[stage].prompts)
    if request.method == "POST" and form.is_valid():
        do = act(request, see, form.cleaned_data["entry_id"])
        if done(form, lambda: actions.write(do, stage, form.said)):
            messages.success(request, "Written, for those it is for.")
            return redirect(see.url("therapy_stage", stage))
    return page(
        request,
        "session/therapy.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        stage=stage,
        tabs=[(key, one.label, see.url("therapy_stage", key)) for key, one in stages().items()],
        about=stages()[stage].about,
        chips=[(chip, uuid4()) for chip in stages()[stage].chips],
        fields=_fields(form, stage),
        kept=_kept(see, stage),
        intention=_latest(see, "intention") if stage != "before" else "",
    )


def _stage(see: Seen) -> str:
    """Where the session stands."""
    if see.facts.over_at:
        return "integration"
    return "during" if see.facts.started else "before"


def _fields(form: forms.TherapyForm, stage: str) -> list[dict[str, Any]]:
    """Each prompt with who will read it."""
    return [
        {
            "field": form[prompt.id],
            "readers": readers(prompt.topic),
            "narrow": bool(topics()[prompt.topic].visible_to),
        }
        for prompt in stages()[stage].prompts
    ]


def readers(topic: str) -> str:
    """Who reads a topic, in words."""
    roles = topics()[topic].visible_to
    return (
        ", ".join(ROLES[role].label.lower() for role in roles) if roles else "everybody who reads the chart"
    )


def _kept(see: Seen, stage: str) -> list[dict[str, Any]]:
    """What was written at this stage of this session, the newest first."""
    notes = [
        e for e, b in see.found.chart.said(TherapyNote) if e.session == see.facts.session and b.stage == stage
    ]
    names = names_of({e.by for e in notes})
    return [
        {
            "id": e.id,
            "at": e.at.astimezone(see.zone),
            "by": names[e.by],
            "readers": readers(e.body.topic),
            "said": [
                (prompts()[k].label if k in prompts() else k, words) for k, words in e.body.said.items()
            ],
        }
        for e in reversed(notes)
    ]


def _latest(see: Seen, key: str) -> str:
    said = [
        b.said[key]
        for e, b in see.found.chart.said(TherapyNote)
        if e.session == see.facts.session and key in b.said
    ]
    return said[-1] if said else ""
