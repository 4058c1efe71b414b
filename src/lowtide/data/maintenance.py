"""Steps of maintenance as data: states, what may be chosen in each, rules that point at a step, relapse, endings."""

from functools import cache
from typing import Literal

import msgspec

from lowtide.data import read

Needs = Literal["date", "series", "look_again", "ending", "review"]
Fact = Literal[
    "relapsed",
    "response_lost",
    "drifting",
    "responding",
    "remitted",
    "no_response",
    "unknown",
    "at_longest",
    "held_long",
    "paused",
    "induction_over",
    "held",
]


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    label: str
    text: str


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """One thing that can be chosen: from which states, what it needs said, where it leads. `rungs`: by how many rungs
    of a ladder the next interval differs from the last one."""

    id: str
    label: str
    hint: str
    leads_to: str
    from_: tuple[str, ...]
    needs: Needs
    rungs: int = 1


class StepRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Facts that point at a step; `also` are steps it points at beside it."""

    id: str
    when: tuple[Fact, ...]
    step: str
    text: str
    source: tuple[str, ...]
    verified: bool
    unless: tuple[Fact, ...] = ()
    also: tuple[str, ...] = ()
    note: str = ""


class Relapse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From which score on a response is taken to be over, and in whose words."""

    instrument: str
    at_least: int
    text: str
    source: tuple[str, ...]
    verified: bool
    note: str = ""


class Again(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """People who relapsed and had a new series: how many responded and remitted, and how many still responded weeks
    later."""

    who: str
    drug: str
    responded: int
    remitted: int
    of: int
    later_weeks: int
    later_responded: int
    later_of: int
    response: str
    source: tuple[str, ...]
    verified: bool


class Ending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    label: str
    good: bool = False


class Asking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days after the end on which somebody asks how things are."""

    after_days: tuple[int, ...]
    source: tuple[str, ...]
    verified: bool
    note: str = ""


class ComeBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lines: tuple[str, ...]


class Feed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of a calendar feed, how many days of it there are, and how long before a visit the calendar says so."""

    patient_summary: str
    patient_text: str
    staff_summary: str
    alarm_text: str
    alarm_before_h: int
    past_days: int
    ahead_days: int


class Maintenance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    rules: tuple[StepRule, ...]
    relapse: tuple[Relapse, ...]
    again: tuple[Again, ...]
    endings: tuple[Ending, ...]
    asking: Asking
    come_back: ComeBack
    feed: Feed


@cache
def maintenance() -> Maintenance:
    return read.toml("maintenance.toml", Maintenance)


@cache
def states() -> dict[str, State]:
    return {one.id: one for one in maintenance().states}


@cache
def steps() -> dict[str, Step]:
    return {one.id: one for one in maintenance().steps}


@cache
def endings() -> dict[str, Ending]:
    return {one.id: one for one in maintenance().endings}


@cache
def relapse_of(instrument_id: str) -> Relapse | None:
    """The definition for an instrument; None where no table names one."""
    return next((one for one in maintenance().relapse if one.instrument == instrument_id), None)
