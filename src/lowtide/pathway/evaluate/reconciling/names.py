"""What a medicine on record is recognised as and by what; what it may have been meant to be; what a search finds (pure)."""

from collections.abc import Iterable, Iterator

import msgspec

from lowtide.data import codes
from lowtide.data.codes import Medicine as Known
from lowtide.data.reconciling import reconciling
from lowtide.data.spellings import near, plain, words
from lowtide.pathway.evaluate.chart_facts import recognised_by
from lowtide.record.entries.history import Medicine


class Match(msgspec.Struct, frozen=True):
    """What an entry is recognised as, part by part, and in words by what. `differs`: name and code disagree."""

    parts: tuple[Known, ...]
    by: str
    differs: str = ""
    combination: str = ""


class Guess(msgspec.Struct, frozen=True):
    """A medicine that may be meant: its generic name, and the spelling that comes near."""

    name: str
    spelling: str


def match(body: Medicine) -> Match:
    """The medicines that an entry is recognised as; none where nobody knows it."""
    written, codings = recognised_by(body)
    named = codes.named_medicines(written)
    coded = codes.coded_medicines(written, codings)
    parts = _parts([*(m for _, m in named), *(m for _, m in coded)])
    combined = next((m.name for _, m in (*named, *coded) if m.ingredients), "")
    return Match(parts, "; ".join(_by(body, named, coded)), _differs(named, coded), combined)


def guesses(text: str) -> tuple[Guess, ...]:
    """What a misspelled text may mean, the nearest first: a question, never an answer."""
    found = sorted(
        (wrong, m.name, spelling)
        for word in words(text)
        for spelling, m in codes.medicine_spellings().items()
        if (wrong := near(word, spelling))
    )
    return _once((Guess(name, spelling) for _, name, spelling in found), reconciling().shown_guesses.value)


def search(text: str) -> tuple[Guess, ...]:
    """The medicines whose generic or brand name starts with or contains the text; else those that come near."""
    typed = plain(text)
    if not typed:
        return ()
    at = [
        (not spelling.startswith(typed), m.name, spelling)
        for spelling, m in codes.medicine_spellings().items()
        if typed in spelling
    ]
    found = (Guess(name, spelling) for _, name, spelling in sorted(at))
    return _once(found, reconciling().shown_matches.value) or guesses(text)


def _once(found: Iterable[Guess], most: float) -> tuple[Guess, ...]:
    firsts: dict[str, Guess] = {}
    for guess in found:
        firsts.setdefault(guess.name, guess)
    return tuple(firsts.values())[: int(most)]


def _parts(found: list[Known]) -> tuple[Known, ...]:
    parts = {part.name: part for medicine in found for part in codes.parts_of(medicine)}
    return tuple(parts.values())


def _by(
    body: Medicine, named: list[tuple[str, Known]], coded: list[tuple[codes.Coding, Known]]
) -> Iterator[str]:
    if body.known_as:
        yield f"a person’s match to {', '.join(body.known_as)}"
        return
    for (system, code), _ in coded:
        yield f"code {codes.system_word(system).upper()} {code}"
    for spelling, medicine in named:
        generic = plain(medicine.name) == spelling
        yield f"its name {spelling}" if generic else f"the name {spelling}"


def _differs(named: list[tuple[str, Known]], coded: list[tuple[codes.Coding, Known]]) -> str:
    """Name and code that speak of different medicines; a code whose medicine has no name here says nothing new."""
    said = {part.name for _, m in named for part in codes.parts_of(m)}
    meant = {part.name for _, m in coded for part in codes.parts_of(m) if codes.medicine_called(part.name)}
    if not said or not meant or said & meant:
        return ""
    return f"the name says {', '.join(sorted(said))}, the code {', '.join(sorted(meant))}"
