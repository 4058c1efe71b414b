"""How it goes, for the patient: one sentence, one picture, and the list behind it."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lowtide.data.portal import band_words
from lowtide.pathway.course import picture
from lowtide.pathway.course.drawing import svg
from lowtide.pathway.course.drawing.scale import Scale, instants
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.state import CourseState
from lowtide.people.own_place import short_day

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 342.0, 220.0, 10.0, 246.0, 16.0, 196.0


def sentence(state: CourseState, zone: tzinfo) -> tuple[str, str]:
    """What the score is and was, and what that means; no promise and no comparison with others."""
    whole = [s for s in state.scores if s.total is not None]
    if not whole:
        return _("Your course begins here"), _("After your first questions you see here how it goes.")
    last, first = whole[-1], state.response.baseline or whole[0]
    now = {"now": last.value}
    later = f" {_('It may still change: the form is not finished.')}" if last.unconfirmed else ""
    if len(whole) == 1 or first.entry == last.entry:
        return _(
            "Your mood score is %(now)s."
        ) % now, f"{_('Lower is better. The next one shows where it goes.')}{later}"
    month = MONTHS[first.at.astimezone(zone).month]
    title = _("Your mood score is %(now)s. It was %(then)s in %(month)s.")
    return title % (
        now | {"then": first.value, "month": month}
    ), f"{_('Lower is better.')} {_change(first, last)}{later}"


def _change(first: Score, last: Score) -> str:
    if last.value == first.value:
        return _("It is the same as then.")
    if last.value > first.value:
        return _("It is higher than then: talk with your clinic about it.")
    if first.value and last.value * 2 < first.value:
        return _("More than half has gone.")
    if first.value and last.value * 2 == first.value:
        return _("Half has gone.")
    return _("Less than half has gone.")


def rows(state: CourseState, zone: tzinfo) -> list[tuple[str, str, str]]:
    """The list behind the picture, the latest first: day, score, what it means."""
    return [
        (short_day(s.at, zone), str(s.value), _(band_words(s.band)))
        for s in reversed(state.scores)
        if s.total is not None
    ]


def draw(state: CourseState, now: datetime, zone: tzinfo) -> str:
    """The score over the course on a telephone's width."""
    whole = [s for s in state.scores if s.total is not None]
    low, high = picture.scale(state.measure)
    y = Scale(low, high, BOTTOM, TOP)
    x = instants(whole[0].at, max(now, whole[-1].at), LEFT + 8, RIGHT - 8)
    places = [(x(s.at), y(float(s.value))) for s in whole]
    return svg.drawing(
        "mood",
        (WIDTH, HEIGHT),
        _("Your mood score"),
        " ".join(sentence(state, zone)),
        *_bands(state, y),
        svg.path(places, "c-line c-mood"),
        *(svg.tag("circle", class_="c-point c-mood", cx=px, cy=py, r=5.0) for px, py in places),
        *_ends(whole, places, zone),
    )


def _bands(state: CourseState, y: Scale) -> list[str]:
    parts = []
    for index, band in enumerate(picture.bands(state.measure)):
        top, bottom = y(band.high + 0.5), y(band.low - 0.5)
        if index % 2 == 0:
            parts.append(svg.rect((LEFT - 4, top), RIGHT - LEFT + 4, bottom - top, "c-zone"))
        parts.append(_text((RIGHT + 8, (top + bottom) / 2 + 4), _(band_words(band.label)), "c-key"))
    return parts


def _ends(whole: Sequence[Score], places: Sequence[svg.Point], zone: tzinfo) -> list[str]:
    """The first and the last score with their days; one of them when there is only one."""
    parts = []
    for score, (px, py), anchor in {
        0: (whole[0], places[0], "start"),
        -1: (whole[-1], places[-1], "end"),
    }.values():
        if anchor == "end" and len(whole) == 1:
            continue
        local = score.at.astimezone(zone)
        parts.append(_text((px, py - 12), str(score.value), "c-val", "middle", 17.0))
        parts.append(_text((px, BOTTOM + 18), str(date_format(local, _("j M"))), "c-lab", anchor, 13.0))
    return parts


def _text(at: svg.Point, said: str, class_: str, anchor: str | None = None, size: float = 12.5) -> str:
    return svg.tag(
        "text", svg.escape(said), class_=class_, x=at[0], y=at[1], text_anchor=anchor, font_size=size
    )


def page(state: CourseState, now: datetime, zone: tzinfo) -> dict[str, Any]:
    title, lead = sentence(state, zone)
    has_any = any(s.total is not None for s in state.scores)
    return {
        "title": title,
        "lead": lead,
        "svg": draw(state, now, zone) if has_any else "",
        "rows": rows(state, zone),
        "visits": len(state.given),
    }
