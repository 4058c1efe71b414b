"""Drawings as a page takes them: for a desk and for a telephone, with the sentence and the table twin."""

from collections.abc import Iterator
from typing import Any

import msgspec
from django.utils.safestring import mark_safe

from lowtide.data.evidence import Pooled
from lowtide.data.evidence_pages import OnsetLane, OnsetMark, onset
from lowtide.pathway.course.drawing.svg import Table
from lowtide.pathway.course.trial_answers import Standing
from lowtide.science.evidence.named import Answer
from lowtide.site.evidence_pages.drawing import lanes, web
from lowtide.site.evidence_pages.drawing.lanes import Axis, Lane, Mark, MarkKind, Sheet
from lowtide.site.evidence_pages.forest import named, number, reviewed

HOURS = (
    (1.0, "1 h"),
    (4.0, "4 h"),
    (24.0, "1 day"),
    (72.0, "3 days"),
    (168.0, "1 week"),
    (336.0, "2 weeks"),
    (672.0, "4 weeks"),
    (1344.0, "8 weeks"),
)
ONSET_KEY = "onset"
SHARES = ("value", "per_100", "effect")
"""What of an answer a mark may show as its number."""


def picture(sheet: Sheet) -> dict[str, Any]:
    return {
        "key": sheet.key,
        "wide": mark_safe(lanes.draw(sheet)),  # noqa: S308  drawn from numbers and our own words
        "narrow": mark_safe(lanes.draw(sheet, narrow=True)),  # noqa: S308  likewise
        "caption": sheet.sentence,
        "table": _twin(sheet),
        "summary": f"As a table, with {len(sheet.undrawn)} more that are not drawn" if sheet.undrawn else "",
    }


def _twin(sheet: Sheet) -> Table:
    """Columns that no row fills are left away."""
    rows, head = [], ""
    for lane in (*sheet.lanes, *sheet.undrawn):
        if lane.head:
            head = lane.label
            continue
        at = ", ".join(mark.tip or mark.text for mark in lane.marks if mark.tip or mark.text)
        read = "recalled" if any(not mark.verified for mark in lane.marks) else "read in its source"
        whence = (lane.whence or read) if lane.marks else ""
        rows.append((head, lane.label, lane.figures or at or lane.nothing, lane.sure, whence))
    names = ("Of", "What", "Figures", "Certainty", "Seen")
    kept = [at for at in range(len(names)) if any(row[at] for row in rows)]
    return Table(tuple(names[at] for at in kept), tuple(tuple(row[at] for at in kept) for row in rows))


def web_picture(drawn: web.Web) -> dict[str, Any]:
    rows = [
        (f"island {number}", *web.ends(island, edge), str(edge.trials))
        for number, island in enumerate(drawn.islands, start=1)
        for edge in island.edges
    ]
    return {
        "key": drawn.key,
        "wide": mark_safe(web.draw(drawn)),  # noqa: S308  drawn from numbers and our own words
        "narrow": mark_safe(web.draw(drawn, narrow=True)),  # noqa: S308  likewise
        "caption": drawn.sentence,
        "table": Table(("Island", "Treatment", "Against", "Trials"), tuple(rows)),
    }


# -- when it sets in ------------------------------------------------------------------------------------------------


class Seen(msgspec.Struct, frozen=True):
    """One mark of the axis of time, in words: of which lane, when, what, and from where."""

    head: str
    lane: str
    when: str
    what: str
    whence: str

    @property
    def said(self) -> str:
        return f"{self.when}: {self.what}"


def onset_picture(now: Standing) -> dict[str, Any]:
    """Its table twin has a row for each mark, with the whole number."""
    rows = tuple((s.head, s.lane, s.when, s.what, s.whence) for s in onset_seen(now))
    return picture(onset_sheet(now)) | {
        "table": Table(("Of", "Measured as", "Time", "Seen", "From"), rows),
    }


def onset_seen(now: Standing) -> Iterator[Seen]:
    head = ""
    for lane in onset():
        head = lane.head or head
        for mark in lane.marks:
            if answer := now.answers.get(mark.answer):
                yield Seen(head, lane.label, _time(mark), _seen(mark, answer), _whence(answer, now))


def onset_sheet(now: Standing) -> Sheet:
    """Ketamine and usual antidepressants on one time axis. Each lane is another measure: only places compare, not heights."""
    drawn = tuple(lane for one in onset() for lane in _onset_lane(one, now))
    by_lane: dict[str, list[str]] = {}
    for seen in onset_seen(now):
        by_lane.setdefault(seen.lane, []).append(seen.said)
    said = ". ".join(f"{lane}: {'; '.join(its)}" for lane, its in by_lane.items())
    title = "When an effect was seen, from the first dose"
    axis = Axis(1.0, 1700.0, HOURS, "time from the first dose, stretched early on", log=True)
    return Sheet(ONSET_KEY, title, f"{title}. {said}.", axis, drawn)


def _onset_lane(one: OnsetLane, now: Standing) -> Iterator[Lane]:
    if one.head:
        yield Lane(one.head, head=True)
        return
    marks = tuple(
        _onset_mark(mark, now.answers[mark.answer]) for mark in one.marks if mark.answer in now.answers
    )
    if marks:
        yield Lane(one.label, marks, _whence(now.answers[one.marks[0].answer], now))


def _onset_mark(mark: OnsetMark, answer: Answer) -> Mark:
    value = _shown(mark, answer)
    text = f"{value:g}" if value is not None else "" if mark.show in SHARES else mark.show
    kind: MarkKind = "absent" if mark.absent else "trial"
    return Mark(mark.hours, kind, text=text, tip=f"{_time(mark)}: {text or 'a difference'}")


def _shown(mark: OnsetMark, answer: Answer) -> float | None:
    """The number of the answer that the mark shows; None where it shows a word or only its place."""
    value = getattr(answer, mark.show) if mark.show in SHARES else None
    return value if isinstance(value, int | float) else None


def _seen(mark: OnsetMark, answer: Answer) -> str:
    """The number with its limits and unit, or the words that stand on the mark."""
    value = _shown(mark, answer)
    if value is None:
        return mark.show if mark.show and mark.show not in SHARES else "a difference was found"
    if mark.show == "per_100":
        return f"{value:g} of 100"
    if mark.show == "value" or answer.lower is None or answer.upper is None:
        return f"{value:g}"
    return f"{answer.measure} {number(value)} ({number(answer.lower)} to {number(answer.upper)})"


def _time(mark: OnsetMark) -> str:
    return next((name for hours, name in HOURS if hours == mark.hours), _hours(mark.hours))


def _hours(hours: float) -> str:
    days, left = divmod(hours, 24)
    return f"{hours:g} h" if days < 2 or left else f"{days:g} days"


def _whence(answer: Answer, now: Standing) -> str:
    mixed = "; mixed people" if answer.on.mixed else ""
    return f"{cited(answer, now)}; certainty {answer.certainty.replace('_', ' ')}{mixed}"


def cited(answer: Answer, now: Standing) -> str:
    """First author and year of where an answer comes from."""
    for _, row in answer.rows:
        if isinstance(row, Pooled):
            return reviewed(now.tables, row.pooled_id)
    if answer.studies:
        return named(now.tables, answer.studies[0])
    return "source on the page of the answer"
