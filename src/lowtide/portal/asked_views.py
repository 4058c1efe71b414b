"""Questionnaires on the patient's phone: the course's own, then all others that are due, one after the other."""

from typing import Any

from django.contrib import messages as told
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.pathway.course.raised_forms import left_open, open_risks
from lowtide.pathway.course.scores import course_measure
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes import questionnaire
from lowtide.pathway.outcomes.actions import Answerer
from lowtide.pathway.safety.actions import Act
from lowtide.pathway.safety.longterm import actions
from lowtide.people.charts import PatientChart
from lowtide.people.clinic import zone
from lowtide.people.forms import sent, status
from lowtide.people.own_place import full_day, own_chart, own_page, speaks
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.portal import asked
from lowtide.portal.check_forms import OwnCheckForm
from lowtide.record.entries.base import Source


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
@speaks
def questions(request: Request) -> HttpResponse:
    """The course's questionnaire, one question a screen; each answer is kept as it is given."""
    chart, now, measure = own_chart(request), timezone.now(), course_measure()
    due = asked.course_questions(chart.chart, fold(chart.chart))
    wanted = not {"anyway", "form"}.isdisjoint(request.GET)
    if request.method == "GET" and not (due and due.is_open(now)) and not wanted:
        if _following(chart):
            return redirect("portal:scales")
        coming = full_day(due.opens_at, zone()) if due and due.opens_at else ""
        return render(request, "portal/no_questions.html", own_page(chart, "questions", when=coming))
    shown = asked.in_words(measure, timezone.localdate())
    who = Answerer(request.person.by, Source.PATIENT, "phone", language=shown.language)
    got = questionnaire.handle(request, chart, measure, who, now)
    if isinstance(got, HttpResponse):
        return got
    if isinstance(got, questionnaire.Asked):
        return _ask(request, chart, shown, got)
    help_first = questionnaire.is_raised(got, measure) or not _following(chart)
    return redirect("portal:done" if help_first else "portal:scales")


def _ask(
    request: Request, chart: PatientChart, shown: asked.Worded, got: questionnaire.Asked, **more: Any
) -> HttpResponse:
    about = own_page(chart, "questions", said_in=shown.said_in, **more)
    about |= questionnaire.page(shown.instrument, got, timezone.now())
    return render(request, "portal/questions.html", about, status=got.status)


def _following(chart: PatientChart) -> tuple[str, ...]:
    """The addresses of what else is due, in the order in which it is asked."""
    now = timezone.now()
    return (
        *(f"scales/{w.instrument.id.lower()}" for w in asked.scales(chart, now, timezone.localdate())),
        *(f"checks/{one.check.key}" for one in asked.checks(chart, now)),
    )


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def scales(request: Request) -> HttpResponse:
    """On to the first questionnaire that is due, or thanks; and help, as long as an answer that asked for it is open."""
    chart = own_chart(request)
    left = _following(chart)
    if left and "stop" not in request.GET:
        kind, _slash, name = left[0].partition("/")
        return redirect("portal:scale" if kind == "scales" else "portal:check", name)
    return _thanks(request, chart, len(left))


@needs(Permission.OWN_PLACE)
@require_GET
@speaks
def done(request: Request) -> HttpResponse:
    """Thanks; and help, as long as an answer that asked for it is open."""
    chart = own_chart(request)
    return _thanks(request, chart, len(_following(chart)))


def _thanks(request: Request, chart: PatientChart, left: int) -> HttpResponse:
    raised = bool(open_risks(chart.chart)) or any(not closed for _risk, closed in left_open(chart.chart))
    about = own_page(chart, "questions", raised=raised, left=left)
    return render(request, "portal/done.html", about)


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
@speaks
def scale(request: Request, scale: str) -> HttpResponse:
    """One questionnaire, a question a screen; each answer is kept as it is given."""
    chart, now, today = own_chart(request), timezone.now(), timezone.localdate()
    waiting = asked.scales(chart, now, today)
    due = next((w for w in waiting if w.instrument.id.lower() == scale.lower()), None)
    if due is None:
        return redirect("portal:scales")
    shown = asked.in_words(due.instrument, today, due.window)
    who = Answerer(request.person.by, Source.PATIENT, "phone", window=due.window, language=shown.language)
    got = questionnaire.handle(request, chart, due.instrument, who, now)
    if isinstance(got, HttpResponse):
        return got
    if isinstance(got, questionnaire.Asked):
        return _ask(request, chart, shown, got, may_stop=True)
    # whoever asked for help sees it before anything else is asked
    help_first = questionnaire.is_raised(got, due.instrument)
    return redirect("portal:done" if help_first else "portal:scales")


@needs(Permission.OWN_PLACE)
@require_http_methods(["GET", "POST"])
@speaks
def check(request: Request, check: str) -> HttpResponse:
    """One check of long-term safety, in the patient's own hands: all its questions on one page."""
    chart, now = own_chart(request), timezone.now()
    due = next((one for one in asked.checks(chart, now) if one.check.key == check), None)
    if due is None:
        return redirect("portal:scales")
    form = OwnCheckForm(request.POST or None, check=due.check)

    def write(given: dict[str, Any]) -> object:
        act = Act(person=request.person, patient_id=chart.patient_id, entry_id=given["entry_id"], now=now)
        return actions.answer_own(act, form.said())

    if sent(form, request.method, write):
        if form.is_worse:
            told.warning(request, _("You told us that something is new or worse. Your clinic looks at it."))
        return redirect("portal:scales")
    about = own_page(chart, "questions", form=form, sheet=form.sheet)
    return render(request, "portal/check.html", about, status=status(form))
