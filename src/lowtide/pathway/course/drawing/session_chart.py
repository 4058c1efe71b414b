"""One session: pressure as paired carets, heart rate as a line, saturation on its own strip, the infusion as a bar,
forecast as a band, dissociation and sedation on strips of their own, what is missing as a dashed gap. No line is drawn across a gap."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from lowtide.pathway.course.drawing import scale, session_strips, svg
from lowtide.pathway.course.drawing.labels import Box, Labels, Place, text_tag
from lowtide.pathway.course.drawing.scale import Scale, TimeScale
from lowtide.pathway.course.drawing.session_data import (
    Infusion,
    Pressure,
    SessionChart,
    Trace,
    checked,
    clock,
    infusion_text,
    minutes,
    moments,
    pause_text,
    pressure_text,
    sentence,
)

WIDTH = 800.0  # about as wide as it stands on a tablet, so that words keep their size there
LEFT, RIGHT = 54.0, 788.0
STRIP_TOP, STRIP_BOTTOM = 22.0, 50.0
TOP, BOTTOM = 60.0, 214.0
LOWER = 224.0  # what lies under the pressure begins here
SIZE, SMALL = 14.0, 13.0


class Sheet(msgspec.Struct, frozen=True):
    """Where things stand; `pressure` also places heart rates."""

    chart: SessionChart
    x: TimeScale
    pressure: Scale
    saturation: Scale
    labels: Labels
    pattern: str
    events_y: float

    @property
    def bar(self) -> tuple[float, float]:
        """Top and bottom of the infusion's bar."""
        return self.events_y + 16, self.events_y + 29

    @property
    def axis(self) -> float:
        return self.events_y + 35

    @property
    def height(self) -> float:
        return self.events_y + 56


def draw(chart: SessionChart) -> str:
    """The drawing as SVG text. Raises BadInput for a time without zone."""
    chart = checked(chart)
    sheet = _sheet(chart)
    return svg.drawing(
        chart.key,
        (WIDTH, sheet.height),
        chart.title,
        sentence(chart),
        svg.hatch(svg.identifier(chart.key)),
        *_ground(sheet),
        *session_strips.draw(chart, sheet.x, LOWER, (LEFT, RIGHT), sheet.labels),
        *session_strips.band(chart.forecast, sheet.x, sheet.pressure),
        *_limits(sheet),
        *_trace(sheet, chart.saturation, sheet.saturation, "c-spo2", "SpO₂", "%"),
        *_trace(sheet, chart.heart_rate, sheet.pressure, "c-hr", "heart rate", "/min"),
        *_pressures(sheet),
        *_gaps(sheet),
        *_infusion(sheet),
        *_events(sheet),
        *_now(sheet),
        *_words(sheet),
    )


def _sheet(chart: SessionChart) -> Sheet:
    all_moments = moments(chart)
    first = min(*all_moments, chart.zero - timedelta(minutes=10))
    last = max(*all_moments, first + timedelta(minutes=30))
    low, high = _pressure_range(chart)
    events_y = LOWER + session_strips.height(chart) + 12
    return Sheet(
        chart=chart,
        x=scale.instants(first, last, LEFT, RIGHT),
        pressure=Scale(low, high, BOTTOM, TOP),
        saturation=Scale(_saturation_floor(chart), 100, STRIP_BOTTOM, STRIP_TOP),
        labels=Labels(Box(0, 0, WIDTH, events_y + 56)),
        pattern=f"url(#{svg.identifier(chart.key)}-hatch)",
        events_y=events_y,
    )


def _pressure_range(chart: SessionChart) -> tuple[float, float]:
    """60 to 165 where that holds everything; otherwise as wide as the readings need."""
    values = [each.value for each in chart.heart_rate.readings]
    values += [v for each in chart.pressures for v in (each.systolic_mmhg, each.diastolic_mmhg)]
    values += [v for point in chart.forecast for v in (point.p5, point.p95)]
    values += [chart.systolic_limit.value] if chart.systolic_limit else []
    low, high = min([60.0, *values]), max([160.0, *values])
    return math.floor((low - 5) / 5) * 5, math.ceil((high + 5) / 5) * 5


def _saturation_floor(chart: SessionChart) -> float:
    values = [each.value for each in chart.saturation.readings]
    values += [chart.saturation_limit.value] if chart.saturation_limit else []
    lowest = min([92.0, *values])
    return math.floor((lowest - 1) / 5) * 5


