"""The comparison of three doses: a fragment of the dose sheet that comes after it, so that the sheet does not wait."""

from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from lowtide.pathway.course.banner import patient_context
from lowtide.pathway.plan import actions, comparing_page, ordering
from lowtide.people.charts import chart_for
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.problems import BadInput, bad


@needs(Permission.SEE_CHART)
def compare(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """A fragment for the dose sheet, a page of its own without script."""
    found, numbers, where = chart_for(request, patient), actions.limits(), zone()
    running = ordering.course(found.chart)
    if running is None or session not in ordering.session_numbers(found.chart, running):
        return redirect("plan:plan", patient=patient)
    today = timezone.now().astimezone(where).date()
    shown, problem = None, "It needs a weight."
    try:
        dose = _dose(request.GET.get("dose", ""))
        sheet = ordering.dose_sheet(found.chart, running, None, numbers, today, where, dose_value=dose)
        shown = comparing_page.context(found.chart, sheet, numbers, today, where)
    except BadInput as error:
        problem = f"{error.problems[0].what}. {error.problems[0].mend}"
    about = {"shown": shown, "problem": problem, "session": session}
    if request.headers.get("HX-Request"):
        return render(request, "plan/compare.html", about)
    page = patient_context(request, found, "plan") | {"patient_id": patient}
    return render(request, "plan/compare_page.html", page | about)


def _dose(typed: str) -> Decimal | None:
    """The dose that the sheet beside it is for; the protocol's own where none was chosen."""
    try:
        return Decimal(typed) if typed else None
    except InvalidOperation:
        raise bad(f"“{typed}” is no dose", "dose", "Choose one on the dose sheet.") from None
