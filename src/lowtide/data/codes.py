"""How coded or written problems and medicines are recognised as the conditions and classes that rules speak of."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache, lru_cache

import msgspec

from lowtide.data import read
from lowtide.data.spellings import FILE as SPELLINGS
from lowtide.data.spellings import endings, near, plain

Coding = tuple[str, str]
"""A coding system (its address, or our word for it) and a code."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a kind of code was taken from."""

    text: str
    url: str
    verified: bool


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition that a rule may ask about; `codes/conditions.toml` explains the fields."""

    label: str
    icd10cm: tuple[str, ...] = ()
    snomed: tuple[str, ...] = ()
    snomed_recalled: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    implies: tuple[str, ...] = ()
    may_be: tuple[str, ...] = ()
    settles: tuple[str, ...] = ()


class MedicineClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A class of medicines, by the start of the ATC code or by name."""

    label: str
    atc: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    antidepressant: bool = False


class Medicine(msgspec.Struct, frozen=True):
    """A medicine known by name. `per_mg`: how much of an item's daily total 1 mg of it makes, where a source says.

    `ingredients`: the names of what a combination is made of.
    """

    name: str
    atc: tuple[str, ...]
    rxnorm: str | None
    classes: frozenset[str]
    per_mg: dict[str, float]
    ingredients: tuple[str, ...] = ()


class Recognised(msgspec.Struct, frozen=True):
    """The conditions a problem surely is, and those its coarse code leaves open."""

    keys: frozenset[str]
    possible: frozenset[str]


class _Conditions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sources: dict[str, Source]
    condition: dict[str, Condition]


class _Medicines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sources: dict[str, Source]
    class_: dict[str, MedicineClass] = msgspec.field(name="class")


MEDICINE_COLUMNS = ("name", "also", "atc", "rxnorm", "ingredients")
"""The other columns of medicines.csv are items of the intake that sum up daily amounts, each per mg of the medicine."""
FILES = (
    "codes/conditions.toml",
    "codes/medicines.toml",
    "codes/medicines.csv",
    "codes/systems.toml",
    SPELLINGS,
)


@cache
def conditions() -> dict[str, Condition]:
    """Condition key -> Condition, in the order of the file."""
    return read.toml("codes/conditions.toml", _Conditions).condition


@cache
def medicine_classes() -> dict[str, MedicineClass]:
    """Class key -> MedicineClass, in the order of the file."""
    return read.toml("codes/medicines.toml", _Medicines).class_


@cache
def medicine_sources() -> dict[str, Source]:
    """Where each kind of code of the medicines was taken from, and whether anybody has looked it up."""
    return read.toml("codes/medicines.toml", _Medicines).sources


@cache
def medicine_names() -> tuple[str, ...]:
    """The generic names of the medicines that are known, in the order of the file."""
    return tuple(medicine.name for medicine in _medicines())


def recognise_problem(keys: Iterable[str], codings: Iterable[Coding] = ()) -> Recognised:
    """The conditions of a problem named by our keys, by codes, or both; keys we do not have are passed over.

    A key from our table is the word of whoever wrote it and settles what a coarse code would leave open.
    """
    spelled = ("_".join(plain(key).split()) for key in keys)
    named = {_condition_keys()[key] for key in spelled if key in _condition_keys()}
    coded = {key for system, code in codings for key in _coded_conditions(system_word(system), code)}
    possible = {other for key in named or coded for other in conditions()[key].may_be}
    found = _with_implied(named | coded)
    return Recognised(found, frozenset(possible) - found)


def recognise_medicine(text: str, codings: Iterable[Coding] = ()) -> Medicine | None:
    """The medicine that `text` (a generic or brand name, in any product description) or a code names.

    None when neither is known: then nobody can say which rules it touches.
    """
    named = [medicine for _, medicine in named_medicines(text)]
    found = [*named, *(medicine for _, medicine in coded_medicines(text, codings))]
    if not found:
        return None
    classes = frozenset[str]().union(*(medicine.classes for medicine in found))
    per_mg = next((medicine.per_mg for medicine in found if medicine.per_mg), {})
    return msgspec.structs.replace(found[0], classes=classes, per_mg=per_mg)


def named_medicines(text: str) -> list[tuple[str, Medicine]]:
    """Each known name that stands in the text, as it is spelled there, and the medicine it names."""
    return [(name, medicine_spellings()[name]) for name in _names_in(text)]


def coded_medicines(text: str, codings: Iterable[Coding]) -> list[tuple[Coding, Medicine]]:
    """Each code that is known, and the medicine it stands for (called as the text calls it where only its class is)."""
    found = ((coding, _coded_medicine(system_word(coding[0]), coding[1], text)) for coding in codings)
    return [(coding, medicine) for coding, medicine in found if medicine]


def medicine_called(name: str) -> Medicine | None:
    """The medicine of this generic name."""
    found = medicine_spellings().get(plain(name))
    return found if found and plain(found.name) == plain(name) else None


def parts_of(medicine: Medicine) -> tuple[Medicine, ...]:
    """The medicines that a combination is made of; any other is its own one part."""
    parts = tuple(medicine_spellings()[plain(name)] for name in medicine.ingredients)
    return parts or (medicine,)


@lru_cache(maxsize=4096)
def conditions_named(text: str) -> frozenset[str]:
    """The conditions that a text names, or names but for one letter: not enough to take them for given, enough to ask."""
    written = plain(text)
    return frozenset(
        key
        for spelling, key in _condition_names().items()
        if f" {spelling} " in f" {written} " or _misspelt(written, spelling)
    )


