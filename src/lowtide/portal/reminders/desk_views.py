"""The clinic's side of reminders: the list of all, and of one patient."""

from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages as told_on_page
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.data.portal import languages
from lowtide.data.portal import reminders as limits
from lowtide.pathway.course import words
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import zone
from lowtide.people.forms import EntryForm, sent, status
from lowtide.people.models import PatientIndex, User
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.portal.actions import Act
from lowtide.portal.models import ReminderRow
from lowtide.portal.reminders import actions, listing, mail, told
from lowtide.portal.reminders.sending import missing
from lowtide.portal.reminders.told import Mailed
from lowtide.record.entries import mailed_words

LEVELS = {"sent": "clear", "refused": "caution", "returned": "caution", "failed": "hold", "": "hold"}
SHORT = {
    "sent": "Sent",
    "refused": "Address refused",
    "returned": "Came back",
    "failed": "Server did not answer",
    "": "Not known",
}


class WordForm(EntryForm):
    """What is done about one patient's reminders, with a line where the mail came back."""

    do = forms.ChoiceField(choices=[(name, name) for name in ("on", "off", "returned")])
    said = forms.CharField(max_length=200, required=False)


@needs(Permission.EDIT_IDENTITY)
@require_GET
def overview(request: Request) -> HttpResponse:
    """Whom no reminder reaches and why, and who was reminded of late. It says nothing of what anybody is treated for."""
    now, here = timezone.now(), zone()
    found = listing.unreached(now)
    rows, count = listing.lately(now)
    about = {
        "missing": missing(),
        "limits": limits(),
        "unreached": [_unreached(one, now, here) for one in found[: listing.SHOWN]],
        "more": max(0, len(found) - listing.SHOWN),
        "count": len(found),
        "counts": listing.counts(found),
        "sent": [_sent(row, who, now, here) for row, who in rows],
        "sent_count": count,
    }
    return render(request, "portal_desk/reminders.html", about)


def _unreached(one: listing.Unreached, now: datetime, here: tzinfo) -> dict[str, Any]:
    return {
        "who": _name(one.who),
        "id": one.who.patient_id,
        "number": one.who.number,
        "phone": one.who.phone,
        "why": one.why,
        "failed": one.address,
        "visit": words.when(one.visit_at, here, now) if one.visit_at else "",
        "asks": one.asks,
    }


def _sent(row: ReminderRow, who: PatientIndex, now: datetime, here: tzinfo) -> dict[str, Any]:
    assert row.last_at
    return {
        "who": _name(who),
        "id": who.patient_id,
        "at": words.when(row.last_at, here, now),
        "about": mailed_words.about(tuple(row.last_about.split())),
        "to": row.last_to,
        "level": LEVELS[row.last_how],
        "how": SHORT[row.last_how],
        "count": row.count,
    }


def _name(who: PatientIndex) -> str:
    return f"{who.given} {who.family}".strip()


# -- one patient ------------------------------------------------------------------------------------------------


@needs(Permission.EDIT_IDENTITY)
@require_http_methods(["GET", "POST"])
def of_patient(request: Request, patient: UUID) -> HttpResponse:
    """One patient's reminders: wanted or not, what was sent, what became of it; a mail that came back is told here."""
    chart = chart_for(request, patient, Permission.EDIT_IDENTITY)
    form = WordForm(request.POST or None)
    if sent(form, request.method, lambda said: _do(request, chart, said)):
        told_on_page.success(request, "Written in your name.")
        return redirect("portal_desk:reminders", patient)
    said = told.mailed(chart.whole)
    word = told.chosen(chart.whole)
    about = {
        **patient_page(request, chart, "identity"),
        "form": form,
        "missing": missing(),
        "is_on": told.is_on(chart.whole),
        "by": names_of({word[0].by})[word[0].by] if word else "",
        "chosen_at": word[0].at.astimezone(zone()) if word else None,
        "is_open": User.objects.filter(patient=str(patient), is_active=True).exists(),
        "address": told.address(chart.chart),
        "language": languages()[mail.language(chart.whole)],
        "not_taken": told.not_taken(chart.whole),
        "rows": [_mailed(one) for one in reversed(said)],
        "limits": limits(),
    }
    return render(request, "portal_desk/reminders_of_one.html", about, status=status(form))


def _do(request: Request, chart: PatientChart, said: dict[str, Any]) -> None:
    act = Act(request.person, chart, said["entry_id"], timezone.now())
    if said["do"] == actions.RETURNED:
        actions.came_back(act, said["said"])
    else:
        actions.choose(act, on=said["do"] == "on")


def _mailed(one: Mailed) -> dict[str, Any]:
    return {
        "at": one.entry.at.astimezone(zone()),
        "about": mailed_words.about(one.body.about),
        "to": one.body.address,
        "level": LEVELS[one.how],
        "how": SHORT[one.how],
        "said": one.outcome[1].said if one.outcome else "",
    }
