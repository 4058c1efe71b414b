"""Scores that others printed, beside what the engine makes of the same answers: for the tests and for docs/validation.md."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from lowtide.data.instruments import Instrument, instrument, instruments
from lowtide.science.instruments import fhir
from lowtide.science.instruments.answers import read
from lowtide.science.instruments.score import Score, score

FILE = Path(__file__).parent / "examples.toml"


class Example(msgspec.Struct, frozen=True, kw_only=True):
    instrument: str
    what: str
    source: str
    answers: dict[str, int] = {}
    all: int | None = None
    without: tuple[str, ...] = ()
    total: float | None = None
    band: str | None = None
    parts: dict[str, float] = {}

    def given(self) -> dict[str, int]:
        one = instrument(self.instrument)
        filled = {} if self.all is None else dict.fromkeys(one.ids, self.all)
        return {k: v for k, v in (filled | self.answers).items() if k not in self.without}

    def scored(self) -> Score:
        return score(instrument(self.instrument), self.given())

    def is_met(self) -> bool:
        found = self.scored()
        return (
            (None if found.total is None else float(found.total)) == self.total
            and (self.band is None or found.band == self.band)
            and all(found.subscales[name] == value for name, value in self.parts.items())
        )


def examples() -> list[Example]:
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8"))["example"], list[Example])


def round_trips(one: Instrument) -> tuple[int, int]:
    """(values that came back from FHIR as they went out, values in all)."""
    values = [(item, value) for item in one.ids for value in _choices(one, item)]
    back = sum(read(one, fhir.response(one, {item: value})).values == {item: value} for item, value in values)
    return back, len(values)


def _choices(one: Instrument, item: str) -> list[int]:
    detail = one.item(item)
    low, high = detail.range or (0, 0)
    return list(detail.steps) or list(range(low, high + 1))


def page() -> Iterator[str]:
    """The section on instruments of docs/validation.md."""
    yield "## Instruments: printed scores, and item by item through FHIR"
    yield ""
    yield "Every scoring example or rule found in print, scored from its answers. A total that must not be made is “none”."
    yield ""
    yield "| Instrument | What was printed | Printed | Lowtide | Same | Source |"
    yield "|---|---|---|---|---|---|"
    for one in examples():
        found = one.scored()
        same = "yes" if one.is_met() else "**no**"
        yield f"| {one.instrument} | {one.what} | {_told(one.total, one.band)} | {_told(found.total, found.band)} | {same} | {one.source} |"
    yield ""
    yield "Each value of each item goes out as a QuestionnaireResponse and comes back: by LOINC item and answer codes where"
    yield "there are some, else by number, words and weight. The wording of an item goes out only where its licence allows it."
    yield ""
    yield "| Instrument | Items | LOINC items | Values back, of all | Codes verified |"
    yield "|---|---|---|---|---|"
    yield from (_row(one) for one in instruments().values() if one.ids)
    yield ""


def _row(one: Instrument) -> str:
    back, of = round_trips(one)
    coded = sum(bool(one.item(item).loinc) for item in one.ids)
    return f"| {one.name} | {len(one.ids)} | {coded} | {back} of {of} | {'yes' if one.loinc_verified else 'no'} |"


def _told(total: Any, band: str | None) -> str:
    if total is None:
        return "none"
    return f"{float(total):g}{f', {band}' if band else ''}"
