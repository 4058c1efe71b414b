"""Documents as files."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.documents import consent_copy as copy
from lowtide.documents.printing import answer, foot_of
from lowtide.pathway.course.consent import signed
from lowtide.people.charts import chart_for
from lowtide.people.clinic import this_clinic, zone
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs


@needs(Permission.SEE_CHART)
@require_GET
def consent_copy(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """The patient's copy of a consent; as a page to print where this machine cannot make PDF."""
    found, now = chart_for(request, patient), timezone.now()
    standing = next((s for s in signed(found.chart, now, zone()) if s.entry.id == entry), None)
    if standing is None:
        raise Http404("no such consent for you")
    html = copy.html(standing, this_clinic(), zone(), foot_of(request, found, now, zone()))
    return answer(html, "consent")