# ---------- ground ----------


def _ground(sheet: Sheet) -> Iterator[str]:
    yield svg.rect((LEFT, STRIP_TOP), RIGHT - LEFT, STRIP_BOTTOM - STRIP_TOP, "c-zone")
    for value in _grid(sheet):
        y = sheet.pressure(value)
        yield svg.line((LEFT, y), (RIGHT, y), "c-grid")
    yield svg.line((LEFT, sheet.axis), (RIGHT, sheet.axis), "c-axis")
    for _, x, _ in _minute_ticks(sheet):
        yield svg.line((x, sheet.axis), (x, sheet.axis + 4), "c-axis")


def _grid(sheet: Sheet) -> list[int]:
    low, high = sheet.pressure.low, sheet.pressure.high
    step = scale.round_step(high - low, 5, (10, 20, 30, 60, 120))
    return [value for value in range(0, int(high) + 1, step) if low < value < high]


def _minute_ticks(sheet: Sheet) -> Iterator[tuple[int, float, str]]:
    zero = sheet.chart.zero.timestamp()
    first, last = ((at - zero) / 60 for at in (sheet.x.scale.low, sheet.x.scale.high))
    step = scale.round_step(last - first, 12, (5, 10, 15, 20, 30, 60, 120, 240, 720, 1440))
    start = math.ceil(first / step) * step
    for minute in range(start, int(last) + 1, step):
        text = f"T+{minute}" if minute == step else f"−{-minute}" if minute < 0 else str(minute)
        yield minute, sheet.x(sheet.chart.zero + timedelta(minutes=minute)), text


def _limits(sheet: Sheet) -> Iterator[str]:
    chart = sheet.chart
    pairs = ((chart.systolic_limit, sheet.pressure), (chart.saturation_limit, sheet.saturation))
    for limit, place in pairs:
        if limit:
            y = place(limit.value)
            yield svg.line((LEFT, y), (RIGHT, y), "c-limit", svg.tip(limit.text))


# ---------- marks ----------


def _tip(sheet: Sheet, at: datetime, what: str, value: str) -> str:
    return svg.tip(f"{clock(sheet.chart, at)}, {minutes(sheet.chart, at)}: {what} {value}")


def _trace(sheet: Sheet, trace: Trace, place: Scale, class_: str, what: str, unit: str) -> Iterator[str]:
    """A line along each unbroken stretch; readings that stand alone are dots, and so are hand-written ones."""
    readings = trace.readings
    for stretch in scale.runs(readings, [reading.at for reading in readings], trace.join_within):
        yield svg.path([(sheet.x(each.at), place(each.value)) for each in stretch], f"c-line {class_}")
        few = len(stretch) == 1 or trace.join_within >= timedelta(minutes=5)
        for each in stretch if few else ():
            told = _tip(sheet, each.at, what, f"{scale.plain(each.value)} {unit}")
            yield svg.tag(
                "circle", told, class_=f"c-dot {class_}", cx=sheet.x(each.at), cy=place(each.value), r=3.0
            )


def _pressures(sheet: Sheet) -> Iterator[str]:
    for pressure in sheet.chart.pressures:
        x, high, low = _carets(sheet, pressure)
        yield svg.line((x, high), (x, low), "c-bp-stem")
        told = _tip(sheet, pressure.at, "blood pressure", pressure_text(pressure))
        n = svg.number
        pair = f"M{n(x - 7)} {n(high - 9)}L{n(x)} {n(high)}L{n(x + 7)} {n(high - 9)}"
        pair += f"M{n(x - 7)} {n(low + 9)}L{n(x)} {n(low)}L{n(x + 7)} {n(low + 9)}"
        yield svg.tag("path", told, class_="c-bp", d=pair)


def _carets(sheet: Sheet, pressure: Pressure) -> tuple[float, float, float]:
    x = min(max(sheet.x(pressure.at), LEFT + 7), RIGHT - 7)
    return x, sheet.pressure(pressure.systolic_mmhg), sheet.pressure(pressure.diastolic_mmhg)


def _gaps(sheet: Sheet) -> Iterator[str]:
    top, bottom = sheet.pressure(150), sheet.pressure(80)
    for gap in sheet.chart.gaps:
        x = min(max(sheet.x(gap.at), LEFT + 11), RIGHT - 11)
        class_ = "c-gap-late" if gap.late else "c-gap"
        told = _tip(sheet, gap.at, "blood pressure", gap.text)
        yield svg.rect((x - 11, top), 22, bottom - top, class_, told, rx=4)


