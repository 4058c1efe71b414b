"""The course on one time axis: score over severity bands, doses, item 9, and the window for the next session."""

from collections.abc import Iterator

from lowtide.pathway.course.drawing import svg
from lowtide.pathway.course.drawing.timeline_data import (
    Timeline,
    checked,
    item_nine_text,
    score_text,
    sentence,
    session_text,
    window_text,
)
from lowtide.pathway.course.drawing.timeline_sheet import (
    BOTTOM,
    DOSE_AXIS,
    LEFT,
    RIGHT,
    WIDTH,
    Sheet,
    bar_height,
    bar_width,
    brackets,
    flag_foot,
    inside,
    item_row,
    pill,
    sheet_of,
    spot,
    stretches,
    ticks,
    tip_of,
    window_row,
)
from lowtide.pathway.course.drawing.timeline_words import words


def draw(course: Timeline) -> str:
    """The drawing as SVG text. Raises BadInput for a time without zone or a score off the scale."""
    course = checked(course)
    sheet = sheet_of(course)
    return svg.drawing(
        course.key,
        (WIDTH, sheet.rows_end + 22),
        course.title,
        sentence(course),
        svg.hatch(svg.identifier(course.key)),
        *_ground(sheet),
        *_forecast(sheet),
        *_today_line(sheet),
        *_scores(sheet),
        *_onset(sheet),
        *_doses(sheet),
        *_item_nine(sheet),
        *_window(sheet),
        *words(sheet),
    )


def _ground(sheet: Sheet) -> Iterator[str]:
    course = sheet.course
    for index, band in enumerate(course.bands):
        if index % 2:
            top, bottom = sheet.y(band.high + 0.5), sheet.y(band.low - 0.5)
            yield svg.rect((LEFT, top), RIGHT - LEFT, bottom - top, "c-zone")
    for at, _ in ticks(sheet):
        yield svg.line((sheet.x(at), sheet.rows_end), (sheet.x(at), sheet.rows_end + 4), "c-axis")
    yield svg.line((LEFT, DOSE_AXIS), (RIGHT, DOSE_AXIS), "c-axis")
    yield svg.line((LEFT, sheet.rows_end), (RIGHT, sheet.rows_end), "c-axis")
    yield from _goal_lines(sheet)
    for start, end, _ in brackets(sheet):
        yield svg.path([(start, 24), (start, 19), (end, 19), (end, 24)], "c-axis")


def _goal_lines(sheet: Sheet) -> Iterator[str]:
    for goal, class_ in ((sheet.course.response, "c-response"), (sheet.course.remission, "c-remission")):
        if goal:
            yield svg.line(
                (LEFT, sheet.y(goal.value)), (RIGHT, sheet.y(goal.value)), class_, svg.tip(goal.text)
            )


def _scores(sheet: Sheet) -> Iterator[str]:
    for stretch in stretches(sheet):
        yield svg.path(stretch, "c-line c-mood")
    for score in sheet.course.scores:
        x, y = spot(sheet, score)
        told = tip_of(sheet, score.at, sheet.course.instrument, score_text(sheet.course, score))
        yield svg.tag("circle", told, class_="c-point c-mood", cx=x, cy=y, r=4.0)
    for each in sheet.course.unscored:
        told = tip_of(sheet, each.at, sheet.course.instrument, "no total, not finished")
        corner = inside(sheet.x(each.at), 8) - 4, BOTTOM - 9
        yield svg.rect(corner, 8, 8, "c-unknown", told, fill=sheet.pattern)


def _doses(sheet: Sheet) -> Iterator[str]:
    width = bar_width(sheet)
    for session in sheet.course.sessions:
        height = bar_height(sheet, session)
        corner = inside(sheet.x(session.at), width) - width / 2, DOSE_AXIS - height
        told = tip_of(sheet, session.at, "dose", session_text(sheet.course, session))
        if session.planned:
            yield svg.rect(corner, width, height, "c-drug-plan c-dose", told)
        elif session.dose_mg is None:
            yield svg.rect(corner, width, height, "c-unknown c-dose", told, fill=sheet.pattern)
        else:
            yield svg.rect(corner, width, height, "c-drug c-dose", told)


def _item_nine(sheet: Sheet) -> Iterator[str]:
    if not sheet.course.has_item_nine:
        return
    row = item_row(sheet)
    for score in sheet.course.scores:
        x = inside(sheet.x(score.at), 16)
        told = tip_of(sheet, score.at, "item 9:", item_nine_text(score))
        if score.item_nine:
            yield svg.rect((x - 8, row), 16, 17, "c-item9", told, rx=2)
        elif score.item_nine is None:
            yield svg.rect((x - 8, row), 16, 17, "c-unknown", told, rx=2, fill=sheet.pattern)


def _window(sheet: Sheet) -> Iterator[str]:
    window = sheet.course.window
    if window is None:
        return
    row, left, right = window_row(sheet), sheet.x(window.start), sheet.x(window.end)
    told = svg.tip(f"window for the next session: {window_text(sheet.course)}")
    yield svg.rect((left, row), max(right - left, 4), 20, "c-window", told, rx=10)
    if window.median:
        middle = sheet.x(window.median)
        yield svg.line((middle, row), (middle, row + 20), "c-window-mid")


def _forecast(sheet: Sheet) -> Iterator[str]:
    points = sheet.course.forecast
    for class_, low, high in (("c-band1", "p5", "p95"), ("c-band2", "p25", "p75")):
        upper = [(sheet.x(point.at), sheet.y(getattr(point, high))) for point in points]
        lower = [(sheet.x(point.at), sheet.y(getattr(point, low))) for point in reversed(points)]
        if len(points) > 1:
            yield svg.path(upper + lower, class_, closed=True)
    yield svg.path([(sheet.x(point.at), sheet.y(point.median)) for point in points], "c-mid")


def _today_line(sheet: Sheet) -> Iterator[str]:
    x = sheet.x(sheet.course.today)
    yield svg.line((x, 26), (x, sheet.rows_end), "c-now")
    yield svg.rect((pill(x) - 22, 20), 44, 18, "c-pill", rx=3)


def _onset(sheet: Sheet) -> Iterator[str]:
    if flag := sheet.course.onset:
        x, foot = sheet.x(flag.at), flag_foot(sheet, flag)
        yield svg.line((x, 44), (x, foot), "c-pole")
        yield svg.path([(x, 42), (x + 11, 47), (x, 52)], "c-flag", closed=True)
