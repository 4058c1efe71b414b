"""Consent in the patient's own place: read it, sign it at home, take it back, see what was signed."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages as told
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.data import consent as data
from lowtide.data.consent import Form
from lowtide.pathway.course.consent import Standing, scope_of, signed, why_not
from lowtide.pathway.plan import ordering
from lowtide.pathway.plan.actions import Act
from lowtide.pathway.plan.consenting import actions
from lowtide.pathway.plan.consenting.forms import Ticked
from lowtide.people.charts import PatientChart
from lowtide.people.clinic import zone
from lowtide.people.forms import EntryForm, sent, status
from lowtide.people.own_place import HOUSE, moment, own_chart, own_page, short_day, speaks
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.portal import visit
from lowtide.portal.reading import told_parts
from lowtide.record.entries.care import CoursePlanned


class SignForm(Ticked):
    """One tick an element, the choice about learning, the name."""

    tick = gettext_lazy("I understand")
    registry = forms.ChoiceField(
        label=gettext_lazy("May the clinic use my data so?"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        required=False,
        widget=forms.RadioSelect,
    )
    signer = forms.CharField(
        label=gettext_lazy("Type your first and family name"),
        max_length=200,
        error_messages={"required": gettext_lazy("Your name is your signature: type it.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class BackForm(EntryForm):
    reason = forms.CharField(
        label=gettext_lazy("Do you want to say why? You do not have to."), required=False, max_length=500
    )


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def overview(request: Request) -> HttpResponse:
    """What was signed, what of it holds, and whether something waits to be read."""
    chart = own_chart(request)
    running, found = ordering.course(chart.chart), signed(chart.chart, timezone.now(), zone())
    holds = [s for s in found if running and not why_not(chart.chart, s, running)]
    waits = any(s.waits and not s.withdrawn for s in found)
    about = own_page(
        chart,
        "more",
        rows=[_row(s, covers=s in holds if running else None) for s in found],
        form=_form(running),
        holds=bool(holds),
        waits=waits,
    )
    return render(request, "portal/consent.html", about)


def _form(running: CoursePlanned | None) -> Form | None:
    of = scope_of(running) if running else None
    return data.form(of) if of else None


def _row(standing: Standing, covers: bool | None) -> dict[str, Any]:
    body = standing.body
    return {
        "id": standing.entry.id,
        "at": moment(standing.entry.at, zone()),
        "way": visit.ways().get(body.route, body.route),
        "until": short_day(datetime.combine(standing.holds_until, time(12), zone()), zone()),
        "state": _state(standing, covers),
        "may_withdraw": standing.withdrawn is None,
        "elements": body.elements,
        "signer": body.signer,
    }


def _state(standing: Standing, covers: bool | None) -> str:
    """`covers`: whether it is one for the treatment that is planned now; None while none is."""
    if standing.withdrawn:
        return _("You took it back on %(day)s.") % {"day": short_day(standing.withdrawn.at, zone())}
    if standing.waits:
        return _("Signed at home. Somebody from the clinic still has to talk with you about it.")
    if standing.why_not:
        return _("It does not hold any more.")
    return (
        _("It was for another treatment. It does not count for this one.")
        if covers is False
        else _("It holds.")
    )


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
@speaks
def sign(request: Request) -> HttpResponse:
    """The whole form, part by part, each with its own tick; then the name."""
    chart = own_chart(request)
    running = ordering.course(chart.chart)
    chosen = _form(running)
    translated = (get_language() or HOUSE)[: len(HOUSE)] != HOUSE
    if chosen is None or running is None or (translated and request.method == "POST"):
        return redirect("portal:consent")
    form = SignForm(request.POST or None, form=chosen)

    def write(given: dict[str, Any]) -> None:
        joins = {"yes": True, "no": False}.get(given["registry"])
        signature = actions.Signature(
            digest=given["digest"],
            ticked=form.ticked,
            signer=given["signer"],
            joins_registry=joins,
            at_home=True,
        )
        actions.sign(_act(request, chart, given["entry_id"]), chosen, running.course, signature)

    if sent(form, request.method, write):
        told.success(request, _("Signed. At your visit somebody talks with you about it first."))
        return redirect("portal:consent")
    help_words = {p["id"]: p for p in told_parts(chosen.scope, chosen.elements)} if translated else {}
    rows = [{"is": e, "field": f, "help": help_words.get(e.id)} for e, f in form.rows]
    about = own_page(chart, "more", form=form, consent=chosen, rows=rows, translated=translated)
    return render(request, "portal/consent_sign.html", about, status=status(form))


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
@speaks
def withdraw(request: Request, entry: UUID) -> HttpResponse:
    """Take a consent back. No reason is needed."""
    chart = own_chart(request)
    found = signed(chart.chart, timezone.now(), zone())
    standing = next((s for s in found if s.entry.id == entry), None)
    if standing is None:
        raise Http404("no such consent for you")
    form = BackForm(request.POST or None)
    if sent(
        form,
        request.method,
        lambda given: actions.withdraw(_act(request, chart, given["entry_id"]), entry, given["reason"]),
    ):
        told.success(request, _("You took it back. No dose can be started. The clinic will talk with you."))
        return redirect("portal:consent")
    about = own_page(chart, "more", form=form, row=_row(standing, covers=None))
    return render(request, "portal/consent_withdraw.html", about, status=status(form))


def _act(request: Request, chart: PatientChart, entry_id: UUID) -> Act:
    return Act(person=request.person, patient_id=chart.patient_id, entry_id=entry_id)
