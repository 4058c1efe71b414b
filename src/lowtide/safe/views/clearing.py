"""Cases with their trail; a lot that is recalled: where it is, who received it, and holding it."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lowtide.data.safe import label, products, safe
from lowtide.people.charts import log_readings
from lowtide.people.forms import sent, status
from lowtide.people.models import StaffIndex
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs, person_from
from lowtide.problems import bad
from lowtide.safe import places
from lowtide.safe.actions import clearing
from lowtide.safe.actions.stock import tidy
from lowtide.safe.charted import charted
from lowtide.safe.forms import CaseCloseForm, CaseNoteForm, Choices, HoldForm
from lowtide.safe.ledger import Case
from lowtide.safe.reports import given_of
from lowtide.safe.shown.patients import patients_of
from lowtide.safe.views.common import Seen, act, see


@needs(Permission.SEE_SAFE)
@require_GET
def cases(request: Request) -> HttpResponse:
    """Every case, those that wait first."""
    found = [(seen, case) for seen in _all(request) for case in seen.books.cases.values()]
    names = names_of({case.owner for _, case in found})
    rows: list[dict[str, Any]] = [
        {
            "seen": seen,
            "case": case,
            "owner": names[case.owner],
            "late": not case.closed and case.body.due_at < seen.now,
        }
        for seen, case in sorted(found, key=lambda p: (p[1].closed is not None, p[1].body.due_at))
    ]
    return render(
        request, "safe/cases.html", {"rows": rows, "open": sum(case.closed is None for _, case in found)}
    )


def _all(request: Request) -> list[Seen]:
    return [see(request, place) for place in places.places()]


@needs(Permission.SEE_SAFE)
def case(request: Request, place: str, case: UUID) -> HttpResponse:
    """One case: how it began, its trail; a note or its end."""
    seen = see(request, place)
    found = _found(seen, case)
    closing = "close" in request.POST
    noting = CaseNoteForm(None if closing else request.POST or None, owners=_owners(found), prefix="note")
    close = CaseCloseForm(request.POST if closing else None, prefix="close")
    form = close if closing else noting
    if sent(form, request.method, lambda given: _said(request, seen, found, form)):
        messages.success(request, "The case is closed." if closing else "Written down.")
        return redirect("safe:case", place=place, case=case)
    about = _told(request, seen, found) | {"noting": noting, "closing": close}
    return render(request, "safe/case.html", about, status=status(form))


def _found(seen: Seen, case: UUID) -> Case:
    try:
        return seen.books.cases[case]
    except KeyError:
        raise Http404("no such case") from None


def _said(request: Request, seen: Seen, found: Case, form: CaseNoteForm | CaseCloseForm) -> None:
    given = form.cleaned_data
    doing = act(request, seen.place, given)
    if isinstance(form, CaseCloseForm):
        clearing.close(
            doing, case=found.id, finding=given["finding"], text=given["text"], reference=given["reference"]
        )
    else:
        clearing.note(
            doing, case=found.id, text=given["text"], contact=given["contact"], owner=given["owner"] or None
        )


def _owners(found: Case) -> Choices:
    """Everybody who works at the safe, without the present owner."""
    staff = [person_from(row) for row in StaffIndex.objects.filter(active=True).order_by("name")]
    return [(p.by, p.name) for p in staff if p.can(Permission.USE_SAFE) and p.by != found.owner]


def _told(request: Request, seen: Seen, found: Case) -> dict[str, Any]:
    ends = [found.closed] if found.closed else []
    people = {found.owner, found.entry.by, found.body.owner}
    for entry, body in (*found.notes, *ends):
        people |= {entry.by} | {
            w for w in (getattr(body, "owner", None), getattr(body, "witness", None)) if w
        }
    names = names_of(people)
    lot = seen.books.lots.get((found.body.product or "", found.body.lot or ""))
    return {
        "seen": seen,
        "case": found,
        "owner": names[found.owner],
        "opened_by": names[found.entry.by],
        "late": not found.closed and found.body.due_at < seen.now,
        "notes": [(e, b, names[e.by], names.get(b.owner or "", "")) for e, b in found.notes],
        "closed": found.closed and {
            "entry": found.closed[0],
            "body": found.closed[1],
            "by": names[found.closed[0].by],
            "witness": names.get(found.closed[1].witness or "", ""),
            "finding": safe().found.get(found.closed[1].finding, found.closed[1].finding),
        },
        "product": label(found.body.product) if found.body.product else "",
        "lot": lot,
        "difference": _difference(found),
        "report": safe().loss_report if found.body.what == "loss" else None,
        "may_note": request.person.can(Permission.USE_SAFE) and not found.closed,
        "may_close": request.person.can(Permission.KEEP_SAFE) and not found.closed,
    }  # fmt: skip


def _difference(found: Case) -> str:
    body = found.body
    if body.expected is None or body.found is None:
        return ""
    return f"{body.found - body.expected:+f} {body.unit or ''}".strip()


@needs(Permission.SEE_SAFE)
@require_GET
def recall(request: Request) -> HttpResponse:
    """Where a lot is, and who received something of it."""
    asked = tidy(request.GET.get("lot", ""))
    found = [_lot(request, seen, key) for seen in _all(request) for key in seen.books.lots if key[1] == asked]
    about = {
        "asked": asked,
        "found": found,
        "products": sorted({(f["key"][0], f["label"]) for f in found})
        or [(p.id, p.label) for p in products().values()],
        "form": HoldForm(),
        "keeps": request.person.can(Permission.KEEP_SAFE),
        "held": any(f["held"] for f in found),
        "charted": _charted(request, asked, {at for f in found for at in f["drawn_for"]}),
    }
    return render(request, "safe/recall.html", about)


def _charted(request: Request, asked: str, told: set[UUID | None]) -> list[dict[str, Any]]:
    """What charts alone say of the lot: it was read off a vial and not drawn here. Whose charts it names is logged."""
    found = [one for one in charted(asked) if one.session not in told] if asked else []
    patients = patients_of(one.patient for one in found)
    log_readings(
        request, {p.stream for p in patients.values()}, allowed=True, detail=f"recall of lot {asked}"
    )
    return [{"who": patients[one.patient], "one": one} for one in found if one.patient in patients]


def _lot(request: Request, seen: Seen, key: tuple[str, str]) -> dict[str, Any]:
    """The lot in one safe: what is left, what went into whom. Whose charts it names is logged."""
    given = given_of(seen.books, key)
    drawn = [d for d in seen.books.draws.values() if (d.body.product, d.body.lot) == key]
    out = [d for d in drawn if d in seen.books.open_draws()]
    patients = patients_of(d.body.patient for d in (*out, *(d for d, _ in given)))
    log_readings(
        request, {p.stream for p in patients.values()}, allowed=True, detail=f"recall of lot {key[1]}"
    )
    lot = seen.books.lots[key]
    return {
        "seen": seen,
        "key": key,
        "label": label(key[0]),
        "lot": lot,
        "here": seen.books.on_hand(key),
        "held": seen.books.is_held(key),
        "notice": seen.books.held[key][1].notice if seen.books.is_held(key) else "",
        "given": [
            {"at": d.entry.at, "who": patients.get(d.body.patient), "patient": d.body.patient, "quantity": q,
             "mg": q * lot.mg_per_unit, "session": d.entry.session}
            for d, q in given
        ],
        "out": [{"at": d.entry.at, "who": patients.get(d.body.patient), "patient": d.body.patient,
                 "quantity": seen.books.in_hand(d.id), "session": d.entry.session} for d in out],
        "drawn_for": {d.entry.session for d in drawn},
    }  # fmt: skip


@needs(Permission.KEEP_SAFE)
@require_POST
def hold(request: Request) -> HttpResponse:
    """Hold a lot in every safe, or release it."""
    form = HoldForm(request.POST)
    lot, product = tidy(request.POST.get("lot", "")), request.POST.get("product", "")
    held = request.POST.get("do") != "release"

    def do(given: dict[str, Any]) -> None:
        key = (product, lot)
        if product not in products() or not lot:
            raise bad("the product or the lot is missing", "lot", "Name both.")
        doing = act(request, places.active()[0] if places.active() else "", given)
        clearing.hold(doing, key=key, held=held, notice=given["notice"], places=places.active())

    if sent(form, request.method, do):
        messages.success(
            request, f"Lot {lot} {'may not be drawn anywhere' if held else 'may be drawn again'}."
        )
    else:
        messages.error(request, "Not written: name the product, the lot, and what it rests on.")
    return redirect(f"{reverse('safe:recall')}?lot={quote(lot)}")
