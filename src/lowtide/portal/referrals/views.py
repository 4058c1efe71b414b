"""The referrals: who asked to be contacted, each by itself, and what becomes of it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lowtide.data.prescreen import prescreen
from lowtide.pathway.course import words
from lowtide.pathway.course.referrals import Waiting, referrals
from lowtide.people.charts import log_reading, stream_of
from lowtide.people.clinic import INBOX, zone
from lowtide.people.forms import sent, status
from lowtide.people.patients import search
from lowtide.people.roles import ROLES, Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.portal.prescreen.result import conditions
from lowtide.portal.referrals import actions
from lowtide.portal.referrals.forms import OUTCOMES, ContactForm, DeclineForm, JoinForm, OpenForm
from lowtide.problems import BadInput
from lowtide.record import store
from lowtide.record.entries.identity import Contact, Patient, Sex
from lowtide.record.entries.words import day

SHOWN = 12


@needs(Permission.REFERRALS)
@require_GET
def waiting(request: Request) -> HttpResponse:
    """Who asked to be contacted: urgent ones first, then by how long they wait."""
    everything, now = referrals(store.load(INBOX)), timezone.now()
    ended = request.GET.get("show") == "ended"
    rows = [w for w in everything if w.is_open != ended]
    log_reading(request, INBOX, allowed=True)
    about = {
        "rows": [_row(request, w, now) for w in rows],
        "open": sum(w.is_open for w in everything),
        "settled": sum(not w.is_open for w in everything),
        "ended": ended,
    }
    return render(request, "referrals/list.html", about)


def _row(request: Request, one: Waiting, now: datetime) -> dict[str, Any]:
    body, here = one.body, zone()
    reader = names_of({one.taken.by})[one.taken.by] if one.taken else ""
    escalated = one.is_escalated(now)
    return {
        "id": one.id,
        "name": one.name,
        "born": day(body.birth_date),
        "body": body,
        "at": one.entry.at.astimezone(here),
        "condition": conditions().get(body.condition, "not said"),
        "due": words.due(one.due_at, now),
        "is_late": one.is_open and one.taken is None and one.due_at < now,
        "owner": reader or f"{ROLES[one.second if escalated else one.owner].label}, nobody has taken it yet",
        "escalated": escalated,
        "trail": trail(one, now),
        "taken": one.taken,
        "declined": one.declined,
        "filed": one.filed.partition(":")[2] if one.filed else "",
        "is_open": one.is_open,
        "answers": body.answers if request.person.can(Permission.SEE_CHART) else (),
        "alike": _alike(one) if one.is_open else [],
    }


def trail(one: Waiting, now: datetime) -> list[dict[str, Any]]:
    """Who did what when, from the asking on; that nobody took it in time is a line of it."""
    names = names_of({e.by for e, _ in one.contacts} | ({one.taken.by} if one.taken else set()))
    said = [_told(one.entry.at, "Asked to be contacted")]
    if one.escalates_at and (one.was_escalated or one.is_escalated(now)):
        who = ROLES[one.second].label.lower()
        said.append(
            _told(one.escalates_at, f"Nobody had taken it: went to the {who} as well") | {"level": "stop"}
        )
    if one.taken:
        said.append(_told(one.taken.at, "Taken", names[one.taken.by]))
    for entry, body in one.contacts:
        said.append(_told(entry.at, dict(OUTCOMES)[body.outcome], names[entry.by], body.what))
    return sorted(said, key=lambda line: line["at"])


def _told(at: datetime, what: str, by: str = "", note: str = "") -> dict[str, Any]:
    return {"at": at.astimezone(zone()), "what": what, "by": by, "note": note, "level": "note"}


def _alike(one: Waiting) -> list[search.LookAlike]:
    body = one.body
    contact = Contact(phone=body.phone)
    return search.look_alikes(
        Patient(
            family=body.family, given=body.given, birth_date=body.birth_date, sex=Sex.UNKNOWN, contact=contact
        )
    )


@needs(Permission.REFERRALS)
@require_GET
def one(request: Request, item: UUID) -> HttpResponse:
    """One referral: who, how to reach them, what they said for those who may read it, and what can be done."""
    log_reading(request, INBOX, allowed=True, detail=f"referral {item}")
    return _page(request, item)


def _page(request: Request, item: UUID, **forms: Any) -> HttpResponse:
    found, typed = _found(item), request.GET.get("q", "").strip()
    about = {
        "row": _row(request, found, timezone.now()),
        "agreed": prescreen().consent,
        "opening": OpenForm(initial={"entry_id": uuid4(), "patient_id": uuid4()}),
        "joining": JoinForm(),
        "declining": DeclineForm(),
        "contacting": ContactForm(),
        "taking": uuid4(),
        "typed": typed,
        "patients": list(search.find(typed)[:SHOWN]) if typed else [],
        "clinical": request.person.can(Permission.SEE_CHART),
        "may_take": not found.body.urgent or request.person.can(Permission.CLOSE_RISK),
        **forms,
    }
    code = max((status(form) for form in forms.values()), default=200)
    return render(request, "referrals/one.html", about, status=code)


def _found(item: UUID) -> Waiting:
    try:
        return actions.found(item)
    except BadInput as error:
        raise Http404("no such referral") from error


def _act(request: Request, item: UUID, entry_id: UUID) -> actions.Act:
    return actions.Act(request.person, item, entry_id, timezone.now())


@needs(Permission.REFERRALS)
@require_POST
def take(request: Request, item: UUID) -> HttpResponse:
    """I have it: the reader is named from now on."""
    _found(item)
    try:
        actions.take(_act(request, item, UUID(request.POST.get("entry_id", ""))))
    except ValueError:
        messages.error(request, "The page was incomplete. Press the button again.")
    except BadInput as error:
        problem = error.problems[0]
        messages.error(request, f"{problem.what[:1].upper()}{problem.what[1:]}. {problem.mend}")
    else:
        messages.success(
            request, "You have it. Contact the person, then open a chart, join it or decline it."
        )
    return redirect("referrals:one", item)


@needs(Permission.REFERRALS)
@require_POST
def contact(request: Request, item: UUID) -> HttpResponse:
    """One attempt to reach the person, for the trail."""
    _found(item)
    form = ContactForm(request.POST)

    def act(given: dict[str, Any]) -> None:
        actions.contact(_act(request, item, given["entry_id"]), given["outcome"], given["what"])

    if sent(form, request.method, act):
        messages.success(request, "It stands in the contact trail.")
        return redirect("referrals:one", item)
    return _page(request, item, contacting=form)


@needs(Permission.REFERRALS)
@require_http_methods(["POST"])
def open_chart(request: Request, item: UUID) -> HttpResponse:
    """Register the person; the referral goes into the new chart."""
    found, form = _found(item), OpenForm(request.POST)
    others = set(request.POST.getlist("others")) & {a.stream for a in _alike(found)}

    def act(given: dict[str, Any]) -> None:
        actions.open_chart(
            _act(request, item, given["entry_id"]), given["patient_id"], Sex(given["sex"]), others
        )

    if sent(form, request.method, act):
        messages.success(
            request, f"{found.name} is registered. What was said waits in the history to be confirmed."
        )
        return redirect(_place(request, form.cleaned_data["patient_id"]))
    return _page(request, item, opening=form)


@needs(Permission.REFERRALS)
@require_http_methods(["POST"])
def join(request: Request, item: UUID) -> HttpResponse:
    """File the referral into a chart that is there already."""
    _found(item)
    form = JoinForm(request.POST)

    def act(given: dict[str, Any]) -> None:
        actions.join(_act(request, item, given["entry_id"]), stream_of(given["patient"]))

    if sent(form, request.method, act):
        messages.success(request, "Filed into that chart.")
        return redirect(_place(request, form.cleaned_data["patient"]))
    return _page(request, item, joining=form)


@needs(Permission.REFERRALS)
@require_http_methods(["POST"])
def decline(request: Request, item: UUID) -> HttpResponse:
    """No chart comes of it, with the reason."""
    _found(item)
    form = DeclineForm(request.POST)
    if sent(
        form,
        request.method,
        lambda given: actions.decline(_act(request, item, given["entry_id"]), given["reason"]),
    ):
        messages.success(request, "Declined. It stays readable under “Settled”.")
        return redirect("referrals:list")
    return _page(request, item, declining=form)


def _place(request: Request, patient: UUID) -> str:
    clinical = request.person.can(Permission.SEE_CHART)
    return reverse("course:course" if clinical else "people:who", args=[patient])
