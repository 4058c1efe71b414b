"""How an effect goes over time: one comparison at each window at which trials speak, each answered for itself."""

from collections.abc import Iterator

import msgspec

from lowtide.science.evidence.answering import Comparison
from lowtide.science.evidence.compare import Known, compare
from lowtide.science.evidence.selection import Question

Key = tuple[str, ...]


class Course(msgspec.Struct, frozen=True):
    """What may stand in one line: the same two treatments, measure, scale, people and kind of evidence. `points` are
    (window, answer), the earliest first. Trials differ from window to window."""

    points: tuple[tuple[str, Comparison], ...]

    @property
    def first(self) -> Comparison:
        return self.points[0][1]


def courses(known: Known, asked: Question, versus: str | None = None) -> tuple[Course, ...]:
    """Every comparison over all windows, those told at most times first."""
    found: dict[Key, list[tuple[str, Comparison]]] = {}
    for window in known.words.window:
        answer = compare(known, msgspec.structs.replace(asked, at=window), versus)
        for comparison in answer.comparisons:
            for one in _numbered(comparison):
                found.setdefault(_key(one), []).append((window, one))
    return tuple(sorted((Course(tuple(its)) for its in found.values()), key=lambda one: -len(one.points)))


def _numbered(one: Comparison) -> Iterator[Comparison]:
    yield from (each for each in (one, *one.also) if not each.no_evidence)


def _key(one: Comparison) -> Key:
    return one.treatment, one.versus, one.measure or "", one.group, one.population, one.evidence
