"""How each thing that answers a check reads: in order, out of range, or left to a clinician (pure).

Whoever typed it has the first word: what they call out of range is never in order. What they call in order is, unless
its own value or words say otherwise. What nobody judged and no limit tells is not read, and is never in order.
"""

from enum import StrEnum

from lowtide.data import intake
from lowtide.data.result_words import finds, says
from lowtide.pathway.safety.longterm.values import MULTIPLES, PREGNANT, times_upper_limit
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.history import HistoryItem, Result

DONE_ONLY = ("workup.", "pdmp_checked")
POSITIVE, EXPLAINED = "uds_positive", "uds_explained"


class Reading(StrEnum):
    """`untold`: it was done, and nothing says what came of it. `unread`: something was said that nobody judged."""

    FINE = "fine"
    UNTOLD = "untold"
    UNREAD = "unread"
    BAD = "bad"


def of_result(body: Result) -> Reading:
    words = body.text or ""
    if body.is_out_of_range or finds(body.test or "", words) == "bad" or _above_assumed(body):
        return Reading.BAD
    said = says(words)
    if body.abnormal is Answer.NO:
        return Reading.UNREAD if said == "bad" else Reading.FINE
    if body.value is not None and (body.reference_low is not None or body.reference_high is not None):
        return Reading.FINE
    return {"bad": Reading.BAD, "fine": Reading.FINE}.get(said, Reading.UNREAD)


def _above_assumed(body: Result) -> bool:
    times, assumed = times_upper_limit(body) if body.test in MULTIPLES else (None, False)
    return assumed and times is not None and times > 1


def is_measured(body: Result) -> bool:
    """Whether it is a multiple of an upper limit, which its own trigger judges."""
    return body.test in MULTIPLES and times_upper_limit(body)[0] is not None


def of_history(chart: Chart, entry: Entry, body: HistoryItem) -> Reading:
    """An answer of the history to an item of a check."""
    if body.abnormal is not Answer.NOT_KNOWN:
        return Reading.BAD if body.abnormal is Answer.YES else Reading.FINE
    if is_done_only(body.item):
        return _of_note(body)
    if body.answer is not Answer.YES:
        return Reading.FINE
    if body.item == POSITIVE:
        return Reading.FINE if _explained(chart, entry) else Reading.BAD
    item = intake.items().get(body.item)
    if item is not None and item.kind == "yes_no":
        return Reading.BAD
    return Reading.BAD if body.value == PREGNANT else Reading.FINE


def is_done_only(item: str) -> bool:
    """Of such an item “yes” says that it was done, and nothing of what it showed."""
    return item.startswith(DONE_ONLY)


def _of_note(body: HistoryItem) -> Reading:
    if not (body.detail or "").strip():
        return Reading.UNTOLD
    return {"bad": Reading.BAD, "fine": Reading.FINE}.get(says(body.detail or ""), Reading.UNREAD)


def _explained(chart: Chart, entry: Entry) -> bool:
    """A prescription explains all of it: said with it or since."""
    said = [(e, b) for e, b in chart.said(HistoryItem) if b.item == EXPLAINED]
    return bool(said) and said[-1][1].answer is Answer.YES and said[-1][0].at >= entry.at
