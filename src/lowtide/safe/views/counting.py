"""The blind count: a form that names what there is to count and never how much."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from lowtide.people.forms import sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.base import Entry
from lowtide.record.entries.safe import CaseOpened, CountLine, VialSeen
from lowtide.safe.actions import counting
from lowtide.safe.forms import CountForm
from lowtide.safe.views.common import Seen, act, see


@needs(Permission.USE_SAFE)
def count(request: Request, place: str) -> HttpResponse:
    """Two people count everything; what differs opens a case."""
    seen, written = see(request, place), list[Entry]()
    lots = [
        (key, lot.unit if (lot := seen.books.lots[key]).counted else "", seen.books.vials(key))
        for key in seen.books.stocked()
    ]
    initial = {"known": seen.chart.seq, "inventory": request.GET.get("inventory", "")}
    form = CountForm(request.POST or None, lots=lots, initial=initial)

    def do(given: dict[str, object]) -> None:
        written.extend(_count(request, seen, form))

    if sent(form, request.method, do):
        return _answered(request, seen, written)
    return render(request, "safe/count.html", {"seen": seen, "form": form}, status=status(form))


def _count(request: Request, seen: Seen, form: CountForm) -> list[Entry]:
    given = form.cleaned_data
    lines = tuple(
        CountLine(
            product=line["key"][0],
            lot=line["key"][1],
            containers=given[line["sealed"]],
            vials=tuple(VialSeen(vial, given[name]) for vial, name in line["vials"]),
        )
        for line in form.lines
    )
    return counting.count(
        act(request, seen.place, given),
        lines=lines,
        known=given["known"],
        inventory=given["inventory"],
        also_found=given["also_found"],
    )


def _answered(request: Request, seen: Seen, written: list[Entry]) -> HttpResponse:
    cases = [e for e in written if isinstance(e.body, CaseOpened)]
    if not cases:
        messages.success(request, "The count agrees with the books.")
        return redirect("safe:safe", place=seen.place)
    many = "A case is" if len(cases) == 1 else f"{len(cases)} cases are"
    messages.error(
        request, f"The count differs from the books. {many} open, and you own it until you hand it over."
    )
    return redirect("safe:case", place=seen.place, case=cases[0].id)
