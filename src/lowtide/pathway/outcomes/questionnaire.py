"""A questionnaire as a page: what is shown, what is resumed, and what a sent form says. Clinic and portal share it.

With script all questions come at once and each answer is sent as it is given; without it each question is a page and
each answer a button that sends itself. Either way an answer is kept before the form is finished (hazard H026).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse

from lowtide.data.instruments import Detail, Instrument
from lowtide.pathway.course.room import opening
from lowtide.pathway.course.scores import is_measure
from lowtide.pathway.outcomes import actions
from lowtide.pathway.outcomes.actions import Answerer, Given
from lowtide.pathway.outcomes.helping import Help, help_now
from lowtide.people.charts import PatientChart
from lowtide.people.clinic import this_clinic
from lowtide.problems import BadInput, Problem, bad
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import Answers
from lowtide.science.instruments.answers import readable, value_of
from lowtide.science.instruments.score import unanswered, urgent

RESUMED_FOR = timedelta(hours=24)
MOST_CHOICES = 11  # more values than this are typed, not chosen
NOT_APPLICABLE = "na"
END = "end"


class Asked(msgspec.Struct, frozen=True):
    """A form to be shown: its id, what is answered, when it was begun if that was earlier, and what is wrong.

    `at` is the question that a page without script shows; empty once all were passed. `raised`: an answer of the form
    asks for help to be shown.
    """

    form: UUID
    items: dict[str, int]
    begun_at: datetime | None = None
    missing: bool = False
    not_applicable: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    at: str = ""
    raised: bool = False

    @property
    def status(self) -> int:
        return 422 if self.missing or self.problems else 200


def handle(
    request: HttpRequest, chart: PatientChart, measure: Instrument, who: Answerer, now: datetime
) -> HttpResponse | Asked | Entry:
    """One turn of a questionnaire: the form to show, the saved entry, or the answer to a page's own saving.

    A form sent with gaps is kept and shown again, unless it was sent to be left unfinished.
    """
    got = _handled(request, chart, measure, who, now)
    if isinstance(got, Asked) and _was_raised(chart.stream, got.form, measure):
        return msgspec.structs.replace(got, raised=True)
    return got


def _handled(
    request: HttpRequest, chart: PatientChart, measure: Instrument, who: Answerer, now: datetime
) -> HttpResponse | Asked | Entry:
    if request.method != "POST":
        return _opened(request.GET, chart.chart, measure, who.by, now)
    sent = request.POST
    if sent.get("part") == "1":
        return _save_part(sent, chart.stream, measure, who, now)
    is_step = sent.get("step") in measure.ids
    try:
        entry = _save(sent, chart.stream, measure, who, now, finish=not is_step)
    except BadInput as error:
        return _again(sent, measure, error)
    if entry.body.complete or "leave" in sent:
        return entry
    form, body = form_id(sent), entry.body
    if is_step:
        return HttpResponseRedirect(_step_address(request, form, _after(measure, sent["step"], body.items)))
    return _asked(measure, form, body.items, missing=True, not_applicable=body.not_applicable)


def again(sent: Mapping[str, str], measure: Instrument) -> Asked:
    """The form as it was sent, shown again because something beside its answers is not in order."""
    return _asked(measure, _form_or_new(sent), _readable(measure, sent))


def _step_address(request: HttpRequest, form: UUID, item: str) -> str:
    """The next page of a questionnaire without script, with whatever else its address says."""
    query = request.GET.copy()
    query.pop("new", None)
    query["form"], query["q"] = str(form), item
    return f"?{query.urlencode()}"


def _opened(
    query: Mapping[str, str], chart: Chart, measure: Instrument, by: str, now: datetime
) -> Asked | Entry:
    """The form that the address names, the one left half-way, or a new one; a finished one is answered as it is."""
    if "new" in query:
        return _asked(measure, uuid4(), {})
    if "form" not in query:
        return begin(chart, measure, by, now)
    form = _form_or_new(query)
    standing = chart.line(form)[-1] if form in chart.entries else None
    if standing is None:
        return _asked(measure, form, {}, at=query.get("q"))
    body = standing.body
    if not isinstance(body, Answers) or standing.by != by or not is_measure(body.instrument, measure):
        return _asked(measure, uuid4(), {})
    if body.complete:
        return standing
    return _asked(measure, form, body.items, at=query.get("q"), not_applicable=body.not_applicable)


def _asked(
    measure: Instrument, form: UUID, items: dict[str, int], *, at: str | None = None, **more: Any
) -> Asked:
    """A form at one of its questions, the first open one where none is named."""
    first = next(iter(unanswered(measure, items)), "")
    place = at if at in measure.ids or at == END else first
    raised = bool(urgent(measure, items))
    return Asked(form, items, at="" if place == END else place or "", raised=raised, **more)


def _again(sent: Mapping[str, str], measure: Instrument, error: BadInput) -> Asked:
    """What was sent, with what is wrong about it."""
    items = _readable(measure, sent)
    return _asked(measure, _form_or_new(sent), items, at=sent.get("step"), problems=error.problems)


def _after(measure: Instrument, item: str, items: Mapping[str, int]) -> str:
    """The question that follows, or the end; what another answer makes needless is passed over."""
    asked = {*unanswered(measure, items), *items}
    following = (i for i in measure.ids[measure.ids.index(item) + 1 :] if i in asked)
    return next(following, END)


def begin(chart: Chart, measure: Instrument, by: str, now: datetime) -> Asked:
    """A new form, or the one that the same person left half-way within the last day."""
    for entry, body in reversed(chart.said(Answers)):
        recent = entry.by == by and now - entry.at < RESUMED_FOR
        if recent and not body.complete and is_measure(body.instrument, measure):
            root = chart.line(entry.id)[0]
            return _asked(measure, root.id, body.items, begun_at=root.at, not_applicable=body.not_applicable)
    return _asked(measure, uuid4(), {})


def step(measure: Instrument, asked: Asked, questions: list[dict[str, Any]]) -> dict[str, Any]:
    """Where a page without script stands: its one question and the way back and on; at the end what is open."""
    open_ = set(unanswered(measure, asked.items)) - set(asked.not_applicable)
    place = measure.ids.index(asked.at) if asked.at else len(measure.ids)
    return {
        "question": questions[place] if asked.at else None,
        "back": measure.ids[place - 1] if place else "",
        "on": _after(measure, asked.at, asked.items) if asked.at else "",
        "open": [q for q in questions if q["id"] in open_],
        "done": place,
        "place": place + 1,
    }


def shown(
    measure: Instrument, items: Mapping[str, int], missing: bool = False, not_applicable: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """The questions as the template takes them; with `missing` the unanswered ones are marked."""
    open_ = set(unanswered(measure, items))
    return [
        {
            **_shown(measure, item, items.get(item)),
            "is_missing": missing and item in open_ - set(not_applicable),
            "is_asked": item in open_ or item in items,
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
        "text": detail.text or (f"Item {item}" if len(measure.ids) > 1 else f"{measure.name} score"),
        "has_words": bool(detail.options),
        "options": [(v, text, value == v) for v, text in choices],
        "raises": [v for v, _ in choices if urgent(measure, {item: v})],
        "chosen": next((text for v, text in choices if v == value), ""),
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


def page(measure: Instrument, asked: Asked, now: datetime, keep: str = "") -> dict[str, Any]:
    """What the templates of a questionnaire ask for; `keep` is what the address says besides, for the next page."""
    questions = shown(measure, asked.items, asked.missing, asked.not_applicable)
    return {
        "measure": measure,
        "asked": asked,
        "questions": questions,
        "step": step(measure, asked, questions),
        "help": help_here(now),
        "keep": f"{keep}&" if keep else "",
    }


def help_here(now: datetime) -> Help:
    """What is said beside crisis help in this clinic at this hour."""
    clinic = this_clinic()
    return help_now(opening(), now, clinic.crisis_line if clinic else "")


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
        "leave" in sent,
    )


def form_id(sent: Mapping[str, str]) -> UUID:
    """The id that was made with the page. Raises BadInput when there is none."""
    try:
        return UUID(sent.get("form", ""))
    except ValueError:
        raise bad("this form has no id", "form", "Open the questionnaire again.") from None


def _save(
    sent: Mapping[str, str],
    stream: str,
    measure: Instrument,
    who: Answerer,
    now: datetime,
    *,
    finish: bool = True,
) -> Entry:
    given = answers_in(measure, sent)
    return actions.answer(stream, form_id(sent), measure, given, who, now, finish=finish)


def _save_part(
    sent: Mapping[str, str], stream: str, measure: Instrument, who: Answerer, now: datetime
) -> JsonResponse:
    """The answer to a page that saves each item as it is given: how many are kept, and whether help is to be shown."""
    try:
        entry = _save(sent, stream, measure, who, now, finish=False)
    except BadInput as error:
        return JsonResponse({"problem": str(error)}, status=422)
    return JsonResponse({"saved": len(entry.body.items), "raised": is_raised(entry, measure)})


def is_raised(entry: Entry, measure: Instrument) -> bool:
    """Whether an answer asks for somebody now, however little of the form is answered; also one that was taken back."""
    return _was_raised(entry.stream, entry.id, measure)


def _was_raised(stream: str, form: UUID, measure: Instrument) -> bool:
    """Whether any answer that was ever given in the form asks for help: it is shown until the end of the form."""
    chart = store.load(stream)
    line = chart.line(form) if form in chart.entries else ()
    return any(urgent(measure, e.body.items) for e in line if isinstance(e.body, Answers))


def _readable(measure: Instrument, sent: Mapping[str, str]) -> dict[str, int]:
    """What was sent, shown again as far as it can be read."""
    return readable(measure, {item: sent.get(f"item_{item}", "") for item in measure.ids}).values


def _form_or_new(sent: Mapping[str, str]) -> UUID:
    try:
        return form_id(sent)
    except BadInput:
        return uuid4()
