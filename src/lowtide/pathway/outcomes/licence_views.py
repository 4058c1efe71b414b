"""The clinic's licensed wording of instruments that may not be shipped: which there is, and a place to enter it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.data.instruments import Instrument, instruments
from lowtide.pathway.outcomes.wording import in_force, licensed
from lowtide.people import retry
from lowtide.people.clinic import CLINIC, clinic_chart
from lowtide.people.forms import EntryForm, PartialDateField, sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.problems import bad
from lowtide.record.entries.base import Draft
from lowtide.record.entries.licensed import InstrumentText
from lowtide.record.entries.words import day

LARGEST_FILE = 200_000


class TextForm(EntryForm):
    """The wording, a line an item, typed or from a text file."""

    licence = forms.CharField(
        label="Licence", max_length=300, help_text="Who gave it, its number or letter, and its date."
    )
    until = PartialDateField(
        label="It ends", required=False, future=True, help_text="Such as 14 Mar 2028, Mar 2028 or 2028."
    )
    stem = forms.CharField(label="What is said before the items", max_length=1000, required=False)
    items = forms.CharField(
        label="Items, a line each",
        widget=forms.Textarea(attrs={"rows": 12}),
        required=False,
        max_length=LARGEST_FILE,
    )
    file = forms.FileField(label="or a text file with them", required=False)
    options = forms.CharField(
        label="Words of the answers, a line each, the lowest first",
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        max_length=5_000,
    )
    notice = forms.CharField(
        label="What the owner asks to be printed",
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        max_length=2_000,
    )

    def body(self, one: Instrument) -> InstrumentText:
        """Raises BadInput where the lines are not the items."""
        said = self.cleaned_data
        lines = _lines(self._file() or said["items"])
        if len(lines) != len(one.ids):
            what = f"{len(lines)} lines for {len(one.ids)} items"
            raise bad(what, "items", f"Write one line for each of {', '.join(one.ids)}, in this order.")
        options, (low, high) = _lines(said["options"]), one.range
        if options and len(options) != high - low + 1:
            what = f"{len(options)} words for the answers {low} to {high}"
            raise bad(what, "options", "Write one line for each value, or none at all.")
        return InstrumentText(
            instrument=one.id,
            items=dict(zip(one.ids, lines, strict=True)),
            licence=said["licence"].strip(),
            options=tuple(options),
            stem=said["stem"].strip(),
            notice=said["notice"].strip(),
            until=said["until"],
        )

    def _file(self) -> str:
        found = self.cleaned_data.get("file")
        if not found:
            return ""
        if found.size > LARGEST_FILE:
            raise bad("the file is too large for a questionnaire", "file", "Send plain text, a line an item.")
        try:
            return str(found.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise bad("this is not plain text", "file", "Save it as UTF-8 text, a line an item.") from None


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@needs(Permission.MANAGE_POLICY)
@require_GET
def wordings(request: Request) -> HttpResponse:
    """Every instrument, whether its wording is here, and on what ground."""
    clinic, today = clinic_chart(), timezone.localdate()
    rows = [_row(one, licensed(clinic, one.id), today) for one in instruments().values() if one.ids]
    return render(request, "outcomes/wordings.html", {"rows": rows})


def _row(one: Instrument, found: InstrumentText | None, today: Any) -> dict[str, Any]:
    return {
        "id": one.id.lower(),
        "one": one,
        "licence": one.licence_class.replace("_", " "),
        "found": found,
        "until": day(found.until) if found and found.until else "",
        "has_ended": found is not None and not in_force(found, today),
    }


@needs(Permission.MANAGE_POLICY)
@require_http_methods(["GET", "POST"])
def wording(request: Request, scale: str) -> HttpResponse:
    """Enter the licensed wording of one instrument, replace it, or take it away."""
    one = instruments().get(scale.upper())
    if one is None or not one.ids or one.has_text:
        raise Http404("no wording is asked for here")
    found = licensed(clinic_chart(), one.id)
    if request.method == "POST" and "take_away" in request.POST:
        return _take_away(request, one)
    form = TextForm(request.POST or None, request.FILES or None, initial=_initial(one, found))

    def act(said: dict[str, Any]) -> None:
        _write(request, form.body(one), said["entry_id"])

    if sent(form, request.method, act):
        messages.success(request, f"The wording of {one.name} is in use from now on.")
        return redirect("outcomes:wordings")
    about = {"form": form, "one": one, "found": found, "away": EntryForm()}
    return render(request, "outcomes/wording.html", about, status=status(form))


def _initial(one: Instrument, found: InstrumentText | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {
        "licence": found.licence,
        "until": found.until,
        "stem": found.stem,
        "items": "\n".join(found.items.get(item, "") for item in one.ids),
        "options": "\n".join(found.options),
        "notice": found.notice,
    }


def _take_away(request: Request, one: Instrument) -> HttpResponse:
    form = EntryForm(request.POST)
    if form.is_valid():
        body = InstrumentText(instrument=one.id, items={}, licence="")
        _write(request, body, form.cleaned_data["entry_id"])
        messages.success(request, f"The wording of {one.name} is shown no longer. Scores stay as they are.")
    return redirect("outcomes:wordings")


def _write(request: Request, body: InstrumentText, entry_id: UUID) -> None:
    now = timezone.now()
    retry.append([Draft(stream=CLINIC, body=body, by=request.person.by, at=now, id=entry_id)], now=now)
