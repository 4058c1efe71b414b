"""The review of who read what: by patient, by person, by day; refused ones marked; taken away as a table."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.people.charts import log_reading
from lowtide.people.models import PatientIndex, StaffIndex
from lowtide.people.patients import search
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record import access_log

PER_PAGE = 100
EXPORTED_AT_MOST = 100_000
NOBODY = "chart:nobody"
COLUMNS = ("when", "person", "roles", "did", "patient", "detail", "address", "allowed")


class AccessForm(forms.Form):
    """Which lines to look at."""

    patient = forms.CharField(label="Patient", required=False, max_length=120)
    person = forms.ChoiceField(label="Person", required=False)
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    refused = forms.BooleanField(label="Only what was refused", required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        staff = StaffIndex.objects.order_by("name").values_list("key", "name")
        person = self.fields["person"]
        assert isinstance(person, forms.ChoiceField)
        person.choices = [("", "Everybody"), *staff]


@needs(Permission.REVIEW_ACCESS)
@require_GET
def review(request: Request) -> HttpResponse:
    """The access log, newest first, narrowed by the form. Looking at it is itself logged."""
    form = AccessForm(request.GET)
    page = Paginator(_lines(form), PER_PAGE).get_page(request.GET.get("page"))
    log_reading(request, "", allowed=True, detail=request.GET.urlencode())
    kept = {k: v for k, v in request.GET.items() if v and k != "page"}
    about = {
        "form": form,
        "page": page,
        "lines": list(_told(page.object_list)),
        "query": f"{urlencode(kept)}&" if kept else "",
    }
    return render(request, "people/access.html", about, status=422 if form.errors else 200)


@needs(Permission.REVIEW_ACCESS)
@require_GET
def export(request: Request) -> HttpResponse:
    """The same lines as a CSV table."""
    log_reading(request, "", allowed=True, detail=f"export {request.GET.urlencode()}")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="access-log.csv"'
    table = csv.writer(response)
    table.writerow(COLUMNS)
    for line in _told(_lines(AccessForm(request.GET))[:EXPORTED_AT_MOST]):
        when = timezone.localtime(line["at"]).isoformat(timespec="seconds")
        cells = (when, *(line[name] for name in COLUMNS[1:-1]), "yes" if line["allowed"] else "refused")
        table.writerow(map(_harmless, cells))
    return response


def _lines(form: AccessForm) -> QuerySet[Any]:
    """The lines that the form asks for; all of them while it cannot be read."""
    if not form.is_valid():
        return access_log.lines()
    asked = form.cleaned_data
    return access_log.lines(
        streams=_streams(asked["patient"]),
        people=_names(asked["person"]),
        since=_midnight(asked["since"]),
        until=_midnight(asked["until"] and asked["until"] + timedelta(days=1)),
        refused=asked["refused"],
    )


def _streams(typed: str) -> list[str]:
    """The charts that fit what was typed; a chart nobody has when none does."""
    if not typed:
        return []
    return list(search.find(typed).values_list("stream", flat=True)[:200]) or [NOBODY]


def _names(staff: str) -> list[str]:
    """Every name the log knows a member of staff by: as themselves, and by their sign-in."""
    logins = StaffIndex.objects.filter(key=staff).values_list("login", flat=True) if staff else []
    return [name for login in logins for name in (f"staff:{staff}", f"login:{login}")]


def _midnight(day: Any) -> datetime | None:
    return datetime.combine(day, time.min, timezone.get_current_timezone()) if day else None


def _told(found: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Each line with names in place of ids."""
    lines = list(found)
    names = names_of({line.person for line in lines})
    rows = PatientIndex.objects.filter(stream__in={line.stream for line in lines})
    patients = {row.stream: f"{row.family}, {row.given} ({row.number})" for row in rows}
    for line in lines:
        yield {
            "at": line.at,
            "person": names[line.person].removeprefix("login:"),
            "roles": line.roles.replace("_", " "),
            "did": line.action,
            "words": _plainly(line.action),
            "patient": patients.get(line.stream, line.stream),
            "detail": line.detail,
            "address": line.address,
            "allowed": line.allowed,
        }


def _plainly(action: str) -> str:
    """“opened: chart” for GET /patients/…/record; what is no page stays as it is."""
    method, _, page = action.partition(" ")
    if not page.startswith("/"):
        return action
    try:
        name = resolve(page).view_name.rpartition(":")[2].replace("_", " ")
    except Resolver404:
        name = page
    return f"{'opened' if method in ('GET', 'HEAD') else 'sent'}: {name}"


def _harmless(cell: object) -> str:
    """Text that a spreadsheet does not take for a formula."""
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
