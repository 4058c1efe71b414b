"""Evaluating everybody again: start, stop, how far it is, and whose outcome moved since it was decided on."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Min
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lowtide.data import rules as tables
from lowtide.pathway.course.models import SessionRow
from lowtide.pathway.course.sessions import Status
from lowtide.pathway.evaluate.everybody import page, running
from lowtide.pathway.evaluate.everybody.comparing import Said
from lowtide.pathway.evaluate.everybody.keeping import Basis, OnePerson, bring_up_to_date, everybody, stale
from lowtide.pathway.evaluate.everybody.page import SHOWS
from lowtide.pathway.evaluate.models import Reevaluated, Reevaluation
from lowtide.people.charts import log_readings
from lowtide.people.forms import EntryForm
from lowtide.people.models import PatientIndex
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record import access_log

PER_PAGE = 40
AT_ONCE = 20
"""So few stale evaluations the reader makes again by reading; more are work for the server."""


@needs(Permission.DECIDE)
@require_GET
def moved(request: Request) -> HttpResponse:
    """Whose outcome moved since the decision, the most pressing first."""
    what, people = running.basis(timezone.now()), everybody()
    left = stale(people, what)
    if left and len(left) <= AT_ONCE:
        bring_up_to_date(left, what)
        left = []
    shown = _shown(request, what)
    log_readings(request, sorted({row.stream for row in shown["page"]}), allowed=True, detail="what moved")
    work = _work(request, running.latest(), what, running.Progress(len(people), len(left)))
    return render(request, "evaluate/everybody.html", shown | work)


@needs(Permission.DECIDE)
@require_GET
def progress(request: Request) -> HttpResponse:
    """How far it is, for a page that waits."""
    what = running.basis(timezone.now())
    about = _work(request, running.latest(), what, running.progress(what)) | {"ended_here": True}
    return render(request, "evaluate/everybody_work.html", about)


@needs(Permission.MANAGE_POLICY)
@require_POST
def start(request: Request) -> HttpResponse:
    """Begin, or go on where it was stopped."""
    form = EntryForm(request.POST)
    if form.is_valid():
        running.start(request.person.by, form.cleaned_data["entry_id"], timezone.now())
        _log(request, "everybody is evaluated again")
    else:
        messages.error(request, "The form came without its number. Open the page again, then start.")
    return redirect("evaluate:everybody")


@needs(Permission.MANAGE_POLICY)
@require_POST
def stop(request: Request, run: UUID) -> HttpResponse:
    """Let it rest where it is."""
    if running.stop(request.person.by, run, timezone.now()):
        _log(request, "evaluating everybody stopped")
    else:
        messages.info(request, "It had ended already.")
    return redirect("evaluate:everybody")


def _log(request: Request, detail: str) -> None:
    person = request.person
    access_log.log(
        person.by,
        f"{request.method} {request.path}",
        detail=detail,
        roles=" ".join(person.roles),
        address=request.META.get("REMOTE_ADDR", ""),
    )


# -- the work -------------------------------------------------------------------------------------------------


def _work(request: Request, run: Reevaluation | None, what: Basis, far: running.Progress) -> dict[str, Any]:
    names = names_of({who for who in (run.by, run.ended_by) if who}) if run else {}
    return {
        "run": run,
        "runs": bool(run and run.state == running.RUNNING),
        "waits": bool(run and run.state == running.RUNNING and run.beat_at is None),
        "rests": bool(run and run.state == running.STOPPED and far.left),
        "far": far,
        "run_by": names.get(run.by, "") if run else "",
        "ended_by": names.get(run.ended_by, "") if run else "",
        "policy": what.policy,
        "on": what.on,
        "rules_version": tables.version(),
        "may_start": request.person.can(Permission.MANAGE_POLICY),
        "form_id": uuid4(),
    }


# -- the list -------------------------------------------------------------------------------------------------


def _shown(request: Request, what: Basis) -> dict[str, Any]:
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    rows = Reevaluated.objects.filter(how__in=SHOWS[show][1]).order_by("rank", "key")
    found = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    counts = dict(Reevaluated.objects.values_list("how").annotate(Count("key")))
    return {
        "page": found,
        "rows": _rows(list(found.object_list), what),
        "shows": page.counted(counts),
        "show": show,
        "query": f"{urlencode({'show': show})}&" if show else "",
        "judged": sum(counts.values()),
    }


def _rows(found: list[Reevaluated], what: Basis) -> list[dict[str, Any]]:
    streams = [row.stream for row in found]
    who = {row.stream: row for row in PatientIndex.objects.filter(stream__in=streams)}
    kept = {row.key: msgspec.json.decode(row.said, type=Said) if row.said else None for row in found}
    numbers = what.policy.numbers()
    names, sessions = names_of({one.by for one in kept.values() if one}), _next_sessions(streams)
    behind = {p.key for p in stale([OnePerson((*msgspec.json.decode(r.known),)) for r in found], what)}
    return [
        {
            "is": row,
            "patient": who.get(row.stream),
            "line": page.line(row.how, kept[row.key], row.policy, names, numbers),
            "session": sessions.get(row.stream),
            "as_of": page.as_of(row.on, row.policy, row.key not in behind),
        }
        for row in found
    ]


def _next_sessions(streams: list[str]) -> dict[str, Any]:
    """When each of these has their next session, if one is planned."""
    ahead = SessionRow.objects.filter(
        stream__in=streams, at__gte=timezone.now(), status__in=(Status.PLANNED, Status.PREPARED)
    )
    return dict(ahead.values_list("stream").annotate(Min("at")))
