"""What a patient can write: messages, and what they ask for about their treatment, their record and this place."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages as told
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from lowtide.people import opening
from lowtide.people.charts import PatientChart
from lowtide.people.clinic import clinic_chart, zone
from lowtide.people.forms import EntryForm, sent, status
from lowtide.people.own_place import full_day, moment, own_chart, own_page, speaks
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.portal import actions
from lowtide.portal.conversation import Asked, Said, messages, open_messages, requests
from lowtide.portal.sign_in import links
from lowtide.record.entries.portal import LONGEST


class MessageForm(EntryForm):
    text = forms.CharField(
        label=gettext_lazy("Your message"),
        max_length=LONGEST,
        error_messages={"required": gettext_lazy("Write what you want to say.")},
        widget=forms.Textarea(attrs={"rows": 5}),
    )


WISHES = (
    ("stop_treatment", gettext_lazy("I want to stop the treatment")),
    ("correct", gettext_lazy("Something in my record is wrong")),
    ("close_access", gettext_lazy("Close my own place here")),
    ("other", gettext_lazy("Something else")),
)


class WishForm(EntryForm):
    what = forms.ChoiceField(
        label=gettext_lazy("What do you want?"),
        choices=WISHES,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    text = forms.CharField(
        label=gettext_lazy("Do you want to say more?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _act(request: Request, chart: PatientChart, said: dict[str, Any]) -> actions.Act:
    return actions.Act(request.person, chart, said["entry_id"], timezone.now())


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
@speaks
def conversation(request: Request) -> HttpResponse:
    """Messages to the clinic and back. A message with words of crisis shows help at once."""
    chart = own_chart(request)
    form = MessageForm(request.POST or None)
    if sent(form, request.method, lambda said: actions.write(_act(request, chart, said), said["text"])):
        told.success(request, _("Your message is with the clinic."))
        return redirect("portal:messages")
    about = own_page(
        chart,
        "messages",
        form=form,
        said=[_shown(m) for m in reversed(messages(chart.chart))],
        raised=any(m.body.crisis for m in open_messages(chart.chart)),
        reads=_reads(timezone.now()),
    )
    return render(request, "portal/messages.html", about, status=status(form))


def _shown(one: Said) -> dict[str, Any]:
    return {
        "mine": one.is_patients,
        "text": one.body.text,
        "at": moment(one.entry.at, zone()),
        "closed": bool(one.closed),
    }


def _reads(now: datetime) -> str:
    """When the clinic is open next, where it says its hours; else nothing."""
    hours = opening.fold(clinic_chart(), zone())
    if not hours.stated or any(start <= now < end for start, end in hours.on(now.astimezone(zone()).date())):
        return ""
    start = hours.opens_after(now)
    return f"{full_day(start, zone())}, {start.astimezone(zone()):%H:%M}" if start else ""


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
@speaks
def own_data(request: Request) -> HttpResponse:
    """A copy of one's own record, and what one may ask for: to stop, to correct, to close this place."""
    chart = own_chart(request)
    form = WishForm(request.POST or None)
    if sent(
        form, request.method, lambda said: actions.ask(_act(request, chart, said), said["what"], said["text"])
    ):
        told.success(request, _("The clinic has it. Somebody will contact you."))
        return redirect("portal:own_data")
    asked = [_asked(a) for a in reversed(requests(chart.chart))]
    return render(
        request, "portal/own_data.html", own_page(chart, "more", form=form, asked=asked), status=status(form)
    )


def _asked(one: Asked) -> dict[str, Any]:
    return {
        "what": dict(WISHES)[one.body.what],
        "text": one.body.text,
        "at": moment(one.entry.at, zone()),
        "outcome": one.closed[1].outcome if one.closed else "",
    }


@needs(Permission.OWN_PLACE)
@require_POST
@speaks
def forget_devices(request: Request) -> HttpResponse:
    """Every phone needs a link again."""
    chart = own_chart(request)
    links.forget_all(str(chart.patient_id), timezone.now())
    told.success(request, _("Done. Every phone and computer needs a new link."))
    return redirect("portal:more")
