"""The second person's look at the preparation: the order is not on the page, and an answer never shows it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpResponse
from django.shortcuts import redirect

from lowtide.pathway.session import dose_forms as forms
from lowtide.pathway.session.actions import preparing
from lowtide.pathway.session.rules.containers import waiting_for_check
from lowtide.pathway.session.rules.preparation import differing, figures
from lowtide.pathway.session.rules.state import Verb
from lowtide.pathway.session.views.common import Seen, act, back, conflicts_shown, done, page, seen
from lowtide.people.roles import Permission
from lowtide.people.who import Person, Request, needs, person_of
from lowtide.problems import refuse
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import PreparationChecked


@needs(Permission.CHART_SESSION)
@conflicts_shown
def check(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Read vial, syringe and pump without the order in sight; both people sign in."""
    see = seen(request, patient, session)
    order, one = see.facts.order[1] if see.facts.order else None, waiting_for_check(see.facts)
    form = forms.PreparationForm(
        request.POST or None,
        name=request.person.name,
        figures=figures(order, labelled=one is not None),
        way=see.facts.way,
    )
    if request.method == "POST" and form.is_valid():
        written: list[Entry] = []
        if done(form, lambda: written.extend(_check(request, see, form))):
            return _answered(request, see, written[0])
    return page(
        request,
        "session/check.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        figures=[(form[f.name], f.unit) for f in form.figures],
        made_ready=see.facts.way.made_ready,
        differs=_differs(see),
        one=one.name if one else "",
        refused=see.state.refusal(Verb.CHECK_PREPARATION)
        or ("" if see.facts.order else "no dose is ordered")
        or ("nothing waits for a check: make up the next one first" if see.facts.started and not one else ""),
        veiled=True,
    )


def _check(request: Request, see: Seen, form: forms.PreparationForm) -> list[Entry]:
    given = form.cleaned_data
    return preparing.check_preparation(
        act(request, see, given["entry_id"]),
        other=other_person(request, given),
        prepared_by_me=given["prepared_by"] == "me",
        typed=given["typed"],
        drug=given["drug"],
        read=form.read,
    )


def other_person(request: Request, given: dict[str, Any]) -> Person:
    """The other person, by their own sign-in."""
    user = authenticate(request, username=given["second_login"], password=given["second_password"])
    other = person_of(user) if user else None
    if other is None:
        raise refuse(
            "this name and password do not fit together",
            "second_password",
            "The other person types both once more.",
        )
    return other


def _answered(request: Request, see: Seen, entry: Entry) -> HttpResponse:
    """Back to the session when all agrees, else back here: the figures that differ, never the ordered ones."""
    assert isinstance(entry.body, PreparationChecked)
    if entry.body.agrees:
        messages.success(request, "The preparation agrees with the order. Both names are recorded.")
        return back(see)
    return redirect(see.url("check"))


def _differs(see: Seen) -> list[str]:
    """What the last look found, where it still stands in the way."""
    found = see.facts.preparation
    return (
        differing(found[1], see.facts.way)
        if found and see.facts.order and found[1].order == see.facts.order[0].id
        else []
    )
