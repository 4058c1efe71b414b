"""An instrument as this clinic may show it: with its shipped wording, or with the clinic's licensed copy (pure)."""

from datetime import date

import msgspec

from lowtide.data.instruments import Detail, Instrument, Option
from lowtide.record.chart import Chart
from lowtide.record.dates import latest
from lowtide.record.entries.licensed import InstrumentText


def licensed(clinic: Chart, instrument: str) -> InstrumentText | None:
    """The latest word on an instrument's wording; None where there is none, or it was taken away."""
    said = [body for _, body in clinic.said(InstrumentText) if body.instrument == instrument]
    return said[-1] if said and said[-1].items else None


def in_force(found: InstrumentText | None, today: date) -> bool:
    return found is not None and (found.until is None or latest(found.until) >= today)


def worded(one: Instrument, clinic: Chart, today: date, window: str = "") -> Instrument:
    """The instrument with the words it may be shown with, asking about this period."""
    if window in one.stems:
        one = msgspec.structs.replace(one, stem=one.stems[window])
    found = licensed(clinic, one.id)
    if one.has_text or found is None or not in_force(found, today):
        return one
    return msgspec.structs.replace(
        one,
        stem=found.stem or one.stem,
        notice="\n".join(text for text in (found.notice, f"Shown under: {found.licence}") if text),
        options=_options(one, found),
        detail={item: _detail(one, item, found) for item in one.ids},
    )


def _options(one: Instrument, found: InstrumentText) -> tuple[Option, ...]:
    low, high = one.range
    if len(found.options) != high - low + 1:
        return one.options
    codes = {option.value: option.code for option in one.options}
    return tuple(
        Option(value, text, codes.get(value, "")) for value, text in enumerate(found.options, start=low)
    )


def _detail(one: Instrument, item: str, found: InstrumentText) -> Detail:
    return msgspec.structs.replace(
        one.detail.get(item, Detail()), text=found.items.get(item, one.item(item).text)
    )
