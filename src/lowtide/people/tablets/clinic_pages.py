"""The clinic's page of its shared tablets: who holds a key on which, and what is done about a lost one."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lowtide.people.roles import Permission
from lowtide.people.sign_in import note
from lowtide.people.tablets import keeping
from lowtide.people.tablets.forms import NameForm
from lowtide.people.who import Request, needs
from lowtide.problems import BadInput

DONE = {
    "rename": "The tablet has its name.",
    "lost": "Reported lost: it gives no key, takes no PIN, and nothing is taken from it until it is found.",
    "found": "Found: it takes PINs again, and what waits on it is sent.",
    "take-back": "Every key on it has ended: whoever goes on there unlocks it again.",
}


@needs(Permission.MANAGE_STAFF)
@require_GET
def tablets(request: Request) -> HttpResponse:
    """Every tablet that somebody has signed in at."""
    return render(request, "people/tablets.html", {"tablets": keeping.tablets()})


@needs(Permission.MANAGE_STAFF)
@require_POST
def change_tablet(request: Request, device: UUID, what: str) -> HttpResponse:
    """Name a tablet, report it lost or found, end the keys on it."""
    if what not in DONE:
        raise Http404("there is no such step")
    form, key, now = NameForm(request.POST), str(device), timezone.now()
    form.full_clean()
    steps = {
        "rename": lambda: keeping.rename(key, form.cleaned_data.get("name", "")),
        "lost": lambda: keeping.report_lost(request.person, key, now=now),
        "found": lambda: keeping.report_found(key),
        "take-back": lambda: keeping.take_back(key, now=now),
    }
    try:
        steps[what]()
    except BadInput as error:
        raise Http404(str(error)) from None
    note(request, request.person.by, f"tablet {key}: {what}")
    messages.success(request, DONE[what])
    return redirect("people:tablets")
