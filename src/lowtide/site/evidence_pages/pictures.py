"""Drawings as a page takes them: for a desk and for a telephone, with the sentence and the table twin."""

from collections.abc import Iterator
from typing import Any

from django.utils.safestring import mark_safe

from lowtide.data.evidence_pages import OnsetLane, OnsetMark, onset
from lowtide.pathway.course.drawing.svg import Table
from lowtide.pathway.course.trial_answers import Standing
from lowtide.science.evidence.named import Answer
from lowtide.site.evidence_pages.drawing import lanes, web
from lowtide.site.evidence_pages.drawing.lanes import Axis, Lane, Mark, Sheet

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


def picture(sheet: Sheet) -> dict[str, Any]:
    return {
        "key": sheet.key,
        "wide": mark_safe(lanes.draw(sheet)),  # noqa: S308  drawn from numbers and our own words
        "narrow": mark_safe(lanes.draw(sheet, narrow=True)),  # noqa: S308  likewise
        "caption": sheet.sentence,
        "table": _twin(sheet),
    }


def _twin(sheet: Sheet) -> Table:
    rows, head = [], ""
    for lane in sheet.lanes:
        if lane.head:
            head = lane.label
            continue
        at = ", ".join(mark.tip or mark.text for mark in lane.marks if mark.tip or mark.text)
        read = "recalled" if any(not mark.verified for mark in lane.marks) else "read in its source"
        rows.append((head, lane.label, lane.figures or at or lane.nothing, read if lane.marks else ""))
    return Table(("Of", "What", "Figures", "Seen"), tuple(rows))


def web_picture(drawn: web.Web) -> dict[str, Any]:
    rows = [
        (f"island {number}", edge.first, edge.second, str(edge.trials))
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


def onset_sheet(now: Standing) -> Sheet:
    """Ketamine and usual antidepressants on one time axis. Each lane is another measure: only places compare, not heights."""
    drawn = tuple(lane for one in onset() for lane in _onset_lane(one, now))
    said = "; ".join(f"{lane.label}: {lane.figures}" for lane in drawn if not lane.head)
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
        first = now.answers[one.marks[0].answer]
        yield Lane(one.label, marks, f"{cited(first, now)}; certainty {first.certainty.replace('_', ' ')}")


def _onset_mark(mark: OnsetMark, answer: Answer) -> Mark:
    value = (
        getattr(answer, mark.show)
        if mark.show in Answer.__struct_fields__ or hasattr(answer, mark.show)
        else None
    )
    text = (
        f"{value:g}"
        if isinstance(value, int | float)
        else ""
        if value is None and not mark.show
        else mark.show
    )
    when = next((name for hours, name in HOURS if hours == mark.hours), f"{mark.hours:g} h")
    return Mark(
        mark.hours, "absent" if mark.absent else "trial", text=text, tip=f"{when}: {text or 'a difference'}"
    )


def cited(answer: Answer, now: Standing) -> str:
    """First author and year of where an answer comes from."""
    titles = [getattr(row, "citation", "") for _, row in answer.rows]
    titles += [now.tables.study[s].citation for s in answer.studies if s in now.tables.study]
    found = next((t for t in titles if t and not t.startswith("as above")), "")
    year = next((word for word in found.replace(";", " ").replace(".", " ").split() if _is_year(word)), "")
    return f"{found.split(' ')[0]} {year}".strip() or "source on the page of the answer"


def _is_year(word: str) -> bool:
    return len(word) == 4 and word.isdigit() and word.startswith(("19", "20"))
