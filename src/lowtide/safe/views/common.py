"""What every page of the safe shares: finding it, logging the look, who acts and who looks on, and the frame of a form."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from lowtide.data.safe import label, pieces, vessel
from lowtide.people.charts import log_reading
from lowtide.people.forms import sent, status
from lowtide.people.sign_in import second_person
from lowtide.people.who import Person, Request
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.safe import places
from lowtide.safe.actions.common import Act
from lowtide.safe.due import expired
from lowtide.safe.forms import Choices, SafeForm
from lowtide.safe.ledger import Key, Ledger
from lowtide.science.units import plain


class Seen(msgspec.Struct, frozen=True):
    """A safe as one request sees it."""

    place: str
    label: str
    chart: Chart
    books: Ledger
    now: datetime


def see(request: Request, place: str) -> Seen:
    """The safe of this address; looking at it is logged. Raises Http404 when there is none."""
    try:
        chart, books = places.load(place)
    except BadInput as error:
        raise Http404(str(error)) from None
    log_reading(request, chart.stream, allowed=True)
    return Seen(place, places.label(place), chart, books, timezone.now())


def act(request: Request, place: str, given: dict[str, Any]) -> Act:
    """Who acts, and who gave their own password in the same form."""
    return Act(
        person=request.person,
        place=place,
        entry_id=given["entry_id"],
        witness=_second(request, given),
        now=timezone.now(),
    )


def _second(request: Request, given: dict[str, Any]) -> Person | None:
    login, password = given.get("second_login", ""), given.get("second_password", "")
    return second_person(request, login, password) if login else None


def step(
    request: Request,
    seen: Seen,
    form: SafeForm,
    do: Callable[[Act], object],
    *,
    title: str,
    about: str = "",
    writes: str,
    go: str,
    done: str,
    **more: Any,
) -> HttpResponse:
    """One step at the safe: the form, or what came of it."""

    def run(given: dict[str, Any]) -> None:
        do(act(request, seen.place, given))

    if sent(form, request.method, run):
        messages.success(request, done)
        return _on(request, seen)
    page = {"seen": seen, "form": form, "title": title, "about": about, "writes": writes, "go": go}
    return render(request, "safe/step.html", page | more, status=status(form))


def _on(request: Request, seen: Seen) -> HttpResponse:
    """Back to the page that led here, else to the safe."""
    wanted = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, None) and wanted.startswith("/"):
        return redirect(wanted)
    return redirect("safe:safe", place=seen.place)


def sources(seen: Seen, *, sealed: bool = True, opened: bool = True, usable: bool = False) -> Choices:
    """What lies in the safe as choices: opened vials first, then sealed lots, the first to expire first.

    `usable` leaves out what may not be drawn, and opens a new vial where there is a sealed one.
    """
    keys = [key for key in seen.books.stocked() if not usable or _usable(seen, key)]
    vials = [choice for key in keys for choice in _opened(seen, key)] if opened else []
    return vials + [_sealed(seen, key, opens=usable) for key in keys if sealed and seen.books.containers(key)]


def _usable(seen: Seen, key: Key) -> bool:
    expires = seen.books.lots[key].expires
    return not expired(expires, timezone.localdate(seen.now)) and not seen.books.is_held(key)


def _opened(seen: Seen, key: Key) -> Choices:
    unit = seen.books.lots[key].unit
    return [
        (
            "|".join((*key, vial)),
            f"{label(key[0])}: opened {vessel(key[0])} {vial} with {plain(left)} {unit}, {_ends(seen, key)}",
        )
        for vial, left in seen.books.vials(key).items()
    ]


def _sealed(seen: Seen, key: Key, *, opens: bool) -> tuple[str, str]:
    count, lot = seen.books.containers(key), seen.books.lots[key]
    what = f"{count} {pieces(lot.unit, Decimal(count))}" if lot.counted else f"{count} sealed"
    new = f"open a new {vessel(key[0])}" if opens and not lot.counted else what
    return "|".join((*key, "")), f"{label(key[0])}: {new}, {_ends(seen, key)}"


def _ends(seen: Seen, key: Key) -> str:
    return f"lot {key[1]}, expires {seen.books.lots[key].expires:%d %b %Y}"


def others(place: str) -> Choices:
    """The other safes in use."""
    return [(one, places.label(one)) for one in places.active() if one != place]
