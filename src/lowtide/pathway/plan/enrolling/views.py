"""Pages of risk programmes: the site's certification among the clinic's facts, the enrolment beside the plan."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lowtide.data.programs import country, programs
from lowtide.pathway.course.programs import certified, enrolled
from lowtide.pathway.plan.enrolling import actions, page
from lowtide.pathway.plan.enrolling.forms import EnrolmentForm, SiteForm
from lowtide.people.banner import patient_page
from lowtide.people.charts import chart_for
from lowtide.people.clinic import CLINIC
from lowtide.people.forms import sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record import store
from lowtide.record.entries.base import Body, Entry


@needs(Permission.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def site_programs(request: Request) -> HttpResponse:
    """What the clinic's country asks for, and the site's certifications."""
    clinic = store.load(CLINIC)
    latest = _latest(*(certified(clinic, key) for key in programs()))
    correcting = request.GET.get("correct") == "1" and latest is not None
    form = SiteForm(request.POST or None, correcting=correcting, initial=_initial(latest, correcting))

    def act(said: dict[str, Any]) -> None:
        old = actions.shown(clinic, said.get("corrects"))
        more = {"corrects": old, "reason": said.get("reason", ""), "now": timezone.now()}
        actions.certify(request.person, said["entry_id"], form.body(), **more)

    if sent(form, request.method, act):
        messages.success(request, "Recorded.")
        return redirect("plan:site_programs")
    about = {
        "form": form,
        "rows": _named(page.site_rows()),
        "here": page.rule_here(page.here()),
        "row": country(page.here()),
        "correcting": correcting,
    }
    return render(request, "plan/site_programs.html", about, status=status(form))


@needs(Permission.BOOK)
@require_http_methods(["GET", "POST"])
def enrolment(request: Request, patient: UUID) -> HttpResponse:
    """The patient's enrolment: whoever books records it, without seeing the care."""
    found = chart_for(request, patient, Permission.BOOK)
    latest = _latest(*(enrolled(found.whole, key) for key in programs()))
    correcting = request.GET.get("correct") == "1" and latest is not None
    form = EnrolmentForm(request.POST or None, correcting=correcting, initial=_initial(latest, correcting))

    def act(said: dict[str, Any]) -> None:
        old = actions.shown(found.whole, said.get("corrects"))
        more = {"corrects": old, "reason": said.get("reason", ""), "now": timezone.now()}
        actions.enrol(request.person, said["entry_id"], found.stream, form.body(), **more)

    if sent(form, request.method, act):
        messages.success(request, "The enrolment is recorded.")
        return redirect("plan:enrolment", patient=patient)
    about = {
        **patient_page(request, found, "plan"),
        "form": form,
        "latest": latest,
        "by": names_of({latest[0].by})[latest[0].by] if latest else "",
        "here": page.rule_here(page.here()),
        "row": country(page.here()),
        "correcting": correcting,
        "back": _back(request, patient),
    }
    return render(request, "plan/enrolment.html", about, status=status(form))


def _back(request: Request, patient: UUID) -> str:
    seeing = request.person.can(Permission.SEE_CHART)
    return reverse("plan:plan", args=[patient]) if seeing else reverse("people:who", args=[patient])


def _latest(*found: tuple[Entry, Any] | None) -> tuple[Entry, Body] | None:
    return max((f for f in found if f), key=lambda pair: pair[0].order, default=None)


def _initial(latest: tuple[Entry, Body] | None, correcting: bool) -> dict[str, Any]:
    """An empty form, or what stands as the start of its correction."""
    stood = {**msgspec.structs.asdict(latest[1]), "corrects": latest[0].id} if latest and correcting else {}
    return {"entry_id": uuid4(), **stood}


def _named(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = names_of({row["latest"][0].by for row in rows if row["latest"]})
    return [{**row, "by": names[row["latest"][0].by] if row["latest"] else ""} for row in rows]
