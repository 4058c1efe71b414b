"""Draw for a session, say what became of it, pour away the rest of an opened vial."""

from decimal import Decimal
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone

from lowtide.people.charts import log_reading
from lowtide.people.charts import stream_of as chart_of
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.words_safe import between
from lowtide.safe.actions import session as verbs
from lowtide.safe.actions.common import Act
from lowtide.safe.actions.session import Waste
from lowtide.safe.forms import AccountForm, Choices, DrawForm, WasteVialForm
from lowtide.safe.ledger import PATIENT, WASTE
from lowtide.safe.reckoned import Reckoned, reckoned
from lowtide.safe.sessions import near
from lowtide.safe.shown.stock import hand
from lowtide.safe.views.common import Seen, see, sources, step
from lowtide.science.units import plain


@needs(Permission.USE_SAFE)
def draw(request: Request, place: str) -> HttpResponse:
    """Take something out for a session."""
    seen = see(request, place)
    form = DrawForm(
        request.POST or None,
        sources=sources(seen, usable=True),
        sessions=_sessions(seen),
        initial={"session": request.GET.get("session", "")},
    )

    def do(act: Act) -> None:
        session, patient = (UUID(part) for part in form.cleaned_data["session"].split("|"))
        quantity: Decimal = form.cleaned_data["quantity"]
        verbs.draw(act, key=form.key, quantity=quantity, patient=patient, session=session, vial=form.vial)

    return step(
        request,
        seen,
        form,
        do,
        title="Draw for a session",
        about="Expired and held lots are not offered. Write the vial’s number on a vial that you open.",
        writes="what was taken out, from which vial, for whom; it is in hand until it is accounted for",
        go="Draw",
        done="Drawn. It is in hand until you say what became of it.",
    )


def _sessions(seen: Seen) -> Choices:
    """The open sessions of today, with chair and time."""
    return [
        (
            f"{s.id}|{s.patient}",
            f"{timezone.localtime(s.starts_at):%H:%M}, chair {s.chair}: {s.name}, {s.ordered}",
        )
        for s in near(seen.now)
    ]


@needs(Permission.USE_SAFE)
def account(request: Request, place: str, draw: UUID) -> HttpResponse:
    """Given, wasted, returned: what became of one draw."""
    seen = see(request, place)
    found = seen.books.draws.get(draw)
    if found is None:
        raise Http404("nothing was drawn by this name")
    log_reading(request, chart_of(found.body.patient), allowed=True, detail="what the chart says of a draw")
    by_chart = reckoned(found)
    form = AccountForm(request.POST or None, initial=_offered(by_chart))
    unit = seen.books.lots[found.body.product, found.body.lot].unit

    def do(act: Act) -> None:
        given = form.cleaned_data
        verbs.account(
            act,
            draw=draw,
            given=given["given"],
            wasted=tuple(Waste(*one) for one in form.wasted),
            returned=given["returned"],
        )

    left = seen.books.in_hand(draw)
    return step(
        request,
        seen,
        form,
        do,
        title="What became of it",
        about="Given, wasted and returned must come to what was drawn before the session can be signed.",
        writes="each quantity as a line of its own, with both names where something is wasted or returned",
        go="Write it down",
        done="Written down.",
        measure=unit,
        by_chart=by_chart,
        went_in=between(by_chart.since, by_chart.until, timezone.get_current_timezone())
        if by_chart and by_chart.since and by_chart.until
        else "",
        draw=next((row for row in hand(seen.books) if row["id"] == draw), None),
        closed="" if left else "Nothing of this draw is in hand any more.",
        so_far=[
            (word, f"{plain(quantity)} {unit}")
            for word, way in (
                ("given", PATIENT),
                ("wasted", WASTE),
                ("returned", "returned"),
                ("lost", "lost"),
            )
            if (quantity := seen.books.went(draw, way))
        ],
    )


def _offered(by_chart: Reckoned | None) -> dict[str, str]:
    """The quantities that the chart tells, filled in."""
    if by_chart is None:
        return {}
    found = {"given": by_chart.given, "residual": by_chart.rest}
    return {name: plain(quantity) for name, quantity in found.items() if quantity}


@needs(Permission.USE_SAFE)
def waste(request: Request, place: str) -> HttpResponse:
    """Pour away what is left in an opened vial."""
    seen = see(request, place)
    form = WasteVialForm(request.POST or None, sources=sources(seen, sealed=False))

    def do(act: Act) -> None:
        given = form.cleaned_data
        poured = Waste(given["quantity"], given["why"], given["how"])
        verbs.waste_vial(act, key=form.key, vial=form.vial or "", waste=poured)

    return step(
        request,
        seen,
        form,
        do,
        title="Waste from an opened vial",
        about="Sealed and expired stock does not go this way: it is sent back or destroyed.",
        writes="what was poured away, with both names",
        go="Waste",
        done="Wasted, and witnessed.",
    )
