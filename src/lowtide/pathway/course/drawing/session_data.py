"""What the chart of one session shows, the sentence that says it, and its table twin."""

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from lowtide.pathway.course.drawing import scale
from lowtide.pathway.course.drawing.svg import Table


class Pressure(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    systolic_mmhg: float
    diastolic_mmhg: float


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    value: float


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """Readings of one kind; two more than `join_within` apart are never joined."""

    readings: tuple[Reading, ...] = ()
    join_within: timedelta = timedelta(minutes=15)


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A blood pressure that was planned and is not there: late, or not taken with a reason (`asleep`)."""

    at: datetime
    text: str
    late: bool = False


class Infusion(msgspec.Struct, frozen=True, kw_only=True):
    """`ended` None: still running. `delivered_mg` None: not known. `pauses`: (from, until) while nothing went in; until
    None: it is paused."""

    start: datetime
    planned_end: datetime
    planned_mg: Decimal
    delivered_mg: Decimal | None = None
    ended: datetime | None = None
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()


class Event(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    text: str


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A limit with its action and source state: 160, "160 tell Dr Voss · unverified default"."""

    value: float
    text: str


class BandPoint(msgspec.Struct, frozen=True, kw_only=True):
    """Forecast of the systolic pressure, or of a score, at one instant."""

    at: datetime
    median: float
    p5: float
    p25: float
    p75: float
    p95: float


class SessionChart(msgspec.Struct, frozen=True, kw_only=True):
    """Everything drawn for one session. `zero` is the instant the minutes count from; all instants carry a zone.

    `now` None: the session is over. `until`: the sheet reaches at least so far.
    """

    key: str
    title: str
    zero: datetime
    until: datetime
    now: datetime | None = None
    pressures: tuple[Pressure, ...] = ()
    heart_rate: Trace = Trace()
    saturation: Trace = Trace()
    gaps: tuple[Gap, ...] = ()
    infusion: Infusion | None = None
    events: tuple[Event, ...] = ()
    systolic_limit: Limit | None = None
    saturation_limit: Limit | None = None
    forecast: tuple[BandPoint, ...] = ()
    forecast_text: str = "systolic forecast"
    dissociation: Trace = Trace()
    dissociation_forecast: tuple[BandPoint, ...] = ()
    sedation: Trace = Trace()


def checked(chart: SessionChart) -> SessionChart:
    """The chart with everything in order of time. Raises BadInput for a time without zone."""
    for at in moments(chart):
        scale.aware(at, chart.title)

    def ordered(trace: Trace) -> Trace:
        return msgspec.structs.replace(
            trace, readings=tuple(sorted(trace.readings, key=lambda reading: reading.at))
        )

    return msgspec.structs.replace(
        chart,
        pressures=tuple(sorted(chart.pressures, key=lambda pressure: pressure.at)),
        heart_rate=ordered(chart.heart_rate),
        saturation=ordered(chart.saturation),
        gaps=tuple(sorted(chart.gaps, key=lambda gap: gap.at)),
        events=tuple(sorted(chart.events, key=lambda event: event.at)),
        forecast=tuple(sorted(chart.forecast, key=lambda point: point.at)),
        dissociation=ordered(chart.dissociation),
        dissociation_forecast=tuple(sorted(chart.dissociation_forecast, key=lambda point: point.at)),
        sedation=ordered(chart.sedation),
    )


def moments(chart: SessionChart) -> list[datetime]:
    infusion = chart.infusion
    found = [chart.zero, chart.until]
    found += [at for at in (chart.now, infusion.ended if infusion else None) if at]
    found += [infusion.start, infusion.planned_end] if infusion else []
    found += [at for pause in infusion.pauses for at in pause if at] if infusion else []
    found += [
        each.at
        for group in (chart.pressures, chart.gaps, chart.events, chart.forecast, chart.dissociation_forecast)
        for each in group
    ]
    traces = (chart.heart_rate, chart.saturation, chart.dissociation, chart.sedation)
    found += [reading.at for trace in traces for reading in trace.readings]
    return found


def minutes(chart: SessionChart, at: datetime) -> str:
    """`T+12`, or `−8` before the start."""
    whole = int((at - chart.zero).total_seconds() // 60)
    return f"T+{whole}" if whole >= 0 else f"−{-whole}"


def clock(chart: SessionChart, at: datetime) -> str:
    return f"{at.astimezone(chart.zero.tzinfo):%H:%M}"


def pressure_text(pressure: Pressure) -> str:
    return f"{scale.plain(pressure.systolic_mmhg)}/{scale.plain(pressure.diastolic_mmhg)} mmHg"


def infusion_text(infusion: Infusion) -> str:
    planned = f"of {scale.dose(infusion.planned_mg)} mg"
    if infusion.delivered_mg is None:
        return f"delivered not known, {planned}"
    return f"{scale.dose(infusion.delivered_mg)} {planned}"


def pause_text(chart: SessionChart, began: datetime, until: datetime | None) -> str:
    """paused from T+6 to T+10."""
    return f"paused from {minutes(chart, began)}{f' to {minutes(chart, until)}' if until else ', nothing goes in'}"


def score(value: float) -> str:
    return f"{scale.plain(value)} of 10"


def moaas(value: float) -> str:
    return f"MOAA/S {scale.plain(value)}"


def forecast_words(point: BandPoint, unit: str = "mmHg") -> str:
    return f"{point.median:.0f} {unit}, half between {point.p25:.0f} and {point.p75:.0f}, 90 % between {point.p5:.0f} and {point.p95:.0f}"


def sentence(chart: SessionChart) -> str:
    """What the drawing shows, for those who hear it."""
    chart = checked(chart)
    last = f"Last blood pressure {_last_pressure(chart)}." if chart.pressures else "No blood pressure yet."
    late = [minutes(chart, gap.at) for gap in chart.gaps if gap.late]
    parts = [
        f"Blood pressure, heart rate and oxygen saturation in minutes from {clock(chart, chart.zero)}.",
        last,
    ]
    parts += [f"Missing: blood pressure at {', '.join(late)}."] if late else []
    parts += [f"Infusion: {infusion_text(chart.infusion)}."] if chart.infusion else []
    pauses = chart.infusion.pauses if chart.infusion else ()
    parts += [f"It was {', '.join(pause_text(chart, *pause) for pause in pauses)}."] if pauses else []
    rated = chart.dissociation.readings
    parts += [f"Last dissociation {score(rated[-1].value)}."] if rated else []
    scored = chart.sedation.readings
    parts += [f"Last sedation {moaas(scored[-1].value)}."] if scored else []
    parts += ["The systolic forecast is a population estimate, not a measurement."] if chart.forecast else []
    return " ".join(parts)


def _last_pressure(chart: SessionChart) -> str:
    last = chart.pressures[-1]
    return f"{pressure_text(last)} at {minutes(chart, last.at)}"


def table(chart: SessionChart) -> Table:
    """Every mark of the drawing, in order of time: time, minutes, what, value."""
    chart = checked(chart)
    lines = [(each.at, "blood pressure", pressure_text(each)) for each in chart.pressures]
    lines += [
        (each.at, "heart rate", f"{scale.plain(each.value)} /min") for each in chart.heart_rate.readings
    ]
    lines += [(each.at, "SpO₂", f"{scale.plain(each.value)} %") for each in chart.saturation.readings]
    lines += [(gap.at, "blood pressure", gap.text) for gap in chart.gaps]
    lines += [(event.at, "event", event.text) for event in chart.events]
    if chart.infusion:
        lines.append((chart.infusion.start, "infusion", infusion_text(chart.infusion)))
        lines += [(pause[0], "infusion", pause_text(chart, *pause)) for pause in chart.infusion.pauses]
    lines += [(each.at, "dissociation", score(each.value)) for each in chart.dissociation.readings]
    lines += [(each.at, "sedation", moaas(each.value)) for each in chart.sedation.readings]
    lines += [(point.at, chart.forecast_text, forecast_words(point)) for point in chart.forecast[::2]]
    rated = chart.dissociation_forecast[::2]
    lines += [(point.at, "dissociation forecast", forecast_words(point, "of 10")) for point in rated]
    rows = [(clock(chart, at), minutes(chart, at), what, value) for at, what, value in sorted(lines)]
    return Table(head=("Time", "Minutes", "What", "Value"), rows=tuple(rows))
