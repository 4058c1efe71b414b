"""The pages of outcomes: whether it helped, the questionnaire, and what was done about a raised answer."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.data.instruments import Instrument
from lowtide.pathway.course import front_page, words
from lowtide.pathway.course.banner import patient_context
from lowtide.pathway.course.due import due
from lowtide.pathway.course.raised_forms import raised_at_the_chair
from lowtide.pathway.course.scores import course_measure
from lowtide.pathway.course.state import CourseState, fold
from lowtide.pathway.outcomes import actions, page, questionnaire
from lowtide.pathway.outcomes.actions import Answerer, Given, is_whole
from lowtide.pathway.outcomes.forms import CorrectionForm, ReviewForm
from lowtide.pathway.outcomes.risk import Risk, risks
from lowtide.pathway.outcomes.scales import known
from lowtide.pathway.outcomes.trajectory import whole
from lowtide.pathway.outcomes.wording import worded
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import clinic_chart, this_clinic, zone
from lowtide.people.forms import add_problems
from lowtide.people.models import StaffIndex
from lowtide.people.roles import Permission, permissions
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput
from lowtide.record import access_log
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.care import Answers, RiskReviewed, Total
from lowtide.record.entries.goals import GoalRated

DESK_MODES = (("paper", "Copied from paper"), ("interview", "Asked aloud"))


@needs(Permission.SEE_CHART)
@require_GET
def outcomes(request: Request, patient: UUID) -> HttpResponse:
    """Score over severity bands, response and remission, each form, and how risks were handled."""
    chart, now, here = chart_for(request, patient), timezone.now(), zone()
    state = fold(chart.chart)
    raised = [r for r in _risks(chart, state) if r.closed or r.is_open(now)]
    items = due(chart.chart, state)
    raters = {entry.by for entry, _ in chart.chart.said(GoalRated)}
    names = names_of({*(s.by for s in state.scores), *_people(raised), *raters})
    about = {
        **patient_context(request, chart, "outcomes"),
        **whole.about(chart.chart, state, items, names, now, here),
        "measure": state.measure,
        "verdict": page.verdict(state, here),
        "sheet": front_page.course_sheet(state, items, now, here),
        "scores": page.scores(state, names, here, now),
        "risks": page.risk_rows(raised, names, request.person, here, now),
        "waiting": any(r.is_open(now) for r in raised),
        "may_score": request.person.can(Permission.SCORE),
        "may_close": request.person.can(Permission.CLOSE_RISK),
    }
    return render(request, "outcomes/outcomes.html", about)


def _risks(chart: PatientChart, state: CourseState) -> tuple[Risk, ...]:
    return risks(chart.chart, state.measure, state.response.outcome)


def _people(raised: Sequence[Risk]) -> set[str]:
    return {who for risk in raised for step in risk.trail for who in (step.by, step.owner)}


# -- the questionnaire -------------------------------------------------------------------------------------------


@needs(Permission.SCORE)
@require_http_methods(["GET", "POST"])
def measure(request: Request, patient: UUID) -> HttpResponse:
    """The questionnaire at the desk, copied from paper or asked aloud; each answer is kept as it is given."""
    chart = chart_for(request, patient, Permission.SCORE)
    mode = request.POST.get("mode", "paper")
    who = Answerer(request.person.by, Source.MANUAL, mode if mode in dict(DESK_MODES) else "paper")
    got = questionnaire.handle(request, chart, course_measure(), who, timezone.now())
    if isinstance(got, HttpResponse):
        return got
    if isinstance(got, questionnaire.Asked):
        about = {**patient_context(request, chart, "outcomes"), "modes": DESK_MODES, "mode": mode}
        return _ask(request, "outcomes/phq9.html", about, got)
    return _scored(request, chart, got)


@needs(Permission.SCORE)
@require_http_methods(["GET", "POST"])
def tablet(request: Request, patient: UUID) -> HttpResponse:
    """The questionnaire on a tablet in the patient's hands: one question a screen, nothing of the chart on it."""
    chart = chart_for(request, patient, Permission.SCORE)
    who = Answerer(request.person.by, Source.PATIENT, "tablet")
    got = questionnaire.handle(request, chart, course_measure(), who, timezone.now())
    if isinstance(got, HttpResponse):
        return got
    about: dict[str, Any] = {"patient_id": patient, "clinic": this_clinic()}
    if isinstance(got, questionnaire.Asked):
        return _ask(request, "outcomes/tablet.html", about, got)
    raised = questionnaire.is_raised(got, course_measure())
    about |= {"raised": raised, "help": questionnaire.help_here(timezone.now())}
    return render(request, "outcomes/tablet_done.html", about)


