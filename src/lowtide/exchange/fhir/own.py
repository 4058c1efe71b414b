"""The names by which a Lowtide recognises what a Lowtide wrote: charts, entries, sessions, treatment by others (pure).

They are numbers that mean nothing outside; a receiver that does not know them loses nothing.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

CHART, ENTRY, SESSION = "urn:lowtide:chart", "urn:lowtide:entry", "urn:lowtide:session"
SESSIONS, TOTAL_MG, DRUG, ROUTE = (
    f"urn:lowtide:treated-elsewhere:{what}" for what in ("sessions", "mg", "drug", "route")
)
Json = dict[str, Any]


def numbers(resource: Json, system: str) -> Iterator[UUID]:
    """The ids of one of these systems that a resource carries."""
    for one in resource.get("identifier", ()):
        if isinstance(one, dict) and one.get("system") == system and (found := uuid(one.get("value"))):
            yield found


def uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def extension(resource: Json, url: str) -> Any:
    """The value of one extension; None where it is not there."""
    for one in resource.get("extension", ()):
        if one.get("url") == url:
            return next((value for key, value in one.items() if key.startswith("value")), None)
    return None
