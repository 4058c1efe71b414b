"""The evaluation of one patient for one request, and the prescriber's decision on it."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lowtide.data import rules as tables
from lowtide.data import vocabulary
from lowtide.data.policies import Policy, policies
from lowtide.pathway.course.approved import Approvals, approvals
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.deciding import page
from lowtide.pathway.evaluate.deciding.actions import Deciding, Moved, decide, suggestion
from lowtide.pathway.evaluate.deciding.kept import summaries
from lowtide.pathway.evaluate.deciding.moved import Summary, as_decided, moved, summary
from lowtide.pathway.evaluate.deciding.origins import origins
from lowtide.pathway.evaluate.facts import Facts, Requested
from lowtide.pathway.evaluate.rules import Evaluation, Finding, applying, escalations, evaluate
from lowtide.pathway.evaluate.ruling.adopted import (
    adopted,
    policy_in_force,
    rule_is_settled,
)
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import CLINIC
from lowtide.people.forms import EntryForm, add_problems
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CandidacyDecided
from lowtide.record.entries.clinic import Clinic
from lowtide.record.entries.words import moment
from lowtide.record.entries.words import summary as entry_words

ASKED = ("indication", "product", "route")


class RequestForm(forms.Form):
    """What is asked for. Nothing is chosen until somebody chose."""

    def __init__(self, *args: Any, default_policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in ASKED:
            self.fields[kind] = forms.ChoiceField(
                label={"indication": "For", "product": "With", "route": "By"}[kind],
                choices=[("", "choose"), *((w, word.label) for w, word in vocabulary.words()[kind].items())],
            )
        self.fields["policy"] = forms.ChoiceField(
            label="Under",
            required=False,
            initial=default_policy.name,
            choices=[(name, policy.label) for name, policy in policies().items()],
        )


class DecisionForm(EntryForm):
    """The prescriber's own decision, beside what the page showed when it was made."""

    decision = forms.ChoiceField(
        label="Nothing is chosen for you",
        choices=[(name, words.removesuffix(", for now")) for name, (_, words) in page.WORDS.items()],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Reason, in your words", max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    seen = forms.JSONField(widget=forms.HiddenInput)
    suggested = forms.CharField(widget=forms.HiddenInput)


class Scene(msgspec.Struct, frozen=True):
    """Everything one evaluation page is made from."""

    found: PatientChart
    whole: Chart
    facts: Facts
    clinic: Chart
    zone: ZoneInfo
    today: date
    policy: Policy
    approved: Approvals


@needs(Permission.SEE_CHART)
@require_GET
def evaluation(request: Request, patient: UUID) -> HttpResponse:
    """The evaluation for what is asked for, or the choice of it."""
    return _page(request, _scene(request, chart_for(request, patient)))


@needs(Permission.DECIDE)
@require_POST
def record_decision(request: Request, patient: UUID) -> HttpResponse:
    """Record the decision; where the facts moved since the page was shown, show what moved and ask again."""
    scene = _scene(request, chart_for(request, patient, Permission.DECIDE))
    form, asked = DecisionForm(request.POST), _request_form(request, scene)
    if not asked.is_valid():
        raise Http404("nothing is asked for")
    came: list[Entry] = []
    if form.is_valid():
        try:
            decide(_deciding(request, scene, form, _requested(asked.cleaned_data, scene.facts)))
        except Moved as error:
            came = error.entries
            add_problems(form, error)
        except BadInput as error:
            add_problems(form, error)
        else:
            messages.success(request, "The decision is recorded, with its findings.")
            return redirect(f"{reverse('evaluate:evaluate', args=[patient])}?{_query(asked.cleaned_data)}")
    return _page(request, _scene(request, chart_for(request, patient, Permission.DECIDE)), form, came)


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
        zone=scene.zone,
        now=timezone.now(),
    )


def _scene(request: Request, found: PatientChart) -> Scene:
    clinic, whole = store.load(CLINIC), found.whole
    said = clinic.last(Clinic)
    where = ZoneInfo(said[1].zone) if said else ZoneInfo("UTC")
    today = timezone.now().astimezone(where).date()
    policy = policy_in_force(clinic)
    if (chosen := request.GET.get("policy")) in policies() and chosen != policy.name:
        policy = policies()[chosen]
    return Scene(
        found, whole, facts_from_chart(whole, today, where), clinic, where, today, policy, approvals(clinic)
    )


def _request_form(request: Request, scene: Scene) -> RequestForm:
    """What the address asks for; else what was decided on last; else nothing."""
    given: Mapping[str, Any] = request.GET
    last = scene.whole.last(CandidacyDecided)
    if not any(request.GET.get(kind) for kind in ASKED) and last:
        given = {kind: getattr(last[1], kind) for kind in ASKED} | {"policy": scene.policy.name}
    bound = any(given.get(kind) for kind in ASKED)
    return RequestForm(given if bound else None, default_policy=scene.policy)


def _requested(words: Mapping[str, str], facts: Facts) -> Requested:
    setting = facts.values.get("setting")
    indication, product, route = (words[kind] for kind in ASKED)
    return Requested(indication, product, route, str(setting) if setting else None)


def _query(words: Mapping[str, Any]) -> str:
    return urlencode({kind: words[kind] for kind in (*ASKED, "policy") if words.get(kind)})


