"""What a period used, and the statutory inventory: on the page, on paper, as tables to take away."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.data.safe import label, limits, products, unanswered
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record.entries.safe import StockCounted
from lowtide.safe import places
from lowtide.safe.forms import PeriodForm
from lowtide.safe.ledger import ZERO
from lowtide.safe.reports import WAYS, usage
from lowtide.safe.views.common import Seen, see
from lowtide.safe.views.tables import table
from lowtide.science.units import plain

INVENTORY = (
    "safe",
    "product",
    "class",
    "mg per unit",
    "lot",
    "containers",
    "in opened vials",
    "total",
    "unit",
    "mg",
)


@needs(Permission.SEE_SAFE)
@require_GET
def reports(request: Request) -> HttpResponse:
    """Usage of a period by safe and lot, and the inventories that were taken."""
    form, since, until = _period(request)
    seen = [see(request, place) for place in places.places()]
    about = {
        "form": form,
        "since": since,
        "until": until,
        "ways": WAYS,
        "safes": [{"seen": one, "rows": _usage(one, since, until)} for one in seen],
        "inventories": [row for one in seen for row in _inventories(one)],
        "every": limits().inventory_every_days,
        "verified": not unanswered("inventory_every_days"),
    }
    return render(request, "safe/reports.html", about, status=422 if form.errors else 200)


def _period(request: Request) -> tuple[PeriodForm, date, date]:
    """The period asked for; this month until today while none can be read."""
    today = timezone.localdate()
    form = PeriodForm(
        request.GET if "since" in request.GET else {"since": today.replace(day=1), "until": today}
    )
    if form.is_valid():
        return form, form.cleaned_data["since"], form.cleaned_data["until"]
    return form, today.replace(day=1), today


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def _usage(seen: Seen, since: date, until: date) -> list[dict[str, Any]]:
    found = usage(seen.books, _midnight(since), _midnight(until + timedelta(days=1)))
    return [
        {
            "used": u,
            "label": label(u.key[0]),
            "lot": u.key[1],
            "given_mg": u.ways.get("given", ZERO) * u.mg_per_unit,
        }
        for u in found
    ]


@needs(Permission.SEE_SAFE)
@require_GET
def usage_table(request: Request) -> HttpResponse:
    """Usage of a period to take away."""
    _, since, until = _period(request)
    rows = [
        [one.label, row["label"], row["lot"], row["used"].unit, plain(row["used"].opening),
         *(plain(q) for q in row["used"].row), plain(row["used"].closing), plain(row["given_mg"])]
        for one in (see(request, place) for place in places.places())
        for row in _usage(one, since, until)
    ]  # fmt: skip
    columns = ("safe", "product", "lot", "unit", "opening", *WAYS, "closing", "mg given")
    return table(f"usage-{since}-{until}.csv", columns, rows)


def _inventories(seen: Seen) -> list[dict[str, Any]]:
    taken = [(e, b) for e, b in seen.chart.said(StockCounted) if b.inventory]
    names = names_of({who for e, b in taken for who in (e.by, b.witness) if who})
    return [
        {"seen": seen, "entry": e, "body": b, "by": names[e.by], "witness": names.get(b.witness or "", "")}
        for e, b in reversed(taken)
    ]


@needs(Permission.SEE_SAFE)
@require_GET
def inventory(request: Request, place: str) -> HttpResponse:
    """The latest statutory inventory of a safe, every product named, zero included."""
    seen = see(request, place)
    taken = next(iter(_inventories(seen)), None)
    rows = _listed(seen, taken["body"]) if taken else []
    if request.GET.get("as") == "table":
        cells = [[seen.label, *row.values()] for row in rows]
        return table(f"inventory-{place}.csv", INVENTORY, cells)
    return render(request, "safe/inventory.html", {"seen": seen, "taken": taken, "rows": rows})


def _listed(seen: Seen, body: StockCounted) -> list[dict[str, Any]]:
    """What was found of each product; one of which there was none is listed as none."""
    found = [_found(seen, line) for line in body.lines]
    named = {line.product for line in body.lines}
    for product in products().values():
        if product.id not in named:
            none = {"lot": "none", "containers": 0, "opened": 0, "total": 0, "unit": product.unit, "mg": 0}
            found.append(
                {"product": product.label, "class": product.class_, "mg_per_unit": product.mg_per_unit} | none
            )
    return sorted(found, key=lambda row: (row["product"], row["lot"]))


def _found(seen: Seen, line: Any) -> dict[str, Any]:
    known = products().get(line.product)
    lot = seen.books.lots.get((line.product, line.lot)) or known
    assert lot is not None
    opened = sum(v.quantity for v in line.vials)
    total = line.containers * lot.per_container + opened
    return {
        "product": label(line.product),
        "class": known.class_ if known else "",
        "mg_per_unit": lot.mg_per_unit,
        "lot": line.lot,
        "containers": line.containers,
        "opened": opened,
        "total": total,
        "unit": lot.unit,
        "mg": total * lot.mg_per_unit,
    }