def _infusion(sheet: Sheet) -> Iterator[str]:
    if not (infusion := sheet.chart.infusion):
        return
    left, planned = sheet.x(infusion.start), sheet.x(infusion.planned_end)
    until = infusion.ended or sheet.chart.now or infusion.planned_end
    done = max(sheet.x(min(until, max(infusion.planned_end, infusion.ended or until))), left)
    told = _tip(sheet, infusion.start, "infusion", infusion_text(infusion))
    top, bottom = sheet.bar
    height = bottom - top
    yield svg.rect((left, top), max(planned - left, 2), height, "c-drug-plan", rx=2)
    for began, ended in _running(sheet, infusion, left, done):
        if infusion.delivered_mg is None:
            yield svg.rect(
                (began, top), max(ended - began, 2), height, "c-unknown", told, rx=2, fill=sheet.pattern
            )
        else:
            yield svg.rect((began, top), max(ended - began, 2), height, "c-drug-full", told, rx=2)
    for began_at, until_at in infusion.pauses:
        began = sheet.x(began_at)
        ended = max(sheet.x(until_at) if until_at else done, began + 2)
        said = _tip(sheet, began_at, "infusion", pause_text(sheet.chart, began_at, until_at))
        yield svg.rect((began, top), ended - began, height, "c-drug-plan", said)


def _running(sheet: Sheet, infusion: Infusion, left: float, done: float) -> Iterator[tuple[float, float]]:
    """Where the bar is full: from the start to as far as it has come, but for the pauses."""
    for began_at, until_at in infusion.pauses:
        if (began := min(sheet.x(began_at), done)) > left:
            yield left, began
        left = min(sheet.x(until_at), done) if until_at else done
    if done > left or not infusion.pauses:
        yield left, done


def _events(sheet: Sheet) -> Iterator[str]:
    for event in sheet.chart.events:
        x = sheet.x(event.at)
        yield svg.line(
            (x, sheet.events_y),
            (x, sheet.events_y + 12),
            "c-tick",
            _tip(sheet, event.at, "event", event.text),
        )


def _now(sheet: Sheet) -> Iterator[str]:
    if sheet.chart.now:
        x = sheet.x(sheet.chart.now)
        yield svg.line((x, 14), (x, sheet.axis), "c-now")
        yield svg.rect((_pill(x) - 22, 0), 44, 19, "c-pill", rx=3)


def _pill(x: float) -> float:
    return min(max(x, LEFT + 22), RIGHT - 22)


# ---------- words ----------


def _words(sheet: Sheet) -> Iterator[str]:
    _keep_free(sheet)
    yield from _now_word(sheet)
    yield from _axis_words(sheet)
    yield from _limit_words(sheet)
    yield from _drug_words(sheet)
    yield from _event_words(sheet)
    yield from _series_words(sheet)


def _keep_free(sheet: Sheet) -> None:
    chart, labels = sheet.chart, sheet.labels
    traces = ((chart.heart_rate, sheet.pressure), (chart.saturation, sheet.saturation))
    for trace, place in traces:
        for stretch in scale.runs(trace.readings, [each.at for each in trace.readings], trace.join_within):
            labels.block_line([(sheet.x(each.at), place(each.value)) for each in stretch])
    for pressure in chart.pressures:
        x, high, low = _carets(sheet, pressure)
        labels.block(Box(x - 8, high - 10, x + 8, low + 10))
    labels.block_line([(sheet.x(point.at), sheet.pressure(point.median)) for point in chart.forecast])
    if chart.now:
        labels.block(Box(sheet.x(chart.now) - 2, 19, sheet.x(chart.now) + 2, sheet.axis))
    if chart.infusion:
        labels.block(
            Box(
                sheet.x(chart.infusion.start),
                sheet.bar[0],
                sheet.x(chart.infusion.planned_end) + 2,
                sheet.bar[1],
            )
        )
    for event in chart.events:
        labels.block(Box(sheet.x(event.at) - 1, sheet.events_y, sheet.x(event.at) + 1, sheet.events_y + 12))


def _now_word(sheet: Sheet) -> Iterator[str]:
    if sheet.chart.now:
        x = _pill(sheet.x(sheet.chart.now))
        sheet.labels.words.add(Box(x - 22, 0, x + 22, 19))
        yield text_tag("NOW", "c-pill-text", Place(x, 14), SMALL)


