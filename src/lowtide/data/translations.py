"""Questionnaires in other languages: only those whose translation may be printed in full, as its owner printed it.

A translation changes words and nothing else: items, values, codes, scoring and what an answer raises stay those of the
instrument. One file an instrument and language, named `PHQ9.es.toml`.
"""

from functools import cache

import msgspec

from lowtide.data import read
from lowtide.data.instruments import Detail, Instrument, Option, instrument

OWN = "en"


class Translation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one instrument in one language; `licence` is why they may be printed, in the owner's words."""

    instrument: str
    language: str
    licence: str
    source: tuple[str, ...]
    verified: bool
    stem: str
    options: tuple[str, ...]
    notice: str
    items: dict[str, str]
    stems: dict[str, str] = {}


@cache
def translations() -> dict[tuple[str, str], Translation]:
    """Every translation by instrument and language."""
    found = (read.toml(name, Translation) for name in read.names("translations"))
    return {(one.instrument, one.language): one for one in found}


@cache
def translated(name: str, language: str, window: str = "") -> Instrument | None:
    """The instrument in this language, asking about this period; None where its words may not be shipped in it."""
    found = translations().get((name, language))
    if found is None or (window and window not in found.stems):
        return None
    one = instrument(name)
    return msgspec.structs.replace(
        one,
        stem=found.stems.get(window, found.stem),
        notice=found.notice,
        options=_options(one, found),
        detail={item: _detail(one, item, text) for item, text in found.items.items()},
    )


def _options(one: Instrument, found: Translation) -> tuple[Option, ...]:
    pairs = zip(one.options, found.options, strict=True)
    return tuple(msgspec.structs.replace(option, text=text) for option, text in pairs)


def _detail(one: Instrument, item: str, text: str) -> Detail:
    return msgspec.structs.replace(one.detail.get(item, Detail()), text=text)
