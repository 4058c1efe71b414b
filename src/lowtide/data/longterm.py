"""Long-term safety as data: checks that fall due again and again, what stops the next session, and the words of both."""

from decimal import Decimal
from functools import cache
from typing import Literal

import msgspec

from lowtide.data import monitoring, own, read, schedules
from lowtide.data.own import Values

Does = Literal["block", "block_at_once", "mark", "off"]
Part = Literal["baseline", "after_induction", "every_sessions", "every_days", "each_session", "max_age_days"]
CHANGES = {"no": "No", "as_before": "As before treatment", "worse": "New or worse"}
YES_NO = {"no": "No", "yes": "Yes"}
NOT_KNOWN = "not_known"
SCALE_MAX = 10


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One check; `longterm.toml` explains the fields. `key` is its name in the table."""

    label: str
    item: str
    rhythm: tuple[Part, ...]
    owner: Literal["nurse", "prescriber"]
    because: str
    effect: dict[str, Does]
    instruments: tuple[str, ...] = ()
    tests: tuple[tuple[str, ...], ...] = ()
    also: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    measured: str = ""
    vital: str = ""
    asks: str = ""
    workup: str = ""
    childbearing: bool = False
    key: str = ""

    @property
    def spoken_to_by(self) -> frozenset[str]:
        """Every test whose result says something to it."""
        return frozenset((*self.also, *(test for panel in self.tests for test in panel)))

    @property
    def watched(self) -> monitoring.Item:
        """The monitoring item that says how often, from which source, whether it was seen."""
        return monitoring.items()[self.item]

    @property
    def rule_id(self) -> str:
        return f"{self.item}-{self.key.upper().replace('_', '-')}"

    @property
    def verified(self) -> bool:
        """Whether its rhythm was seen in a source, or somebody here answers for it."""
        return self.watched.verified and "frequency" not in self.watched.unverified

    def does(self, policy: str) -> Does:
        return self.effect.get(policy, self.effect["default"])


class Scale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A total that stops: at the number `limit`, or worse by the number `rise`; of a `part` where not the whole counts."""

    limit: str
    rise: str
    part: str = ""

    @property
    def falls(self) -> bool:
        """Lower is worse."""
        return self.limit.endswith("_below")

    def reached(self, value: Decimal, limit: Decimal) -> bool:
        if self.falls:
            return value < limit
        return value > limit or (value == limit and not self.limit.endswith("_above"))


class Stop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds the next session until a prescriber has decided."""

    label: str
    ask: str
    source: tuple[str, ...]
    verified: bool
    item: str = ""
    terms: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    scales: dict[str, Scale] = {}
    says: tuple[str, ...] = ()
    above: dict[str, str] = {}
    signals: bool = False
    private: bool = False
    then: str = ""
    key: str = ""

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks whose answers stop by it: those that watch the same item."""
        return tuple(one for one in checks().values() if self.item and one.item == self.item)


class Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: Decimal
    unit: str
    why: str
    source: tuple[str, ...] = ()
    verified: bool = False


class Signal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something about use that is kept in mind; `days`: it asks how many days early; `at_desk` are the words in which
    whoever books may note it, who sees no chart."""

    label: str
    about: str = ""
    strong: bool = False
    days: bool = False
    derived: bool = False
    at_desk: str = ""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`value` names what its answer says to a trigger; `worse` what “new or worse” says."""

    id: str
    text: str
    kind: Literal["change", "scale", "number", "yes_no"]
    value: str = ""
    worse: str = ""
    low: int = 0
    high: int = SCALE_MAX

    @property
    def choices(self) -> dict[str, str]:
        """Answers that are words; none for a number."""
        return {"change": CHANGES, "yes_no": YES_NO}.get(self.kind, {})

    def takes(self, answer: str) -> bool:
        if answer == NOT_KNOWN or answer in self.choices:
            return True
        return not self.choices and answer.isdigit() and self.low <= int(answer) <= self.high


class Sheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """This project's own questions for one check; `required` are those without which it was not asked; `by_patient`: who
    is asked may answer them alone, in their own place."""

    title: str
    intro: str
    question: tuple[Question, ...]
    required: tuple[str, ...]
    language_age: int | None = None
    by_patient: bool = False
    at_once: str = ""

    @property
    def questions(self) -> dict[str, Question]:
        return {one.id: one for one in self.question}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    check: dict[str, Check]
    stop: dict[str, Stop]
    number: dict[str, Number]
    signal: dict[str, Signal]
    asks: dict[str, Sheet]


@cache
def _file() -> _File:
    return read.toml("longterm.toml", _File)


@cache
def checks() -> dict[str, Check]:
    """Every check by name, in the order of the table."""
    return {key: msgspec.structs.replace(one, key=key) for key, one in _file().check.items()}


def stops() -> dict[str, Stop]:
    """Every reason to stop by name; one that somebody here answers for carries no mark."""
    return _stops(own.of("longterm")[1])


@cache
def _stops(settled: frozenset[str]) -> dict[str, Stop]:
    return {
        key: msgspec.structs.replace(one, key=key, verified=one.verified or key in settled)
        for key, one in _file().stop.items()
    }


def signals() -> dict[str, Signal]:
    return _file().signal


def sheets() -> dict[str, Sheet]:
    return _file().asks


def numbers() -> dict[str, Number]:
    """Every number by name, with this clinic's own values."""
    return _numbers(*own.of("longterm"))


@cache
def _numbers(values: Values, settled: frozenset[str]) -> dict[str, Number]:
    found = own.changed(_file().number, tuple((f"{name}/value", value) for name, value in values))
    return {
        name: msgspec.structs.replace(one, verified=True) if name in settled else one
        for name, one in found.items()
    }


def number(name: str) -> Decimal:
    return numbers()[name].value


@cache
def repeated() -> frozenset[str]:
    """Tests of the work-up that a check repeats once treatment has begun."""
    return frozenset(one.workup for one in checks().values() if one.workup)


def due_rule(check: Check) -> schedules.Rule:
    """The due rule of a check, in the words of the schedules."""
    item = check.watched
    return schedules.Rule(
        rule_id=check.rule_id,
        text=f"{check.label[:1].upper()}{check.label[1:]}: {item.frequency_text}",
        hours=24 * (item.frequency.every_days or 1),
        owner=check.owner,
        source=item.source,
        verified=check.verified,
        note=item.note,
    )


def version() -> str:
    return f"{_file().version}+{read.digest('longterm.toml')}"
