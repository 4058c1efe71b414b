"""The pages of an import: choose files, see what will come in, confirm, see what came."""

from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lowtide.exchange import uploads
from lowtide.exchange.imports import import_files
from lowtide.exchange.pages.forms import FilesForm
from lowtide.exchange.report import ChangeLine, ImportReport, PatientLine
from lowtide.exchange.uploads import Held
from lowtide.people.banner import chart_url
from lowtide.people.charts import log_readings, stream_of
from lowtide.people.roles import Permission
from lowtide.people.who import Person, Request, needs
from lowtide.problems import Refused
from lowtide.record.entries.words import day

SHOWN_NAMES = 6
NOT_FOR_YOU = "only for others of the care team"


@needs(Permission.IMPORT)
@require_http_methods(["GET", "POST"])
def choose(request: Request) -> HttpResponse:
    """Choose files; nothing is written before the next page is confirmed."""
    form = FilesForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        source = form.cleaned_data["source"].strip() or None
        token = uploads.hold(form.given(), source, request.person.by, timezone.now())
        return redirect("exchange:preview", token)
    return render(request, "exchange/choose.html", {"form": form}, status=422 if form.is_bound else 200)


@needs(Permission.IMPORT)
@require_http_methods(["GET", "POST"])
def preview(request: Request, token: str) -> HttpResponse:
    """What would come in; sending the form brings it in."""
    now, person = timezone.now(), request.person
    try:
        if uploads.result(token, person.by, now) is not None:
            return redirect("exchange:done", token)
        held, files = uploads.held(token, person.by, now)
    except Refused as error:
        return _gone(request, error)
    if request.method == "POST":
        uploads.finish(token, import_files(files, held.source, person.by, now=now))
        return redirect("exchange:done", token)
    found = import_files(files, held.source, person.by, dry_run=True, now=now)
    _log(request, found, "import, preview")
    return render(request, "exchange/preview.html", _about(request, held, found, token))


@needs(Permission.IMPORT)
@require_GET
def done(request: Request, token: str) -> HttpResponse:
    """What came in."""
    try:
        known = uploads.result(token, request.person.by, timezone.now())
    except Refused as error:
        return _gone(request, error)
    if known is None:
        return redirect("exchange:preview", token)
    _log(request, known[1], "import, result")
    about = _about(request, *known, token)
    return render(request, "exchange/done.html", about | {"next": _next(request.person, known[1])})


@needs(Permission.IMPORT)
@require_POST
def leave(request: Request, token: str) -> HttpResponse:
    """Nothing is brought in; the files are deleted."""
    try:
        uploads.drop(token, request.person.by, timezone.now())
    except Refused as error:
        return _gone(request, error)
    messages.info(request, "Nothing was brought in; the files were deleted.")
    return redirect("exchange:import")


def _gone(request: Request, error: Refused) -> HttpResponse:
    return render(request, "exchange/gone.html", {"problem": error.problems[0]}, status=410)


def _log(request: Request, found: ImportReport, detail: str) -> None:
    """Changes show what stands in charts, so seeing them is reading those charts."""
    shown = [stream_of(p.id) for p in found.patients if p.changes or p.overruled]
    log_readings(request, shown, allowed=True, detail=detail)


def _about(request: Request, held: Held, found: ImportReport, token: str) -> dict[str, Any]:
    return {
        "held": held,
        "report": found,
        "token": token,
        "patients": [_patient(request.person, p) for p in found.patients],
        "new": sum(p.new for p in found.patients),
        "asks": sum(bool(p.look_alikes) for p in found.patients),
        "inbox": _by_type(found),
        "names": held.names[:SHOWN_NAMES],
        "more_names": max(0, len(held.names) - SHOWN_NAMES),
    }


def _next(person: Person, found: ImportReport) -> dict[str, Any] | None:
    """The next thing after an import: settle who is who, else open the chart."""
    asks = [p for p in found.patients if p.look_alikes]
    if asks and person.can(Permission.FIND_PATIENT):
        first = asks[0]
        url = reverse("people:same_person", args=[first.id])
        return {
            "title": f"Is {first.name} the same person as {first.look_alikes[0].name}?",
            "text": f"{first.look_alikes[0].why.capitalize()}. Until somebody decides they are two charts.",
            "level": "hold",
            "word": "Same person?",
            "actions": [{"label": "Compare", "url": url, "main": True}],
        }
    if len(found.patients) != 1:
        return None
    (only,) = found.patients
    action = {"label": "Open the chart", "url": chart_url(person, UUID(only.id)), "main": True}
    return {"title": f"{only.name} is in the record", "actions": [action]}


def _patient(person: Person, line: PatientLine) -> dict[str, Any]:
    return {
        "is": line,
        "url": chart_url(person, UUID(line.id)),
        "born": day(line.born) if line.born else "not known",
        "how": "new chart" if line.new else f"joins by {line.joined_by}" if line.joined_by else "known here",
        "changes": [_shown(person, c) for c in line.changes],
        "overruled": [_shown(person, c) for c in line.overruled],
        "look_alikes": [(a, a.stream.partition(":")[2]) for a in line.look_alikes],
    }


def _shown(person: Person, change: ChangeLine) -> ChangeLine:
    """What somebody may not read in the chart they may not read here either."""
    if not change.visible_to or not person.audience.isdisjoint(change.visible_to):
        return change
    return msgspec.structs.replace(change, old=NOT_FOR_YOU, new=NOT_FOR_YOU)


def _by_type(found: ImportReport) -> list[tuple[str, str, int]]:
    """(type, why, how many) of what goes to the inbox."""
    counts: dict[tuple[str, str], int] = {}
    for kept in found.inbox:
        counts[kept.resource_type, kept.why] = counts.get((kept.resource_type, kept.why), 0) + 1
    return [(kind, why, count) for (kind, why), count in sorted(counts.items())]
