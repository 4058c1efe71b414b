"""The pages of the walk: how far it has come, and one step with its numbers."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lowtide.data import approving
from lowtide.pathway.evaluate.ruling import actions
from lowtide.pathway.evaluate.ruling.actions import Pick, Signing
from lowtide.pathway.evaluate.ruling.walk import Row, next_open, people, signers, stops, totals
from lowtide.people.clinic import CLINIC
from lowtide.people.forms import EntryForm
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.problems import BadInput, bad
from lowtide.record import store
from lowtide.record.entries.base import Entry

DONE = {
    "accept": "Signed, in your name: {n} approved.",
    "change": "Signed, in your name: the clinic’s own value stands.",
    "postpone": "Noted: you look at it again later. It stays marked.",
}
SEARCHED_FROM = 12
"""A step of so many rows has a search and a list of its groups."""


class TakeBackForm(EntryForm):
    """Which word is withdrawn, and why."""

    word = forms.UUIDField()
    reason = forms.CharField(max_length=500)


class ChoiceForm(forms.Form):
    """What was chosen for one number, or for a group: `pick` says which, as it stood on the page."""

    entry_id = forms.UUIDField()
    choice = forms.ChoiceField(choices=[(name, name) for name in DONE])
    own = forms.CharField(required=False, max_length=20)
    which = forms.CharField(required=False, max_length=200)
    reason = forms.CharField(required=False, max_length=500)


@needs(Permission.MANAGE_POLICY)
@require_GET
def walk(request: Request) -> HttpResponse:
    """Every step with what is left, and the way on."""
    found = stops(store.load(CLINIC))
    about = {"stops": [s for s in found if s.rows], "next": next_open(found), "count": totals(found)}
    return render(request, "evaluate/walk.html", about)


@needs(Permission.MANAGE_POLICY)
@require_GET
def step(request: Request, step: str) -> HttpResponse:
    """One step: what waits, what was put off, what is settled."""
    return _page(request, step)


@needs(Permission.MANAGE_POLICY)
@require_POST
def sign(request: Request, step: str) -> HttpResponse:
    """Sign what was chosen; what was typed stays beside its number when it cannot be signed."""
    form = ChoiceForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was chosen. Accept, change or postpone a number, then sign.")
        return redirect("evaluate:walk_step", step=step)
    said = form.cleaned_data
    try:
        picks = _picks(request)
        entries = _signed(request, picks, said)
    except BadInput as error:
        return _page(request, step, {"said": said, "key": _first_key(request), "error": _told(error)})
    messages.success(request, DONE[said["choice"]].format(n=_count(entries)))
    return redirect(_onward(step))


@needs(Permission.MANAGE_POLICY)
@require_POST
def take_back(request: Request, step: str) -> HttpResponse:
    """Withdraw the latest word on a number: what stood before it stands again."""
    form = TakeBackForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was taken back: write in a few words why.")
        return redirect("evaluate:walk_step", step=step)
    said = form.cleaned_data
    signing = Signing(
        person=request.person, entry_id=said["entry_id"], now=timezone.now(), reason=said["reason"]
    )
    try:
        actions.take_back(signing, said["word"])
    except BadInput as error:
        messages.error(request, f"Nothing was taken back. {_told(error)}")
    else:
        messages.success(request, "Taken back, in your name. What stood before it stands again.")
    return redirect("evaluate:walk_step", step=step)


def _told(error: BadInput) -> str:
    found = (f"{p.what[:1].upper()}{p.what[1:]}. {p.mend}" for p in error.problems)
    return " ".join(found)


def _picks(request: Request) -> list[Pick]:
    try:
        return [msgspec.json.decode(text, type=Pick) for text in request.POST.getlist("pick")]
    except msgspec.MsgspecError:
        raise bad("the choice could not be read", "pick", "Open the page again.") from None


def _first_key(request: Request) -> str:
    try:
        picks = _picks(request)
    except BadInput:
        return ""
    return picks[0].key if len(picks) == 1 else ""


def _signed(request: Request, picks: list[Pick], said: dict[str, Any]) -> list[Entry]:
    signing = Signing(
        person=request.person, entry_id=said["entry_id"], now=timezone.now(), reason=said["reason"]
    )
    if said["choice"] == "accept" and said["own"].strip():  # the enter key presses the first button
        raise bad(
            "an own value was typed", "own", "Press Change to set it, or clear it to accept what stands."
        )
    if said["choice"] == "accept":
        return actions.accept(signing, picks)
    if len(picks) != 1:
        raise bad("one number at a time", "pick", "Choose one.")
    if said["choice"] == "change":
        return actions.change(signing, picks[0], said["own"], said["which"])
    return actions.postpone(signing, picks[0])


def _count(entries: list[Entry]) -> str:
    return f"{len(entries)} number{'' if len(entries) == 1 else 's'}"


def _onward(step: str) -> str:
    """The next number of this step; else the next step; else the overview."""
    found = stops(store.load(CLINIC))
    here = next((stop for stop in found if stop.step.id == step), None)
    if here and here.open:
        return f"{reverse('evaluate:walk_step', args=[step])}#{here.groups('open')[0].rows[0].line.id}"
    onward = next_open(found, step)
    return reverse("evaluate:walk_step", args=[onward.step.id]) if onward else reverse("evaluate:walk")


def _page(request: Request, step: str, back: dict[str, Any] | None = None) -> HttpResponse:
    found = stops(store.load(CLINIC))
    here = next((stop for stop in found if stop.step.id == step), None)
    if here is None:
        raise Http404("no such step")
    names = signers(here.rows, names_of(set(people(here.rows))))
    typed = request.GET.get("q", "").strip()
    whole, here = here, here.naming(typed)
    about = {
        "stop": here,
        "whole": whole,
        "typed": typed,
        "searched": len(whole.rows) > SEARCHED_FROM,
        "place": [stop.step.id for stop in found].index(step) + 1,
        "places": len(found),
        "onward": next_open(found, step),
        "groups": [
            (
                f"g{n}",
                group,
                [_shown(row, names, back) for row in group.rows],
                uuid4(),
            )
            for n, group in enumerate(here.groups("open"))
        ],
        "put_off": [_shown(row, names, back) for row in here.of("postponed")],
        "settled": [_shown(row, names, back) for row in here.of("settled")],
        "meaning": approving.meaning(),
        "name": request.person.name,
        "error": back["error"] if back else "",
        "count": totals(found),
    }
    return render(request, "evaluate/walk_step.html", about, status=422 if back else 200)


def _shown(row: Row, names: dict[str, str], back: dict[str, Any] | None) -> dict[str, Any]:
    """A row with its form; what was typed and refused stands in it again."""
    again = back if back and back["key"] == row.line.key else None
    signed = row.line.approval or row.put_off
    return {
        "line": row.line,
        "state": row.state,
        "pick": msgspec.json.encode(Pick(row.line.key, row.line.value, row.seen)).decode(),
        "entry_id": _again_id(again) or uuid4(),
        "own": again["said"]["own"] if again else "",
        "which": again["said"]["which"] if again else "",
        "word": row.seen,
        "take_back_id": uuid4(),
        "gone": row.gone,
        "reason": again["said"]["reason"] if again else "",
        "error": again["error"] if again else "",
        "changing": bool(again and again["said"]["choice"] == "change"),
        "signed": signed,
        "by": names.get(str(signed.id), "") if signed else "",
    }


def _again_id(again: dict[str, Any] | None) -> UUID | None:
    return again["said"]["entry_id"] if again else None
