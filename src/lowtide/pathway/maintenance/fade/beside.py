"""When the answer will likely fade, on the chart's front page: read from the last prediction's row, never worked out there."""

from datetime import datetime, tzinfo

from lowtide.data import schedules
from lowtide.data.maintenance import maintenance
from lowtide.pathway.course import words
from lowtide.pathway.course.beside import Beside
from lowtide.pathway.course.response import Tracked
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.pathway.maintenance.models import FadeRow
from lowtide.pathway.maintenance.projections import mark

PAGE = "maintenance:maintenance"


def fading(state: CourseState, now: datetime, zone: tzinfo) -> Beside | None:
    """The predicted window; nothing for a course that has not begun or is over."""
    if not state.given or state.phase is Phase.ENDED:
        return None
    if state.lead.found.lost:
        return gone(state.lead, zone)
    row = FadeRow.objects.filter(stream=state.stream).first()
    if row is None or row.mark != mark(state):
        return Beside(
            "fading", "Likely to fade", "Not worked out since the last dose or score.", "", PAGE, "unknown"
        )
    if row.why_not:
        return Beside("fading", "Likely to fade", row.why_not, "", PAGE, "unknown")
    opens, closes = (schedules.thresholds()[f"fade_{end}_pct"].value for end in ("opens", "closes"))
    basis = f"{opens} to {closes} of 100 virtual people with these scores have relapsed then, if nothing more is given; as of {words.day(row.made_at, zone)}"
    late = row.closes_at is not None and row.closes_at < now
    return Beside("fading", "Likely to fade", _when(row, zone), basis, PAGE, "hold" if late else "note")


def gone(one: Tracked, zone: tzinfo) -> Beside:
    """Nothing is left that could fade: since when, and how others did with a new series."""
    found, latest = one.found, one.found.since[-1]
    since = f" since {words.day(found.lost_at, zone)}" if found.lost_at else ""
    title = "Relapse" if found.relapse else "Response lost"
    says = f"{title}{since}: {one.measure.name} {float(latest.value):g}."
    least, most = again_shares()
    basis = (
        f"{least} to {most} of 100 people who had relapsed responded again to a new series (nasal esketamine)"
    )
    return Beside("fading", title, says, basis, PAGE, "hold" if found.relapse else "caution")


def again_shares() -> tuple[int, int]:
    """The least and the most of 100 who responded again, by the table."""
    shares = [round(100 * row.responded / row.of) for row in maintenance().again]
    return min(shares), max(shares)


def _when(row: FadeRow, zone: tzinfo) -> str:
    if row.opens_at is None:
        return "Not within the weeks looked at."
    if row.closes_at is None:
        return f"From {words.day(row.opens_at, zone)} on."
    return f"{words.window((row.opens_at, row.closes_at), zone)}."
