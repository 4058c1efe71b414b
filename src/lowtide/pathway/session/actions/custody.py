"""The safe's part of signing a session: nothing in hand, and a case where chart and safe, or pump and chart, differ
(hazards H036, H014)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid5

from lowtide.data.safe import limits, pieces
from lowtide.pathway.session.actions.common import Act
from lowtide.pathway.session.rules.custody import Custody, custody
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.rules.reckoned import reckoned
from lowtide.people.charts import linked, stream_of, whole_chart
from lowtide.people.who import Person
from lowtide.problems import Problem, Refused, bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft
from lowtide.record.entries.chair import SessionSigned
from lowtide.record.entries.safe import CaseOpened
from lowtide.safe.ledger import Draw
from lowtide.safe.places import PREFIX, books_of, label
from lowtide.safe.reckoned import Reckoned
from lowtide.science.units import amount, plain

HUNDREDTH = Decimal("0.01")


class Opening(NamedTuple):
    """Who opens a case, on which entry about which session."""

    person: Person
    entry: UUID
    session: UUID
    now: datetime


def streams() -> list[str]:
    """The safes that a signature looks into."""
    return store.streams(PREFIX)


def found(act: Act) -> Custody:
    """How the session stands with every safe, before the lock."""
    return _now(whole_chart(act.stream), act.session_id)


def of_draw(draw: Draw) -> Reckoned | None:
    """What the chart says became of a draw."""
    if draw.entry.session is None:
        return None
    facts = session_facts(whole_chart(stream_of(draw.body.patient)), draw.entry.session)
    return reckoned(facts, _now_of(facts), draw.id)


def _now(chart: Chart, session: UUID) -> Custody:
    return _now_of(session_facts(chart, session))


def _now_of(facts: Facts) -> Custody:
    return custody(facts, {name: books_of(store.load(name)) for name in streams()}, limits())


def settled(known: Custody, because: str | None) -> str | None:
    """The reason that goes with the signature, where one is needed. Refused while something is in hand."""
    if known.open:
        raise Refused(*(_open(one.stream, plain(one.left), one.unit) for one in known.open))
    why, apart = (because or "").strip(), list(_apart(known))
    if apart and not why:
        raise bad(
            " and ".join(apart),
            "because",
            "Look at both once more. If they stay apart, say why: a case opens.",
        )
    return why if apart else None


def _apart(known: Custody) -> Iterator[str]:
    """Each difference that needs a reason, in words."""
    if known.differs:
        yield f"the chart says {plain(known.charted_mg or known.given_mg)} mg, the safe {plain(known.given_mg)} mg"
    if known.pump_differs:
        pump_mg, other_mg, other = _pump_apart(known)
        yield f"the pump says {of_mg(pump_mg)} mg, the {other} {of_mg(other_mg)} mg"


def _pump_apart(known: Custody) -> tuple[Decimal, Decimal, str]:
    """What the pump says, and what it lies apart from: the chart, or else the order."""
    pump = known.pump
    assert pump
    assert pump.pump_mg is not None
    if pump.differs or pump.ordered_mg is None:
        return pump.pump_mg, pump.recorded_mg, "chart"
    return pump.pump_mg, pump.ordered_mg, "order"


def of_mg(mg: Decimal) -> str:
    """Milligrams as they are told. What was worked out from mL has more digits than anybody measured."""
    return plain(amount(mg))


def _open(stream: str, left: str, unit: str) -> Problem:
    return Problem(
        f"{left} {pieces(unit, Decimal(left))} from {label(stream.removeprefix(PREFIX))} is in hand",
        "custody",
        "Say at the safe what became of it: given, wasted or returned.",
    )


def case(act: Act, known: Custody) -> list[Draft]:
    """The case that each difference opens at a signature."""
    about = Opening(act.person, act.entry_id, act.session_id, act.now)
    return list(_cases(about, known, "A session was signed"))


def after_change(person: Person, draft: Draft, now: datetime) -> list[Draft]:
    """The case that a change of a signed session's chart opens, where it moves chart, safe and pump apart (hazard H036)."""
    session, own = draft.session, store.load(draft.stream)
    if session is None or not any(isinstance(e.body, SessionSigned) for e in own.session(session)):
        return []
    charts = {name: store.load(name) for name in linked(draft.stream)}
    changed = charts | {draft.stream: own.extended([draft.as_entry(own.seq + 1)])}
    before, after = (_now(Chart.union(each.values()), session) for each in (charts, changed))
    told, about = "The chart of a signed session was changed", Opening(person, draft.id, session, now)
    if after.charted_mg is None and before.charted_mg is not None:
        words = (
            f"{told}: it does not say any more what went in; {plain(after.given_mg)} mg came from the safe"
        )
        return [_case(about, _keeper(after), "custody", words, after.given_mg, None)]
    if list(_apart(after)) == list(_apart(before)):
        return []
    return list(_cases(about, after, told))


def _cases(about: Opening, known: Custody, told: str) -> Iterator[Draft]:
    """A case for each difference."""
    if not (known.differs or known.pump_differs):
        return
    made = partial(_case, about, _keeper(known))
    if known.differs:
        said, given = plain(known.charted_mg or known.given_mg), plain(known.given_mg)
        words = f"{told}: {said} mg in the chart and {given} mg from the safe"
        yield made("custody", words, known.given_mg, known.charted_mg)
    if known.pump_differs:
        pump_mg, other_mg, other = _pump_apart(known)
        words = f"{told}: {of_mg(other_mg)} mg in the {other} where the pump says {of_mg(pump_mg)} mg"
        yield made("pump", words, other_mg.quantize(HUNDREDTH), pump_mg.quantize(HUNDREDTH))


def _keeper(known: Custody) -> str:
    """The safe that keeps the case: the one the drug came from, else the first one there is. Refused where there is none."""
    at = next((one.stream for one in known.draws), next(iter(streams()), None))
    if at is None:
        raise refuse(
            "chart and pump differ, and no safe is in use that could keep the case",
            "custody",
            "The medical director opens a safe first.",
        )
    return at


def _case(
    about: Opening, stream: str, name: str, told: str, expected: Decimal, found: Decimal | None
) -> Draft:
    body = CaseOpened(
        about=about.entry,
        what="pump",
        told=told,
        owner=about.person.by,
        due_at=about.now + timedelta(hours=limits().case_due_h),
        unit="mg",
        expected=expected,
        found=found,
    )
    case = uuid5(about.entry, name)
    return Draft(id=case, stream=stream, body=body, by=about.person.by, at=about.now, session=about.session)


def unmoved(act: Act, known: Custody, charts: Mapping[str, Chart]) -> None:
    """Refuse when a safe moved on between looking and signing."""
    whole = Chart.union(charts[name] for name in linked(act.stream))
    facts = session_facts(whole, act.session_id)
    safes = {name: books_of(chart) for name, chart in charts.items() if name.startswith(PREFIX)}
    if custody(facts, safes, limits()) != known:
        raise refuse("something was written at the safe just now", "custody", "Look at it again, then sign.")
