"""The policy the clinic works under: where guidance conflicts, adopting another one, and its history."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lowtide.data import rules as tables
from lowtide.data.policies import policies
from lowtide.pathway.evaluate.ruling import actions
from lowtide.pathway.evaluate.ruling.adopted import adopted, own_numbers, policy_in_force
from lowtide.pathway.evaluate.ruling.conflicts import conflicts, history
from lowtide.people.clinic import CLINIC
from lowtide.people.forms import EntryForm, add_problems
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput
from lowtide.record import store


class PolicyForm(EntryForm):
    """The policy in force, one own number more, and those that are given up again."""

    policy = forms.ChoiceField(label="Policy", widget=forms.RadioSelect)
    number = forms.ChoiceField(label="Own value for a number", required=False)
    value = forms.CharField(label="Value", required=False, max_length=20)
    given_up = forms.MultipleChoiceField(
        label="Give up an own value", required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(label="Reason", max_length=500)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

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


@needs(Permission.MANAGE_POLICY)
@require_http_methods(["GET", "POST"])
def policy(request: Request) -> HttpResponse:
    """Adopt a policy, and set or give up the clinic's own numbers."""
    clinic = store.load(CLINIC)
    seen = {"seen": actions.policy_seen(clinic)}
    form = PolicyForm(request.POST or None, own=own_numbers(clinic), initial=seen)
    if request.method == "POST" and form.is_valid() and _adopted(request, form):
        messages.success(request, "From now on the clinic works under this policy. Here is what it moves.")
        return redirect("evaluate:everybody")
    taken, said = adopted(clinic), history(clinic)
    about = {
        "form": form,
        "policy": policy_in_force(clinic),
        "taken": taken,
        "taken_by": names_of({taken[0].by})[taken[0].by] if taken else "",
        "conflicts": conflicts(clinic),
        "profiles": [p.label for p in policies().values()],
        "history": said,
        "names": names_of({one.entry.by for one in said}),
    }
    return render(request, "evaluate/policy.html", about, status=422 if form.errors else 200)


def _adopted(request: Request, form: PolicyForm) -> bool:
    said = form.cleaned_data
    try:
        actions.adopt(
            request.person,
            said["entry_id"],
            said["policy"],
            form.overrides(),
            said["reason"],
            now=timezone.now(),
            seen=said["seen"] if "seen" in form.data else None,
        )
    except BadInput as error:
        add_problems(form, error)
        return False
    return True
