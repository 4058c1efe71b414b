"""The blind count: two people write what they see, the books are asked only then; what differs opens a case."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from lowtide.data.safe import label, limits
from lowtide.people.roles import Permission
from lowtide.problems import refuse
from lowtide.record import store
from lowtide.record.entries.base import Entry
from lowtide.record.entries.safe import CaseOpened, CountLine, StockCounted
from lowtide.safe.actions.common import Act, Charts, append, require
from lowtide.safe.ledger import Ledger
from lowtide.safe.places import books_of
from lowtide.science.units import plain


def count(
    act: Act,
    *,
    lines: tuple[CountLine, ...],
    known: int,
    inventory: str | None = None,
    also_found: str | None = None,
) -> list[Entry]:
    """Write a count of everything. `known` is how far the books had come when counting began.

    A lot without a line was not seen: it counts as none. Answers the count and the cases it opened.
    """
    require(act, Permission.USE_SAFE, "count")
    body = StockCounted(
        lines=lines, inventory=inventory or None, also_found=also_found or None, witness=act.seen_by
    )
    if (sent := store.find(act.entry_id)) is not None:
        return [sent, *_cases_of(sent)] if sent.body == body else append(act, [act.draft(body)])
    found = books_of(store.load(act.stream))
    cases = [act.draft(case, f"case {n}") for n, case in enumerate(_differs(act, body, found))]
    return append(act, [act.draft(body), *cases], lambda charts: _unmoved(charts, act, known))


def _cases_of(entry: Entry) -> list[Entry]:
    chart = store.load(entry.stream)
    return [e for e, b in chart.said(CaseOpened) if b.about == entry.id]


def _unmoved(charts: Charts, act: Act, known: int) -> None:
    if charts[act.stream].seq != known:
        raise refuse(
            "something was written in this safe while you counted",
            "known",
            "Open the page again and count once more.",
        )


def _differs(act: Act, body: StockCounted, found: Ledger) -> Iterator[CaseOpened]:
    """A case for each thing that is not as the books say."""
    seen = {(line.product, line.lot): line for line in body.lines}
    for key in sorted({*found.stocked(), *seen}):
        line = seen.get(key, CountLine(*key, containers=0))
        expected = found.containers(key)
        if line.containers != expected:
            yield _case(act, key, None, "sealed", Decimal(expected), Decimal(line.containers))
        vials = {v.vial: v.quantity for v in line.vials}
        books = found.vials(key)
        for vial in sorted({*vials, *books}):
            there, said = vials.get(vial, Decimal(0)), books.get(vial, Decimal(0))
            if abs(there - said) > limits().count_slack_ml:
                yield _case(act, key, vial, found.lots[key].unit if key in found.lots else "", said, there)
    if body.also_found:
        yield _case(act, None, None, "", None, None, told=f"Found, and not in the books: {body.also_found}")


def _case(
    act: Act,
    key: tuple[str, str] | None,
    vial: str | None,
    unit: str,
    expected: Decimal | None,
    found: Decimal | None,
    told: str = "",
) -> CaseOpened:
    where = f"vial {vial}" if vial else "sealed"
    if key and expected is not None and found is not None:
        told = (
            f"{label(key[0])}, lot {key[1]}, {where}: counted {plain(found)}, the books say {plain(expected)}"
        )
    return CaseOpened(
        about=act.entry_id,
        what="count",
        told=told,
        owner=act.person.by,
        due_at=act.now + timedelta(hours=limits().case_due_h),
        product=key[0] if key else None,
        lot=key[1] if key else None,
        vial=vial,
        unit=unit or None,
        expected=expected,
        found=found,
    )
