"""The pages of the medicines: the reconciled list, one line of it, and the patient’s paper before a visit."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lowtide.pathway.evaluate.asking.actions import Act
from lowtide.pathway.evaluate.reconciling import actions
from lowtide.pathway.evaluate.reconciling.lines import Line, Medicines, medicines
from lowtide.pathway.evaluate.reconciling.names import search
from lowtide.pathway.plan.medicines import forms, page
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import clinic_chart, zone
from lowtide.people.forms import EntryForm, add_problems
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput
from lowtide.record.entries.base import Entry

ASKED_AND_KNOWN = "matched by hand"


@needs(Permission.SEE_CHART)
@require_GET
def reconciled(request: Request, patient: UUID) -> HttpResponse:
    """Every medicine as one line, what it means here, and who went through them when."""
    return _list(request, chart_for(request, patient))


@needs(Permission.WRITE_HISTORY)
@require_POST
def reconcile(request: Request, patient: UUID) -> HttpResponse:
    """Record that all medicines were gone through."""
    found = chart_for(request, patient, Permission.WRITE_HISTORY)
    form = forms.ReconcileForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        act = _act(request, found, said["entry_id"])
        if _done(
            form, lambda: actions.reconcile(act, said["mark"], whole=said["whole"], note=said["note"] or None)
        ):
            messages.success(request, "Reconciled, in your name and with today’s date.")
            return redirect("plan:medicines", patient=patient)
    return _list(request, found, form)


@needs(Permission.SEE_CHART)
@require_GET
def one(request: Request, patient: UUID, line: str) -> HttpResponse:
    """One medicine: who says what, and the ways to settle it."""
    found = chart_for(request, patient)
    return _one(request, found, _line(found, line))


@needs(Permission.WRITE_HISTORY)
@require_POST
def settle(request: Request, patient: UUID, line: str) -> HttpResponse:
    """Make one statement of a line: taken, changed, stopped, never taken."""
    found = chart_for(request, patient, Permission.WRITE_HISTORY)
    seen = _line(found, line)
    form = forms.SettleForm(request.POST, line=seen, sources=_sources(seen))
    if not form.is_valid():
        return _one(request, found, seen, settling=form)
    said = form.cleaned_data
    settling = actions.Settling(
        choice=said["choice"],
        stands=UUID(said["stands"]),
        reason=said["reason"],
        dose=said["dose"] or None,
        daily_dose_mg=said["daily_dose_mg"],
        stopped=said["stopped"],
    )
    act = _act(request, found, said["entry_id"])
    if not _done(form, lambda: actions.settle(act, line, settling)):
        return _one(request, found, seen, settling=form)
    messages.success(request, f"{seen.name}: settled. The old entries stay in the record.")
    return redirect("plan:medicines", patient=patient)


@needs(Permission.WRITE_HISTORY)
@require_POST
def match(request: Request, patient: UUID, line: str) -> HttpResponse:
    """Say which medicine of the code table this is."""
    found = chart_for(request, patient, Permission.WRITE_HISTORY)
    form = forms.MatchForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        act = _act(request, found, said["entry_id"])
        reason = said["reason"] or ASKED_AND_KNOWN
        if _done(form, lambda: actions.match(act, line, [said["name"]], reason)):
            messages.success(request, f"Matched to {said['name']}, in your name.")
            return redirect("plan:medicines", patient=patient)
    return _one(request, found, _line(found, line), matching=form)


@needs(Permission.REVIEW_RESULT)
@require_POST
def dismiss(request: Request, patient: UUID, line: str) -> HttpResponse:
    """Record by name that a medicine nobody recognises does not matter here."""
    found = chart_for(request, patient, Permission.REVIEW_RESULT)
    form = forms.DismissForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        act = _act(request, found, said["entry_id"])
        if _done(form, lambda: actions.dismiss(act, line, said["reason"])):
            messages.success(request, "Recorded in your name: it does not matter here.")
            return redirect("plan:medicines", patient=patient)
    return _one(request, found, _line(found, line), dismissing=form)


@needs(Permission.SEE_CHART)
@require_GET
def before_visit(request: Request, patient: UUID) -> HttpResponse:
    """The patient’s paper: what the clinic has told them about their medicines before the next visit."""
    found = chart_for(request, patient)
    seen, at = medicines(found.chart, timezone.now()), _scene(found)
    about = {
        **patient_page(request, found, "plan"),
        "scene": at,
        "session_at": page.clock(at.session.astimezone(at.zone)) if at.session else "",
        "held": page.reminders(seen.taken, at),
        "others": [page.name(line) for line in seen.taken if not any(h.timed for h in page.held(line, at))],
        "unsettled": len(seen.open),
        "unverified": any(not h.verified for line in seen.taken for h in page.held(line, at) if h.timed),
    }
    return render(request, "plan/before_visit.html", about)


# -- what the pages are made from -----------------------------------------------------------------------------


def _list(request: Request, found: PatientChart, form: forms.ReconcileForm | None = None) -> HttpResponse:
    seen, at = medicines(found.chart, timezone.now()), _scene(found)
    names = names_of(_people(seen))
    about = {
        **patient_page(request, found, "medicines"),
        "seen": seen,
        "last_by": names[seen.last.by] if seen.last else "",
        "rows": page.rows(seen.taken, at, names),
        "none_taken": page.none_taken(found.chart, at.zone),
        "gone": [page.shown(line, at, names) for line in seen.gone],
        "treatment": page.treatment_words(at.asked),
        "scene": at,
        "session_at": page.clock(at.session.astimezone(at.zone)) if at.session else "",
        "held": page.reminders(seen.taken, at),
        "form": form or forms.ReconcileForm(initial={"mark": medicines(found.whole, timezone.now()).mark}),
        **_may(request),
    }
    return render(request, "plan/medicines.html", about, status=422 if form else 200)


def _one(
    request: Request,
    found: PatientChart,
    line: Line,
    *,
    settling: forms.SettleForm | None = None,
    matching: forms.MatchForm | None = None,
    dismissing: forms.DismissForm | None = None,
) -> HttpResponse:
    at, typed = _scene(found), request.GET.get("q", "")
    names = names_of(_authors(line))
    about = {
        **patient_page(request, found, "medicines"),
        "row": page.shown(line, at, names),
        "typed": typed,
        "matches": [(guess, forms.MatchForm()) for guess in search(typed)],
        "guesses": [(guess, forms.MatchForm()) for guess in line.guesses],
        "settling": settling or forms.SettleForm(line=line, sources=_sources(line)),
        "matching": matching,
        "dismissing": dismissing or forms.DismissForm(),
        "scene": at,
        **_may(request),
    }
    failed = settling or matching or dismissing
    return render(request, "plan/medicine.html", about, status=422 if failed else 200)


def _sources(line: Line) -> list[tuple[str, str]]:
    """The entries of a line to choose from, each in words; the one that counts first."""
    ordered = sorted(line.told, key=lambda t: t is not line.chief)
    return [
        (
            str(t.entry.id),
            ", ".join(
                filter(None, (t.body.name, t.dose, page.SAID[t.body.status], f"{t.root.at:%-d %b %Y}"))
            ),
        )
        for t in ordered
    ]


def _line(found: PatientChart, key: str) -> Line:
    line = medicines(found.chart, timezone.now()).line(key)
    if line is None:
        raise Http404("no such medicine in this chart")
    return line


def _scene(found: PatientChart) -> page.Scene:
    return page.scene(found.whole, clinic_chart(), zone(), timezone.now())


def _people(seen: Medicines) -> set[str]:
    return {by for line in seen.lines for by in _authors(line)} | ({seen.last.by} if seen.last else set())


def _authors(line: Line) -> set[str]:
    return {by for t in line.told for by in (t.entry.by, t.root.by)}


def _may(request: Request) -> dict[str, Any]:
    can = request.person.can
    return {"may_write": can(Permission.WRITE_HISTORY), "may_dismiss": can(Permission.REVIEW_RESULT)}


def _act(request: Request, found: PatientChart, form_id: UUID) -> Act:
    return Act(
        person=request.person, patient_id=found.patient_id, form_id=form_id, zone=zone(), now=timezone.now()
    )


def _done(form: EntryForm, do: Callable[[], list[Entry]]) -> bool:
    """Do it; what is wrong goes beside its field."""
    try:
        do()
    except BadInput as error:
        add_problems(form, error)
        return False
    return True
