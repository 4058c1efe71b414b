"""What the names and functions of a condition mean for one patient, one request, one policy and one day."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from lowtide.data import intake
from lowtide.data.expression import UNKNOWN, Found, Span, Use, answer, any_of
from lowtide.data.policies import Number
from lowtide.data.trials import tables
from lowtide.pathway.evaluate.adequacy import Trial, counts, failures
from lowtide.pathway.evaluate.facts import CONSENT, Facts, Problem, When
from lowtide.record.dates import days_between

NONE = Found(False)
NOW: tuple[str | None, ...] = ("active", None)
EVER = (*NOW, "past")
PAST = ("past",)
AGE = " age"
"""Marks the use of how old an item's value is, rather than of the value."""


class Asked:
    """Answers the names and functions of conditions (an `expression.Lookup`).

    `request` gives the words asked for; None there is unknown.
    """

    def __init__(
        self, facts: Facts, request: Mapping[str, Any], numbers: Mapping[str, Number], on: date
    ) -> None:
        self.facts, self.request, self.numbers, self.on = facts, request, numbers, on
        self.functions: dict[str, Callable[..., Found]] = {
            "dx_active": lambda *keys: any_of(self.dx_active(key) for key in keys),
            "dx_ever": lambda *keys: any_of(self.dx_ever(key) for key in keys),
            "dx_primary": self.dx_primary,
            "dx_mentioned": lambda *keys: any_of(self.dx_mentioned(key) for key in keys),
            "days_since": self.days_since,
            "days_since_listed": self.days_since_listed,
            "age_days": self.age_days,
            "in_doubt": lambda *items: any_of(self.in_doubt(item) for item in items),
            "in_doubt_ever": lambda *items: any_of(self.in_doubt(item, EVER) for item in items),
            "in_doubt_past": lambda *items: any_of(self.in_doubt(item, PAST) for item in items),
            "med": lambda *keys: any_of(self.med(key) for key in keys),
            "allergy": lambda *keys: any_of(self.allergy(key) for key in keys),
            "adequate_trials": self.adequate_trials,
            "adequate_trial_classes": self.adequate_trial_classes,
            "undone": self.undone,
            "overlap": lambda words, others: Found(bool(words & others)),
            "bmi": self.bmi,
        }

    def name(self, name: str) -> Found:
        if name in self.numbers:
            number = self.numbers[name].value
            value = frozenset(number) if isinstance(number, tuple) else number
            return Found(value, (Use(name, value),))
        if name == CONSENT and self.facts.consents:
            return self._consent(name)
        if name == tables().counted.failed and (tried := self.tried()):
            return self._failures(name, tried)
        if name in self.request:
            value = self.request[name]
            return Found(UNKNOWN, lacks=(name,)) if value is None else Found(value, (Use(name, value),))
        if self.outdated(name):
            return Found(UNKNOWN, lacks=(name,))
        if name in self.facts.values:
            return Found(self.facts.values[name], (Use(name, self.facts.values[name]),))
        return self._open(intake.items()[name])

    def outdated(self, name: str) -> int | None:
        """After how many days a value counts as unknown that is older than that, or may be; None for any other."""
        item, value = intake.items().get(name), self.facts.values.get(name)
        if item is None or not item.valid_for or value is None or name not in self.facts.taken:
            return None
        limit = self.numbers[item.valid_for].value
        assert isinstance(limit, int | float), item.valid_for
        old = days_ago(self.facts.taken[name], self.on).high > limit
        return int(limit) if old and not (item.lasts and value is True) else None

    def call(self, function: str, arguments: tuple[Any, ...]) -> Found:
        return self.functions[function](*arguments)

    def dx_active(self, key: str) -> Found:
        of_it = self._problems(key)
        if any(p.status == "active" for p in of_it):
            return Found(True, (Use(f"dx.{key}", "active"),))
        lacks = self._strangers(key, NOW)
        if (
            any(p.status is None for p in of_it)
            or self._left_open(key, NOW)
            or (not of_it and not self._absent("problems", f"dx.{key}"))
        ):
            lacks = (f"dx.{key}", *lacks)
        return Found(UNKNOWN, lacks=lacks) if lacks else NONE

    def dx_ever(self, key: str) -> Found:
        of_it = self._problems(key)
        if of_it:
            return Found(True, (Use(f"dx.{key}", of_it[0].status or "active or past"),))
        absent = self._absent("problems", f"dx.{key}") and not self._left_open(key)
        lacks = (*(() if absent else (f"dx.{key}",)), *self._strangers(key))
        return Found(UNKNOWN, lacks=lacks) if lacks else NONE

    def dx_mentioned(self, key: str) -> Found:
        """Listed as active, were it only in words: for what has to surface before anybody settles it."""
        of_it = (p for p in self.facts.problems if p.status in NOW and key in p.keys | p.named)
        return next((Found(True, (Use(f"dx.{key}", p.label or "active"),)) for p in of_it), NONE)

    def dx_primary(self, key: str) -> Found:
        """Active and the primary diagnosis; where none is marked primary it counts as one, the worse reading."""
        marked = [p for p in self.facts.problems if p.primary]
        if marked and not any(key in p.keys for p in marked):
            return NONE
        if any(p.primary is False for p in self._problems(key)):
            return NONE
        return self.dx_active(key)

    def days_since(self, *keys: str) -> Found:
        """Each event of these conditions, as days ago."""
        events: list[Found] = []
        for key in keys:
            item = f"dx.{key}"
            events += [self._event(item, p) for p in self._problems(key)]
            if self._left_open(key) or not (self._problems(key) or self._absent("problems", item)):
                events.append(Found(UNKNOWN, lacks=(item,)))
            if strangers := self._strangers(key):
                events.append(Found(UNKNOWN, lacks=strangers))
        return Found(tuple(events))

    def days_since_listed(self, key: str) -> Found:
        """Each event on record of a condition, as days ago; none where nobody raised it."""
        events = [self._event(f"dx.{key}", p) for p in self._problems(key)]
        lacks = (f"dx.{key}",) if self._left_open(key) else ()
        doubts = (Found(UNKNOWN, lacks=lacks) if lacks else NONE, self.in_doubt(f"dx.{key}"))
        return Found((*events, *(doubt for doubt in doubts if doubt.value is UNKNOWN)))

    def age_days(self, item: str) -> Found:
        """How old the item's value is."""
        if item not in self.facts.values or item not in self.facts.taken:
            return Found(UNKNOWN, lacks=(item,))
        span = days_ago(self.facts.taken[item], self.on)
        return Found(span, (Use(item + AGE, span),))

    def in_doubt(self, item: str, statuses: tuple[str | None, ...] = NOW) -> Found:
        """Unknown where the record raises the question and leaves it open; no where nobody raised it.

        For conditions that pass over what nobody asked: a doubt on record is not passed over. `statuses`: those of the
        problems whose codes and words raise it.
        """
        key = item.removeprefix("dx.")
        of_it = self._problems(key)
        raised = any(p.status is None for p in of_it) or (
            item in self.facts.unsettled and item not in self.facts.values
        )
        doubtful = [p for p in of_it if p.status is None]
        denied = item in self.facts.denied and all(self.facts.rules_out(item, p) for p in doubtful)
        settled = denied or any(p.status is not None for p in of_it)
        lacks: tuple[str, ...] = (item,) if (raised and not settled) or self._left_open(key, statuses) else ()
        if item != key:
            lacks += self._strangers(key, statuses)
        return Found(UNKNOWN, lacks=lacks) if lacks else NONE

    def med(self, key: str) -> Found:
        item = f"med.{key}"
        taken = [m.name for m in self.facts.medicines if m.classes is not None and key in m.classes]
        if taken:
            return Found(True, (Use(item, ", ".join(sorted(taken))),))
        if item in self.facts.denied:
            return NONE
        whole = "medicines" in self.facts.complete and item not in self.facts.unsettled
        lacks = self._unrecognised() + (() if whole else (item,))
        return Found(UNKNOWN, lacks=lacks) if lacks else NONE

    def allergy(self, key: str) -> Found:
        if key in self.facts.allergies:
            return Found(True, (Use(f"allergy.{key}", "yes"),))
        absent = self._absent("allergies", f"allergy.{key}")
        return NONE if absent else Found(UNKNOWN, lacks=(f"allergy.{key}",))

    def adequate_trials(self, min_weeks: float) -> Found:
        """How many different antidepressants had an adequate trial in the current episode."""
        sure, perhaps = self._trials(min_weeks)
        return self._count(len({t.agent for t in sure}), len({t.agent for t in (*sure, *perhaps)}))

    def adequate_trial_classes(self, min_weeks: float) -> Found:
        """How many different classes those antidepressants are of; an agent of no known class may be of any."""
        sure, perhaps = self._trials(min_weeks)
        known = {t.classes for t in sure if t.classes}
        strangers = {t.agent for t in (*sure, *perhaps) if not t.classes}
        possible = {t.classes for t in (*sure, *perhaps) if t.classes}
        return self._count(max(len(known), bool(sure)), len(possible) + len(strangers))

    def undone(self, words: Iterable[str]) -> Found:
        """Whether anything of a work-up list is not known to be done."""
        listed = (f"workup.{word}" for word in sorted(words))
        items = tuple(item for item in listed if self.facts.values.get(item) is not True)
        return Found(bool(items), tuple(Use(item, "not done") for item in items), lacks=items)

    def bmi(self) -> Found:
        parts = [self.name("weight_kg"), self.name("height_cm")]
        if any(part.value is UNKNOWN for part in parts):
            return Found(UNKNOWN, lacks=tuple(item for part in parts for item in part.lacks))
        weight, height = (part.value for part in parts)
        return Found(weight / (height / 100) ** 2, tuple(use for part in parts for use in part.uses))

    def _open(self, item: intake.Item) -> Found:
        """An item without a value of its own: added up, inferred, or unknown."""
        if item.id in self.facts.unsettled:
            return Found(UNKNOWN, lacks=(item.id,))
        if item.total_over:
            return self._total(item, item.total_over)
        if self.facts.infer and item.no_if and answer(item.no_if, self).value is True:
            return Found(False, (Use(item.id, False),))
        return Found(UNKNOWN, lacks=(item.id,))

    def _total(self, item: intake.Item, medicine_class: str) -> Found:
        taken = [m for m in self.facts.medicines if m.classes is not None and medicine_class in m.classes]
        known = sum(m.amounts[item.id] for m in taken if item.id in m.amounts)
        lacks = [item.id] if any(item.id not in m.amounts for m in taken) else []
        if f"med.{medicine_class}" not in self.facts.denied:
            lacks += self._unrecognised()
            whole = "medicines" in self.facts.complete
            lacks += [] if whole and f"med.{medicine_class}" not in self.facts.unsettled else [item.id]
        value = Span(known, float("inf")) if lacks else known
        return Found(value, (Use(item.id, value),), tuple(dict.fromkeys(lacks)))

    def _problems(self, key: str) -> list[Problem]:
        return [p for p in self.facts.problems if key in p.keys and p.status != "refuted"]

    def _left_open(self, key: str, statuses: tuple[str | None, ...] = EVER) -> bool:
        """Whether a coarse code of a problem with such a status may mean this condition."""
        coarse = (p for p in self.facts.problems if key in p.possible and p.status in statuses)
        return any(not self.facts.rules_out(f"dx.{key}", p) for p in coarse)

    def _strangers(self, key: str, statuses: tuple[str | None, ...] = EVER) -> tuple[str, ...]:
        """The problems that nobody recognises: each may be this condition, unless somebody since said no to it."""
        if any(p.status == "active" for p in self._problems(key)):
            return ()
        strangers = (p for p in self.facts.problems if p.stranger and p.status in statuses)
        return tuple(f"problem:{p.label}" for p in strangers if not self.facts.rules_out(f"dx.{key}", p))

    def _absent(self, which: str, item: str) -> bool:
        refuted = any(
            item.removeprefix("dx.") in p.keys and p.status == "refuted" for p in self.facts.problems
        )
        whole = which in self.facts.complete and item not in self.facts.unsettled
        return whole or item in self.facts.denied or refuted

    def _event(self, item: str, problem: Problem) -> Found:
        if problem.at is None:
            return Found(UNKNOWN, lacks=(item,))
        span = days_ago(problem.at, self.on)
        return Found(span, (Use(item, span),))

    def _unrecognised(self) -> tuple[str, ...]:
        return tuple(sorted(f"medicine:{m.name}" for m in self.facts.medicines if m.classes is None))

    def _consent(self, item: str) -> Found:
        """Whether the latest consent to what is asked for is in force; one to another product or route is none."""
        asked = [
            one
            for one in self.facts.consents
            if all(
                self.request.get(kind) in (None, said)
                for kind, said in (("product", one.product), ("route", one.route))
            )
        ]
        holds = bool(asked) and asked[0].holds
        return Found(holds, (Use(item, holds),))

    def tried(self) -> list[Trial]:
        """The treatments on record of the kind that counts for what is asked for."""
        kinds = tables().counted.failed_kinds.get(self.request.get("indication") or "", ())
        return [t for t in self.facts.trials if t.kind in kinds]

    def _failures(self, item: str, tried: list[Trial]) -> Found:
        """How many treatments failed: as many as the ledger is sure of, or as somebody said if that is more."""
        count = failures(tried, self.min_weeks)
        sure, most = count.low, count.high
        if item in self.facts.values:
            said = self.facts.values[item]
            assert isinstance(said, int | float), item
            value: float | Span = max(said, sure)
        else:
            whole = "trials" in self.facts.complete and item not in self.facts.unsettled
            value = sure if whole and sure == most else Span(sure, most if whole else float("inf"))
        return Found(value, (Use(item, value),), (item,) if isinstance(value, Span) else ())

    @property
    def min_weeks(self) -> float:
        """The weeks of an adequate antidepressant under the policy."""
        weeks = self.numbers[tables().counted.min_weeks].value
        assert isinstance(weeks, int | float)
        return weeks

    def _trials(self, min_weeks: float) -> tuple[list[Trial], list[Trial]]:
        """Trials that surely are adequate and current, and those that may be."""
        marks = [(t, counts(t, min_weeks).met) for t in self.facts.trials]
        return [t for t, met in marks if met], [t for t, met in marks if met is None]

    def _count(self, low: int, high: int) -> Found:
        upper = high if "trials" in self.facts.complete else float("inf")
        value = low if low == upper else Span(low, upper)
        return Found(value, (Use("treatment_trials", value),), ("treatment_trials",) if low != upper else ())


def days_ago(at: When, on: date) -> Span:
    """Days from `at` to `on`: every number a partial date may mean. What lies after `on` counts as today."""
    fewest, most = (at, at) if isinstance(at, int) else days_between(at, on)
    return Span(max(0, fewest), max(0, most), cautious=True)
