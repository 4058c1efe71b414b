"""Whom letters and bills of a patient go to; what stands on the clinic's papers; its own prices."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lowtide.data.documents import bill
from lowtide.documents import forms
from lowtide.people import retry
from lowtide.people.banner import patient_page
from lowtide.people.charts import chart_for, stream_of
from lowtide.people.clinic import CLINIC
from lowtide.people.forms import sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record import store
from lowtide.record.entries.base import Body, Draft
from lowtide.record.entries.papers import Correspondent, Coverage, Letterhead, PriceSet

Form = forms.CorrespondentForm | forms.CoverageForm | forms.LetterheadForm | forms.PriceForm


@needs(Permission.SEND_DOCUMENTS)
@require_http_methods(["GET", "POST"])
def addressees(request: Request, patient: UUID) -> HttpResponse:
    """Who gets letters and who pays: an address each, no clinical content."""
    found = chart_for(request, patient, Permission.SEND_DOCUMENTS)
    last = [found.whole.last(kind) for kind in (Correspondent, Coverage)]
    which = request.POST.get("which", "")
    letters = forms.CorrespondentForm(request.POST if which == "letters" else None, initial=_initial(last[0]))
    payer = forms.CoverageForm(request.POST if which == "payer" else None, initial=_initial(last[1]))
    if _kept(request, letters, stream_of(patient)) or _kept(request, payer, stream_of(patient)):
        messages.success(request, "Recorded.")
        return redirect("documents:addressees", patient=patient)
    about = {**patient_page(request, found), "letters": letters, "payer": payer, "on_record": last}
    wrong = letters if letters.is_bound else payer
    if request.method == "POST" and not which:
        return redirect("documents:addressees", patient=patient)
    return render(
        request, "documents/addressees.html", about, status=status(wrong) if wrong.is_bound else 200
    )


@needs(Permission.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def letterhead(request: Request) -> HttpResponse:
    """The clinic's address and numbers, and what its services cost."""
    clinic, which = store.load(CLINIC), request.POST.get("which", "")
    last = clinic.last(Letterhead)
    head = forms.LetterheadForm(
        request.POST if which == "letterhead" else None, initial=_numbers(_initial(last))
    )
    price = forms.PriceForm(request.POST if which == "price" else None)
    if _kept(request, head, CLINIC) or _kept(request, price, CLINIC):
        messages.success(request, "Recorded.")
        return redirect("documents:letterhead")
    said = clinic.said(PriceSet)
    names = names_of({e.by for e, _ in said})
    codes = bill().codes
    prices = [(b, codes[b.code].label if b.code in codes else "", names[e.by]) for e, b in reversed(said)]
    about = {"head": head, "price": price, "prices": prices, "on_record": last}
    bound = [f for f in (head, price) if f.is_bound]
    return render(request, "documents/letterhead.html", about, status=status(bound[0]) if bound else 200)


def _kept(request: Request, form: Form, stream: str) -> bool:
    """Written, once the form was sent and is in order."""

    def do(given: dict[str, Any]) -> None:
        body: Body = form.body()
        draft = Draft(id=given["entry_id"], stream=stream, body=body, by=request.person.by, at=timezone.now())
        retry.append([draft])

    return form.is_bound and sent(form, request.method, do)


def _initial(last: tuple[Any, Any] | None) -> dict[str, Any]:
    """What stands, to be changed rather than typed again; the id is always a new one."""
    return {name: getattr(last[1], name) for name in last[1].__struct_fields__} if last else {}


def _numbers(initial: dict[str, Any]) -> dict[str, Any]:
    numbers = initial.get("numbers", {})
    return initial | {"provider": numbers.get("NPI", ""), "tax": numbers.get("Tax number", "")}