# -- the page -------------------------------------------------------------------------------------------------


def _page(
    request: Request, scene: Scene, form: DecisionForm | None = None, came: list[Entry] | None = None
) -> HttpResponse:
    asked = _request_form(request, scene)
    about: dict[str, Any] = {
        **patient_page(request, scene.found, "evaluate"),
        "asked": asked,
        "urgent": [_urgent(finding) for finding in escalations(scene.facts, scene.policy, scene.today)],
        "crisis_line": _crisis_line(scene.clinic),
        "made_at": timezone.now(),
    }
    if asked.is_bound and asked.is_valid():
        about |= _judged(request, scene, asked.cleaned_data, form, came or [])
    else:
        about["decided"] = _standing(scene, None, None)
    return render(request, "evaluate/evaluate.html", about, status=_status(form, came))


def _status(form: DecisionForm | None, came: list[Entry] | None) -> int:
    if form is None or not form.errors:
        return 200
    return 409 if came else 422


def _judged(
    request: Request, scene: Scene, words: Mapping[str, str], form: DecisionForm | None, came: list[Entry]
) -> dict[str, Any]:
    requested = _requested(words, scene.facts)
    made = evaluate(scene.facts, requested, scene.policy, scene.today)
    names = names_of(_people(scene, came))
    in_full, together = page.interactions(made, scene.approved, names)
    return {
        "query": _query(words),
        "made": made,
        "verdict": page.verdict(made),
        "groups": page.groups(
            made, origins(scene.whole, scene.today, scene.zone), scene.approved, names, scene.facts.unsettled
        ),
        "interactions": in_full,
        "minor": together,
        "clear": (silent := page.clear(made)),
        "domains": page.domains(silent),
        "ran": len(applying(requested)),
        "others": _side_by_side(scene, made, words),
        "unsettled": _unsettled(made, scene),
        "adopted": _adopted(scene, names),
        "decided": _standing(scene, made, names),
        "may_decide": request.person.can(Permission.DECIDE),
        "form": form or DecisionForm(),
        "hidden": {
            "seen": msgspec.json.encode(dict(scene.whole.known)).decode(),
            "suggested": suggestion(made),
        },
        "came": [_came(entry, scene, names) for entry in came],
    }


def _people(scene: Scene, came: list[Entry]) -> set[str]:
    last, taken = scene.whole.last(CandidacyDecided), adopted(scene.clinic)
    entries = [*came, *scene.approved.values(), *(pair[0] for pair in (last, taken) if pair)]
    return {entry.by for entry in entries}


def _came(entry: Entry, scene: Scene, names: Mapping[str, str]) -> dict[str, str]:
    return {
        "text": entry_words(entry, scene.zone),
        "by": names[entry.by],
        "at": moment(entry.recorded_at, scene.zone),
    }


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


def _standing(
    scene: Scene, made: Evaluation | None, names: Mapping[str, str] | None
) -> dict[str, Any] | None:
    """The decision that stands, and what has moved since it was made."""
    last = scene.whole.last(CandidacyDecided)
    if last is None:
        return None
    entry, body = last
    level, words = page.WORDS.get(body.decision, ("note", body.decision))
    now = _now(scene, body, made)
    differs = moved(as_decided(body), now) if now else None
    return {
        "entry": entry,
        "body": body,
        "level": level,
        "words": words.removesuffix(", for now"),
        "suggested": page.WORDS.get(body.suggested, ("", body.suggested))[1],
        "overrides": body.suggested != body.decision,
        "request": ", ".join(vocabulary.label(kind, getattr(body, kind)) for kind in ASKED),
        "by": (names or names_of({entry.by}))[entry.by],
        "at": moment(entry.at, scene.zone),
        "moved": _said_moved(differs, body, now) if differs and now else None,
        "rules_moved": body.rules_version != tables.version(),
    }


def _now(scene: Scene, body: CandidacyDecided, made: Evaluation | None) -> Summary | None:
    """What the rules say now of what was decided on, under the policy it was decided under."""
    name = body.policy.split(" ")[0]
    if name not in policies():
        return None
    requested = _requested({kind: getattr(body, kind) for kind in ASKED}, scene.facts)
    if made and made.requested == requested and made.policy.name == name:
        return summary(made)
    in_force = policy_in_force(scene.clinic)
    policy = in_force if in_force.name == name else policies()[name]
    return summaries(scene.whole, [(requested, policy)], scene.today, scene.zone, scene.facts)[0]


def _said_moved(differs: Any, body: CandidacyDecided, now: Summary) -> dict[str, Any]:
    rule = tables.rules()
    return {
        "turned": differs.turned,
        "after": page.WORDS[now.decision][1],
        "before": page.WORDS.get(body.suggested, ("", body.suggested))[1],
        "new": [
            f"{i} {rule[i].domain}: {now.findings[i].replace('_', ' ')}" for i in differs.new if i in rule
        ],
        "gone": list(differs.gone),
        "changed": [f"{i} now {now.findings[i].replace('_', ' ')}" for i in differs.changed],
        "learned": [page.label_of(item) for item in differs.learned],
        "forgotten": [page.label_of(item) for item in differs.forgotten],
    }
