"""The report on reminders: how many there were, which were answered, how soon; counts only, no patient."""

import csv
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.data.chair import chair
from lowtide.pathway.course.approved_here import monitored_here
from lowtide.pathway.session.models import Session
from lowtide.pathway.session.rules.burden import Burden, burden, of_session
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.people.charts import log_readings
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record import store

DAYS, MOST = 90, 200  # what the report looks back on: so many days, so many sessions at most


@needs(Permission.MANAGE_POLICY)
@require_GET
def report(request: Request) -> HttpResponse:
    """The page; as CSV where that is asked for."""
    found = _found(request)
    if request.GET.get("format") == "csv":
        return _csv(found)
    items, agreed = monitored_here(), chair().numbers["reminders_per_session"]
    about: dict[str, Any] = {
        "found": found,
        "rows": [(items.get(rule.rule), rule) for rule in found.rules],
        "agreed": agreed,
        "over": found.asking_per_session > agreed.value,
        "days": DAYS,
        "most": MOST,
        "artefacts_share": round(100 * found.artefacts / (found.artefacts + found.reminders))
        if found.artefacts
        else 0,
    }
    return render(request, "session/burden.html", about)


def _found(request: Request) -> Burden:
    since = timezone.now() - timedelta(days=DAYS)
    rows = list(Session.objects.filter(started_at__gte=since).order_by("-started_at")[:MOST])
    streams = {row.stream for row in rows}
    log_readings(request, streams, allowed=True, detail="report on reminders, counts only")
    charts, items = {stream: store.load(stream) for stream in streams}, monitored_here()
    return burden(of_session(session_facts(charts[row.stream], UUID(row.key)), items) for row in rows)


def _csv(found: Burden) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="reminders.csv"'
    out = csv.writer(answer)
    out.writerow(("rule", "reminders", "answered", "unanswered", "median_min_to_answer"))
    for rule in found.rules:
        waited = "" if rule.median_min is None else f"{rule.median_min:.1f}"
        out.writerow((rule.rule, rule.count, rule.answered, rule.unanswered, waited))
    return answer
