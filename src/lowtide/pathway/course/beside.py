"""What later steps add to the chart's front page, as a few lines of text: they register here, because a step may look back
and never forward."""

from collections.abc import Callable
from datetime import datetime, tzinfo

import msgspec

from lowtide.pathway.course.state import CourseState


class Beside(msgspec.Struct, frozen=True):
    """One short sheet: a heading, what it says, where it comes from, and the page that tells more."""

    key: str
    title: str
    says: str
    basis: str
    page: str
    level: str = "note"


Source = Callable[[CourseState, datetime, tzinfo], Beside | None]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Add a step's sheet; a name that is known already is replaced."""
    _sources[name] = source


def beside(state: CourseState, now: datetime, zone: tzinfo) -> list[Beside]:
    """What the steps say of this course, in the order in which they came."""
    found = (source(state, now, zone) for source in _sources.values())
    return [one for one in found if one]
