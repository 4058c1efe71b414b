"""Stock comes and goes: receive, hand over, destroy, adjust, lose; open another safe; strike a line through."""

from decimal import Decimal
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from lowtide.data.safe import label
from lowtide.people.forms import sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.chart import stands
from lowtide.record.entries.words import kind_label, summary
from lowtide.safe.actions import clearing
from lowtide.safe.actions import stock as verbs
from lowtide.safe.actions.common import Act
from lowtide.safe.forms import (
    AdjustForm,
    Choices,
    DestroyForm,
    LossForm,
    OpenSafeForm,
    ReceiveForm,
    StrikeForm,
    TransferForm,
)
from lowtide.safe.ledger import MOVES
from lowtide.safe.views.common import Seen, act, others, see, sources, step
from lowtide.science.units import plain

NOTHING = Decimal(0)


@needs(Permission.KEEP_SAFE)
def open_safe(request: Request) -> HttpResponse:
    """A further place where controlled drugs are kept."""
    form = OpenSafeForm(request.POST or None)

    def do(given: dict[str, str]) -> None:
        doing = act(request, given["place"], given)
        verbs.open_safe(doing, name=given["name"], registration=given["registration"])

    if sent(form, request.method, do):
        messages.success(request, "The safe is open. Receive its first stock, or take its first inventory.")
        return redirect("safe:safe", place=form.cleaned_data["place"])
    page = {
        "form": form,
        "title": "Open a safe",
        "writes": "a new place for controlled drugs",
        "go": "Open it",
    }
    return render(request, "safe/step.html", page, status=status(form))


@needs(Permission.USE_SAFE)
def receive(request: Request, place: str) -> HttpResponse:
    """A delivery of one lot."""
    seen, form = see(request, place), ReceiveForm(request.POST or None)

    def do(act: Act) -> None:
        names = (
            "product", "lot", "expires", "containers", "supplier", "supplier_registration", "supplier_address",
            "invoice", "ndc",
        )  # fmt: skip
        verbs.receive(act, **{name: form.cleaned_data[name] for name in names})

    return step(
        request,
        seen,
        form,
        do,
        title="Receive",
        about="One form a lot. Two people open the delivery and count it.",
        writes="the delivery with lot, expiry and supplier, and both names",
        go="Receive",
        done="Received.",
    )


@needs(Permission.USE_SAFE)
def transfer(request: Request, place: str) -> HttpResponse:
    """Hand something over to another safe."""
    seen = see(request, place)
    form = TransferForm(request.POST or None, sources=sources(seen), others=others(place))

    def do(act: Act) -> None:
        given = form.cleaned_data
        count = 0 if form.vial else given["containers"] or 0
        verbs.transfer(act, to=given["to"], key=form.key, containers=count, vial=form.vial)

    return step(
        request,
        seen,
        form,
        do,
        title="Hand over to another safe",
        about="" if others(place) else "There is no other safe yet: the medical director opens one.",
        writes="a line here and a line there, in one step, with both names",
        go="Hand over",
        done="Handed over.",
    )


@needs(Permission.KEEP_SAFE)
def destroy(request: Request, place: str) -> HttpResponse:
    """Expired, recalled or unwanted stock leaves for good."""
    seen = see(request, place)
    form = DestroyForm(request.POST or None, sources=sources(seen))

    def do(act: Act) -> None:
        given = form.cleaned_data
        count = 0 if form.vial else given["containers"] or 0
        verbs.destroy(
            act,
            key=form.key,
            containers=count,
            vial=form.vial,
            how=given["how"],
            firm=given["firm"],
            reference=given["reference"],
        )

    return step(
        request,
        seen,
        form,
        do,
        title="Send back or destroy",
        about="For expired, recalled or unwanted stock. What is left at the chair is waste, and goes another way.",
        writes="what left for good, by whom, and both names",
        go="Write it down",
        done="Written down. It has left the safe.",
    )


