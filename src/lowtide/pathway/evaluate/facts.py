"""What is known about a patient, in the form the rules ask for it.

Nothing here is a default: an item without a value is unknown, and a condition, medicine or allergy is absent only if a
list is known to be whole (`complete`) or somebody said no to it. Times stay as they were recorded, a partial date or an
age in days, so that the same facts can be judged on any day.

A chart is turned into Facts with the builders below:

    gather(
        problems=[problem(codings=[("http://snomed.info/sct", "22298006")], status="past", since="2024-05")],
        medicines=[medicine("sertraline 50 mg tablet", [("atc", "N06AB06")])],
        trials=[trial("escitalopram", weeks=8, adequate_dose=True, current_episode=True)],
        allergies=["penicillin"],
        answers={"age_years": 44, "dx.psychosis": "never", "weight_kg": Answer(80, "2026-11-20")},
        complete={"allergies"},
    )

`complete` names the lists that are known to be whole: problems, medicines, allergies, trials. Answers are by item id of
the intake catalogue; an item asked and not known is left out.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Literal

import msgspec

from lowtide.data import codes, intake, unasked
from lowtide.data.expression import Span
from lowtide.data.spellings import near, plain, words
from lowtide.data.trials import kind_named, kind_of_codes
from lowtide.pathway.evaluate.adequacy import ANTIDEPRESSANT, Trial
from lowtide.pathway.evaluate.answers import Value, checked
from lowtide.problems import bad
from lowtide.record.dates import is_partial_date

Status = Literal["active", "past", "refuted"]
When = str | int
"""A date, full or partial (`2024-05-06`, `2024-05`, `2024`), or an age in days on the day of the evaluation."""
LISTS = frozenset({"problems", "medicines", "allergies", "trials"})
DAILY_MG = re.compile(r"(\d+(?:\.\d+)?) ?mg(?: ?(?:/ ?d(?:ay)?|a day|per day|daily|once daily|once a day))?")
CONSENT = "consent_signed"
"""The item that the consents signed here answer, for the product and route that are asked for."""
LISTED = ("condition", "medicine", "allergy")
"""Kinds of item that a list answers; an answer to one of them adds to its list, or denies."""


class Said(msgspec.Struct, frozen=True):
    """When something was said, and when the record came to hold it."""

    at: datetime
    counter: int
    recorded: datetime

    def knew_of(self, other: "Said") -> bool:
        """Whether whoever said this could have known of the other: it was said, and on record, no later."""
        return (self.at, self.counter) >= (other.at, other.counter) and self.recorded >= other.recorded


class Answer(msgspec.Struct, frozen=True):
    """A value and when it was taken; for a condition, when it happened. `said`: when somebody gave it, on a chart."""

    value: Any
    at: When | None = None
    said: Said | None = None


class Problem(msgspec.Struct, frozen=True):
    """A condition of this patient. `status` None: not stated. `possible`: what a coarse code or its words leave open.

    `named`: what its words say of the patient, and no key or code of it does. `stranger`: nobody recognises it, or all of it.
    `said`: since when it stands so on a chart.
    """

    keys: frozenset[str]
    possible: frozenset[str] = frozenset()
    status: Status | None = "active"
    at: When | None = None
    primary: bool | None = None
    label: str = ""
    named: frozenset[str] = frozenset()
    stranger: bool = False
    said: Said | None = None


class Medicine(msgspec.Struct, frozen=True):
    """A medicine taken now. `classes` None: nobody has recognised it. `amounts`: daily totals by item id."""

    name: str
    classes: frozenset[str] | None
    amounts: dict[str, float] = {}


class Signed(msgspec.Struct, frozen=True):
    """A consent that was signed: for what, and whether it is in force."""

    product: str
    route: str
    holds: bool


class Facts(msgspec.Struct, frozen=True):
    """Everything a rule may ask about one patient.

    `unsettled` are the items somebody said are not known: neither a whole list nor an inference answers them. `consents`
    are those signed here, the latest first: where there are any, they are the word on whether consent is signed.
    """

    values: dict[str, Value] = {}
    taken: dict[str, When] = {}
    problems: tuple[Problem, ...] = ()
    medicines: tuple[Medicine, ...] = ()
    trials: tuple[Trial, ...] = ()
    allergies: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    denials: dict[str, Said] = {}
    complete: frozenset[str] = frozenset()
    unsettled: frozenset[str] = frozenset()
    infer: bool = True
    consents: tuple[Signed, ...] = ()

    def rules_out(self, item: str, problem: Problem) -> bool:
        """Whether somebody said no to an item who could have known of this problem: an older no says nothing of it."""
        if item not in self.denied:
            return False
        denial = self.denials.get(item)
        return denial is None or problem.said is None or denial.knew_of(problem.said)

    def reopened(self) -> frozenset[str]:
        """The conditions that were denied before a problem was told that may be one."""
        told = [p for p in self.problems if p.status != "refuted"]
        raised = ((f"dx.{key}", p) for p in told for key in p.possible)
        return frozenset(item for item, p in raised if item in self.denied and not self.rules_out(item, p))


class Requested(msgspec.Struct, frozen=True):
    """What is asked for, in the words of the vocabulary. `setting` None: not stated."""

    indication: str
    product: str
    route: str
    setting: str | None = None
    protocol_id: str | None = None


def problem(
    keys: Iterable[str] = (),
    codings: Iterable[codes.Coding] = (),
    *,
    status: Status | None = "active",
    since: When | None = None,
    primary: bool | None = None,
    label: str = "",
    dismissed: bool = False,
) -> Problem:
    """A problem by our keys, by codes, or both; one that no rule asks about has no keys and does no harm.

    What its words name beside that is left open, and surfaces where it must. Where neither is recognised, so is every
    condition if the words are not all accounted for, unless a clinician recorded that it does not matter (`dismissed`).
    Raises BadInput for a `since` that is no date.
    """
    if isinstance(since, str) and not is_partial_date(since):
        raise bad(f"“{since}” is not a date", label or "problem", "Write 2024-05-06, 2024-05 or 2024.")
    keys, codings = tuple(keys), tuple(codings)
    found = codes.recognise_problem(keys, codings)
    if found.keys:
        more = codes.conditions_beside(found.keys, "" if _is_name_of(found.keys, label) else _affirmed(label))
        possible = (found.possible | codes.perhaps(more)) - found.keys
        return Problem(found.keys, possible, status, since, primary, label, more)
    text = label or ", ".join((*keys, *(code for _, code in codings)))
    words = " ".join((*(key for key in keys if not unasked.says_nothing(key)), label))
    known = dismissed or unasked.is_unasked(codings) or unasked.is_explained(words)
    return Problem(frozenset(), _open(words), status, since, primary, text, _said(words), not known)


def _said(words: str) -> frozenset[str]:
    """What words say of the patient: not enough to take it for given."""
    return codes.conditions_named(_affirmed(words))


def _affirmed(words: str) -> str:
    return "" if unasked.is_of_others(words) else unasked.affirmed(words)


def _is_name_of(keys: frozenset[str], label: str) -> bool:
    """Whether a problem is called by the name of what it is, which may hold a “not” of its own."""
    return any(plain(label) == plain(codes.conditions()[key].label) for key in keys)


def _open(words: str) -> frozenset[str]:
    return frozenset() if unasked.is_of_others(words) else codes.perhaps(codes.conditions_named(words))


def medicine(
    name: str,
    codings: Iterable[codes.Coding] = (),
    *,
    classes: Iterable[str] = (),
    daily_mg: float | None = None,
    amounts: Mapping[str, float] | None = None,
    dismissed: bool = False,
) -> Medicine:
    """A medicine by name, codes or known class keys. `daily_mg` gives its equivalents where a source has them.

    One that nobody recognises keeps every class open, unless a clinician recorded that it does not matter (`dismissed`).
    """
    found = codes.recognise_medicine(name, codings)
    known = frozenset(classes) & codes.medicine_classes().keys()
    totals = dict(amounts or {})
    if found and daily_mg is not None:
        totals = {item: daily_mg * factor for item, factor in found.per_mg.items()} | totals
    if found is None and not known and not dismissed:
        return Medicine(name, None, totals)
    return Medicine(name, known | (found.classes if found else frozenset()), totals)


def trial(
    agent: str,
    *,
    weeks: float | Span | None,
    adequate_dose: bool | None,
    current_episode: bool | None,
    kind: str | None = None,
    daily_mg: Decimal | None = None,
    sessions: int | None = None,
    adherent: bool | None = None,
    worked: bool | None = None,
    judged: bool | None = None,
    by_form: bool = False,
) -> Trial:
    """A treatment tried; brand, salt and release form of one medicine count as the same agent.

    Where nobody said what kind it is, its name says: a medicine of another class or a therapy is no antidepressant; words
    that nobody recognises may be one.
    """
    found = codes.recognise_medicine(agent)
    antidepressants = {key for key, c in codes.medicine_classes().items() if c.antidepressant}
    classes = found.classes & antidepressants if found else frozenset[str]()
    return Trial(
        agent=found.name if found else agent.strip().lower(),
        classes=classes,
        weeks=Span(weeks, weeks) if isinstance(weeks, int | float) else weeks,
        said_dose=adequate_dose,
        current_episode=current_episode,
        kind=kind or kind_by_name(agent) or ANTIDEPRESSANT,
        daily_mg=daily_mg,
        sessions=sessions,
        adherent=adherent,
        worked=worked,
        judged=judged,
        by_form=by_form,
    )


def kind_by_name(agent: str) -> str | None:
    """The kind of treatment that a name says; None where nobody recognises it."""
    found = codes.recognise_medicine(agent)
    return (kind_of_codes(found.atc) or "augmentation") if found else kind_named(agent)


def daily_mg(text: str | None) -> Decimal | None:
    """The mg a day that a written dose says: “20 mg”, “20 mg daily”. None for anything that can be read otherwise."""
    found = DAILY_MG.fullmatch((text or "").strip().lower())
    return Decimal(found[1]) if found else None


def gather(
    *,
    problems: Iterable[Problem] = (),
    medicines: Iterable[Medicine] = (),
    trials: Iterable[Trial] = (),
    allergies: Iterable[str] = (),
    answers: Mapping[str, Any] | None = None,
    complete: Collection[str] = (),
    unsettled: Collection[str] = (),
    infer: bool = True,
) -> Facts:
    """The facts from lists and answers. `infer` lets the catalogue's `no_if` answer what need not be asked.

    Raises BadInput naming the item for an answer that is not one.
    """
    assert LISTS.issuperset(complete), complete
    given = {key: a if isinstance(a, Answer) else Answer(a) for key, a in (answers or {}).items()}
    checks = {key: checked(_item(key), answer.value, key) for key, answer in given.items()}
    allergies = tuple(allergies)
    known = {key: value for key, value in checks.items() if value is not None}
    listed = {kind: {key for key in known if _item(key).kind == kind} for kind in LISTED}
    denied = frozenset(key for keys in listed.values() for key in keys if known[key] in (False, "never"))
    stated = [_stated(key, known[key], given[key].at) for key in listed["condition"] - denied]
    taking = [_taken(key) for key in listed["medicine"] - denied]
    reacting = {key.removeprefix("allergy.") for key in listed["allergy"] - denied}
    return Facts(
        values={
            key: value for key, value in known.items() if not any(key in keys for keys in listed.values())
        },
        taken={key: answer.at for key, answer in given.items() if answer.at is not None},
        problems=tuple(sorted((*problems, *stated), key=_by_content)),
        medicines=tuple(sorted((*medicines, *taking), key=lambda m: m.name)),
        trials=tuple(trials),
        allergies=frozenset(key for text in allergies for key in allergens(text)) | reacting,
        denied=denied,
        denials={key: said for key in denied if (said := given[key].said)},
        complete=frozenset(complete),
        unsettled=frozenset(unsettled) | {f"allergy.{k}" for t in allergies for k in perhaps_allergens(t)},
        infer=infer,
    )


def allergens(text: str) -> frozenset[str]:
    """The medicine classes an allergy entry names; none for what no rule asks about."""
    found = codes.recognise_medicine(text)
    named = {key for key in codes.medicine_classes() if key == text.strip().lower()}
    return frozenset(named) | (found.classes if found else frozenset())


@lru_cache(maxsize=4096)
def perhaps_allergens(text: str) -> frozenset[str]:
    """The allergies that a text nobody recognises may mean, misspelt: not enough to take for given, enough to ask."""
    if allergens(text):
        return frozenset()
    return frozenset(
        key for word in words(text) for name, keys in _allergen_names() if near(word, name) for key in keys
    )


@cache
def _allergen_names() -> tuple[tuple[str, frozenset[str]], ...]:
    asked = {item.removeprefix("allergy.") for item in intake.items() if item.startswith("allergy.")}
    spelt = codes.medicine_spellings().items()
    return tuple((name, medicine.classes & asked) for name, medicine in spelt if medicine.classes & asked)


def _by_content(one: Problem) -> tuple[str, ...]:
    """The order in which problems were written down must not show in what is said of them."""
    return (str(one.status), str(one.at), *sorted(one.keys), one.label)


def _item(key: str) -> intake.Item:
    if key not in intake.items():
        raise bad(f"no item is called “{key}”", "answers", "Use the ids of the intake catalogue.")
    return intake.items()[key]


def _stated(key: str, status: Value, at: When | None) -> Problem:
    seen: Status = "past" if status == "past" else "active"
    return problem([key.removeprefix("dx.")], status=seen, since=at, label=_item(key).label)


def _taken(key: str) -> Medicine:
    return Medicine(_item(key).label, frozenset({key.removeprefix("med.")}))
