"""The candidacy rules, their numbers and the interactions, as the tables in `rules/` hold them.

A rule's condition is an expression (see `expression`) over the items of the intake, the request, and named numbers; what
inputs it needs is read from the condition itself, so that the two cannot disagree.
"""

from collections.abc import Iterator
from functools import cache
from typing import Literal, TypeVar

import msgspec

from lowtide.data import codes, expression, read, trials

Decision = Literal["eligible", "conditional", "defer", "not_eligible"]
DECISIONS: tuple[Decision, ...] = ("eligible", "conditional", "defer", "not_eligible")
"""Weakest first; the strongest finding wins."""

TABLES = ("person", "heart_and_vessels", "mind", "body", "medicines", "gates", "inclusion", "interactions")
REQUEST = ("indication", "product", "route", "no_inclusion_rule")
"""Names a condition may use that are no items: what was asked for, and whether any inclusion rule speaks of it."""

ITEM_OF = {
    "dx_active": "dx.", "dx_ever": "dx.", "dx_primary": "dx.", "days_since": "dx.",
    "dx_mentioned": "dx.", "days_since_listed": "dx.", "med": "med.", "allergy": "allergy.", "age_days": "",
    "in_doubt": "", "in_doubt_ever": "", "in_doubt_past": "",
}  # fmt: skip
"""Functions whose arguments name items, and the prefix of those items."""
ITEMS_OF = {
    "adequate_trials": ("treatment_trials",),
    "adequate_trial_classes": ("treatment_trials",),
    "bmi": ("weight_kg", "height_cm"),
    "overlap": (),
}
"""Functions that always look at the same items (`overlap` at its arguments only)."""

T = TypeVar("T", bound=msgspec.Struct)


