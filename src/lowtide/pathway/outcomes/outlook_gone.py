"""What is told to a clinician of a response that is gone: since when, by which definition, and how others did with a new
series (pure)."""

from datetime import tzinfo
from typing import Any

from lowtide.data.maintenance import Again, maintenance
from lowtide.pathway.course import words
from lowtide.pathway.course.response import Tracked


def told(one: Tracked, zone: tzinfo) -> dict[str, Any]:
    """The loss in a few words, with its basis and what is known of re-induction."""
    found, latest = one.found, one.found.since[-1]
    since = words.day(found.lost_at, zone) if found.lost_at else ""
    best = f"{float(found.best.value):g}" if found.best else ""
    return {
        "is_relapse": found.relapse is not None,
        "since": since,
        "score": f"{one.measure.name} {best} at best, {float(latest.value):g} on {words.day(latest.at, zone)}",
        "cut": found.cut,
        "unanswered": found.unanswered,
        "again": [_again(row) for row in maintenance().again],
    }


def _again(row: Again) -> dict[str, Any]:
    return {
        "who": row.who,
        "drug": row.drug,
        "responded": _share(row.responded, row.of),
        "remitted": _share(row.remitted, row.of),
        "later": _share(row.later_responded, row.later_of),
        "later_weeks": row.later_weeks,
        "response": row.response,
        "source": row.source[0] if row.source else "",
        "verified": row.verified,
    }


def _share(count: int, of: int) -> str:
    return f"{count} of {of} ({100 * count / of:.0f} %)"
