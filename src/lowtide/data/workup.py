"""The work-up as a table: each test with its owner, for whom it is needed, how long it counts and how it is recorded."""

from datetime import timedelta
from functools import cache
from typing import Literal

import msgspec

from lowtide.data import own, read, schedules
from lowtide.data.own import Values

KINDS = {
    "blood": "Blood",
    "urine": "Urine",
    "tests": "Other tests",
    "scales": "Questionnaires",
    "checks": "Checks",
}
"""What a test is made on: the order in which a request lists them."""


class Test(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One test; `workup.toml` explains the fields.

    `records` is how it comes in: a `result` for review, a `panel` of results with the laboratory's limits, a `choice` or
    `number` of the intake, the `weight`, or only that it was `done`; `read_as` then asks how it came out.
    """

    item: str
    rule: str
    owner: Literal["nurse", "prescriber"]
    records: Literal["result", "panel", "choice", "number", "weight", "done"]
    kind: Literal["blood", "urine", "tests", "scales", "checks"]
    because: str
    how: str
    verified: bool
    order: str = ""
    when: str = ""
    otherwise: str = ""
    max_age_days: int | None = None
    limit: str = ""
    sources: tuple[str, ...] = ()
    note: str = ""
    panel: tuple[str, ...] = ()
    read_as: dict[str, str] = {}
    key: str = ""

    @property
    def rule_id(self) -> str:
        """How a due item names the row it comes from."""
        return f"DUE-WORKUP-{self.key.upper().replace('_', '-')}"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    lead_days: int
    baseline_hours: int
    test: dict[str, Test]


@cache
def _file() -> _File:
    return read.toml("workup.toml", _File)


def tests() -> dict[str, Test]:
    """Key -> Test, in the order of the table, with this clinic's own intervals."""
    return _tests(*own.of("workup"))


@cache
def _tests(values: Values, settled: frozenset[str]) -> dict[str, Test]:
    found = {key: msgspec.structs.replace(test, key=key) for key, test in _file().test.items()}
    found = own.changed(found, tuple((f"{key}/max_age_days", value) for key, value in values))
    moved = {key for key, _ in values}
    return {
        key: msgspec.structs.replace(
            test, verified=test.verified or key in settled, note="" if key in moved else test.note
        )
        for key, test in found.items()
    }


class Times(msgspec.Struct, frozen=True):
    """How early before a session a test is done again, and how long the baseline may take without one."""

    lead_days: int
    baseline_hours: int


def times() -> Times:
    file = _file()
    said = {"times": Times(file.lead_days, file.baseline_hours)}
    return own.changed(said, tuple((f"times/{key}", value) for key, value in own.of("workup")[0]))["times"]


def lead() -> timedelta:
    """How early before a session a test can be done again."""
    return timedelta(days=times().lead_days)


def baseline() -> timedelta:
    """Within what time of registration the baseline is complete, while no session is planned."""
    return timedelta(hours=times().baseline_hours)


def due_rule(test: Test, label: str) -> schedules.Rule:
    """The due rule of a test, in the words of the schedules."""
    return schedules.Rule(
        rule_id=test.rule_id,
        text=f"{label[:1].upper()}{label[1:]} is known and current before a session",
        hours=times().baseline_hours,
        owner=test.owner,
        source=test.sources,
        verified=test.verified,
        note=test.note,
    )
