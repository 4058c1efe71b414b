"""Leaving against advice: never refused, written down as what it is."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse

from lowtide.pathway.course.approved_here import monitored_here
from lowtide.pathway.session import event_forms as forms
from lowtide.pathway.session.actions import closing
from lowtide.pathway.session.projections import escort
from lowtide.pathway.session.rules.leaving import criteria, unmet
from lowtide.pathway.session.rules.state import Verb
from lowtide.pathway.session.shown import events
from lowtide.pathway.session.views.common import act, back, conflicts_shown, done, page, seen
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs


@needs(Permission.CHART_SESSION)
@conflicts_shown
def against_advice(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Who advised, which risks were told, how it was signed, how to reach them: a call is due afterwards."""
    see = seen(request, patient, session)
    contact = see.found.patient.contact
    form = forms.AgainstAdviceForm(
        request.POST or None,
        initial={
            "advised_by": request.person.name,
            "phone": contact.phone or "",
        },
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = act(request, see, given["entry_id"])
        if done(
            form,
            lambda: closing.discharge(
                do,
                answers={},
                escort=given["escort"],
                against_advice=True,
                advice=form.advice(),
                reason=given["reason"],
            ),
        ):
            messages.success(request, "Recorded: left against advice. A call is due.")
            return back(see)
    return page(
        request,
        "session/against_advice.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        planned=escort(see.facts),
        left_open=events.open_at_the_door(see.found.chart, see.facts),
        missing=[c for c in unmet(criteria(see.facts, monitored_here(), see.now)) if c.measured],
        refused=see.state.refusal(Verb.DISCHARGE),
    )
