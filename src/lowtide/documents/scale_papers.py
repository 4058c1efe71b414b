"""Blank questionnaires on paper: with all their words where these may be printed, else an answer sheet by item numbers.

Each carries whose it is, a line for the day, and a square that leads staff to the page on which it is typed in.
"""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from lowtide.data.instruments import Instrument, instruments
from lowtide.data.portal import languages
from lowtide.data.translations import translated
from lowtide.documents.printing import answer
from lowtide.pathway.course.drawing.square import square
from lowtide.pathway.course.scores import course_measure
from lowtide.pathway.course.state import fold
from lowtide.pathway.outcomes.scales import due_now, wanted
from lowtide.pathway.outcomes.wording import worded
from lowtide.people.banner import identity
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import clinic_chart, this_clinic, zone
from lowtide.people.own_place import HOUSE
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.words import moment

MOST_BOXES = 11  # more values than this are written, not ticked
CRISIS = {
    HOUSE: (
        "In danger now, or thoughts of hurting yourself? Tell somebody here, or call {line}. "
        "Nobody reads this paper until you hand it in."
    ),
    "es": (
        "¿Está en peligro o piensa en hacerse daño? Dígaselo a alguien aquí, o llame al {line}. "
        "Nadie lee este papel hasta que lo entregue."
    ),
}
SAYS = {
    HOUSE: {"name": "Name", "born": "born", "day": "Day", "na": "does not apply", "write": "Write a number from"},
    "es": {"name": "Nombre", "born": "nacimiento", "day": "Fecha", "na": "no corresponde", "write": "Escriba un número de"},
}  # fmt: skip


@needs(Permission.SCORE)
@require_GET
def one(request: Request, patient: UUID, scale: str) -> HttpResponse:
    """The blank form of one instrument for this person; `?in=es` for another language, `?window=` for another period."""
    found, measure = chart_for(request, patient), instruments().get(scale.upper())
    if measure is None or measure.total == "unscored":
        raise Http404("no such scale")
    window = request.GET.get("window", "")
    form = _form(request, found, measure, window if window in measure.windows[1:] else "")
    return _printed(request, found, [form], f"{measure.id.lower()}-{patient}")


@needs(Permission.SCORE)
@require_GET
def asked(request: Request, patient: UUID) -> HttpResponse:
    """All that the patient is asked at this visit, the course's own questionnaire first, each on a sheet of its own."""
    found, now = chart_for(request, patient), timezone.now()
    due = due_now(wanted(found.chart, fold(found.chart)), now, self_rated=True)
    forms = [
        _form(request, found, course_measure(), ""),
        *(_form(request, found, w.instrument, w.window) for w in due),
    ]
    return _printed(request, found, forms, f"questionnaires-{patient}")


def _printed(request: Request, found: PatientChart, forms: list[dict[str, Any]], name: str) -> HttpResponse:
    clinic, now = this_clinic(), timezone.now()
    about = {
        "patient": identity(request.person, found),
        "clinic": clinic,
        "forms": forms,
        "by": request.person.name,
        "printed": moment(now, zone()),
        "crisis_line": clinic.crisis_line if clinic else "",
    }
    return answer(render_to_string("documents/blank_scale.html", about), name)


def _form(request: Request, found: PatientChart, measure: Instrument, window: str) -> dict[str, Any]:
    """One sheet: in the language that was asked for where its words may be shipped in it."""
    asked_in = request.GET.get("in", HOUSE)
    other = translated(measure.id, asked_in, window) if asked_in in languages() else None
    shown = other or worded(measure, clinic_chart(), timezone.localdate(), window)
    language = asked_in if other else HOUSE
    clinic, place = this_clinic(), reverse("outcomes:scale", args=[found.patient_id, measure.id.lower()])
    link = request.build_absolute_uri(f"{place}?window={window}" if window else place)
    line = clinic.crisis_line if clinic else ""
    return {
        "measure": shown,
        "language": language,
        "says": SAYS[language],
        "window": window or (*measure.windows, measure.recall_window)[0],
        "rows": rows(shown, SAYS[language]),
        "heads": heads(shown),
        "square": mark_safe(square(link, f"Type in {escape(measure.name)}")),  # noqa: S308  dots and our own words
        "crisis": CRISIS[language].format(line=line) if measure.is_self_rated and line else "",
        "self_rated": measure.is_self_rated,
        "has_text": shown.has_text,
    }


def heads(measure: Instrument) -> list[str]:
    """The words over the boxes, where every item is answered with the same ones."""
    answers = {tuple(option.text for option in measure.item(item).options) for item in measure.ids}
    only = next(iter(answers)) if len(answers) == 1 else ()
    return list(only)


def rows(measure: Instrument, says: dict[str, str]) -> list[dict[str, Any]]:
    """Each item with its boxes; what is said before it stands before it."""
    return [_row(measure, item, says) for item in measure.ids]


def _row(measure: Instrument, item: str, says: dict[str, str]) -> dict[str, Any]:
    detail = measure.item(item)
    low, high = detail.range or (0, 0)
    values = list(detail.steps or range(low, high + 1))
    boxes = [(o.value, o.text) for o in detail.options] or [(v, "") for v in values]
    many = len(boxes) > MOST_BOXES
    return {
        "number": item,
        "stem": detail.stem,
        "text": detail.text,
        "boxes": [] if many else boxes,
        "write": f"{says['write']} {low}–{high}" if many else "",
        "ends": detail.ends,
        "na": says["na"] if detail.may_not_apply else "",
        "asked_if": detail.asked_if,
    }
