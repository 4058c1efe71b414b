"""Cases are cleared up, lots held and released, lines struck through: each by name, with a reason."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from lowtide.data.safe import limits, safe
from lowtide.people.charts import stream_of as chart_of
from lowtide.people.charts import whole_chart
from lowtide.people.models import StaffIndex
from lowtide.people.roles import Permission
from lowtide.people.who import person_from
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.safe import CaseClosed, CaseNoted, CaseOpened, LotHeld, StruckWitnessed
from lowtide.safe.actions.common import Act, Charts, append, books, require
from lowtide.safe.ledger import MOVES, Case, Key
from lowtide.safe.places import books_of, stream_of
from lowtide.safe.sessions import SIGNED, closed_because

SOFT = "lose"
"""The policy row of steps that need no second person."""


def note(
    act: Act, *, case: UUID, text: str, contact: str | None = None, owner: str | None = None
) -> list[Entry]:
    """Say what was done about a case, or hand it to somebody else."""
    require(act, Permission.USE_SAFE, SOFT)
    _open_case(act, case)
    if owner and not _works_here(owner):
        raise bad(
            "nobody here by that name may keep a case", "owner", "Choose somebody who works at the safe."
        )
    body = CaseNoted(case=case, text=text.strip(), contact=contact or None, owner=owner or None)
    return append(act, [act.draft(body)], lambda charts: _still_open(charts, act, case))


def _works_here(owner: str) -> bool:
    row = StaffIndex.objects.filter(key=owner.removeprefix("staff:"), active=True).first()
    return row is not None and person_from(row).can(Permission.USE_SAFE)


def close(act: Act, *, case: UUID, finding: str, text: str, reference: str | None = None) -> list[Entry]:
    """Close a case with what was found, in front of a second person."""
    require(act, Permission.KEEP_SAFE, "close")
    _open_case(act, case)
    if finding not in safe().found:
        raise bad(f"“{finding}” is no finding", "finding", "Choose from the list.")
    body = CaseClosed(
        case=case, finding=finding, text=text.strip(), reference=reference or None, witness=act.seen_by
    )
    return append(act, [act.draft(body)], lambda charts: _still_open(charts, act, case))


def _open_case(act: Act, case: UUID) -> Case:
    found = books(act.place).cases.get(case)
    if found is None:
        raise bad("there is no such case here", "case", "Look at the list of cases.")
    return found


def _still_open(charts: Charts, act: Act, case: UUID) -> None:
    found = books_of(charts[act.stream]).cases.get(case)
    if found is None or found.closed:
        raise refuse("this case is closed", "case", "Nothing more to do; a new finding opens a new case.")


def hold(act: Act, *, key: Key, held: bool, notice: str, places: Iterable[str]) -> list[Entry]:
    """Hold a lot in every safe, or release it: a recall does not stop at one door."""
    require(act, Permission.KEEP_SAFE, SOFT)
    body = LotHeld(product=key[0], lot=key[1], held=held, notice=notice.strip())
    drafts = [act.draft(body, place if n else "", stream=stream_of(place)) for n, place in enumerate(places)]
    if not drafts:
        raise bad("no safe is in use", "lot", "Open a safe first.")
    return append(act, drafts)


def strike(act: Act, *, entry: UUID, reason: str) -> list[Entry]:
    """Strike a line through: it stays readable, and moves nothing any more. What rests on it is struck first."""
    require(act, Permission.USE_SAFE, "strike")
    stored = store.load(act.stream).entries.get(entry)
    if stored is None or not isinstance(stored.body, MOVES):
        raise bad("this line is not in the books of this safe", "entry", "Look at the ledger again.")
    if not reason.strip():
        raise bad("striking a line needs its reason", "reason", "Say in a few words what is wrong with it.")
    drafts = [_struck(act, stored, reason.strip())]
    if twin := _other_half(stored):
        drafts.append(_struck(act, twin, reason.strip(), "twin"))
    drafts += _opened_again(act, stored)
    if act.witness:
        drafts.append(act.draft(StruckWitnessed(entry=entry, witness=act.witness.by), "witness"))
    return append(act, drafts)


def _struck(act: Act, entry: Entry, reason: str, name: str = "") -> Draft:
    return act.draft(EnteredInError(), name, stream=entry.stream, reason=reason).correcting(entry)


def _opened_again(act: Act, stored: Entry) -> list[Draft]:
    """The case that opens where the books of a signed session do not close any more (hazard H036)."""
    draw = books(act.place).draws.get(getattr(stored.body, "draw", None) or stored.id)
    if draw is None or closed_because(whole_chart(chart_of(draw.body.patient)), stored.session) != SIGNED:
        return []
    body = CaseOpened(
        about=act.entry_id,
        what="reopened",
        told=f"A line of a signed session was struck through: lot {draw.body.lot} is to be accounted for again",
        owner=act.person.by,
        due_at=act.now + timedelta(hours=limits().case_due_h),
        product=draw.body.product,
        lot=draw.body.lot,
    )
    return [act.draft(body, "reopened", session=stored.session)]


def _other_half(entry: Entry) -> Entry | None:
    """Of a transfer: its line in the other safe, so that both go together."""
    link = getattr(entry.body, "transfer", None)
    if link is None:
        return None
    other = str(getattr(entry.body, "to", None) or getattr(entry.body, "came_from", ""))
    lines = store.load(stream_of(other)).entries.values()
    return next((e for e in lines if getattr(e.body, "transfer", None) == link), None)
