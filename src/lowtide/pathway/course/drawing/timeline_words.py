"""The words on the course timeline, the ones that matter most first: what finds no room is left to the tip and the table."""

from collections.abc import Iterator

from lowtide.pathway.course.drawing import scale
from lowtide.pathway.course.drawing.labels import Box, Labels, Place, text_tag
from lowtide.pathway.course.drawing.timeline_data import Goal, Score, Session, window_text
from lowtide.pathway.course.drawing.timeline_sheet import (
    DOSE_AXIS,
    DOSE_TOP,
    LEFT,
    RIGHT,
    TOP,
    Sheet,
    brackets,
    flag_foot,
    inside,
    item_row,
    pill,
    points,
    spot,
    stretches,
    ticks,
    window_row,
)

# with so many scores or fewer each value is written; with more, only the first, the last and the turns
FEW = 8


def words(sheet: Sheet) -> list[str]:
    _keep_free(sheet)
    found = [*_row_names(sheet), *_today_word(sheet), *_phase_names(sheet), *_axis_words(sheet)]
    found += [*_window_word(sheet), *_flag_words(sheet), *_goal_words(sheet), *_score_words(sheet)]
    found += [*_item_words(sheet), *_dose_words(sheet), *_forecast_words(sheet)]
    return found


def _row_names(sheet: Sheet) -> Iterator[str]:
    course, put = sheet.course, sheet.labels.put
    names = [(DOSE_AXIS - 6, f"dose, mg {course.route}".strip())]
    names += [(item_row(sheet) + 13, "item 9")] if course.has_item_nine else []
    names += [(window_row(sheet) + 15, "next session")] if course.window else []
    for y, text in names:
        yield put(text, "c-key", [Place(LEFT - 10, y, "end")], needed=True)
    for band in course.bands:
        middle = sheet.y((band.low + band.high) / 2) + 4
        whole = f"{band.label} {scale.plain(band.low)}–{scale.plain(band.high)}"
        places = [Place(LEFT - 10, middle, "end")]
        yield put(whole, "c-lab", places) or put(band.label, "c-lab", places)


def _keep_free(sheet: Sheet) -> None:
    labels, today = sheet.labels, sheet.x(sheet.course.today)
    for x, y in points(sheet):
        labels.block(Box(x - 5, y - 5, x + 5, y + 5))
    for stretch in stretches(sheet):
        labels.block_line(stretch)
    labels.block(Box(today - 2, 40, today + 2, sheet.rows_end))
    if flag := sheet.course.onset:
        x = sheet.x(flag.at)
        labels.block(Box(x - 1, 42, x + 12, 52), Box(x - 2, 44, x + 2, flag_foot(sheet, flag)))
    if window := sheet.course.window:
        row = window_row(sheet)
        labels.block(
            Box(sheet.x(window.start), row, max(sheet.x(window.end), sheet.x(window.start) + 4), row + 20)
        )


def _today_word(sheet: Sheet) -> Iterator[str]:
    x = pill(sheet.x(sheet.course.today))
    sheet.labels.words.add(Box(x - 22, 20, x + 22, 38))
    yield text_tag("today", "c-pill-text", Place(x, 33), 12)


def _phase_names(sheet: Sheet) -> Iterator[str]:
    for start, end, label in brackets(sheet):
        fitting = Labels(Box(start, 0, end, 19))
        short = label.split(",")[0]
        text = next((t for t in (label, short) if fitting.put(t, "", [Place((start + end) / 2, 13)])), None)
        if text:
            yield sheet.labels.put(text, "c-key", [Place((start + end) / 2, 13)])


def _axis_words(sheet: Sheet) -> Iterator[str]:
    for at, text in ticks(sheet):
        yield sheet.labels.put(text, "c-lab", [Place(sheet.x(at), sheet.rows_end + 16)])


def _window_word(sheet: Sheet) -> Iterator[str]:
    if window := sheet.course.window:
        y = window_row(sheet) + 15
        places = [Place(sheet.x(window.start) - 10, y, "end"), Place(sheet.x(window.end) + 10, y, "start")]
        yield sheet.labels.put(window_text(sheet.course), "c-val", places, size=13, bold=True, needed=True)


def _flag_words(sheet: Sheet) -> Iterator[str]:
    if not (flag := sheet.course.onset):
        return
    x = sheet.x(flag.at)
    head = sheet.labels.put(
        flag.text, "c-val", [Place(x + 16, 52, "start"), Place(x - 8, 52, "end")], 13, bold=True
    )
    yield head
    if head and flag.detail:
        yield sheet.labels.put(flag.detail, "c-lab", [Place(x + 16, 67, "start"), Place(x - 8, 67, "end")])


