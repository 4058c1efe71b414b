"""The words of kinds that have a room of their own, put together (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from lowtide.record.entries import (
    authorising_words,
    calendar_words,
    device_words,
    dose_words,
    event_words,
    licensed_words,
    longterm_words,
    mailed_words,
    outcome_words,
    paper_words,
    portal_words,
    reminding_words,
    upkeep_words,
    words_before,
    words_safe,
)

ROOMS = (
    words_before,
    calendar_words,
    dose_words,
    words_safe,
    device_words,
    event_words,
    paper_words,
    authorising_words,
    portal_words,
    mailed_words,
    reminding_words,
    licensed_words,
    longterm_words,
    outcome_words,
    upkeep_words,
)
LABELS: dict[str, str] = {name: said for room in ROOMS for name, said in room.LABELS.items()}
SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    name: said for room in ROOMS for name, said in room.SAYS.items()
}
