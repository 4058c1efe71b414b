"""The scores of the course's measure, folded from answers and from totals that came without them (pure)."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from uuid import UUID

import msgspec

from lowtide.data.instruments import Instrument, instrument
from lowtide.data.schedules import course_measure as course_measure_id
from lowtide.pathway.course.raised_forms import open_risks, risk_items
from lowtide.problems import BadInput
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.care import Answers, Total
from lowtide.science.instruments.answers import readable
from lowtide.science.instruments.score import score

NOT_FINISHED = "the form was not finished"
TAKEN_BACK = "an answer on suicide was taken back, and nobody has spoken about it yet"


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One answered form. `total` is None while an answer is missing or cannot be read: it is never guessed.

    `form` is the first entry of the form, `entry` the one that stands; `item_nine` is the highest answer that was ever
    given in it, `item_nine_now` the one that stands, both None when it was not answered or only a total came. `known_at`
    is when the record first heard of it; `day_only`: no time of day is known. `unconfirmed` says why the total is
    preliminary; empty where it is not.
    """

    entry: UUID
    form: UUID
    at: datetime
    total: Fraction | None
    band: str
    item_nine: int | None
    missing: tuple[str, ...]
    mode: str
    by: str
    source: Source
    corrected: bool = False
    known_at: datetime | None = None
    day_only: bool = False
    item_nine_now: int | None = None
    unconfirmed: str = ""

    @property
    def nine(self) -> str:
        """Item 9 in words: the highest answer first, then what became of it."""
        if self.item_nine is None:
            return "not answered"
        if self.item_nine_now == self.item_nine:
            return str(self.item_nine)
        now = "withdrawn" if self.item_nine_now is None else f"changed to {self.item_nine_now}"
        return f"{self.item_nine}, {now}"

    @property
    def value(self) -> Fraction:
        """The total of a whole form."""
        assert self.total is not None
        return self.total


def course_measure() -> Instrument:
    """The questionnaire that the course is followed with."""
    return instrument(course_measure_id())


def scores(chart: Chart, measure: Instrument) -> tuple[Score, ...]:
    """Every form of the measure, finished or not, in order of time; totals are worked out from the answers."""
    answered = [
        _answered(chart, entry, body, measure)
        for entry, body in chart.said(Answers)
        if is_measure(body.instrument, measure)
    ]
    told = [
        _told(chart, entry, body, measure)
        for entry, body in chart.said(Total)
        if is_measure(body.instrument, measure)
    ]
    return tuple(sorted((*answered, *told), key=lambda s: (s.at, str(s.entry))))


def is_measure(name: str, measure: Instrument) -> bool:
    """Whether a name, in any spelling, means the measure."""
    try:
        return instrument(name).id == measure.id
    except BadInput:
        return False


def item_nine(body: Answers, measure: Instrument) -> int | None:
    """The answer to the item that must always surface, however the form came and however little of it is answered; the
    highest where several do."""
    values = readable(measure, body.items).values
    return max((values[item] for item in risk_items(measure) if item in values), default=None)


class _Form(msgspec.Struct, frozen=True, eq=False):
    """A form as it was written down, known by itself: an entry's body never changes, and charts share it."""

    body: Answers
    measure: Instrument

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Form) and other.body is self.body and other.measure is self.measure

    def __hash__(self) -> int:
        return hash((id(self.body), id(self.measure)))


class _Read(msgspec.Struct, frozen=True):
    """What a form's answers say by themselves."""

    total: Fraction | None
    band: str
    item_nine: int | None
    missing: tuple[str, ...]


@lru_cache(maxsize=16384)
def _read(form: _Form) -> _Read:
    """Scored once for all pages that fold the chart."""
    body, measure = form.body, form.measure
    try:
        found = score(measure, body.items)
    except BadInput:
        return _Read(None, "", item_nine(body, measure), ())
    return _Read(found.total, found.band or "", item_nine(body, measure), found.missing)


def _answered(chart: Chart, entry: Entry, body: Answers, measure: Instrument) -> Score:
    found = _read(_Form(body, measure))
    line = chart.line(entry.id)
    now, worst = _item_nines(line, measure)
    return Score(
        entry=entry.id,
        form=line[0].id,
        at=entry.at,
        total=found.total,
        band=found.band,
        item_nine=worst,
        item_nine_now=now,
        unconfirmed=_unconfirmed(chart, line[0].id, body, taken_back=worst != now)
        if found.total is not None
        else "",
        missing=found.missing,
        mode=body.mode,
        by=entry.by,
        source=entry.source,
        corrected=any(isinstance(e.body, Answers) and e.body.complete for e in line[:-1]),
        known_at=line[0].recorded_at,
        day_only=body.dated is not None,
    )


def _item_nines(line: Sequence[Entry], measure: Instrument) -> tuple[int | None, int | None]:
    """The answer that stands, and the highest one ever given in the form."""
    said = [_read(_Form(e.body, measure)).item_nine for e in line if isinstance(e.body, Answers)]
    return said[-1], max((value for value in said if value is not None), default=None)


def _unconfirmed(chart: Chart, form: UUID, body: Answers, *, taken_back: bool) -> str:
    """Why nobody can be sure of the form yet: nobody said that it is done, or an answer on suicide was taken back and
    nobody has spoken with the patient about it."""
    if not body.complete:
        return NOT_FINISHED
    return TAKEN_BACK if taken_back and any(risk.form == form for risk in open_risks(chart)) else ""


def _told(chart: Chart, entry: Entry, body: Total, measure: Instrument) -> Score:
    total, line = Fraction(body.value), chart.line(entry.id)
    return Score(
        entry=entry.id,
        form=line[0].id,
        at=entry.at,
        total=total,
        band=band_of(measure, total),
        item_nine=None,
        missing=(),
        mode="import",
        by=entry.by,
        source=entry.source,
        corrected=len(line) > 1,
        known_at=line[0].recorded_at,
        day_only=body.dated is not None,
    )


def band_of(measure: Instrument, total: Fraction) -> str:
    """The severity band a total lies in."""
    return next((band.label for band in reversed(measure.bands) if total >= band.at_least), "")
