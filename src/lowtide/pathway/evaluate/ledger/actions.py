"""The verbs of the ledger: record a treatment, correct it, judge its adequacy, say how the present episode stands."""

import msgspec

from lowtide.pathway.evaluate.asking.actions import Act
from lowtide.people.retry import append
from lowtide.people.roles import Permission
from lowtide.problems import bad, refuse
from lowtide.record.entries.base import Entry
from lowtide.record.entries.history import DepressiveEpisode, TreatmentTrial, TrialJudged


def record(act: Act, body: TreatmentTrial, origin: Entry | None = None) -> Entry:
    """A treatment; `origin` is the medicine of the record that proposed it."""
    draft = act.draft(body)
    if origin:
        draft = msgspec.structs.replace(draft, origin=f"{origin.stream}/{origin.id}")
    return append([draft], now=act.now)[0]


def correct(act: Act, entry: Entry, body: TreatmentTrial, reason: str) -> Entry:
    """What is known now in place of what was written; the old wording stays readable."""
    draft = act.draft(body, at=entry.at).correcting(entry)
    draft = msgspec.structs.replace(draft, stream=entry.stream, reason=_given(reason), origin=entry.origin)
    return append([draft], now=act.now)[0]


def judge(act: Act, entry: Entry, *, adequate: bool, reason: str) -> Entry:
    """A prescriber's word on a treatment as it stands written. Refused to others."""
    if not act.person.can(Permission.DECIDE):
        raise refuse("adequacy is judged by a prescriber", "person", "Ask somebody whose role includes it.")
    draft = act.draft(TrialJudged(trial=entry.id, adequate=adequate))
    draft = msgspec.structs.replace(draft, stream=entry.stream, reason=_given(reason))
    return append([draft], now=act.now)[0]


def episode(act: Act, body: DepressiveEpisode) -> Entry:
    """How the present episode stands: the latest word holds."""
    return append([act.draft(body)], now=act.now)[0]


def _given(reason: str) -> str:
    if not reason.strip():
        raise bad("a reason is needed", "reason", "Say in a few words why.")
    return reason.strip()
