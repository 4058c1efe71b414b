"""A patient's own record to take along: the open export of their chart, with the passport as data."""

import tempfile
import zipfile
from pathlib import Path

from django.http import FileResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lowtide.exchange.fhir import passport as fhir
from lowtide.pathway.outcomes.passport import passport
from lowtide.people.clinic import this_clinic
from lowtide.people.own_place import own_chart
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record import access_log
from lowtide.site.export import export


@needs(Permission.OWN_PLACE)
@require_POST
def own_record(request: Request) -> FileResponse:
    """The whole record as a zip, made now; what was told to one member of the team alone is not in it."""
    chart = own_chart(request)
    made = fhir.document(
        passport(chart.chart, chart.patient), chart.patient_id, this_clinic(), timezone.now()
    )
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "record.zip"
        export(out, chart.stream, with_narrow=False, say=lambda _: None)
        with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("passport.json", fhir.encoded(made))
        file = tempfile.TemporaryFile()  # noqa: SIM115  closed by the response
        file.write(out.read_bytes())
    file.seek(0)
    access_log.log(request.person.by, "took a copy of the own record", stream=chart.stream)
    return FileResponse(file, as_attachment=True, filename="my-record.zip")