def _ask(request: Request, template: str, about: dict[str, Any], asked: questionnaire.Asked) -> HttpResponse:
    about = {**about, **questionnaire.page(course_measure(), asked, timezone.now())}
    return render(request, template, about, status=asked.status)


def _scored(request: Request, chart: PatientChart, entry: Entry) -> HttpResponse:
    """What the form said, and straight on to a raised answer."""
    measure = course_measure()
    state = fold(chart_for(request, chart.patient_id).chart)
    score = next(s for s in state.scores if s.entry == entry.id)
    left = (
        f"{len(entry.body.items)} of {len(measure.ids)} answers kept; there is no total until all are there."
    )
    messages.success(
        request, f"{measure.name} {score.total}, {score.band}." if score.total is not None else left
    )
    if questionnaire.is_raised(entry, measure):
        return redirect("outcomes:risk", chart.patient_id, score.form)
    return redirect("outcomes:outcomes", chart.patient_id)


@needs(Permission.SCORE)
@require_http_methods(["GET", "POST"])
def correct(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """Put a mistyped answer right; the old answers stay readable."""
    chart = chart_for(request, patient, Permission.SCORE)
    standing, measure = _answers(chart, entry)
    form, missing = CorrectionForm(request.POST or None), False
    given = Given(standing.body.items, standing.body.not_applicable)
    if request.method == "POST":
        try:
            given = questionnaire.answers_in(measure, request.POST)
            missing = not is_whole(measure, given.items, given.not_applicable)
            if form.is_valid() and not missing:
                reason, entry_id = form.cleaned_data["reason"], form.cleaned_data["entry_id"]
                actions.correct(standing, given, reason, request.person.by, timezone.now(), entry_id)
                messages.success(request, "Corrected. The earlier answers stay readable in the record.")
                return redirect(_page_of(measure), patient)
        except BadInput as error:
            add_problems(form, error)
    spoken = worded(measure, clinic_chart(), timezone.localdate(), standing.body.window)
    about = {
        **patient_context(request, chart, "outcomes"),
        "measure": spoken,
        "asked": questionnaire.Asked(entry, dict(given.items), missing=missing),
        "questions": questionnaire.shown(spoken, given.items, missing, given.not_applicable),
        "form": form,
        "back": reverse(_page_of(measure), args=[patient]),
    }
    return render(request, "outcomes/correct.html", about, status=422 if request.method == "POST" else 200)


def _page_of(measure: Instrument) -> str:
    return "outcomes:outcomes" if measure.id == course_measure().id else "outcomes:scales"


def _answers(chart: PatientChart, entry: UUID) -> tuple[Entry, Instrument]:
    """The standing version of a form, and what was asked in it."""
    if entry not in chart.chart.entries:
        raise Http404("no such form for you")
    standing = chart.chart.line(entry)[-1]
    measure = known(standing.body.instrument) if isinstance(standing.body, Answers) else None
    if measure is None:
        raise Http404("no such form for you")
    return standing, measure


# -- raised answers ----------------------------------------------------------------------------------------------


@needs(Permission.CLOSE_RISK)
@require_http_methods(["GET", "POST"])
def risk(request: Request, patient: UUID, form: UUID) -> HttpResponse:
    """One raised answer: who has it, by when, what was done, and how it ends."""
    chart = chart_for(request, patient, Permission.CLOSE_RISK)
    standing, state = _form(chart, form), fold(chart.chart)
    raised = next((r for r in _risks(chart, state) if r.form == form), None)
    if request.method == "POST" and "take" in request.POST and raised:
        return _take(request, chart, standing)
    review = ReviewForm(request.POST or None, staff=_colleagues(request), is_raised=raised is not None)
    if request.method == "POST" and review.is_valid():
        try:
            return _review(request, chart, standing, review, raised)
        except BadInput as error:
            add_problems(review, error)
    about = {
        **patient_context(request, chart, "outcomes"),
        **_raised(request, chart, state, raised, form),
        "form": review,
        "contact": chart.patient.contact,
    }
    return render(request, "outcomes/risk.html", about, status=422 if request.method == "POST" else 200)


def _form(chart: PatientChart, form: UUID) -> Entry:
    """A version of the form that is in the chart, withdrawn ones included; or what raised the patient at the chair."""
    chair = {risk.form for risk, _ in raised_at_the_chair(chart.chart)}
    known = chart.chart.entries.get(form)
    if known is None or not (isinstance(known.body, Answers | Total) or form in chair):
        raise Http404("no such form for you")
    return chart.chart.entries[form]


def _raised(
    request: Request, chart: PatientChart, state: CourseState, raised: Risk | None, form: UUID
) -> dict[str, Any]:
    """The risk behind the form, or nothing where the form drifts without one."""
    now, here = timezone.now(), zone()
    found = (raised,) if raised else ()
    names = names_of(_people(found))
    rows = page.risk_rows(found, names, request.person, here, now)
    drift = next((i for i in due(chart.chart, state) if i.task.name == "drift" and i.subject == form), None)
    return {
        "risk": rows[0] if rows else None,
        "drift": drift,
        "seen_by": _seen_by(chart, form, here, now),
        "take_id": uuid4(),
        "measure": state.measure,
        "clinic": this_clinic(),
    }


def _seen_by(chart: PatientChart, form: UUID, here: tzinfo, now: datetime) -> list[tuple[str, str]]:
    """Who has opened this task, each at the first time: what the access log says."""
    lines = access_log.lines(streams=[chart.stream]).filter(
        action__endswith=f"/outcomes/{form}/risk", allowed=True
    )
    first = {line.person: line.at for line in lines}
    names = names_of(set(first))
    return [(names[who], words.when(at, here, now)) for who, at in sorted(first.items(), key=lambda p: p[1])]


def _take(request: Request, chart: PatientChart, standing: Entry) -> HttpResponse:
    """Whoever presses it has the task from now on; it stays open."""
    try:
        entry_id = UUID(request.POST.get("entry_id", ""))
    except ValueError:
        raise Http404("this button has no id") from None
    said = RiskReviewed(answers=standing.id, action="Took it", closed=False)
    actions.review(standing.stream, said, request.person.by, timezone.now(), entry_id)
    messages.success(request, "It is yours. Write what you do as you do it.")
    return redirect("outcomes:risk", chart.patient_id, chart.chart.line(standing.id)[0].id)


def _review(
    request: Request, chart: PatientChart, standing: Entry, review: ReviewForm, raised: Risk | None
) -> HttpResponse:
    said = review.said(standing.id)
    entry_id = review.cleaned_data["entry_id"]
    actions.review(standing.stream, said, request.person.by, timezone.now(), entry_id, raised)
    messages.success(
        request, "Written. The task is closed." if said.closed else "Written. The task stays open."
    )
    return redirect("outcomes:outcomes", chart.patient_id)


def _colleagues(request: Request) -> list[tuple[str, str]]:
    """Who else may act on a raised answer."""
    return [
        (f"staff:{row.key}", row.name)
        for row in StaffIndex.objects.filter(active=True).order_by("name")
        if Permission.CLOSE_RISK in permissions(tuple(row.roles.split()))
        and f"staff:{row.key}" != request.person.by
    ]
