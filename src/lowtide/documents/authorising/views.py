"""Whether the payer agrees: what was asked, what became of it, what is to be done before it runs out."""

from collections.abc import Callable
from datetime import UTC
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.data.documents import bill
from lowtide.data.vocabulary import label
from lowtide.documents.authorising import actions, forms
from lowtide.pathway.course import consent, due_authorised
from lowtide.pathway.course.authorised import Case, Standing, cases, not_needed, present
from lowtide.pathway.course.state import CourseState, fold
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import zone
from lowtide.people.forms import sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record.chart import Chart
from lowtide.record.entries.papers import Coverage
from lowtide.record.entries.words import day, moment, summary
from lowtide.record.entries.words import label as kind_label

SHOWN = {
    Standing.ASKED: ("note", "Asked"),
    Standing.MORE: ("caution", "Wants more"),
    Standing.GRANTED: ("clear", "Agreed"),
    Standing.DENIED: ("hold", "Refused"),
    Standing.APPEALED: ("note", "Objected"),
    Standing.WITHDRAWN: ("unknown", "Closed"),
}
TITLES: dict[str, tuple[str, type[forms.AnswerForm] | type[forms.AppealedForm]]] = {
    "agreed": ("The payer agreed", forms.GrantedForm),
    "refused": ("The payer refused", forms.DeniedForm),
    "wants-more": ("The payer asks for more", forms.MoreForm),
    "closed": ("Close the request", forms.WithdrawnForm),
    "objected": ("We objected", forms.AppealedForm),
}
STEPS = {
    Standing.ASKED: ("agreed", "refused", "wants-more", "closed"),
    Standing.MORE: ("agreed", "refused", "wants-more", "closed"),
    Standing.APPEALED: ("agreed", "refused", "wants-more", "closed"),
    Standing.DENIED: ("objected", "agreed", "closed"),
    Standing.GRANTED: ("agreed", "closed"),
    Standing.WITHDRAWN: (),
}
BUTTONS = {
    "agreed": "Agreed",
    "refused": "Refused",
    "wants-more": "Wants more",
    "closed": "Close it",
    "objected": "Objected",
}


@needs(Permission.SEND_DOCUMENTS)
@require_GET
def overview(request: Request, patient: UUID) -> HttpResponse:
    """How it stands today, what is due, every request with its steps."""
    found = chart_for(request, patient, Permission.SEND_DOCUMENTS)
    state = fold(found.whole)
    every, today = cases(found.whole, state.doses), timezone.now().astimezone(zone()).date()
    known = found.whole.last(Coverage)
    about = {
        **patient_page(request, found),
        "coverage": known[1] if known else None,
        "payer_kind": bill().payer_kinds.get(known[1].payer_kind, known[1].payer_kind) if known else "",
        "now": _row(case) if (case := present(every, today)) else None,
        "waived": _waived(found, state),
        "due": [
            {"item": item, "by": day(item.due_at.astimezone(UTC).date().isoformat())}
            for item in due_authorised.of_the_payer(found.whole, state)
            if item.is_open(timezone.now())
        ],
        "rows": [_row(one) for one in reversed(every)],
        "reads_entries": request.person.can(Permission.SEE_CHART),
    }
    return render(request, "documents/authorisation.html", about)


def _waived(found: PatientChart, state: CourseState) -> dict[str, Any] | None:
    product = _product(state)
    said = not_needed(found.whole, product) if product else None
    return {"id": said[0].id, "at": moment(said[0].at, zone()), "why": said[0].reason} if said else None


def _product(state: CourseState) -> str:
    of = consent.scope_of(state.course) if state.course else None
    return of.product if of else ""


def _row(case: Case) -> dict[str, Any]:
    level, word = SHOWN[case.standing]
    names = names_of({case.entry.by, *(e.by for e, _ in case.steps)})
    return {
        "case": case,
        "level": level,
        "word": word,
        "product": label("product", case.asked.product),
        "last": day(case.last.isoformat()) if case.last else "",
        "steps": [
            {
                "id": entry.id,
                "at": moment(entry.at, zone()),
                "what": kind_label(entry),
                "text": summary(entry),
                "by": names[entry.by],
            }
            for entry in (case.entry, *(e for e, _ in case.steps))
        ],
        "acts": [(step, _button(case, step)) for step in STEPS[case.standing]],
    }


def _start(chart: Chart) -> dict[str, str | None]:
    """What the chart says of payer and product."""
    known = chart.last(Coverage)
    return {"payer": known[1].payer if known else "", "product": _product(fold(chart))}


def _button(case: Case, step: str) -> str:
    return "Other terms" if case.standing is Standing.GRANTED and step == "agreed" else BUTTONS[step]


@needs(Permission.SEND_DOCUMENTS)
@require_http_methods(["GET", "POST"])
def ask(request: Request, patient: UUID) -> HttpResponse:
    """A request went out."""
    found = chart_for(request, patient, Permission.SEND_DOCUMENTS)
    form = forms.AskedForm(request.POST or None, initial=_start(found.whole))
    return _written(
        request, found, form, "The payer was asked", lambda act, given: actions.asked(act, form.said())
    )


@needs(Permission.SEND_DOCUMENTS)
@require_http_methods(["GET", "POST"])
def waive(request: Request, patient: UUID) -> HttpResponse:
    """No agreement is needed."""
    found = chart_for(request, patient, Permission.SEND_DOCUMENTS)
    form = forms.NotNeededForm(request.POST or None, initial=_start(found.whole))
    return _written(
        request,
        found,
        form,
        "No agreement is needed",
        lambda act, given: actions.not_needed(act, form.said(), given["reason"]),
    )


@needs(Permission.SEND_DOCUMENTS)
@require_http_methods(["GET", "POST"])
def answer(request: Request, patient: UUID, asked: UUID, answer: str) -> HttpResponse:
    """What became of one request."""
    found = chart_for(request, patient, Permission.SEND_DOCUMENTS)
    one = next((c for c in cases(found.whole) if c.id == asked), None)
    if one is None or answer not in TITLES:
        raise Http404("no such request in this chart")
    title, kind = TITLES[answer]
    form: forms.AnswerForm | forms.AppealedForm = kind(
        request.POST or None, initial={"sessions": one.asked.sessions}
    )

    def do(act: actions.Act, given: dict[str, Any]) -> object:
        if isinstance(form, forms.AnswerForm):
            return actions.answered(act, form.said(asked))
        return actions.appealed(act, form.said(asked))

    about = f"{one.asked.payer}, {label('product', one.asked.product)}"
    return _written(request, found, form, title, do, about)


def _written(
    request: Request,
    found: PatientChart,
    form: django_forms.Form,
    title: str,
    do: Callable[[actions.Act, dict[str, Any]], object],
    about: str = "",
) -> HttpResponse:
    back = reverse("documents:authorisation", args=[found.patient_id])

    def write(given: dict[str, Any]) -> None:
        do(
            actions.Act(
                person=request.person,
                patient=found.patient_id,
                entry_id=given["entry_id"],
                now=timezone.now(),
            ),
            given,
        )

    if sent(form, request.method, write):
        messages.success(request, "Recorded.")
        return redirect(back)
    page = {
        **patient_page(request, found),
        "form": form,
        "title": title,
        "about": about,
        "writes": f"“{title.lower()}”, with your name and the time",
        "back": back,
    }
    return render(request, "documents/authorisation_step.html", page, status=status(form))
