"""Whose outcome moved, as the page lists it (pure)."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

import msgspec

from lowtide.data import rules as tables
from lowtide.data import vocabulary
from lowtide.data.policies import Number, policies
from lowtide.data.rules import DECISIONS
from lowtide.pathway.evaluate.deciding.page import WORDS, label_of
from lowtide.pathway.evaluate.everybody.comparing import How, Said
from lowtide.pathway.evaluate.words import filled

SHOWS: dict[str, tuple[str, tuple[How, ...]]] = {
    "": ("Outcome moved", ("failed", "urgent", "worse", "better")),
    "lifted": ("Under treatment and better", ("lifted",)),
    "findings": ("Same outcome, other findings", ("findings",)),
    "same": ("Nothing moved", ("same",)),
    "undecided": ("Nobody decided yet", ("undecided",)),
}
"""What the list can show, by the word in the address."""
HOW: dict[str, tuple[str, str]] = {
    "failed": ("unknown", "Not evaluated"),
    "urgent": ("stop", "Call for help now"),
    "worse": ("hold", "Worse"),
    "better": ("clear", "Better"),
    "lifted": ("clear", "No longer ill enough to begin"),
    "findings": ("note", "Findings"),
    "same": ("clear", "Same"),
    "undecided": ("unknown", "No decision"),
}
NAMED = 6


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One person's row: decided so, suggested then and now, what came and went, and through what."""

    level: str
    word: str
    decided: str
    overrides: bool
    before: tuple[str, str]
    after: tuple[str, str]
    about: str
    by: str
    came: tuple[str, ...]
    went: tuple[str, ...]
    why: tuple[str, ...]
    query: str


def line(
    how: str, said: Said | None, policy: str, names: Mapping[str, str], numbers: Mapping[str, Number]
) -> Line:
    """A row for what was kept; `policy` is the one it was made under, `numbers` those in force."""
    level, word = HOW[how]
    if said is None:
        return Line(
            level=level, word=word, decided="", overrides=False, before=("", ""), after=("", ""),
            about="", by="", came=(), went=(), why=(), query="",
        )  # fmt: skip
    asked = {kind: getattr(said, kind) for kind in ("indication", "product", "route")}
    return Line(
        level=level,
        word=word,
        decided=_outcome(said.decision)[1],
        overrides=said.decision != said.then.decision,
        before=_outcome(said.then.decision),
        after=_outcome(said.now.decision),
        about=", ".join(vocabulary.label(kind, value) for kind, value in asked.items()),
        by=names.get(said.by, said.by),
        came=_came(said, numbers),
        went=_went(said, numbers),
        why=_why(said, policy),
        query=urlencode(asked | _under(policy)),
    )


def _outcome(decision: str) -> tuple[str, str]:
    level, words = WORDS.get(decision, ("note", decision.replace("_", " ")))
    return level, words.removesuffix(", for now")


def _under(policy: str) -> dict[str, str]:
    name = policy.partition(" ")[0]
    return {"policy": name} if name in policies() else {}


def _came(said: Said, numbers: Mapping[str, Number]) -> tuple[str, ...]:
    """Findings that are new or decide otherwise, the strongest first, and what is not known any more."""
    moved, found = said.moved, said.now.findings
    rules = sorted((*moved.new, *moved.changed), key=lambda r: -_strength(found[r]))
    forgotten = [f"not known any more: {label_of(item)}" for item in moved.forgotten]
    return _shortened([*(f"{_rule(r, numbers)}: {_outcome(found[r])[1].lower()}" for r in rules), *forgotten])


def _went(said: Said, numbers: Mapping[str, Number]) -> tuple[str, ...]:
    """Findings that are gone, and what became known."""
    moved, was = said.moved, said.then.findings
    learned = [f"now known: {label_of(item)}" for item in moved.learned]
    return _shortened(
        [*(f"{_rule(r, numbers)}: {_outcome(was[r])[1].lower()}" for r in moved.gone), *learned]
    )


def _strength(decision: str) -> int:
    return DECISIONS.index(decision) if decision in DECISIONS else 0


def _rule(rule_id: str, numbers: Mapping[str, Number]) -> str:
    rule = tables.rules().get(rule_id)
    return f"{rule_id} {filled(rule.criterion, numbers)}" if rule else f"{rule_id}, a rule of then"


def _shortened(said: list[str]) -> tuple[str, ...]:
    more = len(said) - NAMED
    return (*said[:NAMED], f"and {more} more") if more > 0 else tuple(said)


def _why(said: Said, policy: str) -> tuple[str, ...]:
    """What is another one than when it was decided; days that passed where nothing else is."""
    said_so = []
    if said.policy != policy:
        said_so.append(f"policy {said.policy}, now {policy}")
    if said.rules_version != tables.version():
        said_so.append("the rule tables are another version")
    if said.entries:
        said_so.append(f"{said.entries} {'entry' if said.entries == 1 else 'entries'} since")
    return tuple(said_so) or ("only days have passed",)


def as_of(on: date, policy: str, current: bool) -> str:
    """Which evaluation a row is from, where it is not of what is in force today."""
    return "" if current else f"as of {on:%-d %b %Y}, {policy}"


def counted(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """The choices of what to show, with how many people each has."""
    return [
        {"show": show, "words": words, "count": sum(counts.get(how, 0) for how in hows)}
        for show, (words, hows) in SHOWS.items()
    ]