class Other(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that another source gives for the same number: conflicts are shown, not hidden."""

    value: float
    who: str
    source: str = ""
    verified: bool = False


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named number (or list of words) that a condition compares with. A policy may replace it."""

    value: float | tuple[str, ...]
    meaning: str
    verified: bool
    unit: str = ""
    sources: tuple[str, ...] = ()
    note: str = ""
    others: tuple[Other, ...] = ()
    name: str = ""


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What follows when a condition holds, and why in words where the rule's criterion does not say it."""

    when: str
    decision: Decision
    reason: str = ""


class AppliesTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The requests a row speaks of; an empty list means all."""

    indications: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()

    def includes(self, indication: str, product: str, route: str) -> bool:
        asked = ((self.indications, indication), (self.products, product), (self.routes, route))
        return all(not allowed or word in allowed for allowed, word in asked)


class Codes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The codes the source table gives beside a rule, for print; `codes/conditions.toml` does the recognising."""

    icd10cm: tuple[str, ...] = ()
    snomed: tuple[str, ...] = ()
    verified: bool = False


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One candidacy rule. Its outcomes are tried in order; the first that is known to hold is the finding.

    `unknown` says what an unknown input does: `defer` the decision, or only `name` the item; the latter is only for rules
    whose finding could not worsen the decision. `criterion` names its numbers in braces, so that it never tells another
    limit than the one in force.
    """

    domain: str
    criterion: str
    kind: str = msgspec.field(name="class")
    outcomes: tuple[Outcome, ...]
    unknown: Literal["defer", "name"]
    override: str
    action: str
    rationale: str
    verified: bool
    boundary: str = ""
    applies_to: AppliesTo = AppliesTo()
    escalates: bool = False
    codes: Codes = Codes()
    sources: tuple[str, ...] = ()
    note: str = ""
    id: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The items the conditions ask for."""
        return tuple(dict.fromkeys(item for outcome in self.outcomes for item in inputs(outcome.when)))

    @property
    def numbers(self) -> tuple[str, ...]:
        """The names of the thresholds the conditions use."""
        mentioned = (name for outcome in self.outcomes for name in expression.names(outcome.when))
        return tuple(dict.fromkeys(name for name in mentioned if name in thresholds()))


class Hold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of an interaction's timing can be reckoned with; the table explains the fields."""

    before_h: int = 0
    after_h: int = 0
    same_day: bool = False
    keep: bool = False
    extra: bool = False
    ask: bool = False
    only: tuple[str, ...] = ()
    verified: bool = True

    @property
    def is_timed(self) -> bool:
        return bool(self.before_h or self.after_h or self.same_day)

    def concerns(self, *names: str) -> bool:
        """Whether it speaks of a medicine with these ingredients."""
        return not self.only or bool(set(self.only) & set(names))


class Interaction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A medicine or substance that changes what a session needs. It never changes the decision by itself."""

    medicine: str
    when: str
    mechanism: str
    effect: str
    severity: Literal["none", "minor", "moderate", "major", "contraindicated"]
    action: str
    verified: bool
    severity_by_route: dict[str, str] = {}
    applies_to: AppliesTo = AppliesTo()
    timing: str = ""
    hold: Hold = Hold()
    lasts_after_stop_days: int = 0
    monitoring: str = ""
    sources: tuple[str, ...] = ()
    unverified_fields: tuple[str, ...] = ()
    note: str = ""
    id: str = ""

    def severity_for(self, route: str) -> str:
        return self.severity_by_route.get(route, self.severity)


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    threshold: dict[str, Threshold] = {}
    rule: dict[str, Rule] = {}
    interaction: dict[str, Interaction] = {}
    covered: dict[str, tuple[str, ...]] = {}


@cache
def rules() -> dict[str, Rule]:
    """Rule id -> Rule, in the order of the tables."""
    return {key: _with_id(rule, key) for table in _tables() for key, rule in table.rule.items()}


@cache
def thresholds() -> dict[str, Threshold]:
    """Name -> Threshold, as the tables set them (before any policy)."""
    tables = (pair for table in _tables() for pair in table.threshold.items())
    return {name: msgspec.structs.replace(threshold, name=name) for name, threshold in tables}


@cache
def interactions() -> dict[str, Interaction]:
    """Interaction id -> Interaction, in the order of the table."""
    return {key: _with_id(row, key) for table in _tables() for key, row in table.interaction.items()}


def covered(product: str, route: str) -> bool:
    """Whether the inclusion rules were written with this product by this route in mind."""
    return any(route in table.covered.get(product, ()) for table in _tables())


@cache
def table_of() -> dict[str, str]:
    """Rule id, threshold name or interaction id -> the table it stands in."""
    rows = ((name, (t.rule, t.threshold, t.interaction)) for name, t in zip(TABLES, _tables(), strict=True))
    return {key: name for name, parts in rows for part in parts for key in part}


@cache
def version() -> str:
    """The fingerprint of everything that candidacy is judged by, policies apart."""
    return read.digest(
        *(f"rules/{table}.toml" for table in TABLES), *codes.FILES, *trials.FILES, "intake.toml"
    )


@cache
def inputs(condition: str) -> tuple[str, ...]:
    """The items a condition asks for, by their ids in the intake catalogue."""
    return tuple(_inputs(condition))


def _inputs(condition: str) -> Iterator[str]:
    yield from (
        name for name in expression.names(condition) if name not in thresholds() and name not in REQUEST
    )
    for function, arguments in expression.calls(condition):
        if function == "undone":
            yield from (f"workup.{word}" for name in arguments for word in words(name))
        elif function in ITEM_OF:
            yield from (ITEM_OF[function] + argument for argument in arguments)
        else:
            yield from ITEMS_OF[function]


def words(name: str) -> tuple[str, ...]:
    """The words of a threshold that is a list."""
    value = thresholds()[name].value
    assert isinstance(value, tuple), f"{name} is no list of words"
    return value


@cache
def _tables() -> tuple[_Table, ...]:
    return tuple(read.toml(f"rules/{name}.toml", _Table) for name in TABLES)


def _with_id(row: T, key: str) -> T:
    return msgspec.structs.replace(row, id=key)
