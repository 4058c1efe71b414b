"""Who takes the patient home: named by themselves for their next visit, with a telephone."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages as told
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from lowtide.pathway.course.state import fold
from lowtide.people.clinic import zone
from lowtide.people.forms import EntryForm, sent, status
from lowtide.people.own_place import own_chart, own_page, speaks, when
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.portal import actions, visit
from lowtide.problems import refuse


class EscortForm(EntryForm):
    session = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Their name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Write who takes you home.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Their phone number"),
        max_length=40,
        error_messages={"required": gettext_lazy("Write a number. We call it if you need to be fetched.")},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
@speaks
def escort(request: Request) -> HttpResponse:
    """Name them, or somebody else than before; the clinic has it at once."""
    chart, now = own_chart(request), timezone.now()
    found = visit.next_visit(chart.chart, fold(chart.chart))
    if found is None or not found.is_booked:
        return redirect("portal:home")
    form = EscortForm(request.POST or None, initial={"session": found.session})
    if sent(form, request.method, lambda said: _name(request, said, found.session)):
        told.success(request, _("Thank you. Your clinic knows now who takes you home."))
        return redirect("portal:home")
    day = when(found.arrives_at, zone(), now)
    about = own_page(chart, "visit", form=form, when=day, named=found.escort)
    return render(request, "portal/escort.html", about, status=status(form))


def _name(request: Request, said: dict[str, Any], session: UUID) -> object:
    chart = own_chart(request)
    act = actions.Act(request.person, chart, said["entry_id"], timezone.now())
    if said["session"] != session:
        raise refuse(
            _("your next visit is another one now"), "name", _("Look at the day above, then send it.")
        )
    return actions.name_escort(act, session, said["name"], said["phone"])
