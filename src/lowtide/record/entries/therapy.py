"""Entries of the therapist's side of a session; who may read one is its `visible_to`, by its topic."""

from collections.abc import Iterator

from lowtide.data.therapy import stages
from lowtide.problems import Problem
from lowtide.record.entries.base import Body


class TherapyNote(Body, tag="therapy_note.1", frozen=True, kw_only=True):
    """What a therapist wrote before, during or after a session: `said` holds prompt -> words, of one stage and one topic.

    The topic decides the audience: what the team at the chair has to know is another entry than what only therapists read.
    """

    stage: str
    topic: str
    said: dict[str, str]

    def problems(self) -> Iterator[Problem]:
        if self.stage not in stages():
            yield Problem(f"“{self.stage}” is no stage", "stage", f"One of: {', '.join(stages())}.")
        if not any(words.strip() for words in self.said.values()):
            yield Problem("nothing was written", "said", "Write something, or leave the page.")