def _goal_words(sheet: Sheet) -> Iterator[str]:
    def places(goal: Goal, below: bool) -> list[Place]:
        y = sheet.y(goal.value)
        sides = [(LEFT + 6, "start"), (RIGHT - 6, "end")]
        heights = [y + 14, y - 6] if below else [y - 6, y + 14]
        return [
            Place(x, height, "start" if side == "start" else "end") for height in heights for x, side in sides
        ]

    for goal, below in ((sheet.course.response, False), (sheet.course.remission, True)):
        if goal:
            yield sheet.labels.put(goal.text, "c-mood-text", places(goal, below), needed=True)


def _score_words(sheet: Sheet) -> Iterator[str]:
    scores = sheet.course.scores
    weights = {index: _weight(scores, index) for index in range(len(scores))}
    told = [
        index
        for index in sorted(weights, key=weights.__getitem__)
        if weights[index] < 3 or len(scores) <= FEW
    ]
    for index in told:
        x, y = spot(sheet, scores[index])
        above, below = Place(x, y - 9), Place(x, y + 18)
        beside = [Place(x + 9, y + 4, "start"), Place(x - 9, y + 4, "end")]
        order = [below, above] if _is_valley(scores, index) else [above, below]
        text, newest = scale.plain(scores[index].value), index == len(scores) - 1
        yield sheet.labels.put(text, "c-val", [*order, *beside], 13, bold=True, needed=newest)


def _weight(scores: tuple[Score, ...], index: int) -> int:
    """Which values are written first when room is short: the last, the first, the turns, then the rest."""
    if index == len(scores) - 1:
        return 0
    if index == 0:
        return 1
    before, here, after = (scores[i].value for i in (index - 1, index, index + 1))
    return 2 if (here - before) * (after - here) <= 0 and before != after else 3


def _is_valley(scores: tuple[Score, ...], index: int) -> bool:
    around = [scores[i].value for i in (index - 1, index + 1) if 0 <= i < len(scores)]
    return bool(around) and scores[index].value < sum(around) / len(around)


def _item_words(sheet: Sheet) -> Iterator[str]:
    if not sheet.course.has_item_nine:
        return
    # an answer above zero is written even where a zero beside it has to give way
    for score in sorted(sheet.course.scores, key=lambda score: -(score.item_nine or 0)):
        place = Place(inside(sheet.x(score.at), 16), item_row(sheet) + 13)
        text = "?" if score.item_nine is None else str(score.item_nine)
        class_ = "c-item9-text" if score.item_nine else "c-lab"
        yield sheet.labels.put(
            text, class_, [place], bold=bool(score.item_nine), needed=bool(score.item_nine)
        )


def _dose_words(sheet: Sheet) -> Iterator[str]:
    sessions = sheet.course.sessions
    for index in sorted(range(len(sessions)), key=lambda index: _dose_weight(sessions, index)):
        session = sessions[index]
        x = sheet.x(session.at)
        if session.planned:
            yield sheet.labels.put(
                "planned", "c-lab", [Place(x - 8, DOSE_AXIS - 8, "end"), Place(x, DOSE_TOP - 5)], 11
            )
        else:
            text = "?" if session.dose_mg is None else scale.dose(session.dose_mg)
            ends = index in (0, len(sessions) - 1)
            yield sheet.labels.put(text, "c-key", [Place(x, DOSE_TOP - 5)], 11, needed=ends)


def _dose_weight(sessions: tuple[Session, ...], index: int) -> int:
    """Changes of dose are written before repeats."""
    if index in (0, len(sessions) - 1):
        return 0
    return 1 if sessions[index].dose_mg != sessions[index - 1].dose_mg else 2


def _forecast_words(sheet: Sheet) -> Iterator[str]:
    points = sheet.course.forecast
    if len(points) < 2:
        return
    middle = points[len(points) // 2]
    x, top, bottom = sheet.x(middle.at), sheet.y(middle.p95), sheet.y(middle.p5)
    sheet.labels.block_line([(sheet.x(point.at), sheet.y(point.p95)) for point in points])
    sheet.labels.block_line([(sheet.x(point.at), sheet.y(point.p5)) for point in points])
    heights = [*range(int(top) - 6, int(TOP), -8), *range(int(bottom) + 16, int(DOSE_TOP), 8)]
    # the lower line first: it lies next to the band, and the other one above it
    yield sheet.labels.put("50 % and 90 % bands", "c-lab", [Place(x, y) for y in heights])
    yield sheet.labels.put(sheet.course.forecast_text, "c-key", [Place(x, y) for y in heights])
