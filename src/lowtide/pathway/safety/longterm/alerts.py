"""What must be seen on every page of a chart: that the next session is held, or marked with an overdue check."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from lowtide.pathway.safety.longterm.gate import RESULT, Hold, holds
from lowtide.people.charts import PatientChart


def alerts(found: PatientChart) -> Iterator[dict[str, Any]]:
    """One line for what stops, one for checks that block or mark, one for results that nobody has looked at."""
    said = holds(found.whole, timezone.now())
    stops = [one for one in said if one.id.startswith("stop_")]
    blocking = [one for one in said if one.blocks and one not in stops]
    results = [one for one in said if one.id.endswith(RESULT)]
    marking = [one for one in said if not one.blocks and one not in results]
    if stops:
        what = "; ".join(one.what.removeprefix("stop and review: ") for one in stops)
        yield _alert(found, "stop", "Next session held", what, "safety:stop_review", "Stop and review")
    if blocking:
        yield _alert(
            found,
            "hold",
            "Blocks the next session",
            _labels(blocking),
            "safety:long_term",
            "Long-term safety",
        )
    elif marking:
        yield _alert(found, "caution", "Overdue", _labels(marking), "safety:long_term", "Long-term safety")
    if results:
        what = "; ".join(one.what for one in results)
        yield _alert(found, "caution", "To be looked at", what, "safety:long_term", "Long-term safety")


def _labels(found: list[Hold]) -> str:
    return ", ".join(one.what.partition(" overdue")[0] for one in found)


def _alert(found: PatientChart, level: str, word: str, text: str, page: str, link: str) -> dict[str, Any]:
    text = f"{text[:1].upper()}{text[1:].rstrip('.')}."
    return {
        "level": level,
        "word": word,
        "text": text,
        "url": reverse(page, args=[found.patient_id]),
        "link": link,
    }
