"""The rules page: everything that decides, with its source and who answers for it."""

from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lowtide.data import rules as tables
from lowtide.pathway.course.approved import signed_name
from lowtide.pathway.evaluate.ruling import actions
from lowtide.pathway.evaluate.ruling.adopted import adopted, policy_in_force
from lowtide.pathway.evaluate.ruling.tables import chosen, lines
from lowtide.people.clinic import CLINIC
from lowtide.people.forms import EntryForm
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
    "dosing": "Dosing",
    "monitoring": "Monitoring",
    "chair": "Chair",
    "rescue": "Rescue medicines",
    "safe": "Safe",
    "schedules": "Due times",
    "workup": "Work-up",
    "ledger": "Earlier treatment",
    "tolerability": "Tolerability",
    "consent": "Consent",
    "booking": "Booking",
    "prescreen": "Public page",
    "programs": "Programmes",
    "longterm": "Long-term safety",
}


class ApproveForm(EntryForm):
    key = forms.CharField(max_length=200)
    value = forms.CharField(max_length=2000)
    reason = forms.CharField(max_length=500)


@needs(Permission.SEE_RULES)
@require_GET
def rules(request: Request) -> HttpResponse:
    """Every rule, number, interaction and protocol with source, version and who answers for it."""
    clinic = store.load(CLINIC)
    policy, taken = policy_in_force(clinic), adopted(clinic)
    every = lines(clinic)
    kind, show, typed = (request.GET.get(name, "").strip() for name in ("kind", "show", "q"))
    found = chosen(every, kind, show, typed)
    people = {line.approval.by for line in found if line.approval} | ({taken[0].by} if taken else set())
    names = names_of(people)
    about = {
        "rows": [
            (line, signed_name(line.approval, names) if line.approval else "", uuid4()) for line in found
        ],
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
