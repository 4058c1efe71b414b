"""The safes of the clinic: their streams, their charts, their books."""

from collections.abc import Iterable

from lowtide.problems import bad
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.safe import SafeOpened
from lowtide.safe.ledger import Key, Ledger, fold

PREFIX = "safe:"
_kept: dict[str, tuple[Chart, Ledger]] = {}


def stream_of(place: str) -> str:
    return f"{PREFIX}{place}"


def places() -> list[str]:
    """Every place that was ever opened, by name of the address."""
    return [name.removeprefix(PREFIX) for name in every_safe()]


def every_safe() -> list[str]:
    """The stream of every place."""
    return store.streams(PREFIX)


def charts() -> dict[str, Chart]:
    """The chart of every place, by its stream."""
    return store.load_under(PREFIX)


def active() -> list[str]:
    """The places in use."""
    return [name.removeprefix(PREFIX) for name, chart in charts().items() if is_active(chart)]


def is_active(chart: Chart) -> bool:
    opened = chart.last(SafeOpened)
    return opened is not None and opened[1].active


def held_because(key: Key, charts: Iterable[Chart]) -> str:
    """The notice under which a safe in use holds this lot: a hold in one holds in all; nothing where none does."""
    found = (books_of(chart) for chart in charts if chart.stream.startswith(PREFIX) and is_active(chart))
    return next((books.held[key][1].notice for books in found if books.is_held(key)), "")


def label(place: str) -> str:
    return label_of(store.load(stream_of(place)))


def label_of(chart: Chart) -> str:
    opened = chart.last(SafeOpened)
    return opened[1].label if opened else chart.stream.removeprefix(PREFIX)


def load(place: str) -> tuple[Chart, Ledger]:
    """The chart of a safe and its books. Raises BadInput when there is no such place."""
    chart = store.load(stream_of(place))
    if not chart.last(SafeOpened):
        raise bad(f"there is no safe “{place}”", "place", "Choose one of the list.")
    return chart, books_of(chart)


def books_of(chart: Chart) -> Ledger:
    """The books of a chart, folded once as long as it is the latest."""
    kept = _kept.get(chart.stream)
    if kept is None or kept[0] is not chart:
        kept = _kept[chart.stream] = chart, fold(chart)
    return kept[1]
