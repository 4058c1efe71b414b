"""The last prediction of each chart as a row for lists: made when somebody looks or in the background, never in a list."""

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from lowtide.data import pharmacology
from lowtide.pathway.course.state import CourseState, fold
from lowtide.pathway.maintenance.models import FadeRow, UpkeepRow
from lowtide.pathway.maintenance.projections import mark
from lowtide.pathway.outcomes.fade.asking import Fade, NoFade
from lowtide.pathway.outcomes.fade.making import fade
from lowtide.people.charts import whole_chart
from lowtide.people.clinic import zone
from lowtide.record.chart import Chart

_log = logging.getLogger(__name__)


def fade_kept(chart: Chart, state: CourseState, now: datetime, here: ZoneInfo) -> Fade | NoFade:
    """The prediction, and its row where it has changed."""
    found = fade(chart, state, now.astimezone(here).date(), here)
    row = FadeRow.objects.filter(stream=state.stream).first()
    if row is None or (row.mark, row.numbers) != (mark(state), pharmacology.version()):
        _keep(state, found, now)
    return found


def _keep(state: CourseState, found: Fade | NoFade, now: datetime) -> None:
    opens, closes = (found.opens_at, found.closes_at) if isinstance(found, Fade) else (None, None)
    FadeRow.objects.update_or_create(
        stream=state.stream,
        defaults={
            "mark": mark(state),
            "numbers": pharmacology.version(),
            "made_at": now,
            "opens_at": opens,
            "closes_at": closes,
            "why_not": found.why if isinstance(found, NoFade) else "",
        },
    )


def outdated(limit: int) -> list[str]:
    """Charts in treatment whose prediction is older than their last dose, their last score or the numbers in force."""
    rows = {row.stream: row for row in FadeRow.objects.filter(numbers=pharmacology.version())}
    found = []
    for one in UpkeepRow.objects.order_by("-last_at").iterator():
        row = rows.get(one.stream)
        newest = max(filter(None, (one.last_at, one.scored_at)))
        if row is None or row.made_at < newest:
            found.append(one.stream)
        if len(found) >= limit:
            break
    return found


def keep_up(now: datetime, limit: int = 5) -> int:
    """Make some predictions that are missing or old; answers how many."""
    here, streams = zone(), outdated(limit)
    for stream in streams:
        chart = whole_chart(stream)
        state = fold(chart)
        try:
            fade_kept(chart, state, now, here)
        except Exception:
            _log.warning("no prediction for %s", stream, exc_info=True)
            _keep(state, NoFade("The prediction could not be worked out. The server’s log says why."), now)
    return len(streams)
