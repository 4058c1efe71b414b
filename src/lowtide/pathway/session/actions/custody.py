"""The safe's part of signing a session: nothing in hand, and a case where chart and safe differ (hazard H036)."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid5

from lowtide.data.safe import limits
from lowtide.pathway.session.actions.common import Act
from lowtide.pathway.session.rules.custody import Custody, custody
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.people.charts import linked, whole_chart
from lowtide.problems import Problem, Refused, bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft
from lowtide.record.entries.safe import CaseOpened
from lowtide.safe.places import PREFIX, books_of, label
from lowtide.science.units import plain


def streams() -> list[str]:
    """The safes that a signature looks into."""
    return store.streams(PREFIX)


def found(act: Act) -> Custody:
    """How the session stands with every safe, before the lock."""
    facts = session_facts(whole_chart(act.stream), act.session_id)
    return custody(facts, {name: books_of(store.load(name)) for name in streams()}, limits())


def settled(known: Custody, because: str | None) -> str | None:
    """The reason that goes with the signature, where one is needed. Refused while something is in hand."""
    if known.open:
        raise Refused(*(_open(one.stream, plain(one.left), one.unit) for one in known.open))
    why = (because or "").strip()
    if known.differs and not why:
        raise bad(
            f"the chart says {plain(known.charted_mg or known.given_mg)} mg, the safe {plain(known.given_mg)} mg",
            "because",
            "Look at both once more. If they stay apart, say why: a case opens.",
        )
    return why if known.differs else None


def _open(stream: str, left: str, unit: str) -> Problem:
    return Problem(
        f"{left} {unit} from {label(stream.removeprefix(PREFIX))} is in hand",
        "custody",
        "Say at the safe what became of it: given, wasted or returned.",
    )


def case(act: Act, known: Custody) -> list[Draft]:
    """The case that a difference opens, in the safe that the drug came from."""
    if not known.differs:
        return []
    stream = known.draws[0].stream if known.draws else streams()[0]
    said, given = plain(known.charted_mg or known.given_mg), plain(known.given_mg)
    body = CaseOpened(
        about=act.entry_id,
        what="pump",
        told=f"A session was signed with {said} mg in the chart and {given} mg from the safe",
        owner=act.person.by,
        due_at=act.now + timedelta(hours=limits().case_due_h),
        unit="mg",
        expected=known.given_mg,
        found=known.charted_mg,
    )
    return [act.draft(body, id=uuid5(act.entry_id, "custody"), stream=stream)]


def unmoved(act: Act, known: Custody, charts: Mapping[str, Chart]) -> None:
    """Refuse when a safe moved on between looking and signing."""
    whole = Chart.union(charts[name] for name in linked(act.stream))
    facts = session_facts(whole, act.session_id)
    safes = {name: books_of(chart) for name, chart in charts.items() if name.startswith(PREFIX)}
    if custody(facts, safes, limits()) != known:
        raise refuse("something was written at the safe just now", "custody", "Look at it again, then sign.")
