"""The large parts of a session's page as markup: who looks at the same moment is shown one and the same.

Three screens at each chair ask for them whenever the session grows. Each is a pure function of what is drawn. Few are
kept: they grow with the session, and serve those who look within the same seconds.
"""

from datetime import datetime
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe

from lowtide.pathway.course.drawing import session_chart, session_data
from lowtide.pathway.course.drawing.session_data import SessionChart
from lowtide.pathway.session.shown.grid import Grid

KEPT = 40


class Sheet(msgspec.Struct, frozen=True):
    """The flowsheet of one session as one reader may use it, its instants told in `zone`."""

    patient: UUID
    session: UUID
    grid: Grid
    only_due: bool
    may_chart: bool
    zone: ZoneInfo


def for_all(drawn: SessionChart | None) -> SessionChart | None:
    """The chart with NOW to a quarter of a minute: who looks at once is shown one drawing."""
    if drawn is None or drawn.now is None:
        return drawn
    return msgspec.structs.replace(drawn, now=_about(drawn.now), until=_about(drawn.until))


def _about(now: datetime) -> datetime:
    return now.replace(second=now.second // 15 * 15, microsecond=0)


def drawing(drawn: SessionChart | None) -> str:
    """The chart as markup; the drawing escapes what it is given."""
    return mark_safe(_drawn(drawn)) if drawn else ""  # noqa: S308


def twin(drawn: SessionChart | None) -> str:
    """The same as a table."""
    return _twin(drawn) if drawn else ""


@lru_cache(maxsize=KEPT)
def _drawn(chart: SessionChart) -> str:
    return session_chart.draw(chart)


@lru_cache(maxsize=KEPT)
def _twin(chart: SessionChart) -> str:
    caption = "Everything drawn above, as a table"
    about = {"key": "session", "table": session_data.table(chart), "caption": caption}
    return render_to_string("parts/table_twin.html", about)


@lru_cache(maxsize=KEPT)
def flowsheet(sheet: Sheet) -> str:
    """The flowsheet as a table in which values and what is due can be pressed."""
    with timezone.override(sheet.zone):
        return render_to_string("session/parts/grid.html", msgspec.structs.asdict(sheet))
