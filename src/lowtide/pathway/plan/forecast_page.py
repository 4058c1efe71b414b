"""The forecast beside an order, as its template takes it: the one made now, or the one that stood there at the signature."""

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.utils.safestring import mark_safe

from lowtide.data import pharmacology
from lowtide.pathway.course.drawing import bands, bands_data
from lowtide.pathway.plan import forecast_picture, forecasting
from lowtide.pathway.plan.ordering import DoseSheet
from lowtide.problems import BadInput, refuse
from lowtide.record.chart import Chart
from lowtide.record.entries.forecast import Forecast, ForecastShown


class Beside(msgspec.Struct, frozen=True):
    """A forecast, or in words why there is none."""

    forecast: Forecast | None = None
    problem: str = ""

    @property
    def mark(self) -> str:
        return forecasting.mark(self.forecast) if self.forecast else ""


def now(chart: Chart, sheet: DoseSheet | None, on: date, zone: ZoneInfo) -> Beside:
    """The forecast for this sheet with the numbers in force. No transaction is open while it is computed."""
    asked = forecasting.ask(chart, sheet, on, zone) if sheet else None
    if asked is None:
        return Beside()
    try:
        return Beside(forecasting.forecast(asked))
    except BadInput as error:
        return Beside(problem=f"{error.problems[0].what}. {error.problems[0].mend}")


def refuse_another(seen: str, beside: Beside) -> None:
    """Raises Refused when the forecast is no longer the one that stood on the page."""
    if seen != beside.mark:
        raise refuse(
            "the forecast is not the one you saw: the chart or the numbers changed meanwhile",
            "forecast",
            "Look at it again, then sign.",
        )


def then(chart: Chart, order: UUID) -> Forecast | None:
    """What stood beside this order when it was signed, if it was kept."""
    return next((body.forecast for _, body in chart.said(ForecastShown) if body.order == order), None)


def context(found: Forecast) -> dict[str, Any]:
    """Pictures, twin and words."""
    first = forecast_picture.picture(found, "forecast")
    weeks = forecast_picture.course(found, "forecast-course")
    more = forecast_picture.picture(found, "forecast-more", forecast_picture.others())
    return {
        "title": first.title,
        "svg": _drawn(first),
        "caption": bands_data.sentence(first),
        "says": forecast_picture.caption(found),
        "table": bands_data.table(first),
        "more": {
            "svg": _drawn(more),
            "caption": bands_data.sentence(more),
            "table": bands_data.table(more),
        },
        "course": weeks
        and {
            "title": weeks.title,
            "svg": _drawn(weeks),
            "caption": bands_data.sentence(weeks),
            "table": bands_data.table(weeks),
        },
        "rows": forecast_picture.rows(found),
        "person": list(forecast_picture.person_text(found.about)),
        "unmeasured": found.about.unmeasured,
        "validity": forecast_picture.validity_text(found.validity),
        "confidence": found.confidence,
        "older": found.numbers != pharmacology.version(),
    }


def _drawn(picture: bands_data.Picture) -> str:
    return mark_safe(bands.draw(picture, captioned=False))  # noqa: S308  drawn from numbers and escaped words
