"""The patient's own word on reminders: on or off, and what was sent."""

from typing import Any

from django.conf import settings
from django.contrib import messages as told_on_page
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lowtide.people.clinic import zone
from lowtide.people.forms import EntryForm, sent, status
from lowtide.people.own_place import HOUSE, moment, own_chart, own_page, speaks
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.portal.actions import Act
from lowtide.portal.reminders import actions, told


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
@speaks
def reminders(request: Request) -> HttpResponse:
    """Whether mails come, to which address, and the button that turns them off or on."""
    chart = own_chart(request)
    form, turn_on = EntryForm(request.POST or None), request.POST.get("do") == "on"

    def choose(said: dict[str, Any]) -> None:
        act = Act(request.person, chart, said["entry_id"], timezone.now())
        actions.choose(act, on=turn_on, language=(get_language() or HOUSE)[: len(HOUSE)])

    if sent(form, request.method, choose):
        on, off = _("Done. We will remind you by e-mail."), _("Done. No reminders come by e-mail.")
        told_on_page.success(request, on if turn_on else off)
        return redirect("portal:reminders")
    last = told.last_at(chart.whole)
    about = own_page(
        chart,
        "more",
        form=form,
        is_on=told.is_on(chart.whole),
        address=told.address(chart.chart),
        not_taken=told.not_taken(chart.whole),
        mails=settings.MAIL_IS_SET_UP,
        last=moment(last, zone()) if last else "",
    )
    return render(request, "portal/reminders.html", about, status=status(form))
