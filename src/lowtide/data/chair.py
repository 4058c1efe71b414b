"""What is asked and charted at the chair: rows of the flowsheet, chips, questions before the dose and before leaving."""

from decimal import Decimal
from functools import cache
from typing import Literal

import msgspec

from lowtide.data import own, read
from lowtide.data.own import Values

BUTTONS = 10  # a scale that runs further has no button for each step: its total is typed


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the flowsheet: vital signs by field name, or a rating by scale; the pump is read as its rate.

    `scheduled_by` names the monitoring items that make it due; `value` is what they call the rating. `due_if` and
    `due_unless` name a number of the clinic that says whether they do.
    """

    id: str
    label: str
    name: str
    unit: str
    fields: tuple[str, ...] = ()
    field_labels: tuple[str, ...] = ()
    scale: str | None = None
    value: str | None = None
    scheduled_by: tuple[str, ...] = ()
    in_grid: bool = True
    due_if: str | None = None
    due_unless: str | None = None

    @property
    def is_scheduled(self) -> bool:
        """Whether the clinic has it asked for; charted it can be in any case."""
        known = chair().numbers
        wanted = self.due_if is None or known[self.due_if].value == 1
        return wanted and not (self.due_unless and known[self.due_unless].value == 1)


class Scale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scale whose steps are said in words: (number, words), best first."""

    version: str
    source: str
    verified: bool
    words: tuple[tuple[str, str], ...]


class Chip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event in one tap. `means` is the monitoring value it makes true; `more` keeps it one step away."""

    id: str
    label: str
    means: str | None = None
    more: bool = False


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question of the time-out or of the way out; `good` is the answer that opens the way.

    `risk`: another answer is told to those who act on suicidality (hazard H026)."""

    id: str
    question: str
    short: str
    rule: str
    good: Literal["yes", "no"] = "yes"
    value: str | None = None
    lift: bool = False
    risk: bool = False
    detail: str | None = None


class Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number of the work at the chair, with its reason; a default until it is approved."""

    value: Decimal
    unit: str
    why: str
    verified: bool = False


class Chair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    vials: tuple[str, ...]
    quiet_by: dict[str, str]
    numbers: dict[str, Number]
    parameters: tuple[Parameter, ...]
    scales: dict[str, Scale]
    chips: tuple[Chip, ...]
    correcting: dict[str, str]
    not_done: dict[str, str]
    artefact: dict[str, str]
    time_out: tuple[Question, ...]
    leaving: tuple[Question, ...]


class Minutes(msgspec.Struct, frozen=True):
    """The numbers of the work at the chair by name, units in the names."""

    late_after_min: int
    escalate_after_min: int
    early_min: int
    pressure_old_min: int
    leaving_reading_max_age_min: int
    prepare_min: int
    look_again_pct: int
    quiet_inform_min: int
    quiet_hold_min: int
    quiet_stop_min: int
    quiet_emergency_min: int
    quiet_rate_min: int
    second_person_hold_min: int
    second_person_stop_min: int
    second_person_emergency_min: int
    reminders_per_session: int
    cadss_at_chair: int
    rest_stays_pct: int
    apart_slack_s: int


def chair() -> Chair:
    """The table with this clinic's own numbers."""
    return _chair(*own.of("chair"))


@cache
def _chair(values: Values, settled: frozenset[str]) -> Chair:
    file = _file()
    found = own.changed(file.numbers, tuple((f"{name}/value", value) for name, value in values))
    marked = {n: msgspec.structs.replace(x, verified=x.verified or n in settled) for n, x in found.items()}
    return msgspec.structs.replace(file, numbers=marked)


@cache
def _file() -> Chair:
    return read.toml("chair.toml", Chair)


def numbers() -> Minutes:
    return _numbers(own.of("chair")[0])


@cache
def _numbers(values: Values) -> Minutes:
    return msgspec.convert({k: int(n.value) for k, n in _chair(values, own.NONE).numbers.items()}, Minutes)


@cache
def parameters() -> dict[str, Parameter]:
    """Every row of the flowsheet by id, in order."""
    return {p.id: p for p in _file().parameters}


@cache
def chips() -> dict[str, Chip]:
    return {c.id: c for c in _file().chips}