def _around(keys: frozenset[str], written: str) -> list[str]:
    """The parts of a text between the names of these conditions."""
    names = sorted((name for name, key in _condition_names().items() if key in keys), key=len, reverse=True)
    pattern = "|".join(rf"\b{re.escape(name)}\b" for name in names)
    return re.split(pattern, written) if names else [written]


LONG_WORD = 7
"""Letters of a word in which one wrong letter is more likely a slip than another word."""


def _misspelt(text: str, name: str) -> bool:
    return (
        len(name) >= LONG_WORD
        and " " not in name
        and any(near(word, name) == 1 for word in text.split() if len(word) >= LONG_WORD)
    )


@cache
def _condition_names() -> dict[str, str]:
    labels = {c.label: key for key, c in conditions().items()}
    return {plain(spelling): key for spelling, key in (labels | _condition_keys()).items()}


def perhaps(named: Iterable[str]) -> frozenset[str]:
    """The conditions that words leave open: those they name, what these imply, and what these may be in finer terms."""
    found = _with_implied(set(named))
    return found | {other for key in found for other in conditions()[key].may_be}


def conditions_beside(keys: Iterable[str], text: str) -> frozenset[str]:
    """What a text names beside the conditions that a key or code says: nothing coarser, and nothing these settle.

    A name of these that another stands in (“hypertension” in “intracranial hypertension”) is read as a whole.
    """
    known = frozenset(keys)
    settled = known.union(*(conditions()[key].settles for key in known))
    named = frozenset[str]().union(*map(conditions_named, _around(known, plain(text))))
    return frozenset(key for key in named if key not in settled and not settled & {*conditions()[key].may_be})


def system_address(word: str) -> str:
    """The address that FHIR knows a coding system by."""
    return read.toml("codes/systems.toml", dict[str, tuple[str, ...]])[word][0]


def system_word(system: str) -> str:
    """Our word for a coding system given by its address; other systems stay as they are."""
    return _systems().get(system, system)


@cache
def _systems() -> dict[str, str]:
    return {
        uri: word
        for word, uris in read.toml("codes/systems.toml", dict[str, tuple[str, ...]]).items()
        for uri in uris
    }


@cache
def _condition_keys() -> dict[str, str]:
    return {spelling: key for key, c in conditions().items() for spelling in (key, *c.also)}


def _coded_conditions(system: str, code: str) -> list[str]:
    if system == "snomed":
        return [k for k, c in conditions().items() if code in c.snomed or code in c.snomed_recalled]
    if system != "icd10cm":
        return []
    plain = code.replace(".", "").upper()
    starts = [
        (len(start), k)
        for k, c in conditions().items()
        for start in c.icd10cm
        if fnmatchcase(plain, f"{start}*")
    ]
    return [key for length, key in starts if length == max(starts)[0]]


def _with_implied(keys: set[str]) -> frozenset[str]:
    implied = {other for key in keys for other in conditions()[key].implies}
    return frozenset(keys) if implied <= keys else _with_implied(keys | implied)


@cache
def _medicines() -> tuple[Medicine, ...]:
    rows = read.csv_rows("codes/medicines.csv")
    classes = {row["name"]: _classes(row["name"], _atc(row)) for row in rows}
    return tuple(_medicine(row, classes) for row in rows)


def _medicine(row: dict[str, str], classes: dict[str, frozenset[str]]) -> Medicine:
    parts = tuple(name for name in row["ingredients"].split("; ") if name)
    per_mg = {name: float(value) for name, value in row.items() if value and name not in MEDICINE_COLUMNS}
    whole = classes[row["name"]].union(*(classes[part] for part in parts))
    return Medicine(row["name"], _atc(row), row["rxnorm"] or None, whole, per_mg, parts)


def _atc(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(code for code in row["atc"].split("; ") if code)


def _classes(name: str, atc: Iterable[str]) -> frozenset[str]:
    return frozenset(
        key
        for key, c in medicine_classes().items()
        if name in c.names or any(code.startswith(start) for code in atc for start in c.atc)
    )


@cache
def medicine_spellings() -> dict[str, Medicine]:
    """Every spelling that names one medicine: generic, brand, and the endings of other languages where free."""
    rows = zip(read.csv_rows("codes/medicines.csv"), _medicines(), strict=True)
    names = {plain(name): m for row, m in rows for name in (m.name, *row["also"].split("; ")) if name}
    others: dict[str, set[str]] = {}
    for medicine in _medicines():
        for spelling in endings(medicine.name):
            others.setdefault(spelling, set()).add(medicine.name)
    free = {other: min(of) for other, of in others.items() if len(of) == 1 and other not in names}
    return names | {other: names[plain(name)] for other, name in free.items()}


def _names_in(text: str) -> list[str]:
    """The known names that stand in the text as whole words, longest first at each place."""
    words, found, place = plain(text).split(), [], 0
    while place < len(words):
        runs = (" ".join(words[place : place + length]) for length in (4, 3, 2, 1))
        name = next((run for run in runs if run in medicine_spellings()), None)
        found += [name] if name else []
        place += len(name.split()) if name else 1
    return found


def _coded_medicine(system: str, code: str, text: str) -> Medicine | None:
    if system == "rxnorm":
        return next((m for m in _medicines() if m.rxnorm == code), None)
    if system == "atc" and re.fullmatch(r"[A-Z]\d{2}[A-Z]{2}\d{2}", code):
        name = next((m.name for m in _medicines() if code in m.atc), text)
        return Medicine(name, (code,), None, _classes(name, [code]), {})
    return None
