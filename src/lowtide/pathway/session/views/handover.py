"""The shift changes: the page shows how everything stands, the one who takes over signs in on it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse

from lowtide.pathway.session import longrun_forms as forms
from lowtide.pathway.session.actions import handover as verbs
from lowtide.pathway.session.rules.state import WORDS, Verb
from lowtide.pathway.session.shown import containers as shown
from lowtide.pathway.session.views.common import act, back, conflicts_shown, done, page, seen
from lowtide.pathway.session.views.second_person import other_person
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs


@needs(Permission.CHART_SESSION)
@conflicts_shown
def hand_over(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Both look at the same page, count, and sign: who goes by being signed in, who comes by their own password."""
    see = seen(request, patient, session)
    form = forms.HandOverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        acting = act(request, see, given["entry_id"])
        if done(
            form,
            lambda: verbs.hand_over(
                acting,
                incoming=other_person(request, given),
                counted=given["counted"],
                said=given["said"],
                reason=given["reason"],
            ),
        ):
            messages.success(request, "Handed over. Both names are recorded.")
            return back(see)
    nurse, by = see.facts.nurse, request.person.by
    return page(
        request,
        "session/hand_over.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        now_standing=verbs.standing(see.state, by, by, 0),
        totals=shown.totals(see.facts, see.now),
        words=WORDS[see.state.phase],
        nurse=names_of({nurse})[nurse] if nurse else "",
        not_the_nurse=bool(nurse and nurse != by),
        refused=see.state.refusal(Verb.HAND_OVER),
    )
