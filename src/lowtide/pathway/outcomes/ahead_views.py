"""The page of what lies ahead of a patient, for clinicians."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.pathway.course.banner import patient_context
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes import outlook, outlook_page
from lowtide.pathway.outcomes.fade.making import fade
from lowtide.people.charts import chart_for
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs


@needs(Permission.SEE_CHART)
@require_GET
def outlook_of(request: Request, patient: UUID) -> HttpResponse:
    """Three futures, the next session's window and early signs; or what is missing to say anything."""
    chart = chart_for(request, patient)
    state = fold(chart.chart)
    able = outlook.told_in(chart.chart, state)
    chosen = next((t for t in able if t.measure.id == request.GET.get("by")), None)
    ahead, missing = outlook.ahead(state, chosen, timezone.now())
    here, now = zone(), timezone.now()
    window = fade(chart.whole, state, now.astimezone(here).date(), here, ahead.one) if ahead else None
    about = {
        **patient_context(request, chart, "outcomes"),
        "ahead": outlook_page.context(ahead, window, here) if ahead and window else None,
        "measures": outlook_page.choices(able, ahead) if ahead else [],
        "missing": missing,
    }
    return render(request, "outcomes/outlook.html", about)
