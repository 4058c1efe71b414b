"""People who asked to be contacted, folded from the inbox: who waits how long, who has it, how it ended (pure)."""

from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.data import schedules
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import Filed
from lowtide.record.entries.referral import Referral, ReferralContacted, ReferralDeclined, ReferralTaken


class Waiting(msgspec.Struct, frozen=True):
    """One referral. `taken` is the entry of whoever has it by name, `filed` the chart it went to.

    Untaken, it is the role `second`'s as well from `escalates_at` on; `contacts` are the attempts to reach the person.
    """

    entry: Entry
    body: Referral
    due_at: datetime
    owner: str
    taken: Entry | None
    declined: Entry | None
    filed: str | None
    second: str = ""
    escalates_at: datetime | None = None
    contacts: tuple[tuple[Entry, ReferralContacted], ...] = ()

    @property
    def id(self) -> UUID:
        return self.entry.id

    @property
    def is_open(self) -> bool:
        return self.declined is None and self.filed is None

    def is_escalated(self, now: datetime) -> bool:
        """Nobody has it, and it has waited too long."""
        return (
            self.is_open and self.taken is None and self.escalates_at is not None and self.escalates_at <= now
        )

    @property
    def was_escalated(self) -> bool:
        """Whoever took or settled it did so after it had gone to the second role."""
        first = min((e.at for e in (self.taken, self.declined) if e), default=None)
        return first is not None and self.escalates_at is not None and self.escalates_at <= first

    @property
    def name(self) -> str:
        return f"{self.body.given} {self.body.family}"


def referrals(inbox: Chart) -> list[Waiting]:
    """Every referral, what is urgent first, then what waits longest."""
    taken = {body.item: entry for entry, body in inbox.said(ReferralTaken)}
    declined = {body.item: entry for entry, body in inbox.said(ReferralDeclined)}
    filed = {body.item: body.chart for _, body in inbox.said(Filed)}
    rules = schedules.rules()
    found = []
    for entry, body in inbox.said(Referral):
        rule = rules["referral_urgent" if body.urgent else "referral"]
        ended = (taken.get(entry.id), declined.get(entry.id), filed.get(entry.id))
        late = entry.at + rule.patience if rule.patience else None
        tried = tuple((e, b) for e, b in inbox.said(ReferralContacted) if b.item == entry.id)
        found.append(Waiting(entry, body, entry.at + rule.span, rule.owner, *ended, rule.second, late, tried))
    return sorted(found, key=lambda w: (not w.body.urgent, w.due_at, str(w.id)))
