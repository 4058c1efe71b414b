"""Results that wait for a clinician, and those that were seen: by whom and when (pure)."""

import msgspec

from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.history import Result, ResultReviewed
from lowtide.record.projections import Row


class Seen(msgspec.Struct, frozen=True):
    """A result and the entry that says somebody saw it."""

    result: Entry
    review: Entry


def rows(chart: Chart) -> list[Row]:
    """A row for each result of this stream that nobody has reviewed; a corrected one waits again."""
    reviewed = {result for _, body in chart.said(ResultReviewed) for result in body.results}
    return [_row(entry, body) for entry, body in chart.said(Result) if entry.id not in reviewed]


def seen(chart: Chart) -> list[Seen]:
    """The results that were reviewed, the latest review first."""
    said = {entry.id: entry for entry, _ in chart.said(Result)}
    pairs = [(r, review) for review, body in chart.said(ResultReviewed) for r in body.results]
    return [Seen(said[r], review) for r, review in reversed(pairs) if r in said]


def _row(entry: Entry, body: Result) -> Row:
    return {
        "key": str(entry.id),
        "label": body.label,
        "value": value(body),
        "reference": reference(body),
        "out_of_range": body.is_out_of_range,
        "at": entry.at,
        "dated": body.dated or "",
        "recorded_at": entry.recorded_at,
        "source": entry.source.value,
    }


def value(body: Result) -> str:
    if body.value is None:
        return body.text or "no value given"
    return " ".join(filter(None, (f"{body.value:f}", body.unit, body.text and f"({body.text})")))


def reference(body: Result) -> str:
    """The laboratory's own limits in words."""
    low, high = body.reference_low, body.reference_high
    if low is not None and high is not None:
        return f"{low:f} to {high:f}"
    return f"from {low:f}" if low is not None else f"up to {high:f}" if high is not None else ""
