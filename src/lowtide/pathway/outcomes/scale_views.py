"""The pages of the scales: what this visit asks for, and each instrument at the desk or in the patient's hands."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.data.instruments import Instrument, instruments
from lowtide.data.portal import languages
from lowtide.data.translations import translated
from lowtide.pathway.course.banner import patient_context
from lowtide.pathway.course.scores import course_measure
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes import questionnaire, scale_page
from lowtide.pathway.outcomes.actions import Answerer
from lowtide.pathway.outcomes.scale_forms import PAPER, HowForm
from lowtide.pathway.outcomes.scales import due_now, wanted
from lowtide.pathway.outcomes.wording import in_force, licensed, worded
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import clinic_chart, this_clinic, zone
from lowtide.people.models import StaffIndex
from lowtide.people.roles import Permission, permissions
from lowtide.people.who import Request, names_of, needs
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.care import Answers


@needs(Permission.SEE_CHART)
@require_GET
def scales(request: Request, patient: UUID) -> HttpResponse:
    """What this visit asks for, each scale as it stands, and every other one that can be entered."""
    chart, now, here = chart_for(request, patient), timezone.now(), zone()
    state, found = fold(chart.chart), scale_page.forms(chart.chart)
    asked = wanted(chart.chart, state)
    ours, rated = due_now(asked, now, self_rated=True), due_now(asked, now, self_rated=False)
    names = names_of(
        {f.entry.by for f in found} | {f.body.rater for f in found if isinstance(f.body, Answers)}
    )
    ahead = tuple(w for w in asked if w not in (*ours, *rated))
    about = {
        **patient_context(request, chart, "outcomes"),
        "ours": scale_page.asked_rows(ours, here, now),
        "rated": scale_page.asked_rows(rated, here, now),
        "minutes": sum(w.instrument.minutes for w in ours),
        "ahead": scale_page.asked_rows(ahead, here, now),
        "rows": scale_page.rows(found, state, names, here, now),
        "choices": scale_page.choices(_licensed(now.date())),
        "may_score": request.person.can(Permission.SCORE),
        "printed_in": _other_languages(course_measure()),
    }
    return render(request, "outcomes/scales.html", about)


def _other_languages(measure: Instrument) -> list[tuple[str, str]]:
    """The languages, beside the house's own, in which its words may be printed."""
    return [(code, name) for code, name in languages().items() if translated(measure.id, code)]


def _licensed(today: Any) -> dict[str, bool]:
    clinic = clinic_chart()
    return {name: in_force(licensed(clinic, name), today) for name in instruments()}


@needs(Permission.SCORE)
@require_http_methods(["GET", "POST"])
def one_scale(request: Request, patient: UUID, scale: str) -> HttpResponse:
    """One instrument at the desk: copied from paper, asked aloud, or rated by somebody who is named."""
    chart, measure = chart_for(request, patient, Permission.SCORE), _measure(scale)
    sent, window = request.POST or None, request.GET.get("window", "")
    initial = {"window": window} if window in measure.windows else {}
    form = HowForm(sent, measure=measure, staff=_raters(), me=request.person.by, initial=initial)
    is_sure = form.is_valid() if sent else True
    if sent and not is_sure and request.POST.get("part") != "1":
        asked = questionnaire.again(request.POST, measure)
        return _desk(request, chart, measure, form, asked, status=422)
    got = questionnaire.handle(request, chart, measure, _who(request, form, measure), timezone.now())
    if isinstance(got, HttpResponse):
        return got
    if isinstance(got, questionnaire.Asked):
        return _desk(request, chart, measure, form, got, status=got.status)
    return _entered(request, chart, measure, got)


def _who(request: Request, form: HowForm, measure: Instrument) -> Answerer:
    """Who writes, as far as the form says it by now."""
    said = getattr(form, "cleaned_data", {})
    window = said.get("window") or ""
    return Answerer(
        by=request.person.by,
        source=Source.MANUAL,
        mode=said.get("mode") or (PAPER if measure.is_self_rated else "interview"),
        at=said.get("given_at"),
        rater="" if measure.is_self_rated else said.get("rater") or request.person.by,
        window="" if window == (*measure.windows, "")[0] else window,
    )


def _desk(
    request: Request,
    chart: PatientChart,
    measure: Instrument,
    form: HowForm,
    asked: questionnaire.Asked,
    status: int,
) -> HttpResponse:
    window = str(form["window"].value() or "") if "window" in form.fields else ""
    shown = _in_words(measure, window)
    about = {
        **patient_context(request, chart, "outcomes"),
        **questionnaire.page(shown, asked, timezone.now()),
        "form": form,
        "asks_about": f"?window={window}" if window in measure.windows[1:] else "",
        "printed_in": _other_languages(measure),
        "how": f"{measure.minutes} minutes" if measure.minutes > 1 else "1 minute",
    }
    return render(request, "outcomes/scale.html", about, status=status)


