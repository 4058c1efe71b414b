"""The page of hazards: control, what is not built, tests, what remains, and who accepts it here."""

from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lowtide.people.clinic import CLINIC
from lowtide.people.forms import ReasonForm
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput
from lowtide.record import store
from lowtide.site.hazards import accepting


class HazardForm(ReasonForm):
    hazard = forms.CharField(max_length=10)
    seen = forms.CharField(max_length=100)


@needs(Permission.SEE_RULES)
@require_GET
def hazards(request: Request) -> HttpResponse:
    """Every hazard of the software, the open ones first or all."""
    every = accepting.standing(store.load(CLINIC))
    still = [one for one in every if one.accepted is None]
    shown = still if request.GET.get("show") == "open" else every
    about = {
        "rows": [(one, uuid4()) for one in shown],
        "names": names_of({one.signed.by for one in shown if one.signed}),
        "total": len(every),
        "open": len(still),
        "only_open": shown is still,
        "may_accept": request.person.can(Permission.MANAGE_POLICY),
    }
    return render(request, "hazards.html", about)


@needs(Permission.MANAGE_POLICY)
@require_POST
def accept(request: Request) -> HttpResponse:
    """Accept what remains of one hazard, or take that back."""
    form = HazardForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was signed: write in a few words why.")
        return redirect("site:hazards")
    said = form.cleaned_data
    verb = accepting.withdraw if "withdraw" in request.POST else accepting.accept
    signing = accepting.Signing(person=request.person, now=timezone.now(), **said)
    try:
        verb(signing)
    except BadInput as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Withdrawn." if verb is accepting.withdraw else "Accepted, in your name.")
    return redirect(f"{reverse('site:hazards')}#{said['hazard']}")
