"""The rules page: everything that decides, with its source; and the policy the clinic works under."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lowtide.data import rules as tables
from lowtide.data.policies import policies
from lowtide.pathway.evaluate.ruling import actions
from lowtide.pathway.evaluate.ruling.adopted import adopted, approvals, policy_in_force
from lowtide.pathway.evaluate.ruling.tables import chosen, lines
from lowtide.people.clinic import CLINIC
from lowtide.people.forms import EntryForm, add_problems
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput
from lowtide.record import store

KINDS = {
    "": "All",
    "rules": "Rules",
    "numbers": "Numbers",
    "interactions": "Interactions",
    "protocols": "Protocols",
}


class ApproveForm(EntryForm):
    key = forms.CharField(max_length=200)
    value = forms.CharField(max_length=2000)
    reason = forms.CharField(max_length=500)


class PolicyForm(EntryForm):
    """The policy in force, one own number more, and those that are given up again."""

    policy = forms.ChoiceField(label="Policy", widget=forms.RadioSelect)
    number = forms.ChoiceField(label="Own value for a number", required=False)
    value = forms.CharField(label="Value", required=False, max_length=20)
    given_up = forms.MultipleChoiceField(
        label="Give up an own value", required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(label="Reason", max_length=500)

    def __init__(self, *args: Any, own: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own = own
        numbers = tables.thresholds().values()
        self._offer("policy", [(n, f"{p.label}: {p.description}") for n, p in policies().items()])
        plain = [
            (t.name, f"{t.meaning}, {t.unit}".strip(", ")) for t in numbers if not isinstance(t.value, tuple)
        ]
        self._offer("number", [("", "none"), *sorted(plain, key=lambda pair: pair[1])])
        self._offer("given_up", [(n, f"{tables.thresholds()[n].meaning}: {v}") for n, v in own.items()])
        if not own:
            del self.fields["given_up"]

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if bool(said.get("number")) != bool(said.get("value")):
            self.add_error("value", "Choose a number and write its value, or leave both empty.")
        return said

    def overrides(self) -> dict[str, str]:
        """The own values after this form."""
        said = self.cleaned_data
        kept = {name: v for name, v in self.own.items() if name not in said.get("given_up", ())}
        return kept | ({said["number"]: said["value"].strip()} if said.get("number") else {})


@needs(Permission.SEE_RULES)
@require_GET
def rules(request: Request) -> HttpResponse:
    """Every rule, number, interaction and protocol with source, version and who answers for it."""
    clinic = store.load(CLINIC)
    policy, approved, taken = policy_in_force(clinic), approvals(clinic), adopted(clinic)
    every = lines(policy, approved)
    kind, show, typed = (request.GET.get(name, "").strip() for name in ("kind", "show", "q"))
    found = chosen(every, kind, show, typed)
    people = {line.approval.by for line in found if line.approval} | ({taken[0].by} if taken else set())
    names = names_of(people)
    about = {
        "rows": [(line, names.get(line.approval.by, "") if line.approval else "", uuid4()) for line in found],
        "kinds": [
            (name, words, len(chosen(every, name, show, typed)), _query(name, show, typed))
            for name, words in KINDS.items()
        ],
        "kind": kind,
        "show": show,
        "typed": typed,
        "toggle": _query(kind, "" if show else "unverified", typed),
        "open": sum(line.state == "unverified" for line in every),
        "total": len(every),
        "version": tables.version(),
        "policy": policy,
        "taken": taken[0] if taken else None,
        "taken_by": names[taken[0].by] if taken else "",
        "may_manage": request.person.can(Permission.MANAGE_POLICY),
        "may_decide": request.person.can(Permission.DECIDE),
        "query": _query(kind, show, typed),
    }
    return render(request, "evaluate/rules.html", about)


def _query(kind: str, show: str, typed: str) -> str:
    given = {name: value for name, value in (("kind", kind), ("show", show), ("q", typed)) if value}
    return f"?{urlencode(given)}" if given else "?"


@needs(Permission.MANAGE_POLICY)
@require_POST
def approve(request: Request) -> HttpResponse:
    """Approve one number or rule as it stands."""
    form = ApproveForm(request.POST)
    back = reverse("evaluate:rules") + _query(*(request.GET.get(n, "") for n in ("kind", "show", "q")))
    if not form.is_valid():
        messages.error(request, "Nothing was approved: write in a few words why.")
        return redirect(back)
    said = form.cleaned_data
    try:
        actions.approve(
            request.person, said["entry_id"], said["key"], said["value"], said["reason"], now=timezone.now()
        )
    except BadInput as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Approved, in your name.")
    return redirect(f"{back}#{said['key'].removeprefix('rule:')}")


@needs(Permission.MANAGE_POLICY)
@require_http_methods(["GET", "POST"])
def policy(request: Request) -> HttpResponse:
    """Adopt a policy, and set or give up the clinic's own numbers."""
    taken = adopted(store.load(CLINIC))
    own = dict(taken[1].overrides) if taken else {}
    form = PolicyForm(request.POST or None, own=own)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.adopt(
                request.person,
                said["entry_id"],
                said["policy"],
                form.overrides(),
                said["reason"],
                now=timezone.now(),
            )
        except BadInput as error:
            add_problems(form, error)
        else:
            messages.success(
                request, "From now on the clinic works under this policy. Here is what it moves."
            )
            return redirect("evaluate:everybody")
    about = {
        "form": form,
        "policy": policy_in_force(store.load(CLINIC)),
        "taken": taken,
        "taken_by": names_of({taken[0].by})[taken[0].by] if taken else "",
    }
    return render(request, "evaluate/policy.html", about, status=422 if form.errors else 200)
