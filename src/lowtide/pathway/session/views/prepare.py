"""Before the dose: the time-out, what still blocks, and the booking it all rests on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse

from lowtide.data import longterm
from lowtide.data.chair import chair
from lowtide.pathway.course.approved_here import dosing_here, monitored_here
from lowtide.pathway.course.ordered import facts, in_short
from lowtide.pathway.plan.medicines.before import held_before
from lowtide.pathway.session import forms
from lowtide.pathway.session.actions import preparing
from lowtide.pathway.session.actions.enrolment import held_by_programs
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.gates import VITAL_ROWS, Blocker, blockers, questions
from lowtide.pathway.session.rules.state import Verb
from lowtide.pathway.session.shown.containers import rows as made_up_rows
from lowtide.pathway.session.shown.parts import next_words
from lowtide.pathway.session.views.common import Seen, act, back, conflicts_shown, done, page, seen
from lowtide.people.charts import whole_chart
from lowtide.people.clinic import chairs
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.science.units import plain


@needs(Permission.CHART_SESSION)
@conflicts_shown
def time_out(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """The time-out: identity typed, every question asked."""
    see = seen(request, patient, session)
    asked = questions(whole_chart(see.found.stream), see.facts, monitored_here())
    form = forms.TimeOutForm(
        request.POST or None, questions=asked, chairs=chair_choices(see), initial=_last_answers(see)
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = act(request, see, given["entry_id"])
        if done(
            form,
            lambda: preparing.time_out(
                do, typed=given["typed"], chair=given["chair"], answers=form.answers, details=form.details
            ),
        ):
            messages.success(request, "The time-out is recorded.")
            return back(see)
    fields = [(q, form[f"ask_{q.id}"], form[f"detail_{q.id}"] if q.detail else None) for q in asked]
    return page(
        request,
        "session/time_out.html",
        see,
        status=422 if form.is_bound else 200,
        form=form,
        asked=fields,
        held=held_before(see.found.whole, _planned(see), see.zone, see.now),
        refused=see.state.refusal(Verb.TIME_OUT),
        programs=held_by_programs(see.found.whole, session, see.now),
        veiled=True,
    )


def _planned(see: Seen) -> datetime | None:
    return see.facts.scheduled[1].planned_at if see.facts.scheduled else None


def _last_answers(see: Seen) -> dict[str, Any]:
    """Answers of an earlier time-out stand; only what was not asked is empty again."""
    given: dict[str, Any] = {"chair": see.facts.chair}
    for item in see.facts.time_out[1].items if see.facts.time_out else ():
        given[f"ask_{item.item}"] = item.answer.value
        given[f"detail_{item.item}"] = item.detail
    if see.facts.scheduled:
        given.setdefault("detail_escort", see.facts.escort)
    return given


def chair_choices(see: Seen) -> list[tuple[str, str]]:
    """The clinic's chairs; where it has listed none, the one that is booked or a nameless one."""
    listed = [(body.chair, body.label) for _, body in chairs() if body.active]
    return listed or [(see.facts.chair or "1", f"Chair {see.facts.chair or '1'}")]


def preparation(request: Request, see: Seen) -> dict[str, Any]:
    """What the session's page shows before the dose: the order, the checks, and what to do next."""
    chart = whole_chart(see.found.stream)
    held = [
        *held_by_programs(chart, see.facts.session, see.now),
        *blockers(chart, see.facts, monitored_here(), see.now, see.zone, dosing_here()),
    ]
    nurse = see.facts.time_out[1].nurse if see.facts.time_out else ""
    return {
        "held": [(b, *_remedy(request, see, b)) for b in held],
        "next": _next(request, see, held),
        "order": see.facts.order[1] if see.facts.order else None,
        "order_facts": list(facts(see.facts.order[1])) if see.facts.order else [],
        "made_up": made_up_rows(see.facts, see.now),
        "nurse": names_of({nurse})[nurse] if nurse else "",
        "held_medicines": held_before(see.found.whole, _planned(see), see.zone, see.now),
        "answers": [
            (q.short, _answer(see, q.id)) for q in questions(see.found.chart, see.facts, monitored_here())
        ],
    }


def _answer(see: Seen, question: str) -> str:
    items = see.facts.time_out[1].items if see.facts.time_out else ()
    found = next((i for i in items if i.item == question), None)
    words = {"yes": "yes", "no": "no", "not_known": "not asked"}
    return f"{words[found.answer]}{', ' + found.detail if found.detail else ''}" if found else "not asked"


def _next(request: Request, see: Seen, held: list[Blocker]) -> dict[str, str]:
    """The one thing to do before the dose: what puts a blocker right, the first that this person can."""
    if not held:
        if see.state.by_pump:
            return _task("Start the infusion", "Nothing stands in the way.", "Start", see.url("start"))
        return _task(next_words(see.facts), _to_give(see.facts), "Give", see.url("give"))
    remedies = [(blocker, *_remedy(request, see, blocker)) for blocker in held]
    first, url, verb = next((each for each in remedies if each[1]), remedies[0])
    return _task(first.what[:1].upper() + first.what[1:], first.mend, verb, url)


def _to_give(found: Facts) -> str:
    """The dose beside the button: 34.9 mg, 0.698 mL of 50 mg/mL."""
    order = found.order[1] if found.order else None
    return f"{plain(order.dose_mg)} mg in all: {in_short(order)}. Nothing stands in the way." if order else ""


def _remedy(request: Request, see: Seen, blocker: Blocker) -> tuple[str, str]:
    """Where a blocker is put right by this person, and the verb for it; nothing where somebody else has to."""
    may, patient = request.person.can, see.found.patient_id
    if blocker.id == "order" and may(Permission.ORDER):
        return reverse("plan:order", args=[patient, see.facts.session]), "Open the dose sheet"
    if blocker.id.startswith("stop_") and may(Permission.DECIDE):
        return reverse("safety:stop_review", args=[patient]), "Decide"
    if blocker.id in {one.rule_id for one in longterm.checks().values()}:
        return reverse("safety:long_term", args=[patient]), "Ask or test"
    if blocker.id == "M06" and may(Permission.WRITE_HISTORY):
        return f"{reverse('plan:weight', args=[patient])}?next={see.url('session')}", "Weigh"
    if blocker.id == "consent" and may(Permission.WRITE_HISTORY):
        return reverse("plan:consent", args=[patient]), "Open the consent"
    if blocker.id == "program_patient" and may(Permission.BOOK):
        return reverse("plan:enrolment", args=[patient]), "Record the enrolment"
    if blocker.id == "program_site" and may(Permission.MANAGE_STAFF):
        return reverse("plan:site_programs"), "Record the certification"
    if not may(Permission.CHART_SESSION):
        return "", ""
    if blocker.id == "preparation":
        return see.url("check"), "Check the preparation"
    if blocker.about and may(Permission.ORDER):
        return see.url("answer", blocker.id, blocker.about), "Decide"
    if blocker.id in VITAL_ROWS:
        return see.url("enter", "bp"), "Measure"
    if blocker.id == "time_out" or blocker.id in {q.id for q in chair().time_out}:
        return see.url("time_out"), "Take the time-out"
    if blocker.rule and blocker.rule.phase == "pre":
        return see.url("enter", "bp"), "Measure again"
    return "", ""


def _task(title: str, text: str, verb: str, url: str) -> dict[str, str]:
    return {"title": title, "text": text, "verb": verb, "url": url}
