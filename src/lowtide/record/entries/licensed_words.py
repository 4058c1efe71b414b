"""How the record tells of licensed wording (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

LABELS = {"instrument_text": "Licensed wording"}


def _text(b: Any, zone: tzinfo) -> str:
    if not b.items:
        return f"{b.instrument}: the wording is taken away"
    until = f", until {b.until}" if b.until else ""
    return f"{b.instrument}: wording of {len(b.items)} items, {b.licence}{until}"


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {"instrument_text": _text}
