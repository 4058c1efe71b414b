"""The pages of the inbox: what waits for a patient, each thing by itself, and filing it."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.exchange import inbox
from lowtide.exchange.fhir.mapping.parts import title
from lowtide.exchange.fhir.placement import INBOX
from lowtide.exchange.fhir.reader import decode
from lowtide.exchange.fhir.references import is_about_patients
from lowtide.exchange.inbox import Item
from lowtide.exchange.pages.forms import FileIntoForm
from lowtide.people.charts import log_reading, stream_of
from lowtide.people.forms import add_problems
from lowtide.people.models import PatientIndex
from lowtide.people.patients import search
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.clinic import Received
from lowtide.record.entries.words import day

PER_PAGE = 50
SHOWN_PATIENTS = 12


@needs(Permission.IMPORT)
@require_GET
def waiting(request: Request) -> HttpResponse:
    """What arrived and is no known patient's; the newest first."""
    stream = store.load(INBOX)
    for_patients, others = inbox.unfiled(stream)
    about_none = request.GET.get("show") == "others"
    page = Paginator(others if about_none else for_patients, PER_PAGE).get_page(request.GET.get("page"))
    log_reading(request, INBOX, allowed=True)
    about = {
        "page": page,
        "rows": [_row(stream, item) for item in page.object_list],
        "waiting": len(for_patients),
        "others": len(others),
        "about_none": about_none,
        "query": "show=others&" if about_none else "",
    }
    return render(request, "exchange/inbox.html", about)


@needs(Permission.IMPORT)
@require_http_methods(["GET", "POST"])
def one(request: Request, item: UUID) -> HttpResponse:
    """One thing as it arrived, and the patients it could belong to."""
    stream = store.load(INBOX)
    found = inbox.item(stream, item)
    if found is None:
        raise Http404("nothing of that kind in the inbox")
    form = FileIntoForm(request.POST or None, initial={"entry_id": uuid4()})
    if request.method == "POST" and form.is_valid():
        patient = form.cleaned_data["patient"]
        try:
            inbox.file_into(item, stream_of(patient), request.person.by, now=timezone.now())
        except BadInput as error:
            add_problems(form, error)
        else:
            messages.success(request, "Filed. It stands in the chart now, and the inbox says so.")
            return redirect("exchange:resources", patient)
    log_reading(request, INBOX, allowed=True, detail=str(item))
    typed = request.GET.get("q", "").strip()
    about = {
        "row": _row(stream, found),
        "json": pretty(found[1].json),
        "form": form,
        "typed": typed,
        "patients": [_patient(row) for row in search.find(typed)[:SHOWN_PATIENTS]] if typed else [],
        "fileable": is_about_patients(found[1].resource_type),
        "filed": all(found[0].id != entry.id for part in inbox.unfiled(stream) for entry, _ in part),
    }
    return render(request, "exchange/inbox_item.html", about, status=422 if form.errors else 200)


def _row(stream: Chart, found: Item) -> dict[str, Any]:
    entry, body = found
    resource = decode(body.json)
    file = stream.entries.get(UUID(entry.origin.rpartition("/")[2])) if entry.origin else None
    return {
        "id": entry.id,
        "type": body.resource_type,
        "what": title(resource),
        "resource_id": body.resource_id,
        "system": body.system,
        "why": body.kept_because,
        "at": entry.recorded_at,
        "by": names_of({entry.by})[entry.by],
        "file": file.body.name if file and isinstance(file.body, Received) else "",
    }


def _patient(row: PatientIndex) -> dict[str, Any]:
    return {
        "id": row.stream.partition(":")[2],
        "name": f"{row.given} {row.family}".strip(),
        "born": day(row.birth_date) if row.birth_date else "not known",
        "sex": row.sex,
        "number": row.number,
    }


def pretty(text: str) -> str:
    """JSON laid out for reading; numbers and order stay as they are."""
    return msgspec.json.format(text.encode(), indent=2).decode()
