"""What is in the safes and what is next; one safe with its stock, what is in hand, and its latest lines; the ledger."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from lowtide.data.safe import label, limits, unanswered
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.safe import places
from lowtide.safe.due import Due, due, last_count
from lowtide.safe.due import shown as timely
from lowtide.safe.shown import lines
from lowtide.safe.shown.stock import hand, stock
from lowtide.safe.views.common import Seen, see
from lowtide.safe.views.tables import table
from lowtide.science.units import plain

LATEST, PER_PAGE = 14, 100
VERBS = {
    "count": ("safe:count", "Count", Permission.USE_SAFE),
    "inventory": ("safe:count", "Take the inventory", Permission.USE_SAFE),
    "expiry": ("safe:destroy", "Send back or destroy", Permission.KEEP_SAFE),
}
COLUMNS = (
    "no", "when", "event", "what", "patient", "in", "out", "in hand", "safe balance", "unit", "by", "witness",
    "struck", "chain", "went in from", "went in until",
)  # fmt: skip


@needs(Permission.SEE_SAFE)
@require_GET
def safes(request: Request) -> HttpResponse:
    """Every safe in use; where there is one, that one."""
    found = places.active()
    if len(found) == 1 and "all" not in request.GET:
        return redirect("safe:safe", place=found[0])
    shown = [_overview(request, see(request, place)) for place in found]
    return render(request, "safe/safes.html", {"safes": shown, "keeps": _keeps(request)})


@needs(Permission.SEE_SAFE)
@require_GET
def safe(request: Request, place: str) -> HttpResponse:
    """One safe at a glance."""
    seen = see(request, place)
    about = _overview(request, seen) | {
        "lines": lines.rows(seen.chart, seen.books)[:LATEST],
        "others": [p for p in places.active() if p != place],
        "keeps": _keeps(request),
    }
    return render(request, "safe/safe.html", about)


def _keeps(request: Request) -> bool:
    return request.person.can(Permission.KEEP_SAFE)


def _overview(request: Request, seen: Seen) -> dict[str, Any]:
    numbers = limits()
    found = timely(due(seen.chart, seen.books, numbers, zone()), numbers, seen.now)
    counted = last_count(seen.chart)
    return {
        "seen": seen,
        "products": stock(seen.books, seen.now),
        "hand": hand(seen.books),
        "due": [_due(request, seen, d) for d in found],
        "defaults": unanswered("count_every_h", "case_due_h", "expiry_warning_days", "opened_vial_h"),
        "next": _next(request, seen, found),
        "cases": seen.books.open_cases(),
        "counted": counted
        and {"at": counted[0].at, "agreed": not _opened_by(seen, counted[0].id), "by": _people(counted)},
        "may_use": request.person.can(Permission.USE_SAFE),
        "faults": seen.books.faults,
    }


def _opened_by(seen: Seen, count: object) -> bool:
    return any(case.body.about == count for case in seen.books.cases.values())


def _people(counted: Any) -> str:
    entry, body = counted
    names = names_of({entry.by, *([body.witness] if body.witness else [])})
    return " and ".join(names[one] for one in (entry.by, body.witness) if one)


def _due(request: Request, seen: Seen, one: Due) -> dict[str, Any]:
    return {
        "title": one.title,
        "due_at": one.due_at,
        "late": one.due_at < seen.now,
        "url": _url(request, seen, one)[0],
        "what": one.what,
    }


def _url(request: Request, seen: Seen, one: Due) -> tuple[str, str]:
    """Where it is done, and the verb for it; nothing where somebody else has to."""
    if one.what == "case":
        return reverse("safe:case", args=[seen.place, one.about]), "Open the case"
    if one.what == "hand":
        may = request.person.can(Permission.USE_SAFE)
        return reverse("safe:account", args=[seen.place, one.about]) if may else "", "Account for it"
    name, verb, permission = VERBS[one.what]
    return (reverse(name, args=[seen.place]), verb) if request.person.can(permission) else ("", verb)


def _next(request: Request, seen: Seen, found: list[Due]) -> dict[str, Any]:
    """The one thing to do: what is late, the earliest first; then what is in hand; else that nothing is."""
    late = [d for d in found if d.due_at <= seen.now]
    if late:
        url, verb = _url(request, seen, late[0])
        actions = [{"label": verb, "url": url, "main": True}] if url else []
        return {"title": late[0].title, "text": f"{_since(late[0])}", "level": "hold", "word": "Overdue", "actions": actions}  # fmt: skip
    if seen.books.open_draws():
        first = hand(seen.books)[0]
        url = reverse("safe:account", args=[seen.place, first["id"]])
        text = f"{first['name']}, {first['label']}: {plain(first['left'])} {first['unit']} in hand."
        main = {"label": "Account for it", "url": url, "main": True}
        return {"title": "Say what became of what is in hand", "text": text, "level": "", "actions": [main] if request.person.can(Permission.USE_SAFE) else []}  # fmt: skip
    return {"title": "Nothing waits here", "text": "No count is overdue, no case is late, nothing is in hand.", "level": "none", "actions": []}  # fmt: skip


def _since(one: Due) -> str:
    return {
        "count": "Two people count, and neither sees what is expected.",
        "inventory": "Everything is counted, zero included.",
        "case": "Its deadline has passed.",
        "expiry": "It cannot be drawn any more.",
        "hand": "Say whether it was given, wasted or returned.",
    }[one.what]


@needs(Permission.SEE_SAFE)
@require_GET
def ledger(request: Request, place: str) -> HttpResponse:
    """Every line of a safe, newest first, of one product or all."""
    seen, product = see(request, place), request.GET.get("product", "")
    found = lines.rows(seen.chart, seen.books, product)
    about = {
        "seen": seen,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "product": product,
        "query": f"product={product}&" if product else "",
        "products": [(key, label(key)) for key in sorted({key[0] for key in seen.books.lots})],
        "may_use": request.person.can(Permission.USE_SAFE),
        "head": seen.chart.seq,
    }
    return render(request, "safe/ledger.html", about)


@needs(Permission.SEE_SAFE)
@require_GET
def ledger_table(request: Request, place: str) -> HttpResponse:
    """The ledger to take away."""
    seen = see(request, place)
    found = lines.rows(seen.chart, seen.books, request.GET.get("product", ""))
    return table(f"safe-{place}-ledger.csv", COLUMNS, map(_cells, reversed(found)))


def _cells(row: dict[str, Any]) -> list[object]:
    moved = row["moved"] or {}
    struck = f"struck by {row['struck_by']}: {row['struck'].reason}" if row["struck"] else ""
    numbers = [moved.get(name) for name in ("in", "out", "hand", "balance")]
    return [
        row["no"], row["at"].isoformat(timespec="seconds"), row["what"], row["text"], row["name"],
        *("" if n is None else plain(n) for n in numbers), row["unit"], row["by"], row["witness"], struck,
        row["chain"], *("" if at is None else at.isoformat(timespec="seconds") for at in row["went_in"]),
    ]  # fmt: skip
