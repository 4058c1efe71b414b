"""Papers of a running session: the label of a bag or syringe."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from lowtide.documents import pdf
from lowtide.pathway.session.rules.containers import containers
from lowtide.pathway.session.views.common import seen
from lowtide.pathway.session.views.containers import label_about
from lowtide.people.banner import identity
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs


@needs(Permission.SEE_CHART)
@require_GET
def bag_label(request: Request, patient: UUID, session: UUID, container: UUID) -> HttpResponse:
    """The label alone, on a sheet of its size; the page itself where this machine cannot make PDF."""
    see = seen(request, patient, session)
    one = next((c for c in containers(see.facts) if c.id == container), None)
    if one is None:
        raise Http404("nothing that stands was made up under this label")
    about = {"patient": identity(request.person, see.found), **label_about(see, one)}
    return printed("bag_label", about, f"label-{one.body.code}")


def printed(template: str, about: dict[str, Any], name: str) -> HttpResponse:
    html = render_to_string(f"documents/{template}.html", about)
    try:
        made = pdf.from_html(html)
    except pdf.NoPango:
        return HttpResponse(html)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
