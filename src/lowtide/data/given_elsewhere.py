"""What was given elsewhere, in the codes of other systems: which drugs count, which routes there are, what is no treatment."""

from collections.abc import Iterable
from functools import cache

import msgspec

from lowtide.data import read
from lowtide.data.codes import (
    coded_medicines,
    medicine_called,
    medicine_sources,
    named_medicines,
    system_word,
)
from lowtide.data.vocabulary import words


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way of giving, as SNOMED CT codes it."""

    snomed: str
    display: str
    source: tuple[str, ...]
    verified: bool


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    drugs: tuple[str, ...]
    not_treatment: tuple[str, ...]
    not_treatment_source: tuple[str, ...]
    not_treatment_verified: bool
    assumed: str
    route: dict[str, Route]


@cache
def _file() -> _File:
    return read.toml("given_elsewhere.toml", _File)


def counted_drug(text: str, codings: Iterable[tuple[str, str]]) -> str | None:
    """The drug of ours that a medicine's words and codes name; None where it is another, or several."""
    coded = {medicine.name for _, medicine in coded_medicines(text, codings)}
    named = {medicine.name for _, medicine in named_medicines(text)}
    found = coded | named
    return next((drug for drug in _file().drugs if drug in found), None) if len(found) == 1 else None


def route_of(text: str, codings: Iterable[tuple[str, str]]) -> str | None:
    """The route that a code says, else one of our words for it; None where neither is known."""
    by_code = {known.snomed: key for key, known in _file().route.items()}
    coded = (by_code.get(code) for system, code in codings if system_word(system) == "snomed")
    written = text.lower().removesuffix(" route").removesuffix(" use").strip()
    spelt = (key for key, w in words()["route"].items() if written in (key, w.label, *w.aliases))
    return next((key for key in (*coded, *spelt) if key), None)


def is_no_treatment(text: str) -> bool:
    """Whether words say that the dose was for an operation or the like."""
    return any(part in text.lower() for part in _file().not_treatment)


def assumed() -> str:
    return _file().assumed


def drug_codes(drug: str) -> tuple[tuple[str, str], ...]:
    """(coding system, code) of a drug: those alone that somebody has looked up."""
    known, sources = medicine_called(drug), medicine_sources()
    if known is None:
        return ()
    atc = known.atc if sources["atc"].verified else ()
    rxnorm = (known.rxnorm,) if known.rxnorm and sources["rxnorm"].verified else ()
    return (*(("atc", code) for code in atc), *(("rxnorm", code) for code in rxnorm))


def route_code(route: str) -> tuple[str, str] | None:
    """(code, display) of SNOMED CT, where somebody has looked it up."""
    known = _file().route.get(route)
    return (known.snomed, known.display) if known and known.verified else None
