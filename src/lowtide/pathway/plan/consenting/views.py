"""The pages of consent: what stands, going through it with the patient, taking it back, the copy."""

from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lowtide.data import consent as data
from lowtide.data.consent import Form
from lowtide.data.vocabulary import label
from lowtide.pathway.course.banner import patient_context
from lowtide.pathway.course.consent import Standing, missing, scope_of, signed, why_not
from lowtide.pathway.plan import ordering
from lowtide.pathway.plan.actions import Act
from lowtide.pathway.plan.consenting import actions
from lowtide.pathway.plan.consenting.forms import COPIES, ConsentForm, ForForm, WithdrawForm
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import this_clinic, zone
from lowtide.people.forms import sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer
from lowtide.record.entries.care import CoursePlanned
from lowtide.record.entries.consent import RegistryChoice


def state(chart: Chart) -> dict[str, Any]:
    """What the plan's page says of consent: why none covers the running series, or until when one does."""
    running, now, here = ordering.course(chart), timezone.now(), zone()
    found = signed(chart, now, here)
    if running:
        lacks = missing(chart, running, now, here)
        holds = next((s for s in found if not why_not(chart, s, running)), None)
    else:
        holds = next((s for s in found if not s.why_not), None)
        lacks = "" if holds else "no consent in force"
    return {"consent_lacks": lacks, "consent_holds": holds}


@needs(Permission.SEE_CHART)
@require_GET
def overview(request: Request, patient: UUID) -> HttpResponse:
    """The consent in force or why there is none, and every one ever signed."""
    found = chart_for(request, patient)
    running, everything = ordering.course(found.chart), signed(found.chart, timezone.now(), zone())
    choice = found.chart.last(RegistryChoice)
    return render(
        request,
        "plan/consent.html",
        {
            **patient_context(request, found, "plan"),
            **state(found.chart),
            "patient_id": patient,
            "running": running,
            "rows": _rows(found.chart, everything, running),
            "choosing": None if running else _for_form(request, found),
            "may_sign": request.person.can(Permission.WRITE_HISTORY),
            "registry": choice[1] if choice else None,
            "copies": COPIES,
            "max_age": data.max_age(),
        },
    )


def _rows(chart: Chart, found: list[Standing], running: CoursePlanned | None) -> list[dict[str, Any]]:
    names = names_of({s.entry.by for s in found})
    return [
        {
            "id": s.entry.id,
            "at": s.entry.at.astimezone(zone()),
            "what": f"{label('product', s.body.product)}, {label('route', s.body.route)}",
            "indication": label("indication", s.body.indication),
            "body": s.body,
            "by": names[s.entry.by],
            "until": s.holds_until,
            "why_not": s.why_not or (why_not(chart, s, running) if running else ""),
            "withdrawn": s.withdrawn,
            "copy": s.copy,
            "waits": s.waits and not s.withdrawn,
            "at_home": s.entry.by.startswith("patient:"),
        }
        for s in found
    ]


def _for_form(request: Request, found: PatientChart) -> ForForm:
    decided = ordering.candidacy(found.chart)
    names = ("indication", "product", "route")
    asked = {name: request.GET[name] for name in names if name in request.GET}
    return ForForm(initial=asked or {name: getattr(decided, name, "") for name in names})


@needs(Permission.WRITE_HISTORY)
@require_http_methods(["GET", "POST"])
def sign(request: Request, patient: UUID) -> HttpResponse:
    """The form in the patient's hands: one tick an element, then the signature."""
    found = chart_for(request, patient, Permission.WRITE_HISTORY)
    running = ordering.course(found.chart)
    chosen = _form(request, running)
    if chosen is None:
        messages.error(request, "Say first what the consent is for.")
        return redirect("plan:consent", patient)
    form = ConsentForm(request.POST or None, form=chosen)

    def write(given: dict[str, Any]) -> None:
        act = _act(request, patient, given["entry_id"])
        actions.sign(act, chosen, running.course if running else None, _signature(form, given))

    if sent(form, request.method, write):
        messages.success(request, "The consent is signed. Give the patient their copy.")
        return redirect("plan:consent", patient)
    about = {
        "form": form,
        "consent": chosen,
        "patient_id": patient,
        "who": found.patient,
        "clinic": this_clinic(),
    }
    return render(request, "plan/consent_sign.html", about, status=status(form))


def _form(request: Request, running: CoursePlanned | None) -> Form | None:
    """The form for the running series, or for what was chosen; None while that is not whole."""
    if running:
        scope = scope_of(running)
        return data.form(scope) if scope else None
    asked = ForForm(request.GET)
    if not asked.is_valid():
        return None
    given = asked.cleaned_data
    return data.form(data.scope(given["product"], given["route"], given["indication"]))


def _signature(form: ConsentForm, given: dict[str, Any]) -> actions.Signature:
    names = ("digest", "signer", "acting_as", "relation", "witness", "interpreter")
    return actions.Signature(
        ticked=form.ticked,
        capacity=Answer(given["capacity"]),
        joins_registry=form.joins,
        **{name: given[name] for name in names},
    )


@needs(Permission.WRITE_HISTORY)
@require_http_methods(["GET", "POST"])
def withdraw(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """The patient takes a consent back."""
    found = chart_for(request, patient, Permission.WRITE_HISTORY)
    standing = next((s for s in signed(found.chart, timezone.now(), zone()) if s.entry.id == entry), None)
    if standing is None:
        raise Http404("no such consent for you")
    form = WithdrawForm(request.POST or None)
    if sent(
        form,
        request.method,
        lambda given: actions.withdraw(_act(request, patient, given["entry_id"]), entry, given["reason"]),
    ):
        messages.success(request, "The consent is withdrawn. No dose can be started under it.")
        return redirect("plan:consent", patient)
    row = _rows(found.chart, [standing], None)[0]
    about = {**patient_context(request, found, "plan"), "patient_id": patient, "form": form, "row": row}
    return render(request, "plan/consent_withdraw.html", about, status=status(form))


@needs(Permission.WRITE_HISTORY)
@require_POST
def copied(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """The patient has their copy; the entry's id follows from the consent, so that a second press says it once."""
    found = chart_for(request, patient, Permission.WRITE_HISTORY)
    how = request.POST.get("how", "")
    if not any(s.entry.id == entry for s in signed(found.chart, timezone.now(), zone())):
        raise Http404("no such consent for you")
    if how in dict(COPIES):
        actions.give_copy(_act(request, patient, uuid5(entry, f"copy {how}")), entry, how)
        messages.success(request, "Written: the patient has the copy.")
    return redirect("plan:consent", patient)


@needs(Permission.WRITE_HISTORY)
@require_POST
def confirmed(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """Whether the patient who signed at home can decide it, said by somebody who spoke to them."""
    found = chart_for(request, patient, Permission.WRITE_HISTORY)
    if not any(s.entry.id == entry for s in signed(found.chart, timezone.now(), zone())):
        raise Http404("no such consent for you")
    capacity = {"yes": Answer.YES, "no": Answer.NO}.get(request.POST.get("capacity", ""))
    if capacity:
        try:
            actions.confirm(_act(request, patient, uuid5(entry, f"confirmed {capacity}")), entry, capacity)
        except BadInput as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "Written in your name.")
    return redirect("plan:consent", patient)


def _act(request: Request, patient: UUID, entry_id: UUID) -> Act:
    return Act(person=request.person, patient_id=patient, entry_id=entry_id)
