"""What an adverse event says was done to the dose, where the dose runs on as if it had not been done (pure; hazard H014).

Saying that the dose was stopped stops nothing: somebody goes to the pump, and records that it stands.
"""

import msgspec

from lowtide.data.events import events
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.state import SessionState, Verb
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import RateChanged
from lowtide.record.entries.events import AdverseEvent


class Unrecorded(msgspec.Struct, frozen=True):
    """`event` says `words` of the dose, and `verb` would record it."""

    event: Entry
    words: str
    verb: Verb


def unrecorded(state: SessionState) -> Unrecorded | None:
    """The latest event that says so; None where what it says is recorded, or the dose is over."""
    told = [e for e in state.facts.entries if isinstance(e.body, AdverseEvent)]
    for entry in reversed(told):
        assert isinstance(entry.body, AdverseEvent)
        verbs = [Verb(name) for name in events().asks.get(entry.body.action, ())]
        open_ = next((verb for verb in verbs if state.refusal(verb) is None), None)
        if open_ and not _was_paused(state.facts, entry, open_):
            return Unrecorded(entry, events().actions[entry.body.action], open_)
    return None


def _was_paused(facts: Facts, event: Entry, verb: Verb) -> bool:
    """A pause that was recorded since the event began and has ended again."""
    since = (e.body for e in facts.entries if e.at >= event.at)
    return verb is Verb.PAUSE and any(isinstance(b, RateChanged) and not b.rate_ml_per_h for b in since)
