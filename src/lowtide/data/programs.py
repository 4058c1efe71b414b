"""Risk programmes (a REMS) that a country asks for before a product is given."""

from functools import cache

import msgspec

from lowtide.data import own, read


class Program(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A programme: for which products, and what it asks of the site and of the patient, in words."""

    label: str
    products: tuple[str, ...]
    site: str
    patient: str
    source: tuple[str, ...]
    verified: bool
    note: str = ""


class Country(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a country asks for; `names` are the ways to write it."""

    names: tuple[str, ...]
    label: str
    text: str
    source: tuple[str, ...]
    verified: bool
    requires: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    program: dict[str, Program]
    country: dict[str, Country]


@cache
def _file() -> _File:
    return read.toml("programs.toml", _File)


def programs() -> dict[str, Program]:
    return _file().program


def countries() -> dict[str, Country]:
    """Every country's row; one that is settled here carries no mark."""
    return _countries(own.of("program")[1])


@cache
def _countries(settled: frozenset[str]) -> dict[str, Country]:
    found = _file().country
    return {k: msgspec.structs.replace(c, verified=c.verified or k in settled) for k, c in found.items()}


def country(written: str) -> Country | None:
    """The row of a country, however it is written; None where there is none."""
    name = " ".join(written.lower().replace(".", "").split())
    return next((c for c in countries().values() if name in c.names), None)


def of_product(product: str) -> tuple[str, ...]:
    """The programmes of a product, wherever it is given."""
    return tuple(key for key, program in programs().items() if product in program.products)


def required(written: str, product: str) -> tuple[str, ...]:
    """The programmes that stand before this product in this country; those of a clinic that names no country, too."""
    of_it, found = of_product(product), country(written)
    if found is None:
        return of_it if not written.strip() else ()
    return tuple(key for key in of_it if key in found.requires)
