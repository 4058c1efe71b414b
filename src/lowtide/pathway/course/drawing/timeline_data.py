"""What the course timeline shows, the sentence that says it, and its table twin."""

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

import msgspec

from lowtide.pathway.course.drawing import scale
from lowtide.pathway.course.drawing.svg import Table
from lowtide.problems import bad


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One answered questionnaire. `item_nine` None: the instrument has it, but it was not answered; the words say more,
    such as “1, changed to 0”. `note` says what sets it apart, such as “from paper”."""

    at: datetime
    value: float
    item_nine: int | None = None
    item_nine_words: str = ""
    note: str = ""


class Unscored(msgspec.Struct, frozen=True, kw_only=True):
    """A questionnaire that was begun and has no total."""

    at: datetime


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One dosing session. `dose_mg` None: given, but the dose is not known; `planned`: not given yet."""

    at: datetime
    dose_mg: Decimal | None
    planned: bool = False


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """A severity band of the instrument, both ends included: `mild`, 5, 9."""

    label: str
    low: float
    high: float


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """A line at `value` with its words: 10, "response: 10 or less"."""

    value: float
    text: str


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the course; `end` None: still going on."""

    label: str
    start: datetime
    end: datetime | None = None


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    text: str
    detail: str = ""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """When the next session is due: an interval, never a date."""

    start: datetime
    end: datetime
    median: datetime | None = None


class ForecastPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The band of the score at one instant: median, middle 50 % and middle 90 %."""

    at: datetime
    median: float
    p5: float
    p25: float
    p75: float
    p95: float


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """Everything drawn for one course. All instants carry a zone; days are those of `today`'s zone.

    A line joins two scores only if no more than `join_within_days` lie between them.
    """

    key: str
    title: str
    instrument: str
    low: float
    high: float
    today: datetime
    bands: tuple[Band, ...] = ()
    scores: tuple[Score, ...] = ()
    unscored: tuple[Unscored, ...] = ()
    has_item_nine: bool = False
    sessions: tuple[Session, ...] = ()
    route: str = ""
    response: Goal | None = None
    remission: Goal | None = None
    phases: tuple[Phase, ...] = ()
    onset: Flag | None = None
    window: Window | None = None
    forecast: tuple[ForecastPoint, ...] = ()
    forecast_text: str = "if no session"
    join_within_days: int = 60

    @property
    def zone(self) -> tzinfo | None:
        return self.today.tzinfo


def checked(course: Timeline) -> Timeline:
    """The course with everything in order of time. Raises BadInput for a time without zone or a value off the scale."""
    for at in _moments(course):
        scale.aware(at, course.title)
    if not course.low < course.high:
        raise bad("a scale needs two different ends", course.title, "Give the lowest and the highest score.")
    for score in course.scores:
        if not course.low <= score.value <= course.high:
            raise bad(
                f"{course.instrument} {scale.plain(score.value)} is off the scale",
                course.title,
                f"Scores run from {scale.plain(course.low)} to {scale.plain(course.high)}.",
            )
    return msgspec.structs.replace(
        course,
        scores=tuple(sorted(course.scores, key=lambda score: score.at)),
        sessions=tuple(sorted(course.sessions, key=lambda session: session.at)),
        forecast=tuple(sorted(course.forecast, key=lambda point: point.at)),
    )


def span(course: Timeline) -> tuple[datetime, datetime]:
    """First and last instant of the sheet: everything drawn, four weeks at least, and a little air."""
    moments = _moments(course)
    first, last = min(moments), max(moments)
    missing = max(timedelta(0), timedelta(weeks=4) - (last - first))
    air = (last - first + missing) * 0.02
    return first - missing / 2 - air, last + missing / 2 + air


def _moments(course: Timeline) -> list[datetime]:
    window = course.window
    parts: list[datetime | None] = [course.today, course.onset.at if course.onset else None]
    parts += [
        each.at
        for group in (course.scores, course.unscored, course.sessions, course.forecast)
        for each in group
    ]
    parts += [at for phase in course.phases for at in (phase.start, phase.end)]
    parts += [window.start, window.end, window.median] if window else []
    return [at for at in parts if at is not None]


def sentence(course: Timeline) -> str:
    """What the drawing shows, for those who hear it."""
    course = checked(course)
    given = [session for session in course.sessions if not session.planned]
    parts = [_scores_sentence(course), _count(len(given), "session") + " given."]
    if course.window:
        parts.append(f"Next-session window {window_text(course)}.")
    return " ".join(parts)


def _scores_sentence(course: Timeline) -> str:
    if not course.scores:
        return f"No {course.instrument} score yet."
    first, last = course.scores[0], course.scores[-1]
    if first is last:
        return f"One {course.instrument} score: {scale.plain(first.value)} on {_day(course, first.at)}."
    lowest = min(score.value for score in course.scores)
    return (
        f"{course.instrument} from {_day(course, first.at)} to {_day(course, last.at)}: "
        f"{scale.plain(first.value)} at first, lowest {scale.plain(lowest)}, {scale.plain(last.value)} last."
    )


def window_text(course: Timeline) -> str:
    window = course.window
    return f"{_day(course, window.start)} to {_day(course, window.end)}" if window else ""


def _day(course: Timeline, at: datetime) -> str:
    return scale.day(at, course.zone)


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def score_text(course: Timeline, score: Score) -> str:
    nine = "" if not course.has_item_nine else f" · item 9: {item_nine_text(score)}"
    return scale.plain(score.value) + nine + (f" · {score.note}" if score.note else "")


def item_nine_text(score: Score) -> str:
    return score.item_nine_words or ("not answered" if score.item_nine is None else str(score.item_nine))


def session_text(course: Timeline, session: Session) -> str:
    mg = (
        "dose not known"
        if session.dose_mg is None
        else f"{scale.dose(session.dose_mg)} mg {course.route}".strip()
    )
    return f"{mg}, planned" if session.planned else mg


def forecast_text(point: ForecastPoint) -> str:
    return (
        f"{point.median:.1f}, half between {point.p25:.1f} and {point.p75:.1f}, "
        f"90 % between {point.p5:.1f} and {point.p95:.1f}"
    )


def table(course: Timeline) -> Table:
    """Every mark of the drawing, in order of time: date, what, value."""
    course = checked(course)
    lines = [(score.at, course.instrument, score_text(course, score)) for score in course.scores]
    lines += [(each.at, course.instrument, "no total, not finished") for each in course.unscored]
    lines += [(session.at, "dose", session_text(course, session)) for session in course.sessions]
    if course.onset:
        lines.append((course.onset.at, course.onset.text, course.onset.detail))
    if course.window:
        lines.append((course.window.start, "window for the next session", window_text(course)))
    lines += [
        (point.at, f"forecast, {course.forecast_text}", forecast_text(point)) for point in course.forecast
    ]
    rows = [(scale.day(at, course.zone, year=True), what, value) for at, what, value in sorted(lines)]
    return Table(head=("Date", "What", "Value"), rows=tuple(rows))
