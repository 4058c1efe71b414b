"""Entries about reminders: a reading that was none, and what a clinic does when a rule speaks."""

from collections.abc import Iterator
from uuid import UUID

from lowtide.problems import Problem
from lowtide.record.entries.base import Body


class ArtefactMarked(Body, tag="artefact_marked.1", frozen=True, kw_only=True):
    """Entry `about` holds a value that was none (a slipped probe, a moved arm); why is the entry's reason.

    `parameters` are the rows of the flowsheet it is true of, all of the entry where none is named. The reading stays
    in the record and on the page; nothing is decided by it.
    """

    about: UUID
    parameters: tuple[str, ...] = ()


class ActionsWritten(Body, tag="actions_written.1", frozen=True, kw_only=True):
    """The clinic's own steps when this rule of the monitoring table speaks, in order; the last word on a rule holds.

    No steps: the clinic goes back to the table's action alone.
    """

    rule: str
    steps: tuple[str, ...]

    def problems(self) -> Iterator[Problem]:
        if any(not step.strip() for step in self.steps):
            yield Problem("a step is empty", "steps", "Write it, or leave the line out.")
