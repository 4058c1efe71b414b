"""The evaluation of one patient for one request, and the prescriber's decision on it."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lowtide.data.policies import policies
from lowtide.pathway.evaluate.deciding import page
from lowtide.pathway.evaluate.deciding.actions import Deciding, Moved, decide, suggestion
from lowtide.pathway.evaluate.deciding.changing import outlook
from lowtide.pathway.evaluate.deciding.forms import DecisionForm
from lowtide.pathway.evaluate.deciding.kept import summaries
from lowtide.pathway.evaluate.deciding.moved import Summary, moved, summary
from lowtide.pathway.evaluate.deciding.origins import origins
from lowtide.pathway.evaluate.deciding.scene import (
    ASKED,
    Scene,
    query_of,
    request_form,
    requested_of,
    scene_of,
)
from lowtide.pathway.evaluate.deciding.standing import standing
from lowtide.pathway.evaluate.facts import Requested
from lowtide.pathway.evaluate.rules import Evaluation, Finding, applying, escalations, evaluate
from lowtide.pathway.evaluate.ruling.adopted import (
    adopted,
    policy_in_force,
    rule_is_settled,
)
from lowtide.pathway.evaluate.workup.page import rows, tally
from lowtide.pathway.evaluate.workup.state import lines
from lowtide.people.banner import patient_page
from lowtide.people.charts import chart_for
from lowtide.people.forms import add_problems
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CandidacyDecided
from lowtide.record.entries.clinic import Clinic
from lowtide.record.entries.words import moment
from lowtide.record.entries.words import summary as entry_words


@needs(Permission.SEE_CHART)
@require_GET
def evaluation(request: Request, patient: UUID) -> HttpResponse:
    """The evaluation for what is asked for, or the choice of it."""
    return _page(request, scene_of(request, chart_for(request, patient)))


@needs(Permission.DECIDE)
@require_POST
def record_decision(request: Request, patient: UUID) -> HttpResponse:
    """Record the decision; where the facts moved since the page was shown, show what moved and ask again."""
    scene = scene_of(request, chart_for(request, patient, Permission.DECIDE))
    asked = request_form(request, scene)
    if not asked.is_valid():
        raise Http404("nothing is asked for")
    requested = requested_of(asked.cleaned_data, scene.facts)
    form = DecisionForm(request.POST, made=evaluate(scene.facts, requested, scene.policy, scene.today))
    came: list[Entry] = []
    if form.is_valid():
        try:
            decide(_deciding(request, scene, form, requested))
        except Moved as error:
            came = error.entries
            add_problems(form, error)
        except BadInput as error:
            add_problems(form, error)
        else:
            messages.success(request, "The decision is recorded, with its findings.")
            return redirect(f"{reverse('evaluate:evaluate', args=[patient])}?{query_of(asked.cleaned_data)}")
    return _page(request, scene_of(request, chart_for(request, patient, Permission.DECIDE)), form, came)


def _deciding(request: Request, scene: Scene, form: DecisionForm, requested: Requested) -> Deciding:
    said = form.cleaned_data
    seen = said["seen"] if isinstance(said["seen"], dict) else {}
    return Deciding(
        person=request.person,
        patient_id=scene.found.patient_id,
        entry_id=said["entry_id"],
        requested=requested,
        policy=scene.policy,
        approved=scene.approved,
        decision=said["decision"],
        reason=said["reason"],
        seen={str(k): v for k, v in seen.items() if isinstance(v, int)},
        suggested=said["suggested"],
        overrides=form.overrides,
        zone=scene.zone,
        now=timezone.now(),
    )


# -- the page -------------------------------------------------------------------------------------------------


def _page(
    request: Request, scene: Scene, form: DecisionForm | None = None, came: list[Entry] | None = None
) -> HttpResponse:
    asked = request_form(request, scene)
    about: dict[str, Any] = {
        **patient_page(request, scene.found, "evaluate"),
        "asked": asked,
        "urgent": urgent(scene),
        "crisis_line": _crisis_line(scene.clinic),
        "made_at": timezone.now(),
    }
    if asked.is_bound and asked.is_valid():
        about |= _judged(request, scene, asked.cleaned_data, form, came or [])
    else:
        about["decided"] = standing(scene, None, None)
    return render(request, "evaluate/evaluate.html", about, status=_status(form, came))


def _status(form: DecisionForm | None, came: list[Entry] | None) -> int:
    if form is None or not form.errors:
        return 200
    return 409 if came else 422


def _judged(
    request: Request, scene: Scene, words: Mapping[str, str], form: DecisionForm | None, came: list[Entry]
) -> dict[str, Any]:
    about = judged(scene, words, came)
    return about | {
        "may_decide": request.person.can(Permission.DECIDE),
        "may_record": request.person.can(Permission.WRITE_HISTORY),
        "form": form or DecisionForm(made=about["made"]),
    }


def judged(scene: Scene, words: Mapping[str, str], came: Sequence[Entry] = ()) -> dict[str, Any]:
    """What the rules say of a request, as page and print show it."""
    requested = requested_of(words, scene.facts)
    made = evaluate(scene.facts, requested, scene.policy, scene.today)
    names = names_of(_people(scene, came))
    found = origins(scene.whole, scene.today, scene.zone)
    tests = lines(scene.facts, requested, scene.policy, scene.today)
    in_full, together = page.interactions(made, scene.approved, names)
    return {
        "query": query_of(words),
        "made": made,
        "verdict": page.verdict(made, outlook(scene.facts, made)),
        "groups": page.groups(made, found, scene.approved, names, scene.facts.unsettled),
        "workup": (shown := rows(tests, found, scene.today)),
        "workup_open": [row for row in shown if row["level"] in ("hold", "unknown")],
        "workup_rest": [row for row in shown if row["level"] not in ("hold", "unknown")],
        "tally": tally(tests),
        "interactions": in_full,
        "minor": together,
        "clear": (silent := page.clear(made)),
        "domains": page.domains(silent),
        "ran": len(applying(requested)),
        "others": _side_by_side(scene, made, words),
        "unsettled": _unsettled(made, scene),
        "adopted": _adopted(scene, names),
        "decided": standing(scene, made, names),
        "hidden": {
            "seen": msgspec.json.encode(dict(scene.whole.known)).decode(),
            "suggested": suggestion(made),
        },
        "came": [_came(entry, scene, names) for entry in came],
    }


def _people(scene: Scene, came: Sequence[Entry]) -> set[str]:
    last, taken = scene.whole.last(CandidacyDecided), adopted(scene.clinic)
    entries = [*came, *scene.approved.values(), *(pair[0] for pair in (last, taken) if pair)]
    return {entry.by for entry in entries}


def _came(entry: Entry, scene: Scene, names: Mapping[str, str]) -> dict[str, str]:
    return {
        "text": entry_words(entry, scene.zone),
        "by": names[entry.by],
        "at": moment(entry.recorded_at, scene.zone),
    }


def urgent(scene: Scene) -> list[dict[str, str]]:
    """What calls for a clinician now, whatever is asked for."""
    return [_urgent(finding) for finding in escalations(scene.facts, scene.policy, scene.today)]


def _urgent(finding: Finding) -> dict[str, str]:
    return {
        "id": finding.rule.id,
        "what": ", ".join(used.label for used in finding.used),
        "criterion": finding.rule.criterion,
        "action": finding.rule.action,
    }


def _crisis_line(clinic: Chart) -> str:
    said = clinic.last(Clinic)
    return said[1].crisis_line if said else ""


def _side_by_side(scene: Scene, made: Evaluation, words: Mapping[str, str]) -> list[dict[str, Any]]:
    """The same facts under every policy."""
    in_force = policy_in_force(scene.clinic)
    profiles = [in_force if name == in_force.name else policy for name, policy in policies().items()]
    short = summaries(
        scene.whole, [(made.requested, p) for p in profiles], scene.today, scene.zone, scene.facts
    )
    here = summary(made)
    return [
        {
            "policy": policy,
            "decision": one.decision,
            "level": page.WORDS[one.decision][0],
            "ladder": [(words_, name == one.decision) for name, (_, words_) in LADDER.items()],
            "here": policy.name == made.policy.name,
            "why": _why_differs(here, one) if policy.name != made.policy.name else "",
            "in_force": policy.name == in_force.name,
            "query": urlencode({**{kind: words[kind] for kind in ASKED}, "policy": policy.name}),
        }
        for policy, one in zip(profiles, short, strict=True)
    ]


LADDER = {name: (level, words.removesuffix(", for now")) for name, (level, words) in page.WORDS.items()}


def _why_differs(here: Summary, there: Summary) -> str:
    differs = moved(here, there)
    parts = [f"{rule} {there.findings[rule].replace('_', ' ')}" for rule in (*differs.changed, *differs.new)]
    parts += [f"without {rule}" for rule in differs.gone]
    return ", ".join(parts) or "no finding differs"


def _unsettled(made: Evaluation, scene: Scene) -> int:
    """How many of the rules that ran rest on something that is neither verified nor approved."""
    numbers = made.policy.numbers()
    rules = applying(made.requested)
    return sum(not rule_is_settled(rule, numbers, scene.approved) for rule in rules)


def _adopted(scene: Scene, names: Mapping[str, str]) -> str:
    taken = adopted(scene.clinic)
    if taken is None:
        return "nobody has adopted a policy here yet"
    return f"adopted by {names[taken[0].by]}, {moment(taken[0].at, scene.zone)}"
