"""What stands behind a number wherever it decided something: value, source and who answers for it, told together.

One answer for every page: “140/90 mmHg, US label, approved by Dr X on 3 Nov 2026”.
"""

from collections.abc import Mapping

import msgspec

from lowtide.data import sources
from lowtide.pathway.course.approved import signed_name
from lowtide.pathway.evaluate.ruling.line import Line
from lowtide.pathway.evaluate.ruling.tables import lines
from lowtide.people.clinic import clinic_chart
from lowtide.people.who import names_of
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry


class Backing(msgspec.Struct, frozen=True):
    """A number as its clinic has it. `open`: no source was seen for it and nobody here answers for it; `read`: it was read
    in its source, whose `kind` is label, guideline, journal or the like, secondary, or nothing where there is none."""

    id: str
    value: str
    source: str
    links: tuple[str, ...]
    answered: str
    open: bool
    note: str = ""
    kind: str = ""
    read: bool = False

    @property
    def sentence(self) -> str:
        """Value, source and approver in one sentence."""
        stands = self.answered or (
            "unverified: nobody here has approved it" if self.open else "read in its source"
        )
        return f"{self.value}, {self.source}, {stands}"


def answered_by(entry: Entry, names: Mapping[str, str]) -> str:
    """Approved by whom, and when; an own value is the clinic's."""
    said = "this clinic’s own number, set" if hasattr(entry.body, "was") else "approved"
    return f"{said} by {signed_name(entry, names)} on {entry.at:%-d %b %Y}"


def backing_of(line: Line, names: Mapping[str, str]) -> Backing:
    return Backing(
        id=line.id,
        value=line.title[:1].upper() + line.title[1:],
        source=sources.told(line.sources),
        links=line.sources,
        answered=answered_by(line.approval, names) if line.approval else "",
        open=line.state == "unverified",
        note=line.note,
        kind=sources.kind(line.sources),
        read=line.state == "verified",
    )


_kept: list[tuple[Chart, dict[str, Backing]]] = []
"""What was last worked out, for the very chart that the store keeps."""


def backings(clinic: Chart) -> dict[str, Backing]:
    """Every row by its key, and by its id as pages name it."""
    if _kept and _kept[-1][0] is clinic:
        return _kept[-1][1]
    every = lines(clinic)
    unnamed = {e.by for line in every if (e := line.approval) and not getattr(e.body, "printed_name", "")}
    names = names_of(unnamed) if unnamed else {}
    found: dict[str, Backing] = {}
    for line in every:
        one = backing_of(line, names)
        found |= {line.id: one} | ({line.key: one} if line.key else {})
        if line.key.startswith("workup:"):  # as a due item of the work-up names its row
            found[f"DUE-WORKUP-{line.key.partition(':')[2].upper().replace('_', '-')}"] = one
    _kept[:] = [(clinic, found)]
    return found


def backing_here(key: str) -> Backing | None:
    """What stands behind a row, in the clinic of this request."""
    return backings(clinic_chart()).get(key)
