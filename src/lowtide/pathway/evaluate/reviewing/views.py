"""Results that wait for review, over all patients or of one, and who saw what."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lowtide.pathway.evaluate.models import ResultWaiting
from lowtide.pathway.evaluate.reviewing import actions
from lowtide.pathway.evaluate.reviewing.waiting import Seen, reference, seen, value
from lowtide.people.banner import patient_page
from lowtide.people.charts import chart_for, log_readings
from lowtide.people.models import PatientIndex
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput

PER_PAGE = 60
SHOWN_SEEN = 40


@needs(Permission.REVIEW_RESULT)
@require_GET
def results(request: Request) -> HttpResponse:
    """What waits, out of range first, then the longest waiting."""
    waiting = ResultWaiting.objects.order_by("-out_of_range", "recorded_at", "stream", "label", "key")
    about: dict[str, Any] = {"form_id": uuid4()}
    template = "evaluate/results.html"
    if asked := request.GET.get("patient"):
        found = chart_for(request, _uuid(asked), Permission.REVIEW_RESULT)
        waiting = waiting.filter(stream__in=list(found.chart.known))
        about |= patient_page(request, found, "evaluate") | {"seen": _seen(seen(found.chart)[:SHOWN_SEEN])}
        template = "evaluate/results_of_patient.html"
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    about |= {
        "page": page,
        "rows": _rows(list(page.object_list)),
        "total": page.paginator.count,
        "beyond": waiting.filter(out_of_range=True).count(),
        "query": f"{urlencode({'patient': asked})}&" if asked else "",
        "back": f"?{urlencode({'patient': asked})}" if asked else "",
    }
    if not asked:
        _log(request, {row.stream for row in page.object_list})
    return render(request, template, about)


def _log(request: Request, streams: set[str]) -> None:
    """Whoever sees a result here has read of that chart."""
    log_readings(request, sorted(streams), allowed=True, detail="results to review")


def _rows(waiting: list[ResultWaiting]) -> list[dict[str, Any]]:
    streams = {row.stream for row in waiting}
    who = {row.stream: row for row in PatientIndex.objects.filter(stream__in=streams)}
    return [{"is": row, "patient": who.get(row.stream)} for row in waiting]


def _seen(found: list[Seen]) -> list[dict[str, Any]]:
    names = names_of({one.review.by for one in found})
    return [
        {
            "label": one.result.body.label,
            "value": value(one.result.body),
            "reference": reference(one.result.body),
            "out_of_range": one.result.body.is_out_of_range,
            "at": one.result.at,
            "dated": one.result.body.dated,
            "by": names[one.review.by],
            "seen_at": one.review.at,
            "note": one.review.body.note,
        }
        for one in found
    ]


@needs(Permission.REVIEW_RESULT)
@require_POST
def review(request: Request) -> HttpResponse:
    """Record that these results were seen."""
    try:
        done = actions.review(
            request.person,
            _uuid(request.POST.get("entry_id", "")),
            request.POST.getlist("result"),
            request.POST.get("note", "").strip(),
            now=timezone.now(),
        )
    except BadInput as error:
        problem = error.problems[0]
        messages.error(request, f"{problem.what[:1].upper()}{problem.what[1:]}. {problem.mend}")
    else:
        count = sum(len(entry.body.results) for entry in done)
        messages.success(request, f"{count} reviewed." if count else "They had been reviewed already.")
    asked = request.GET.get("patient", "")
    return redirect(reverse("evaluate:results") + (f"?{urlencode({'patient': asked})}" if asked else ""))


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise Http404("no such thing") from None
