"""Everything an evaluation page or its print is made from: the chart, the facts, the policy, and what is asked for."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from django import forms
from django.utils import timezone

from lowtide.data import vocabulary
from lowtide.data.policies import Policy, policies
from lowtide.pathway.course.approved import Approvals, approvals
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.facts import Facts, Requested
from lowtide.pathway.evaluate.ruling.adopted import policy_in_force
from lowtide.people.charts import PatientChart
from lowtide.people.clinic import CLINIC
from lowtide.people.who import Request
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.care import CandidacyDecided
from lowtide.record.entries.clinic import Clinic

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


def scene_of(request: Request, found: PatientChart) -> Scene:
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


def request_form(request: Request, scene: Scene) -> RequestForm:
    """What the address asks for; else what was decided on last; else nothing."""
    given: Mapping[str, Any] = request.GET
    last = scene.whole.last(CandidacyDecided)
    if not any(request.GET.get(kind) for kind in ASKED) and last:
        given = {kind: getattr(last[1], kind) for kind in ASKED} | {"policy": scene.policy.name}
    bound = any(given.get(kind) for kind in ASKED)
    return RequestForm(given if bound else None, default_policy=scene.policy)


def requested_of(words: Mapping[str, str], facts: Facts) -> Requested:
    setting = facts.values.get("setting")
    indication, product, route = (words[kind] for kind in ASKED)
    return Requested(indication, product, route, str(setting) if setting else None)


def query_of(words: Mapping[str, Any]) -> str:
    return urlencode({kind: words[kind] for kind in (*ASKED, "policy") if words.get(kind)})
