"""The patient's treatment passport as data for another clinic."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.exchange.fhir import passport as fhir
from lowtide.pathway.outcomes.passport import passport
from lowtide.people.clinic import this_clinic
from lowtide.people.own_place import own_chart
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs


@needs(Permission.OWN_PLACE)
@require_GET
def own_passport(request: Request) -> HttpResponse:
    """A FHIR R4 document. One that this program itself would not take back is not handed out."""
    chart = own_chart(request)
    made = fhir.document(
        passport(chart.chart, chart.patient), chart.patient_id, this_clinic(), timezone.now()
    )
    if wrong := fhir.faults(made):
        raise ValueError(f"the passport is no valid FHIR: {wrong[0].path} {wrong[0].what}")
    response = HttpResponse(fhir.encoded(made), content_type="application/fhir+json")
    response["Content-Disposition"] = 'attachment; filename="passport.json"'
    return response