def _axis_words(sheet: Sheet) -> Iterator[str]:
    put = sheet.labels.put
    yield put("SpO₂", "c-spo2-text", [Place(LEFT - 8, 41, "end")], SIZE)
    for value in _grid(sheet):
        yield put(str(value), "c-lab", [Place(LEFT - 8, sheet.pressure(value) + 5, "end")], SIZE)
    for minute, x, text in _minute_ticks(sheet):
        began = f"0 = {clock(sheet.chart, sheet.chart.zero)}"
        yield put(text if minute else began, "c-lab", [Place(x, sheet.axis + 16)], SIZE) or put(
            text, "c-lab", [Place(x, sheet.axis + 16)], SIZE
        )


def _limit_words(sheet: Sheet) -> Iterator[str]:
    chart = sheet.chart
    # each word stands on the side of its line that readings cross into last
    pairs = (
        (chart.saturation_limit, sheet.saturation, (15, -5)),
        (chart.systolic_limit, sheet.pressure, (-5, 15)),
    )
    for limit, place, sides in pairs:
        if limit:
            y = place(limit.value)
            heights = [y + side for side in sides]
            places = [Place(RIGHT - 4, h, "end") for h in heights] + [
                Place(LEFT + 4, h, "start") for h in heights
            ]
            yield sheet.labels.put(limit.text, "c-limit-text", places, SMALL, needed=True)


def _drug_words(sheet: Sheet) -> Iterator[str]:
    if infusion := sheet.chart.infusion:
        right = max(sheet.x(infusion.planned_end), sheet.x(infusion.ended) if infusion.ended else 0)
        places = [
            Place(right + 8, sheet.bar[1] - 2, "start"),
            Place(sheet.x(infusion.start) - 8, sheet.bar[1] - 2, "end"),
        ]
        yield sheet.labels.put(infusion_text(infusion), "c-drug-text", places, SIZE, bold=True, needed=True)


def _event_words(sheet: Sheet) -> Iterator[str]:
    for event in sheet.chart.events:
        x = sheet.x(event.at)
        low, high = ([Place(x + 4, y, "start")] for y in (sheet.events_y + 10, sheet.events_y - 4))
        beside = sheet.labels.put(event.text, "c-key", low, SMALL)
        above = "" if beside else sheet.labels.put(event.text, "c-key", high, SMALL)
        yield beside or above
        if above:
            yield svg.line((x, sheet.events_y - 14), (x, sheet.events_y), "c-tick")


def _series_words(sheet: Sheet) -> Iterator[str]:
    chart, put = sheet.chart, sheet.labels.put
    yield from _low_saturation_word(sheet)
    if chart.heart_rate.readings:
        yield put("HR", "c-hr-text", list(_around(sheet, chart.heart_rate)), SIZE, bold=True)
    if chart.pressures:
        x, high, _ = _carets(sheet, chart.pressures[0])
        yield put(
            "BP",
            "c-bp-text",
            [Place(x + 12, high + 18, "start"), Place(x - 12, high + 18, "end")],
            SIZE,
            bold=True,
        )
    if len(chart.forecast) > 1:
        late = chart.forecast[len(chart.forecast) * 3 // 4]
        x, above, below = sheet.x(late.at), sheet.pressure(late.p95) - 5, sheet.pressure(late.p5) + 16
        yield put(chart.forecast_text, "c-band-text", [Place(x, below), Place(x, above)], SIZE)


def _low_saturation_word(sheet: Sheet) -> Iterator[str]:
    """The lowest reading is written if it lies below the limit."""
    limit = sheet.chart.saturation_limit
    lowest = min(sheet.chart.saturation.readings, key=lambda reading: reading.value, default=None)
    if limit and lowest and lowest.value < limit.value:
        x, y = sheet.x(lowest.at), sheet.saturation(lowest.value)
        sides = [Place(x, y + 18), Place(x + 8, y + 5, "start"), Place(x - 8, y + 5, "end"), Place(x, y - 8)]
        yield sheet.labels.put(scale.plain(lowest.value), "c-spo2-text", sides, SMALL, bold=True)


def _around(sheet: Sheet, trace: Trace) -> Iterator[Place]:
    for each in trace.readings:
        x, y = sheet.x(each.at), sheet.pressure(each.value)
        yield Place(x + 10, y + 22, "start")
        yield Place(x + 10, y - 10, "start")
