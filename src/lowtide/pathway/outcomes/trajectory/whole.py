"""The whole trajectory of a chart for its page: every measure, how fast, the person's own goals, and what it cost."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from django.utils.safestring import mark_safe

from lowtide.data.trajectory import falls, goal_scale
from lowtide.pathway.course import picture
from lowtide.pathway.course.drawing import burden_strip
from lowtide.pathway.course.drawing.timeline_data import Timeline
from lowtide.pathway.course.due import DueItem
from lowtide.pathway.course.measures import Tracked, tracked
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.outcomes.trajectory import burden_page, goal_page, page
from lowtide.pathway.outcomes.trajectory.burden import costs
from lowtide.pathway.outcomes.trajectory.goals import goals
from lowtide.pathway.safety.rules import events
from lowtide.record.chart import Chart


def about(
    chart: Chart,
    state: CourseState,
    items: Iterable[DueItem],
    names: Mapping[str, str],
    now: datetime,
    zone: tzinfo,
) -> dict[str, Any]:
    """What the templates of the trajectory ask for."""
    own, *others = tracked(chart, state)
    rows = [page.row(one, state, zone) for one in (own, *others) if one.scores]
    return {
        "speed": page.speed(own, state, zone),
        "measures": rows,
        "fall_names": [f"{fall.fall_pct} % fall" for fall in falls()],
        "disagree": page.headline(rows),
        "off_scale": page.off_scale(own, zone),
        "charts": [{**each, "svg": _drawn(each["svg"])} for each in page.charts(others, state, now, zone)],
        "goals": goal_rows(chart, names, now, zone),
        "goal_scale": goal_scale(),
        **_burden(chart, state, own, picture.timeline(state, items, now, zone), now, zone),
    }


def goal_rows(chart: Chart, names: Mapping[str, str], now: datetime, zone: tzinfo) -> list[dict[str, Any]]:
    rows = goal_page.rows(goals(chart), names, zone, now)
    return [{**row, "spark": _drawn(row["spark"])} for row in rows]


def _burden(
    chart: Chart, state: CourseState, own: Tracked, course: Timeline, now: datetime, zone: tzinfo
) -> dict[str, Any]:
    """`course` is the picture above: the strip stands on the same time axis."""
    found, happened = costs(chart, state, own), events(chart)
    strip = burden_page.strip(course, found, happened)
    drawn = burden_strip.draw(strip) if found else ""
    return {
        "costs": burden_page.rows(found, zone),
        "from_home": burden_page.from_home(happened, zone, now),
        "strip": _drawn(drawn),
    }


def _drawn(svg: str) -> str:
    return mark_safe(svg)  # noqa: S308  drawn from numbers and escaped words
