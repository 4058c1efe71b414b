"""The pages of the treatment ledger: all of it, adding to it, correcting and judging a line, the episode."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.data import codes
from lowtide.data.policies import policies
from lowtide.data.trials import tables
from lowtide.pathway.evaluate.asking.actions import Act
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.charted_trials import Charted, charted, enough, episode_of
from lowtide.pathway.evaluate.ledger import actions, counting, page, staging
from lowtide.pathway.evaluate.ledger.forms import BY_DOSE, CorrectTrialForm, EpisodeForm, JudgeForm, TrialForm
from lowtide.pathway.evaluate.ruling.adopted import policy_in_force
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import CLINIC, zone
from lowtide.people.forms import sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record import store
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.history import Medicine
from lowtide.record.entries.words import summary

STEP = "evaluate"


@needs(Permission.SEE_CHART)
@require_GET
def ledger(request: Request, patient: UUID) -> HttpResponse:
    """Every earlier treatment, what counts under each policy, and the staging."""
    found, where = chart_for(request, patient), zone()
    today = timezone.now().astimezone(where).date()
    tried, whole = page.in_order(charted(found.chart)), page.in_order(charted(found.whole))
    facts, force = facts_from_chart(found.whole, today, where), policy_in_force(store.load(CLINIC))
    weeks = float(force.numbers()[tables().counted.min_weeks].value)  # type: ignore[arg-type]
    every = {force.name: force, **{n: p for n, p in policies().items() if n != force.name}}
    about = {
        **patient_page(request, found, STEP),
        "groups": page.groups(found.chart, tried, weeks, where),
        "weeks": weeks,
        "policy": force,
        "under": [counting.under(p, whole, facts, today, in_force=p is force) for p in every.values()],
        "pain": counting.pain(force, whole),
        "staging": staging.stage(
            whole, episode_of(found.whole), today, weeks, whole="trials" in facts.complete
        ),
        "episode": episode_of(found.chart),
        "proposals": page.proposals(found.chart, tried),
        "names": names_of({*(c.entry.by for c in tried), *(c.judgement.by for c in tried if c.judgement)}),
        "unchecked": page.unchecked(),
        "may_write": request.person.can(Permission.WRITE_HISTORY),
        "may_judge": request.person.can(Permission.DECIDE),
    }
    return render(request, "evaluate/ledger.html", about)


@needs(Permission.WRITE_HISTORY)
@require_http_methods(["GET", "POST"])
def add(request: Request, patient: UUID) -> HttpResponse:
    """Record a treatment; `from` names the medicine of the record that proposes it."""
    found = chart_for(request, patient, Permission.WRITE_HISTORY)
    proposed = _medicine(found, request.GET.get("from", ""))
    form = TrialForm(request.POST or None, initial={"entry_id": uuid4(), **_proposed(proposed)})

    def act(said: dict[str, Any]) -> None:
        codings = proposed.body.codings if proposed else ()
        actions.record(_act(request, found, said["entry_id"]), form.body(codings), proposed)

    if sent(form, request.method, act):
        messages.success(request, f"Recorded: {form.cleaned_data['agent']}.")
        return redirect("evaluate:ledger", patient=patient)
    about = {"title": "Record a treatment", "go": "Record the treatment", "proposed": proposed}
    return _form(request, found, form, **about)


def _medicine(found: PatientChart, named: str) -> Entry | None:
    entries = {str(e.id): e for e, _ in found.chart.said(Medicine)}
    return entries.get(named)


def _proposed(entry: Entry | None) -> dict[str, Any]:
    """What the record says of the medicine; whether and how it counts is left to the person."""
    if entry is None:
        return {}
    body = entry.body
    return {
        "agent": body.name,
        "dose": body.dose,
        "daily_dose_mg": body.daily_dose_mg,
        "started": body.started,
        "stopped": body.stopped,
        "told_by": "record",
    }


@needs(Permission.WRITE_HISTORY)
@require_http_methods(["GET", "POST"])
def correct(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """Correct a treatment with everything that stands as the start."""
    found = chart_for(request, patient, Permission.WRITE_HISTORY)
    one = _line(found, entry)
    stood = {**msgspec.structs.asdict(one.body), "treatment": one.trial.kind, **_by_dose(one)}
    form = CorrectTrialForm(
        request.POST or None, initial={**stood, "entry_id": uuid4(), "corrects": one.entry.id}
    )

    def act(said: dict[str, Any]) -> None:
        seen = _seen(found, one, said["corrects"])
        body = form.body(one.body.codings)
        actions.correct(_act(request, found, said["entry_id"]), seen, body, said["reason"])

    if sent(form, request.method, act):
        messages.success(request, "Corrected. The old wording stays readable.")
        return redirect("evaluate:ledger", patient=patient)
    return _form(request, found, form, title=f"Correct: {one.body.agent}", go="Correct the treatment")


def _by_dose(one: Charted) -> dict[str, str]:
    """Where what was said of the dose is what the table says, a corrected dose is judged by the table again."""
    by_table = enough(one.body.agent, one.trial.kind, one.trial.daily_mg)
    same = by_table is one.body.minimum_effective_dose is not Answer.NOT_KNOWN
    return {"minimum_effective_dose": BY_DOSE} if same else {}


@needs(Permission.DECIDE)
@require_http_methods(["GET", "POST"])
def judge(request: Request, patient: UUID, entry: UUID) -> HttpResponse:
    """Say that a trial was or was not adequate, with the reason."""
    found = chart_for(request, patient, Permission.DECIDE)
    one = _line(found, entry)
    form = JudgeForm(request.POST or None, initial={"entry_id": uuid4(), "corrects": one.entry.id})

    def act(said: dict[str, Any]) -> None:
        seen = _seen(found, one, said["corrects"])
        judging = _act(request, found, said["entry_id"])
        actions.judge(judging, seen, adequate=said["adequate"] == "yes", reason=said["reason"])

    if sent(form, request.method, act):
        messages.success(request, "Judged, in your name.")
        return redirect("evaluate:ledger", patient=patient)
    says = summary(one.entry, zone())
    return _form(request, found, form, title=f"Judge: {one.body.agent}", go="Judge the trial", says=says)


@needs(Permission.WRITE_HISTORY)
@require_http_methods(["GET", "POST"])
def episode(request: Request, patient: UUID) -> HttpResponse:
    """Since when the present episode lasts, and how severe it is."""
    found = chart_for(request, patient, Permission.WRITE_HISTORY)
    stands = episode_of(found.chart)
    stood = msgspec.structs.asdict(stands) if stands else {}
    form = EpisodeForm(request.POST or None, initial={**stood, "entry_id": uuid4()})

    def act(said: dict[str, Any]) -> None:
        actions.episode(_act(request, found, said["entry_id"]), form.body())

    if sent(form, request.method, act):
        messages.success(request, "Recorded.")
        return redirect("evaluate:ledger", patient=patient)
    return _form(request, found, form, title="The present episode", go="Record the episode")


def _line(found: PatientChart, entry: UUID) -> Charted:
    """The treatment that this entry, or a correction of it, is about."""
    try:
        latest = found.chart.line(entry)[-1].id
    except KeyError:
        raise Http404("no such treatment for you") from None
    one = next((c for c in charted(found.chart) if c.entry.id == latest), None)
    if one is None:
        raise Http404("no such treatment for you")
    return one


def _seen(found: PatientChart, one: Charted, seen: UUID) -> Entry:
    """The entry that the form showed: correcting one that was meanwhile corrected is refused by the record."""
    return next((e for e in found.chart.line(one.entry.id) if e.id == seen), one.entry)


def _form(request: Request, found: PatientChart, form: Any, **more: Any) -> HttpResponse:
    about = {**patient_page(request, found, STEP), "form": form, "medicines": codes.medicine_names(), **more}
    return render(request, "evaluate/ledger_form.html", about, status=status(form))


def _act(request: Request, found: PatientChart, form_id: UUID) -> Act:
    return Act(
        person=request.person, patient_id=found.patient_id, form_id=form_id, zone=zone(), now=timezone.now()
    )
