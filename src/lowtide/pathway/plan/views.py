"""The pages of planning: the course, the day's weight, and the dose sheet that is signed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lowtide.data.giving import way
from lowtide.data.protocols import Protocol
from lowtide.pathway.course.approved_here import approved_here
from lowtide.pathway.course.banner import patient_context
from lowtide.pathway.course.ordered import in_short
from lowtide.pathway.course.settled import told
from lowtide.pathway.course.state import fold
from lowtide.pathway.plan import actions, choosing, forecast_page, forms, looking_again, ordering
from lowtide.pathway.plan.consenting.views import state as consent_state
from lowtide.pathway.plan.dose import needs_weight
from lowtide.pathway.plan.enrolling.page import standing
from lowtide.pathway.plan.page import (
    arithmetic,
    blocked,
    chain,
    checks_shown,
    course_rows,
    next_dose,
    numbers_behind,
    protocol_shown,
    therapy_rows,
)
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs, person_of
from lowtide.problems import BadInput, refuse
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CandidacyDecided, CoursePlanned, CourseReviewed, OrderSigned
from lowtide.record.entries.history import Measurement, Medicine, ProblemStatus
from lowtide.science.units import plain


@needs(Permission.SEE_CHART)
def plan(request: Request, patient: UUID) -> HttpResponse:
    """The running course with its sessions, or the choice of one."""
    found = chart_for(request, patient)
    running = ordering.course(found.chart)
    if running:
        rows = course_rows(found.chart, running, patient, zone(), timezone.now())
        weighed, may_sign = needs_weight(ordering.followed(running)), request.person.can(Permission.ORDER)
        following = next_dose(rows, patient, may_sign=may_sign, weighed=weighed)
        return _page(
            request,
            found,
            "plan/course.html",
            running=running,
            settled=told(running.settled) if running.settled else [],
            rows=rows,
            therapy=therapy_rows(running, zone(), timezone.now()),
            may_book=request.person.can(Permission.BOOK),
            following=following,
            **consent_state(found.chart),
            **_review(request, found),
        )
    return _choose(request, found)


def _review(request: Request, found: PatientChart) -> dict[str, Any]:
    """What stopping and review rules found, what was said to it, and the form to say it."""
    state = fold(found.chart)
    waiting, may = (
        choosing.waiting(found.chart, state, approved_here(), timezone.now(), zone()),
        request.person.can(Permission.DECIDE),
    )
    return {
        "waiting": waiting,
        "going_on": choosing.going_on(found.chart, state, approved_here(), zone()),
        "review_first": bool(waiting) and may,
        "reviewed": [(e, b) for e, b in reversed(found.chart.said(CourseReviewed))],
        "review_form": forms.ReviewForm() if may else None,
        "medicines": [m for _, m in found.chart.said(Medicine) if m.status is ProblemStatus.ACTIVE],
    }


@needs(Permission.DECIDE)
@require_POST
def review(request: Request, patient: UUID) -> HttpResponse:
    """Record what a clinician decides on the findings that stood on the page."""
    found, form = chart_for(request, patient), forms.ReviewForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        act = _act(request, found, given["entry_id"])
        try:
            actions.review_course(act, tuple(request.POST.getlist("rule")), given["choice"], given["reason"])
        except BadInput as error:
            problem = error.problems[0]
            messages.error(request, f"{problem.what[0].upper()}{problem.what[1:]}. {problem.mend}")
        else:
            messages.success(request, "The review is recorded.")
    else:
        messages.error(request, "Choose a decision and say why; nothing was recorded.")
    return redirect("plan:plan", patient=patient)


def _choose(request: Request, found: PatientChart) -> HttpResponse:
    decided = ordering.candidacy(found.chart)
    treatable = decided is not None and decided.decision in ordering.MAY_BE_TREATED
    options = (
        forms.fitting(decided.indication, decided.product, decided.route) if decided and treatable else []
    )
    today = timezone.now().astimezone(zone()).date()
    route = decided.route if decided else ""
    form = forms.CourseForm(request.POST or None, fitting=options, today=today, route=route)
    if request.method == "POST" and form.is_valid() and request.person.can(Permission.DECIDE):
        given = form.cleaned_data
        act = _act(request, found, given["entry_id"])
        try:
            if "show" in request.POST:
                made = actions.proposed(act, given["protocol"], given["start"], form.settled())
                about = _choice(request, found, form, decided, options)
                return _page(request, found, "plan/choose.html", **about, made=made)
            actions.plan_course(
                act,
                given["protocol"],
                given["start"],
                given["goal"],
                with_therapy=given["with_therapy"],
                settled=form.settled(),
            )
        except BadInput as error:
            _into(form, error)
        else:
            messages.success(request, "The course is planned. Next: weigh and sign the first dose.")
            return redirect("plan:plan", patient=found.patient_id)
    return _page(request, found, "plan/choose.html", **_choice(request, found, form, decided, options))


def _choice(
    request: Request,
    found: PatientChart,
    form: forms.CourseForm,
    decided: CandidacyDecided | None,
    options: list[Protocol],
) -> dict[str, Any]:
    return {
        **consent_state(found.chart),
        "form": form,
        "decided": decided,
        "treatable": decided is not None and decided.decision in ordering.MAY_BE_TREATED,
        "options": options,
        "about": [protocol_shown(plan) for plan in options],
        "may_decide": request.person.can(Permission.DECIDE),
    }


@needs(Permission.WRITE_HISTORY)
def weight(request: Request, patient: UUID) -> HttpResponse:
    """Record the measured weight and go back to where it was asked for."""
    found = chart_for(request, patient)
    form = forms.WeightForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            again = plain(given["again"]) if given["again"] else ""
            (kept,) = actions.record_weight(
                _act(request, found, given["entry_id"]),
                plain(given["value"]),
                given["unit"],
                given["device"],
                again,
            )
        except BadInput as error:
            _into(form, error, {"weight": "value", "weight_kg": "value"})
        else:
            messages.success(request, f"Recorded {_weight_text(kept)}.")
            return redirect(_back(request, patient))
    return _page(
        request,
        found,
        "plan/weight.html",
        form=form,
        back=_back(request, patient),
        last=ordering.weighed(found.chart, _today(), zone()),
    )


def _weight_text(entry: Entry) -> str:
    """The weight in kg, beside what the scale showed where that was another unit."""
    assert isinstance(entry.body, Measurement)
    kg = f"{plain(round(entry.body.value, 1))} kg"
    read = f"{plain(entry.body.read_value)} {entry.body.read_unit}" if entry.body.read_value else kg
    return kg if entry.body.read_unit in (None, "kg") else f"{read}, which is {kg}"


@needs(Permission.SEE_CHART)
def order(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """The dose sheet of one session: worked out for the vial in hand, and signed by a prescriber."""
    found = chart_for(request, patient)
    running = ordering.course(found.chart)
    numbers = ordering.session_numbers(found.chart, running) if running else {}
    if running is None or session not in numbers:
        return redirect("plan:plan", patient=patient)
    asked = forms.in_hand(ordering.followed(running), request.GET or None)
    chosen = choosing.standing(found.chart, running, asked.chosen(), approved_here(), timezone.now())
    sheet, problem = _sheet(found, running, asked, chosen)
    standing = ordering.order_of(found.chart, session)
    beside = forecast_page.now(found.chart, sheet, _today(), zone())
    may = request.person.can(Permission.ORDER) and session not in ordering.begun(found.chart)
    signing = _signing(request, sheet, beside, chosen, replaces=standing is not None) if may else None
    if request.method == "POST" and signing and signing.is_valid():
        done = _sign(request, found, session, asked, signing, beside)
        if done:
            return done
    return _page(
        request,
        found,
        "plan/order.html",
        running=running,
        number=numbers[session],
        session=session,
        asked=asked,
        sheet=sheet,
        problem=problem,
        chain=chain(sheet) if sheet else [],
        checks=checks_shown(sheet) if sheet else [],
        numbers=numbers_behind(sheet) if sheet else [],
        standing=standing,
        signing=signing,
        may_order=may,
        titration=choosing.block(chosen) if chosen and session not in ordering.begun(found.chart) else None,
        blocked=blocked(sheet) if sheet else "",
        way=way(ordering.followed(running).product, ordering.followed(running).route),
        arithmetic=arithmetic(sheet, actions.limits()) if sheet else [],
        ordered=in_short(standing[1]) if standing else "",
        sheet_dose=f"{chosen.dose:f}" if chosen and chosen.dose is not None else "",
        **_forecast(found, standing, beside, signing, other=asked.chosen() is not None),
        **_weight(request, found, needed=needs_weight(ordering.followed(running))),
    )


def _sheet(
    found: PatientChart, running: CoursePlanned, asked: forms.InHandForm, chosen: choosing.Chosen | None
) -> tuple[ordering.DoseSheet | None, str]:
    """The sheet for the vial in hand, or in words why it cannot be made."""
    try:
        preparation = asked.preparation() if asked.is_bound and asked.is_valid() else None
        limits, known, dose = actions.limits(), approved_here(), chosen.dose if chosen else None
        made = ordering.dose_sheet(found.chart, running, preparation, limits, _today(), zone(), known, dose)
    except BadInput as error:
        return None, f"{error.problems[0].what}. {error.problems[0].mend}"
    return made, ""


def _forecast(
    found: PatientChart,
    standing: tuple[Entry, OrderSigned] | None,
    beside: forecast_page.Beside,
    signing: forms.SignForm | None,
    *,
    other: bool,
) -> dict[str, Any]:
    """What is being signed beside, or what the standing order was signed beside: never that beside `other` doses."""
    stood = (
        forecast_page.then(found.chart, standing[0].id) if standing and not signing and not other else None
    )
    shown = stood or beside.forecast
    return {
        "forecast": forecast_page.context(shown) if shown else None,
        "stood_at": standing[0].at if standing and stood else None,
        "no_forecast": beside.problem,
    }


def _signing(
    request: HttpRequest,
    sheet: ordering.DoseSheet | None,
    beside: forecast_page.Beside,
    chosen: choosing.Chosen | None,
    *,
    replaces: bool,
) -> forms.SignForm | None:
    """The form of the signature; None while the sheet is not worked out."""
    if sheet is None or sheet.mg is None:
        return None
    return forms.SignForm(
        request.POST if request.method == "POST" else None,
        initial={"seen_mg": plain(sheet.mg), "seen_forecast": beside.mark},
        replaces=replaces,
        otherwise=bool(chosen and chosen.needs_reason),
        far=looking_again.far(chosen, actions.limits()),
        second=sheet.second_person is not None,
    )


def _sign(
    request: Request,
    found: PatientChart,
    session: UUID,
    asked: forms.InHandForm,
    signing: forms.SignForm,
    beside: forecast_page.Beside,
) -> HttpResponse | None:
    given = signing.cleaned_data
    try:
        forecast_page.refuse_another(given["seen_forecast"], beside)
        actions.sign_order(
            _act(request, found, given["entry_id"]),
            session,
            asked.preparation(),
            seen_mg=given["seen_mg"],
            printed_name=given["printed_name"],
            second_person=_second(request, given),
            reason=given.get("reason", ""),
            forecast=beside.forecast,
            dose=asked.chosen(),
            dose_because=given.get("dose_because", ""),
            dose_again=given.get("dose_again"),
        )
    except BadInput as error:
        _into(signing, error)
        return None
    messages.success(request, f"Signed: {plain(given['seen_mg'])} mg. The nurse can start the time-out.")
    return redirect("plan:plan", patient=found.patient_id)


def _second(request: Request, given: dict[str, Any]) -> str | None:
    """The second person, by their own sign-in; somebody who charts or orders, and not the signer."""
    if not given.get("second_login"):
        return None
    user = authenticate(request, username=given["second_login"], password=given["second_password"])
    other = person_of(user) if user else None
    if other is None:
        raise refuse(
            "this name and password do not fit together",
            "second_password",
            "The other person types both once more.",
        )
    if other.by == request.person.by or not other.can(Permission.CHART_SESSION):
        raise refuse(
            "this is no second person who may check a dose",
            "second_login",
            "Another nurse or prescriber signs in here.",
        )
    return other.by


def _weight(request: Request, found: PatientChart, *, needed: bool) -> dict[str, Any]:
    now = ordering.weighed(found.chart, _today(), zone())
    too_old = needed and (now is None or now.age_days > actions.limits().order_weight_max_age_days)
    return {
        "weighed": now,
        "weight_too_old": too_old,
        "may_weigh": request.person.can(Permission.WRITE_HISTORY),
    }


def _today() -> Any:
    return timezone.now().astimezone(zone()).date()


def _act(request: Request, found: PatientChart, entry_id: UUID) -> actions.Act:
    return actions.Act(person=request.person, patient_id=found.patient_id, entry_id=entry_id)


def _back(request: HttpRequest, patient: UUID) -> str:
    """The page of this chart that asked for the weight."""
    wanted = request.GET.get("next", "")
    here = f"/patients/{patient}/"
    return wanted if wanted.startswith(here) else reverse("plan:plan", args=[patient])


def _into(form: Any, error: BadInput, names: dict[str, str] | None = None) -> None:
    """Each problem beside the field it is about, or above the form."""
    for problem in error.problems:
        field = (names or {}).get(problem.where, problem.where)
        text = f"{problem.what[0].upper()}{problem.what[1:]}. {problem.mend}"
        form.add_error(field if field in form.fields else None, text)


def _page(request: Request, found: PatientChart, template: str, **context: Any) -> HttpResponse:
    return render(
        request,
        template,
        {
            **patient_context(request, found, "plan"),
            "patient_id": found.patient_id,
            "programs": standing(found, context.get("running"), context.get("decided")),
            **context,
        },
    )
