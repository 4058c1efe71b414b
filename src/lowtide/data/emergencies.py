"""Checklists for emergencies at the chair: their steps with sources, and what suggests them."""

from functools import cache
from typing import Literal

import msgspec

from lowtide.data import read


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step, said so that it can be read aloud. `opens` leads to where it is done at the chair; `done_by`: with the
    dose recorded as paused or stopped it is done."""

    id: str
    text: str
    source: tuple[str, ...]
    verified: bool
    opens: str = ""
    done_by: tuple[Literal["paused", "stopped"], ...] = ()


class Checklist(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One emergency. `rules` are monitoring items that suggest it; `risk` raises the patient to those
    who act on suicidality; `term` is the adverse event that it usually is."""

    label: str
    short: str
    term: str
    steps: tuple[Step, ...]
    rules: tuple[str, ...] = ()
    risk: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    checklist: dict[str, Checklist]


@cache
def _file() -> _File:
    return read.toml("emergencies.toml", _File)


def checklists() -> dict[str, Checklist]:
    return _file().checklist


def version() -> str:
    return f"{_file().version}+{read.digest('emergencies.toml')}"


def suggested_by(rule: str) -> str | None:
    """The checklist that a crossed threshold suggests."""
    return next((key for key, one in checklists().items() if rule in one.rules), None)


def raises_risk(key: str) -> bool:
    """Whether opening it calls those who act on suicidality; one that is not known here does not."""
    known = checklists().get(key)
    return known is not None and known.risk
