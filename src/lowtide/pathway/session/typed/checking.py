"""Whether what was typed can have happened: each line against the session as it stood at its time (pure).

A line is judged by what had happened until then, not by what was charted later: a pause on paper lies before an end that was
recorded when the line was back. What would make the whole contradict itself is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import msgspec

from lowtide.data.chair import numbers
from lowtide.data.monitoring import Item
from lowtide.pathway.session.rules.facts import Facts, facts
from lowtide.pathway.session.rules.readings import Reading, readings
from lowtide.pathway.session.rules.state import Phase, Verb, state_of
from lowtide.pathway.session.typed import given
from lowtide.pathway.session.typed.lines import Faults, Line
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import DoseGiven, DoseStarted, DoseStopped
from lowtide.record.entries.longrun import ContainerChanged

OF_VERB = {
    "start": Verb.START,
    "rate": Verb.CHANGE_RATE,
    "pause": Verb.PAUSE,
    "stop": Verb.STOP,
    "give": Verb.GIVE,
    given.BAG: Verb.CHANGE_CONTAINER,
    given.MEDICINE: Verb.NOTE,
}


class Twice(msgspec.Struct, frozen=True):
    """What a row says and what is charted already near its time."""

    row: int
    label: str
    typed: str
    charted: Reading

    @property
    def same(self) -> bool:
        return self.typed == self.charted.text


def check(known: Facts, typed: Sequence[tuple[Line, Entry]], monitoring: Mapping[str, Item]) -> Faults:
    """What cannot have been so, by row and cell. `typed` are the lines with the entries they would become."""
    faults: Faults = {}
    for line, entry in typed:
        if line.verb:
            so_far = [e for e in _all(known, typed) if e.order < entry.order]
            fault = _again(known, line) or _refused(facts(known.session, so_far), line, monitoring)
            if fault:
                faults[line.row, "did"] = fault
    whole = facts(known.session, _all(known, typed))
    for said in whole.contradictions:
        if said not in known.contradictions and typed and not faults:
            faults[typed[0][0].row, "did"] = f"{said[:1].upper()}{said[1:]}."
    return faults


def _all(known: Facts, typed: Iterable[tuple[Line, Entry]]) -> list[Entry]:
    return [*known.entries, *(entry for _, entry in typed)]


def _again(known: Facts, line: Line) -> str:
    """A start or an end is recorded once; another one on paper is a correction of it."""
    once = {"start": DoseStarted, "stop": DoseStopped}.get(line.verb)
    if once and any(isinstance(e.body, once) for e in known.entries):
        return "This is recorded already: correct that entry instead."
    return ""


def _refused(then: Facts, line: Line, monitoring: Mapping[str, Item]) -> str:
    state, verb = state_of(then, monitoring, line.at), OF_VERB[line.verb]
    if verb is Verb.CHANGE_RATE and state.phase is Phase.PAUSED:
        verb = Verb.RESUME
    begins = verb in (Verb.START, Verb.GIVE) and then.started is None
    why = None if begins and state.phase is Phase.SCHEDULED else state.refusal(verb)
    if why:
        return f"Not at that time: {why}."
    order = then.order[1] if then.order else None
    if begins and not line.reason and (then.time_out is None or then.preparation is None):
        return "The record has no time-out or check before this: say in words who took them on paper."
    if line.verb in ("start", "rate") and order and order.rate_ml_per_h and not line.reason:
        rate = getattr(line.body, "rate_ml_per_h", None)
        if rate != order.rate_ml_per_h:
            return f"The order says {order.rate_ml_per_h} mL/h: say in words why it ran at {rate} mL/h."
    if isinstance(line.body, DoseGiven) and line.body.mg < line.body.of_mg and not line.reason:
        return "Less than the whole part: say in words what happened."
    if isinstance(line.body, DoseStopped) and not line.body.complete and not line.reason:
        return "Ended before all of it was in: say in words why."
    held = then.infusion.held[-1] if then.infusion else None
    if isinstance(line.body, ContainerChanged) and held and line.body.residual_ml > held.volume_ml:
        return f"It held {held.volume_ml} mL, so much cannot be left: measure the rest again."
    return ""


def twice(known: Facts, typed: Iterable[tuple[Line, Entry]]) -> list[Twice]:
    """Readings that are charted already within the time in which a reading counts for the same slot."""
    near = timedelta(minutes=numbers().early_min)
    found = []
    for line, entry in typed:
        for each in readings([entry]).values():
            for new in each:
                for old in known.readings[new.parameter.id]:
                    if abs(old.at - new.at) <= near:
                        found.append(Twice(line.row, new.parameter.label, new.text, old))
    return found
