"""An adverse event at the chair, while it happens."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse

from lowtide.data.events import events, of_chip, rates_of
from lowtide.pathway.session import event_forms as forms
from lowtide.pathway.session.actions import adverse
from lowtide.pathway.session.rules.said_of_dose import unrecorded
from lowtide.pathway.session.rules.state import Phase
from lowtide.pathway.session.views.common import Seen, act, back, conflicts_shown, done, page, seen
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.base import Entry


@needs(Permission.CHART_SESSION)
@conflicts_shown
def adverse_event(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Write an adverse event down: what, how grave, serious or not. A serious one asks for its reports at once."""
    see = seen(request, patient, session)
    form = forms.ChairEventForm(request.POST or None, initial=_initial(request, see))
    written: list[Entry] = []
    if (
        request.method == "POST"
        and form.is_valid()
        and done(form, lambda: written.append(_record(request, see, form)))
    ):
        owed = written[0].body.reports
        serious = " It is serious: its reports wait under Events." if owed else ""
        messages.success(request, f"The event is recorded.{serious}")
        if said := unrecorded(seen(request, patient, session).state):
            messages.warning(
                request,
                f"It says “{said.words.lower()}”, but the dose still runs: stop or pause it, and record that.",
            )
        return back(see)
    term = form["term"].value() or ""
    return page(
        request,
        "session/adverse_event.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        rates=rates_of(term)[:1],
        note=events().terms[term].note if term in events().terms else "",
    )


def _record(request: Request, see: Seen, form: forms.ChairEventForm) -> Entry:
    at = form.at(see.now, see.zone)
    return adverse.record(act(request, see, form.cleaned_data["entry_id"], at), form.event())


def _initial(request: Request, see: Seen) -> dict[str, Any]:
    """What the chip or the checklist said, and what was done to the dose as far as the session knows."""
    asked = request.GET.get("term", "")
    chip = of_chip(request.GET.get("chip", ""))
    term = chip.id if chip else asked if asked in events().terms else None
    paused = see.state.phase is Phase.PAUSED
    return {"term": term, "action": "paused" if paused else "none"}
