"""What remains of each hazard, and who accepts it in this clinic: the fold, and the verbs accept and withdraw."""

from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.data import approving
from lowtide.data.hazards import Hazard, hazards
from lowtide.people.clinic import CLINIC
from lowtide.people.retry import append
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.clinic import EnteredInError, RiskAccepted
from lowtide.record.store import Charts

LOOK_AGAIN = "Look at it again, then decide."


class Standing(msgspec.Struct, frozen=True):
    """A hazard in this clinic. `accepted` holds as it stands; `before` was signed for another estimate or control."""

    hazard: Hazard
    accepted: Entry | None
    before: Entry | None

    @property
    def signed(self) -> Entry | None:
        return self.accepted or self.before

    @property
    def seen(self) -> str:
        """What a page about it was made from."""
        return f"{self.hazard.stands}:{self.signed.id if self.signed else ''}"


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """One form about one hazard: who, why, and what the page had shown."""

    person: Person
    entry_id: UUID
    hazard: str
    seen: str
    reason: str
    now: datetime


def standing(clinic: Chart) -> list[Standing]:
    """Every hazard, in the table's order."""
    last = {body.hazard: (entry, body) for entry, body in clinic.said(RiskAccepted)}
    return [_standing(hazard, last.get(hazard.id)) for hazard in hazards()]


def _standing(hazard: Hazard, last: tuple[Entry, RiskAccepted] | None) -> Standing:
    if last is None:
        return Standing(hazard, None, None)
    entry, body = last
    holds = body.stands == hazard.stands
    return Standing(hazard, entry if holds else None, None if holds else entry)


def accept(signing: Signing) -> Entry:
    """Accept what remains of a hazard. Refused where the page showed something else, or somebody signed meanwhile."""
    found = _found(store.load(CLINIC), signing).hazard
    body = RiskAccepted(
        hazard=found.id,
        stands=found.stands,
        told=f"{found.hazard}: risk {found.risk_residual} of 5 remains",
        printed_name=signing.person.name,
        meaning=approving.meaning().risk,
    )
    return _sign(signing, Draft(id=signing.entry_id, stream=CLINIC, body=body, at=signing.now, by=""))


def withdraw(signing: Signing) -> Entry:
    """Take an acceptance back: the hazard stands open again."""
    found = _found(store.load(CLINIC), signing).signed
    if found is None and store.find(signing.entry_id) is None:
        raise refuse("nobody has accepted it", "hazard", LOOK_AGAIN)
    corrects = found.id if found else None
    draft = Draft(id=signing.entry_id, stream=CLINIC, body=EnteredInError(), at=signing.now, by="")
    return _sign(signing, msgspec.structs.replace(draft, corrects=corrects))


def _sign(signing: Signing, draft: Draft) -> Entry:
    if not signing.reason.strip():
        raise bad("a reason is needed", "reason", "Say in a few words why.")
    if stored := store.find(signing.entry_id):
        return stored

    def guard(charts: Charts) -> None:
        if _found(charts[CLINIC], signing).seen != signing.seen:
            raise refuse("this hazard is not as the page showed it", "hazard", LOOK_AGAIN)

    said = msgspec.structs.replace(draft, by=signing.person.by, reason=signing.reason.strip())
    return append([said], guard, now=signing.now)[0]


def _found(clinic: Chart, signing: Signing) -> Standing:
    for one in standing(clinic):
        if one.hazard.id == signing.hazard:
            return one
    raise bad(f"there is no hazard “{signing.hazard}”", "hazard", "Open the page again.")
