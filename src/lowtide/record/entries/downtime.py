"""A paper sheet that was written while the system could not be, typed in afterwards."""

from collections.abc import Iterator

import msgspec

from lowtide.problems import Problem
from lowtide.record.entries.base import Body


class Measured(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which entry was typed from the sheet, and who had measured or done it; `staff` where that is somebody of the clinic."""

    entry: str
    name: str
    staff: str | None = None


class PaperTyped(Body, tag="paper_typed.1", frozen=True, kw_only=True):
    """A sheet signed by `written_by` was typed in by the entry's author. What came from it names this entry as origin.

    The typist is not who measured: `measured` says that, entry by entry. `why` says why there was paper.
    """

    written_by: str
    why: str
    measured: tuple[Measured, ...]

    def problems(self) -> Iterator[Problem]:
        if not self.written_by.strip():
            yield Problem("whose sheet it is is missing", "written_by", "The name that signed the paper.")
        if not self.why.strip():
            yield Problem("why there was paper is missing", "why", "Such as: no network from 10:20 on.")
        if not self.measured:
            yield Problem("no line was typed", "rows", "Type at least one line of the sheet.")
