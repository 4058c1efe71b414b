"""Entries of what the clinic holds a licence for: the wording of instruments that may not be shipped."""

from collections.abc import Iterator

from lowtide.problems import Problem
from lowtide.record.dates import PartialDate
from lowtide.record.entries.base import Body, date_problems


class InstrumentText(Body, tag="instrument_text.1", frozen=True, kw_only=True):
    """The clinic's licensed wording of an instrument: `items` by item id, `options` the answers' words from the lowest
    value up, `notice` what the owner asks to be printed with it.

    `licence` says on what ground it may be shown, `until` how long. The latest one of an instrument stands; one
    without items takes the wording away again.
    """

    instrument: str
    items: dict[str, str]
    licence: str
    options: tuple[str, ...] = ()
    stem: str = ""
    notice: str = ""
    until: PartialDate | None = None

    def problems(self) -> Iterator[Problem]:
        if self.items and not self.licence.strip():
            yield Problem(
                "the ground to show it is missing", "licence", "Name the licence or the permission."
            )
        yield from date_problems(self, "until")