def _entered(request: Request, chart: PatientChart, measure: Instrument, entry: Entry) -> HttpResponse:
    """What the form said, and straight on to a raised answer."""
    fresh = chart_for(request, chart.patient_id).chart
    form = next(f for f in scale_page.forms(fresh) if f.entry.id == entry.id)
    said = ", ".join(p for p in (scale_page.shown(form.figure), form.band) if p)
    parts = ", ".join(f"{name} {scale_page.shown(v)}" for name, v in form.parts.items() if v is not None)
    if entry.body.complete:
        messages.success(request, f"{measure.name} recorded{f': {said or parts}' if said or parts else ''}.")
    else:
        count = f"{len(entry.body.items)} of {len(measure.ids)} answers kept"
        messages.success(request, f"{measure.name}: {count}; what they do not say yet is not worked out.")
    if form.is_raised:
        return redirect("outcomes:risk", chart.patient_id, fresh.line(entry.id)[0].id)
    return redirect("outcomes:scales", chart.patient_id)


def _in_words(measure: Instrument, window: str) -> Instrument:
    """The instrument with the words that this clinic may show it with."""
    return worded(measure, clinic_chart(), timezone.localdate(), window)


def _measure(name: str) -> Instrument:
    """An instrument that has a score, by its id in any case."""
    found = instruments().get(name.upper())
    if found is None or found.total == "unscored":
        raise Http404("no such scale")
    return found


def _raters() -> list[tuple[str, str]]:
    """Who here may rate: whoever may enter questionnaires."""
    return [
        (f"staff:{row.key}", row.name)
        for row in StaffIndex.objects.filter(active=True).order_by("name")
        if Permission.SCORE in permissions(tuple(row.roles.split()))
    ]


# -- in the patient's hands ----------------------------------------------------------------------------------------


@needs(Permission.SCORE)
@require_http_methods(["GET", "POST"])
def tablet_set(request: Request, patient: UUID) -> HttpResponse:
    """All that this visit asks the patient, one questionnaire after the other; nothing of the chart is on it."""
    chart, now = chart_for(request, patient, Permission.SCORE), timezone.now()
    due = due_now(wanted(chart.chart, fold(chart.chart)), now, self_rated=True)
    waiting = [w for w in due if _in_words(w.instrument, w.window).has_text]
    if not waiting:
        raised = "raised" in request.GET
        return render(request, "outcomes/tablet_done.html", {**_hands(patient), "raised": raised})
    first = waiting[0]
    window = f"&window={first.window}" if first.window else ""
    to = reverse("outcomes:scale_tablet", args=[patient, first.instrument.id.lower()])
    help_shown = "&raised=1" if "raised" in request.GET else ""
    return redirect(f"{to}?set=1{window}{help_shown}")


@needs(Permission.SCORE)
@require_http_methods(["GET", "POST"])
def scale_tablet(request: Request, patient: UUID, scale: str) -> HttpResponse:
    """One questionnaire on a tablet in the patient's hands."""
    chart, measure = chart_for(request, patient, Permission.SCORE), _measure(scale)
    if not measure.is_self_rated:
        raise Http404("this scale is rated by staff")
    window = request.GET.get("window", "")
    said = window if window in measure.windows[1:] else ""
    shown = _in_words(measure, said)
    if not shown.has_text:
        messages.error(
            request, f"{measure.name} has no wording here: it cannot be handed over. Enter it from paper."
        )
        return redirect("outcomes:scale", patient, scale)
    who = Answerer(request.person.by, Source.PATIENT, "tablet", window=said)
    got = questionnaire.handle(request, chart, measure, who, timezone.now())
    if isinstance(got, HttpResponse):
        return got
    if isinstance(got, questionnaire.Asked):
        about = {**_hands(patient), **questionnaire.page(shown, got, timezone.now(), _kept(request))}
        return render(request, "outcomes/tablet.html", about, status=got.status)
    raised = questionnaire.is_raised(got, measure) or "raised" in request.GET
    if "set" in request.GET and got.body.complete:
        return redirect(f"{reverse('outcomes:tablet_set', args=[patient])}{'?raised=1' if raised else ''}")
    return render(request, "outcomes/tablet_done.html", {**_hands(patient), "raised": raised})


def _kept(request: Request) -> str:
    """What the address of the next question says besides which it is."""
    return urlencode({key: value for key, value in request.GET.items() if key in ("set", "window", "raised")})


def _hands(patient: UUID) -> dict[str, Any]:
    help_ = questionnaire.help_here(timezone.now())
    return {"patient_id": patient, "clinic": this_clinic(), "help": help_}
