"""A questionnaire as a page: what is shown, what is resumed, and what a sent form says. Clinic and portal share it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse

from lowtide.data.instruments import Detail, Instrument
from lowtide.pathway.course.scores import is_measure
from lowtide.pathway.outcomes import actions
from lowtide.pathway.outcomes.actions import Answerer, Given
from lowtide.people.charts import PatientChart
from lowtide.problems import BadInput, Problem, bad
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import Answers
from lowtide.science.instruments.answers import readable, value_of
from lowtide.science.instruments.score import unanswered, urgent

RESUMED_FOR = timedelta(hours=24)
MOST_CHOICES = 11  # more values than this are typed, not chosen
NOT_APPLICABLE = "na"


class Asked(msgspec.Struct, frozen=True):
    """A form to be shown: its id, what is answered, when it was begun if that was earlier, and what is wrong."""

    form: UUID
    items: dict[str, int]
    begun_at: datetime | None = None
    missing: bool = False
    not_applicable: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def status(self) -> int:
        return 422 if self.missing or self.problems else 200


def handle(
    request: HttpRequest, chart: PatientChart, measure: Instrument, who: Answerer, now: datetime
) -> HttpResponse | Asked | Entry:
    """One turn of a questionnaire: the form to show, the saved entry, or the answer to a page's own saving.

    A form sent with gaps is kept and shown again, unless it was sent to be left unfinished.
    """
    if request.method != "POST":
        return Asked(uuid4(), {}) if "new" in request.GET else begin(chart.chart, measure, who.by, now)
    if request.POST.get("part") == "1":
        return _save_part(request.POST, chart.stream, measure, who, now)
    try:
        entry = _save(request.POST, chart.stream, measure, who, now)
    except BadInput as error:
        return Asked(_form_or_new(request.POST), _readable(measure, request.POST), problems=error.problems)
    if entry.body.complete or "leave" in request.POST:
        return entry
    said: Answers = entry.body
    return Asked(form_id(request.POST), said.items, missing=True, not_applicable=said.not_applicable)


def again(sent: Mapping[str, str], measure: Instrument) -> Asked:
    """The form as it was sent, shown again because something beside its answers is not in order."""
    return Asked(_form_or_new(sent), _readable(measure, sent))


def begin(chart: Chart, measure: Instrument, by: str, now: datetime) -> Asked:
    """A new form, or the one that the same person left half-way within the last day."""
    for entry, body in reversed(chart.said(Answers)):
        recent = entry.by == by and now - entry.at < RESUMED_FOR
        if recent and not body.complete and is_measure(body.instrument, measure):
            root = chart.line(entry.id)[0]
            return Asked(root.id, body.items, root.at, not_applicable=body.not_applicable)
    return Asked(uuid4(), {})


def shown(
    measure: Instrument, items: Mapping[str, int], missing: bool = False, not_applicable: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """The questions as the template takes them; with `missing` the unanswered ones are marked."""
    gaps = set(unanswered(measure, items)) - set(not_applicable) if missing else set()
    return [
        {
            **_shown(measure, item, items.get(item)),
            "is_missing": item in gaps,
            "does_not_apply": item in not_applicable,
        }
        for item in measure.ids
    ]


def _shown(measure: Instrument, item: str, value: int | None) -> dict[str, Any]:
    detail = measure.item(item)
    low, high = detail.range or (0, 0)
    choices = _choices(detail)
    return {
        "id": item,
        "number": item,
        "stem": detail.stem,
        "text": detail.text or f"Item {item}",
        "has_words": bool(detail.options),
        "options": [(v, text, value == v) for v, text in choices],
        "typed": (low, high, "" if value is None else value) if len(choices) > MOST_CHOICES else None,
        "ends": detail.ends,
        "asked_if": detail.asked_if,
        "or_else": [i for group in measure.either if item in group for i in group if i != item],
        "may_not_apply": detail.may_not_apply,
    }


def _choices(detail: Detail) -> list[tuple[int, str]]:
    """Each value with its words; without words of their own, the numbers themselves."""
    if detail.options:
        return [(option.value, option.text) for option in detail.options]
    low, high = detail.range or (0, 0)
    return [(value, str(value)) for value in detail.steps or range(low, high + 1)]


def answers_in(measure: Instrument, sent: Mapping[str, str]) -> Given:
    """The answered items of a sent form. Nothing else of it is read, a total least of all (hazard H039).

    Raises BadInput for an answer that the item does not take.
    """
    given = {item: sent.get(f"item_{item}", "").strip() for item in measure.ids}
    skipped = tuple(
        item for item, said in given.items() if said == NOT_APPLICABLE and measure.item(item).may_not_apply
    )
    return Given(
        {
            item: value_of(measure.item(item), answer, f"item_{item}")
            for item, answer in given.items()
            if answer and item not in skipped
        },
        skipped,
    )


def form_id(sent: Mapping[str, str]) -> UUID:
    """The id that was made with the page. Raises BadInput when there is none."""
    try:
        return UUID(sent.get("form", ""))
    except ValueError:
        raise bad("this form has no id", "form", "Open the questionnaire again.") from None


def _save(sent: Mapping[str, str], stream: str, measure: Instrument, who: Answerer, now: datetime) -> Entry:
    return actions.answer(stream, form_id(sent), measure, answers_in(measure, sent), who, now)


def _save_part(
    sent: Mapping[str, str], stream: str, measure: Instrument, who: Answerer, now: datetime
) -> JsonResponse:
    """The answer to a page that saves each item as it is given: how many are kept, and whether help is to be shown."""
    try:
        entry = _save(sent, stream, measure, who, now)
    except BadInput as error:
        return JsonResponse({"problem": str(error)}, status=422)
    return JsonResponse({"saved": len(entry.body.items), "raised": is_raised(entry, measure)})


def is_raised(entry: Entry, measure: Instrument) -> bool:
    """Whether an answer asks for somebody now, however little of the form is answered."""
    return bool(urgent(measure, entry.body.items))


def _readable(measure: Instrument, sent: Mapping[str, str]) -> dict[str, int]:
    """What was sent, shown again as far as it can be read."""
    return readable(measure, {item: sent.get(f"item_{item}", "") for item in measure.ids}).values


def _form_or_new(sent: Mapping[str, str]) -> UUID:
    try:
        return form_id(sent)
    except BadInput:
        return uuid4()
