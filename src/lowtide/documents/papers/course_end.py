"""What both letters at the end of a course are made from: how it ended, what was given, what it did (pure)."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import msgspec

from lowtide.data.course_letters import Line
from lowtide.documents.papers.model import Field
from lowtide.documents.papers.sources import Sources, word
from lowtide.pathway.course.response import HOLDS, Outcome, Tracked
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.sessions import Dose
from lowtide.pathway.course.state import CourseState, Phase, fold
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import CourseEnded
from lowtide.record.entries.chair import DoseGiven, DoseStarted, DoseStopped
from lowtide.record.entries.words import day
from lowtide.science.units import plain

NO_SESSION = UUID(int=0)
Words = dict[str, tuple[str, tuple[UUID, ...]]]
"""What is filled in, by name, with the entries it comes from."""


class Scene(msgspec.Struct, frozen=True):
    """The sources, the ended treatment, and the entry that ended it."""

    s: Sources
    state: CourseState
    entry: Entry
    over: CourseEnded

    @property
    def one(self) -> Tracked:
        """The measure by which the benefit is told."""
        return self.state.lead

    @property
    def answer(self) -> str:
        """Which answer to the treatment the lines of the table speak of."""
        outcome = self.one.found.outcome
        if outcome in HOLDS:
            return "holds"
        return {Outcome.UNKNOWN: "unknown", Outcome.NEVER: "none"}.get(outcome, "lost")


class Given(msgspec.Struct, frozen=True):
    """The doses of one drug by one way: each as it went in; `unread` of them not read off."""

    drug: str
    route: str
    doses: tuple[Dose, ...]
    entries: tuple[UUID, ...]

    @property
    def mg(self) -> tuple[Decimal, ...]:
        return tuple(d.given_mg for d in self.doses if d.given_mg is not None)

    @property
    def unread(self) -> int:
        return len(self.doses) - len(self.mg)

    @property
    def name(self) -> str:
        drug = word("drug", self.drug) if self.drug else "a medicine that no order names"
        return f"{drug}, {word('route', self.route).lower()}" if self.route else drug

    @property
    def per_session(self) -> str:
        if not self.mg:
            return "not read off"
        least, most = plain(min(self.mg)), plain(max(self.mg))
        return f"{least} mg" if least == most else f"{least} to {most} mg"


def scene(s: Sources) -> Scene | None:
    """The treatment that ended last and was not followed by another; None where none has ended."""
    state = fold(s.chart)
    ours = {plan.course for _, plan in state.plans}
    said = [(e, b) for e, b in s.chart.said(CourseEnded) if b.course in ours]
    if state.phase is not Phase.ENDED or not said:
        return None
    entry, over = max(said, key=lambda pair: (pair[0].at, len(pair[1].told), len(pair[1].ask_on)))
    return Scene(s, state, entry, over)


def given(x: Scene) -> tuple[Given, ...]:
    """What went in during this treatment, by drug and way."""
    doses = [s.dose for s in x.state.given if s.dose]
    kinds = dict.fromkeys((d.drug, d.route) for d in doses)
    return tuple(_given(x, kind, [d for d in doses if (d.drug, d.route) == kind]) for kind in kinds)


def _given(x: Scene, kind: tuple[str, str], doses: Sequence[Dose]) -> Given:
    sessions = {d.session for d in doses}
    made = (e for k in (DoseStarted, DoseStopped, DoseGiven) for e, _ in x.s.chart.said(k))
    entries = sorted((e for e in made if e.session in sessions), key=lambda e: e.order)
    return Given(*kind, tuple(doses), tuple(e.id for e in entries))


def lines(x: Scene, table: Sequence[Line], known: Words, part: str = "") -> Iterator[Field]:
    """The sentences that fit, filled in. One of which something is not known is left out."""
    for line in table:
        names = re.findall(r"\{(\w+)\}", line.text)
        if (line.when and x.answer not in line.when) or any(not known[name][0] for name in names):
            continue
        text = line.text.format(**{name: known[name][0] for name in names})
        entries = tuple(dict.fromkeys(e for name in names for e in known[name][1]))
        yield Field(line.part or part, text, entries, unverified=not line.verified)


def words(x: Scene) -> Words:
    """What is filled in, with the entries it comes from."""
    clinic, head, found = x.s.about_clinic, x.s.letterhead, x.one.found
    phone = (head[1].phone if head else None) or ""
    latest = found.since[-1] if found.since else None
    return {
        **_score_words(x, "before", found.baseline),
        **_score_words(x, "best", found.best),
        **_score_words(x, "latest", latest),
        **_dose_words(x),
        "measure": (x.one.measure.name, ()),
        "better": (x.one.measure.better, ()),
        "relapse": (found.cut.text if found.cut else "", ()),
        "phone": (phone, (head[0].id,) if head else ()),
        "crisis_line": (clinic[1].crisis_line if clinic else "", (clinic[0].id,) if clinic else ()),
        "goes_on_with": (x.over.goes_on_with or "", (x.entry.id,)),
        "ask_on": (" and ".join(day(d.isoformat()) for d in x.over.ask_on), (x.entry.id,)),
    }


def _score_words(x: Scene, name: str, score: Score | None) -> Words:
    if score is None:
        return {name: ("", ()), f"{name}_on": ("", ())}
    return {name: (number(score.value), (score.entry,)), f"{name}_on": (x.s.date(score.at), ())}


def _dose_words(x: Scene) -> Words:
    found, doses = given(x), x.state.given
    count = len(doses)
    return {
        "sessions": (("once" if count == 1 else f"{count} times") if count else "", ()),
        "first": (x.s.date(doses[0].at) if doses else "", ()),
        "last": (x.s.date(doses[-1].at) if doses else "", ()),
        "given": ("; ".join(one.name for one in found), tuple(e for one in found for e in one.entries)),
    }


def number(value: Fraction) -> str:
    return f"{float(value):g}"
