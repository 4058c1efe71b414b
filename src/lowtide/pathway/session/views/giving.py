"""A dose without a pump, part by part: one tap for the usual, its own page for what is not."""

from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.http import HttpResponse

from lowtide.data.giving import DEVICE
from lowtide.pathway.course.approved_here import dosing_here, monitored_here
from lowtide.pathway.session import dose_forms, forms
from lowtide.pathway.session.actions import giving
from lowtide.pathway.session.actions.enrolment import held_by_programs
from lowtide.pathway.session.rules.containers import containers, ready, scanned
from lowtide.pathway.session.rules.gates import blockers
from lowtide.pathway.session.rules.giving import coming, gap_at
from lowtide.pathway.session.rules.state import Verb
from lowtide.pathway.session.shown.parts import so_far
from lowtide.pathway.session.views.common import Seen, act, back, conflicts_shown, done, page, seen
from lowtide.people.charts import whole_chart
from lowtide.people.roles import Permission
from lowtide.people.who import Person, Request, needs
from lowtide.record.entries.chair import DoseGiven
from lowtide.science.units import plain


@needs(Permission.CHART_SESSION)
@conflicts_shown
def give(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Record that the next part went in; what is unusual about it asks for its reason here."""
    see = seen(request, patient, session)
    following, route, way = coming(see.facts), see.facts.route or "", see.facts.way
    form = dose_forms.GiveForm(
        request.POST or None,
        sites=way.sites.get(route, ()),
        has_lot=way.form == DEVICE,
        begins=way.begins if containers(see.facts) else "",
        initial={"number": following.number, "how_much": dose_forms.GiveForm.ALL},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        acting = act(request, see, given["entry_id"], form.at(see.now, see.zone))
        if done(form, lambda: _give(acting, see, form)):
            messages.success(request, f"{way.said(route, given['number'])}.")
            return back(see)
    return page(
        request,
        "session/give.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        held=_held(see) if see.facts.parts is None else [],
        refused=_refused(see) or _stale(form, following.number),
        early=gap_at(see.facts, see.now),
        **_words(see),
    )


def _give(acting: Any, see: Seen, form: dose_forms.GiveForm) -> object:
    given = form.cleaned_data
    by_label = scanned(see.facts, given.get("scanned"), acting.when)
    return giving.give(
        acting,
        number=given["number"],
        mg=form.went_in(giving.in_hand_mg(see.facts, by_label)),
        site=given.get("site"),
        lot=given.get("lot"),
        reason=given["reason"],
        scanned_code=given.get("scanned"),
    )


def _words(see: Seen) -> dict[str, Any]:
    """What the page says it writes."""
    following, order = coming(see.facts), see.facts.order
    said = see.facts.way.said(see.facts.route or "", following.number)
    whole = "what the label says" if containers(see.facts) else f"{plain(following.of_mg)} mg"
    return {
        "title": said.removesuffix(" given"),
        "go": f"Record: {said.lower()}",
        "writes": f"{whole}, or what of it went in, in your name",
        "ready": ready(see.facts),
        "so_far": so_far(see.facts),
        "apart": plain(order[1].apart_min) if order and order[1].apart_min else "",
    }


def _refused(see: Seen) -> str | None:
    if why := see.state.refusal(Verb.GIVE):
        return why
    if see.facts.order is None:
        return "the dose is not ordered"
    return None if coming(see.facts).of_mg else "all that can be given of the order was given"


def _stale(form: dose_forms.GiveForm, number: int) -> str:
    """Why this page cannot be sent again: another part is the next one by now."""
    if not form.is_bound or form.data.get("number") == str(number):
        return ""
    return " ".join(str(error) for error in form.non_field_errors()).rstrip(".") or "the session has moved on"


def _held(see: Seen) -> list[Any]:
    chart = whole_chart(see.found.stream)
    return [
        *held_by_programs(chart, see.facts.session, see.now),
        *blockers(chart, see.facts, monitored_here(), see.now, see.zone, dosing_here()),
    ]


@needs(Permission.CHART_SESSION)
@conflicts_shown
def end(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """Record that nothing more of the order is given."""
    see = seen(request, patient, session)
    form = forms.ReasonForm(request.POST or None, asks="Why the rest is not given")
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = act(request, see, given["entry_id"])
        if done(form, lambda: giving.end(do, reason=given["reason"])):
            messages.success(request, "Nothing more is given. The observation counts from the last part.")
            return back(see)
    return page(
        request,
        "session/end_dosing.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        so_far=so_far(see.facts),
        refused=see.state.refusal(Verb.END_DOSING),
    )


def one_tap(see: Seen, person: Person) -> dict[str, Any] | None:
    """The button of the next part; None where a pump gives the dose or nothing is left to give. What was drawn up with a
    label has no button: its label is read first.

    Its id follows from what was given so far, so that the button stays the same until that changes.
    """
    following = coming(see.facts)
    if see.state.refusal(Verb.GIVE) or not following.of_mg:
        return None
    lines = [
        line for line in see.found.chart.lines() if isinstance(line[0].body, DoseGiven)
    ]  # retracted ones count, too: the same part given anew is another entry
    known = f"{following.number} of {len(lines)} by {person.by}"
    return {
        "id": uuid5(see.facts.session, known),
        "number": following.number,
        "verb": see.facts.way.said(see.facts.route or "", following.number),
        "url": see.url("give"),
        "labelled": bool(containers(see.facts)),
    }
