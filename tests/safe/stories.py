"""Invented books: what a safe's stream may hold, and a hand-made count of where everything went (pure)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import strategies as st

from lowtide.record.entries import safe as said
from lowtide.record.entries.base import Body, Entry, Source
from lowtide.record.entries.clinic import EnteredInError

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
EXPIRES = date(2028, 8, 31)
STREAM = "safe:main"
LOT, DEVICES = ("ketamine_50_10", "6K221"), ("esketamine_nasal_28", "E1")
PATIENT, SESSION = UUID(int=7), UUID(int=8)


def entry(n: int, body: Body, *, minute: int | None = None, **more: Any) -> Entry:
    at = START + timedelta(minutes=n if minute is None else minute)
    fields = {"corrects": None, "reason": None, "session": None} | more
    return Entry(
        id=UUID(int=n + 1), stream=STREAM, seq=n + 1, kind=body.kind_tag(), at=at, recorded_at=at, by="staff:a",
        source=Source.MANUAL, previous="", body_digest="", body=body, **fields,
    )  # fmt: skip


def received(containers: int, key: tuple[str, str] = LOT, **more: Any) -> said.StockReceived:
    fields: dict[str, Any] = {"unit": "mL", "per_container": Decimal(10), "mg_per_unit": Decimal(50)}
    if key == DEVICES:
        fields = {"unit": "device", "per_container": Decimal(1), "mg_per_unit": Decimal(28)}
    return said.StockReceived(
        product=key[0], lot=key[1], containers=containers, supplier="Harbor Supply",
        **({"expires": EXPIRES} | fields | more),
    )  # fmt: skip


def drawn(
    quantity: str, vial: str | None = "MAIN-001", key: tuple[str, str] = LOT, **more: Any
) -> said.DrugDrawn:
    return said.DrugDrawn(
        product=key[0], lot=key[1], quantity=Decimal(quantity), patient=PATIENT, vial=vial, **more
    )


def given(of: int, quantity: str) -> said.DrugGiven:
    return said.DrugGiven(draw=UUID(int=of + 1), quantity=Decimal(quantity))


def wasted(of: int, quantity: str, why: str = "residual") -> said.DrugWasted:
    return said.DrugWasted(
        draw=UUID(int=of + 1), quantity=Decimal(quantity), why=why, how="sequestration", witness="staff:b"
    )


def returned(of: int, quantity: str) -> said.DrugReturned:
    return said.DrugReturned(draw=UUID(int=of + 1), quantity=Decimal(quantity), witness="staff:b")


class Step(NamedTuple):
    """What somebody tried: a verb, on the so-manieth draw, with a quantity in tenths, at a minute."""

    verb: str
    of: int
    tenths: int
    minute: int


VERBS = (
    "receive", "draw_new", "draw_open", "draw_device", "give", "waste", "return", "waste_vial", "adjust",
    "destroy", "lose", "send", "take", "strike",
)  # fmt: skip
steps = st.builds(
    Step,
    verb=st.sampled_from(VERBS),
    of=st.integers(0, 3),
    tenths=st.integers(1, 60),
    minute=st.integers(0, 20),
)


def tried(step: Step, entries: list[Entry]) -> Entry | None:
    """The entry this step would write after the others; None where there is nothing that it could be about."""
    n, quantity = len(entries), Decimal(step.tenths) / 10
    draws = [e for e in entries if isinstance(e.body, said.DrugDrawn)]
    of = draws[step.of % len(draws)] if draws else None
    if step.verb == "strike":
        free = [e for e in entries if e.corrects is None and not isinstance(e.body, EnteredInError)]
        free = [e for e in free if all(o.corrects != e.id for o in entries)]
        if not free:
            return None
        target = free[step.of % len(free)]
        return entry(n, EnteredInError(), minute=step.minute, corrects=target.id, reason="misread")
    body = _body(step, of, quantity, n)
    return entry(n, body, minute=step.minute, session=SESSION) if body else None


def _body(step: Step, of: Entry | None, quantity: Decimal, n: int) -> Body | None:
    vial, key = f"MAIN-00{step.of}", {"product": LOT[0], "lot": LOT[1]}
    match step.verb:
        case "receive":
            return received(1 + step.of, DEVICES if step.tenths % 2 else LOT)
        case "draw_new":
            return drawn(str(quantity), f"MAIN-{n:03d}", opens=True)
        case "draw_open":
            return drawn(str(quantity), of.body.vial if of else vial)
        case "draw_device":
            return drawn(str(1 + step.of), None, DEVICES)
        case "waste_vial":
            return said.DrugWasted(quantity=quantity, why="opened_vial", how="other", vial=of.body.vial if of else vial, **key)  # fmt: skip
        case "adjust":
            return said.StockAdjusted(containers=step.of - 2 or 1, **key)
        case "destroy":
            return said.StockDestroyed(containers=1 + step.of, how="on_site", firm="x", **key)
        case "lose":
            return said.StockLost(containers=1, how="missing", circumstances="x", **key)
        case "send":
            return said.StockSent(transfer=UUID(int=1), to="b", containers=1 + step.of, **key)
        case "take":
            return said.StockTaken(
                transfer=UUID(int=1), came_from="b", containers=1, expires=EXPIRES, unit="mL",
                per_container=Decimal(10), mg_per_unit=Decimal(50), **key,
            )  # fmt: skip
    if of is None:
        return None
    name = of.id.int - 1
    text = str(quantity)
    return {"give": given, "waste": wasted, "return": returned}[step.verb](name, text)
