"""Predictions as lines for a person: medians with their bands, always called an estimate."""

from collections.abc import Iterator

from lowtide.pathway.plan.outlook import Forecast
from lowtide.science.pharmacology.searches.bands import Band
from lowtide.science.pharmacology.searches.course import Peak
from lowtide.science.pharmacology.searches.leaving import Leaving
from lowtide.science.pharmacology.simulate import ESTIMATE


def band_text(band: Band, unit: str = "") -> str:
    """“12 (3 to 30) mmHg”; a bound that is not reached is “never”."""
    median, p5, p95 = map(_number, (band.median, band.p5, band.p95))
    return f"{median} ({p5} to {p95}) {unit}".rstrip()


def _number(value: float | None) -> str:
    if value is None:
        return "never"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def forecast_lines(predicted: Forecast) -> Iterator[str]:
    yield f"Forecast, {predicted.members} virtual people, median (5 % to 95 %); {ESTIMATE}"
    for session in predicted.sessions:
        yield f"Session {session.number}:"
        for name, peak in session.course.analytes_ng_ml.items():
            yield _peak(name, peak, "ng/mL")
        for name, peak in session.course.effects.items():
            yield f"{_peak(name, peak)}  {peak.status}"
    yield leaving_text(predicted.leaving)
    if predicted.carry_over:
        for name, left in predicted.carry_over.analytes.items():
            hours = f"{predicted.carry_over.after_h:g} h"
            yield f"  {name} left after {hours}: {_percent(left.level)} of the peak, {_percent(left.area)} of the area"


def leaving_text(found: Leaving) -> str:
    each = ", ".join(f"{name} {band_text(likely)}" for name, likely in found.each.items())
    likely = band_text(found.likely_min)
    return f"Criteria for leaving likely met ({found.likely:.0%}) {likely} min after the start; each alone: {each}"


def _peak(name: str, peak: Peak, unit: str = "") -> str:
    return f"  {name:<26}{band_text(peak.peak, unit):<36} at {band_text(peak.peak_min)} min"


def _percent(band: Band) -> str:
    return f"{100 * (band.median or 0):.2g} %"
