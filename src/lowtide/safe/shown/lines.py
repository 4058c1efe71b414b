"""The ledger as lines: what came, what left, what is in hand, and the balance after each; struck lines stay."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from lowtide.people.models import PatientIndex
from lowtide.people.who import names_of
from lowtide.record.chart import Chart, Line, stands
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.safe import CaseClosed, CaseNoted, LotHeld, SafeOpened, StruckWitnessed
from lowtide.record.entries.words import kind_label, summary
from lowtide.safe.ledger import HAND, INSIDE, MOVES, ZERO, Ledger, Posting
from lowtide.safe.shown.patients import patients_of

QUIET = (StruckWitnessed, CaseNoted, CaseClosed, LotHeld, SafeOpened)
"""Kinds that have pages of their own, or are told with another line."""
Row = dict[str, Any]


def rows(chart: Chart, books: Ledger, product: str = "") -> list[Row]:
    """Every line of a safe, of one product or all, newest first."""
    moved = _balances(books)
    witnesses = {b.entry: b.witness for _, b in chart.said(StruckWitnessed)}
    found = [
        _row(line, moved.get(line[-1].id), witnesses, books)
        for line in chart.lines()
        if not isinstance(_first(line).body, QUIET)
    ]
    kept = [row for row in found if not product or row["product"] in (product, "")]
    kept.sort(key=lambda row: (row["at"], row["no"]), reverse=True)
    _name(kept)
    return kept


def _first(line: Line) -> Entry:
    """The latest entry of the line that says something: what a struck line said."""
    return next(e for e in reversed(line) if not isinstance(e.body, EnteredInError))


def _balances(books: Ledger) -> dict[UUID, Row]:
    """entry -> what it moved, and how its product stood after it."""
    safe: dict[str, Decimal] = {}
    hand: dict[str, Decimal] = {}
    found: dict[UUID, Row] = {}
    for posting in sorted(books.postings, key=lambda p: (p.entry.at, p.entry.seq)):
        product, row = posting.source.product, found.setdefault(posting.entry.id, {"in": ZERO, "out": ZERO})
        _count(posting, row)
        for account, sign in ((posting.source, -1), (posting.target, 1)):
            if account.kind in INSIDE:
                of = hand if account.kind == HAND else safe
                of[product] = of.get(product, ZERO) + sign * posting.quantity
        row |= {"hand": hand.get(product, ZERO), "balance": safe.get(product, ZERO)}
    return found


def _count(posting: Posting, row: Row) -> None:
    """Opening a vial moves nothing in or out; what leaves the hand leaves it, whichever way."""
    source, target = posting.source.kind, posting.target.kind
    if source in INSIDE and target in INSIDE and HAND not in (source, target):
        return
    into_safe = target in INSIDE and target != HAND
    row["in" if into_safe else "out"] += posting.quantity


def _row(line: Line, moved: Row | None, witnesses: dict[UUID, str], books: Ledger) -> Row:
    entry, last = _first(line), line[-1]
    body: Any = entry.body
    draw = books.draws.get(getattr(body, "draw", None) or entry.id)
    of = getattr(draw.body if draw else body, "product", "")
    lot = books.lots.get((of, getattr(draw.body if draw else body, "lot", "")))
    return {
        "id": entry.id,
        "no": entry.seq,
        "at": entry.at,
        "what": kind_label(entry.kind.rpartition(".")[0]),
        "text": summary(entry, timezone.get_current_timezone()),
        "product": of,
        "unit": lot.unit if lot else "",
        "moved": moved,
        "by": entry.by,
        "witness": getattr(body, "witness", None) or witnesses.get(entry.id, ""),
        "chain": entry.hash[:4],
        "session": entry.session,
        "patient": getattr(draw.body if draw else body, "patient", None),
        "struck": None if stands(last) else last,
        "struck_by": "" if stands(last) else last.by,
        "can_strike": isinstance(body, MOVES) and stands(last),
        "went_in": (getattr(body, "since", None), getattr(body, "until", None)),
    }


def _name(found: Iterable[Row]) -> None:
    """Names in place of ids, for all lines at once."""
    lines = list(found)
    names = names_of({r[key] for r in lines for key in ("by", "witness", "struck_by") if r[key]})
    patients = patients_of(r["patient"] for r in lines)
    for row in lines:
        for key in ("by", "witness", "struck_by"):
            row[key] = names.get(row[key], "")
        who: PatientIndex | None = patients.get(row["patient"])
        row["who"] = f"{who.given[:1]}. {who.family[:1]}." if who else ""
        row["name"] = f"{who.given} {who.family}" if who else ""