@needs(Permission.KEEP_SAFE)
def adjust(request: Request, place: str) -> HttpResponse:
    """Bring the books in line with what was found."""
    seen = see(request, place)
    cases = [(str(c.id), c.body.told) for c in seen.books.open_cases()]
    form = AdjustForm(
        request.POST or None, sources=_every_lot(seen), cases=cases, initial={"case": request.GET.get("case")}
    )

    def do(act: Act) -> None:
        given = form.cleaned_data
        verbs.adjust(
            act,
            key=form.key,
            reason=given["reason"],
            containers=0 if form.vial else given["containers"] or 0,
            vial=form.vial,
            quantity=given["quantity"] or NOTHING if form.vial else NOTHING,
            case=UUID(given["case"]) if given["case"] else None,
        )

    return step(
        request,
        seen,
        form,
        do,
        title="Adjust the books",
        about="Last of all: first count again, and look for a line that was mistyped. The old balance stays readable.",
        writes="the difference with its reason and both names; the case stays open until it is closed",
        go="Adjust",
        done="Adjusted.",
    )


def _every_lot(seen: Seen) -> Choices:
    """Every lot and opened vial that was ever here: what was found may be more than the books know."""
    opened = [(a.product, a.lot, a.name) for a in sorted(seen.books.opened)]
    sealed = [(*key, "") for key in sorted(seen.books.lots)]
    return [
        (
            f"{product}|{lot}|{vial}",
            f"{label(product)}, lot {lot}: {f'opened vial {vial}' if vial else 'sealed'}",
        )
        for product, lot, vial in sorted([*opened, *sealed])
    ]


@needs(Permission.USE_SAFE)
def lose(request: Request, place: str) -> HttpResponse:
    """Something is stolen, missing or broken."""
    seen = see(request, place)
    form = LossForm(request.POST or None, sources=[*sources(seen), *_in_hand(seen)])

    def do(act: Act) -> None:
        given = form.cleaned_data
        part = bool(form.vial)
        verbs.lose(
            act,
            key=form.key,
            how=given["how"],
            circumstances=given["circumstances"],
            containers=0 if part else given["containers"] or 0,
            vial=None if form.draw else form.vial,
            quantity=given["quantity"] or NOTHING if part else NOTHING,
            draw=UUID(form.draw) if form.draw else None,
        )

    return step(
        request,
        seen,
        form,
        do,
        title="Report a loss",
        about="Write it down at once. A case begins with the deadline for the report; its page says what the report asks for.",
        writes="the loss with its circumstances, and a case with an owner and a deadline",
        go="Write it down",
        done="Written down. A case is open.",
    )


def _in_hand(seen: Seen) -> Choices:
    return [
        (
            f"{d.body.product}|{d.body.lot}|draw:{d.id}",
            f"In hand: {plain(seen.books.in_hand(d.id))} of {label(d.body.product)}, lot {d.body.lot}",
        )
        for d in seen.books.open_draws()
    ]


@needs(Permission.USE_SAFE)
def strike(request: Request, place: str, struck: UUID) -> HttpResponse:
    """Strike a line through, in front of a second person."""
    seen = see(request, place)
    entry = seen.chart.entries.get(struck)
    if entry is None or not isinstance(entry.body, MOVES) or not stands(seen.chart.line(struck)[-1]):
        raise Http404("no such line")
    form = StrikeForm(request.POST or None)
    line = f"{kind_label(entry.kind.rpartition('.')[0])}: {summary(entry)}"
    return step(
        request,
        seen,
        form,
        lambda act: clearing.strike(act, entry=struck, reason=form.cleaned_data["reason"]),
        title="Strike a line through",
        about=f"{line}. It stays readable and moves nothing any more; write the right line afterwards. What rests on it is struck first.",
        writes="that this line was an error, with the reason and both names",
        go="Strike it through",
        done="Struck through.",
    )
