"""Consent forms as data: elements, each with its own tick, put together for a product, route, condition and standing."""

import hashlib
from functools import cache

import msgspec

from lowtide.data import own, read
from lowtide.data.own import Values

NO_STUDY = "none"
FILE, EVIDENCE = "consent/en.toml", "consent/evidence.toml"


class Element(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One element of the form. What is empty of its scope holds for all; `{evidence}` and its like are filled in."""

    id: str
    title: str
    text: str
    source: tuple[str, ...] = ()
    verified: bool = False
    products: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    standing: str = ""
    compounded: bool | None = None

    def concerns(self, of: "Scope") -> bool:
        return (
            (not self.products or of.product in self.products)
            and (not self.routes or of.route in self.routes)
            and self.standing in ("", of.standing)
            and self.compounded in (None, of.compounded)
        )


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which use stands on a label; everything else is off-label."""

    products: tuple[str, ...]
    routes: tuple[str, ...]
    indications: tuple[str, ...]
    source: tuple[str, ...]
    verified: bool


class Compounding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By these routes there is no approved product: a pharmacy makes it."""

    products: tuple[str, ...]
    routes: tuple[str, ...]
    source: tuple[str, ...]
    verified: bool


class Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: int
    unit: str
    why: str
    source: tuple[str, ...]
    verified: bool


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known for one condition, in plain words; `strength` is one of good, some, mixed, weak, none.

    `found_with` are the products that were studied; `caution` stands before it for who gets another one.
    """

    indication: str
    label: str
    strength: str
    text: str
    source: tuple[str, ...]
    verified: bool
    found_with: tuple[str, ...] = ("racemic_ketamine",)
    caution: str = ""


class Registry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    text: str


class Scope(msgspec.Struct, frozen=True):
    """What a consent is for."""

    product: str
    route: str
    indication: str
    standing: str
    compounded: bool


class Form(msgspec.Struct, frozen=True):
    """A form as it is shown: the elements in order with everything filled in, and a fingerprint of their words."""

    id: str
    version: str
    language: str
    scope: Scope
    elements: tuple[Element, ...]
    registry: Registry

    @property
    def digest(self) -> str:
        words = "\n".join(f"{e.id}\n{e.title}\n{e.text}" for e in self.elements)
        return hashlib.sha256(words.encode()).hexdigest()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    language: str
    max_age: Number
    label: Label
    compounding: Compounding
    registry: Registry
    element: tuple[Element, ...]


class _EvidenceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    other_product: str
    strengths: dict[str, str]
    evidence: tuple[Evidence, ...]


@cache
def _file() -> _File:
    return read.toml(FILE, _File)


@cache
def _told() -> _EvidenceFile:
    return read.toml(EVIDENCE, _EvidenceFile)


def version() -> str:
    """The version of the forms in force: a consent to another one does not cover a dose."""
    return _file().version


def max_age() -> Number:
    """How long a consent holds, here."""
    return _max_age(*own.of("consent"))


@cache
def _max_age(values: Values, settled: frozenset[str]) -> Number:
    moved = tuple((f"{name}/value", value) for name, value in values)
    found = own.changed({"max_age": _file().max_age}, moved)["max_age"]
    return msgspec.structs.replace(found, verified=found.verified or "max_age" in settled)


def elements() -> tuple[Element, ...]:
    """Every element as it is written, with nothing filled in."""
    return _file().element


def compounding() -> Compounding:
    return _file().compounding


def strengths() -> dict[str, str]:
    """How sure one can be, in a sentence, by the word of the evidence table."""
    return _told().strengths


def evidence() -> dict[str, Evidence]:
    """Indication -> what is known for it, in plain words, where no product is chosen yet."""
    return {e.indication: e for e in reversed(_told().evidence)}


def every_evidence() -> tuple[Evidence, ...]:
    return _told().evidence


def other_product() -> str:
    """What stands before studies of another product than the one that somebody would get."""
    return _told().other_product


def evidence_for(product: str, indication: str) -> Evidence:
    """What is known of this product for it; of another product with the words that say so."""
    rows = [e for e in _told().evidence if e.indication == indication]
    found = next((e for e in rows if product in e.found_with), None)
    if found is None and rows[0].strength == NO_STUDY:
        return rows[0]
    return found or msgspec.structs.replace(rows[0], caution=other_product())


def scope(product: str, route: str, indication: str) -> Scope:
    """What stands on the label and what a pharmacy makes follow from product, route and indication."""
    label, made = _file().label, _file().compounding
    labelled = product in label.products and route in label.routes and indication in label.indications
    compounded = product in made.products and route in made.routes
    return Scope(product, route, indication, "label" if labelled else "off_label", compounded)


def form(of: Scope) -> Form:
    """The form for this product, route, condition and standing."""
    file, known = _file(), evidence_for(of.product, of.indication)
    told = " ".join(filter(None, (known.caution, known.text, strengths()[known.strength])))
    source = {"evidence": known}
    elements = tuple(
        msgspec.structs.replace(
            e,
            text=e.text.replace("{evidence}", told).replace("{condition}", known.label),
            source=(*e.source, *source[e.id].source) if e.id in source else e.source,
            verified=source[e.id].verified if e.id in source else e.verified,
        )
        for e in file.element
        if e.concerns(of)
    )
    name = f"{of.product} {of.route} {of.standing}{' compounded' if of.compounded else ''} {of.indication}"
    return Form(name.replace(" ", "-"), file.version, file.language, of, elements, file.registry)
