"""What patients read on their own pages: steps of preparation and plain words for severity."""

from functools import cache

import msgspec

from lowtide.data import read


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step around a session: at `at_min` minutes from the planned dose, or at a time told in words (`when`).

    `routes` limits it to some routes; `order` sorts a step without a time among the others, in minutes.
    """

    text: str
    source: tuple[str, ...]
    verified: bool
    at_min: int | None = None
    when: str = ""
    order: int = 0
    small: str = ""
    routes: tuple[str, ...] = ()
    note: str = ""

    @property
    def place(self) -> int:
        return self.order if self.at_min is None else self.at_min


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    bands: dict[str, str]
    steps: tuple[Step, ...]


@cache
def _file() -> _File:
    return read.toml("portal.toml", _File)


def steps(route: str) -> tuple[Step, ...]:
    """The steps of a session by this route, in order."""
    found = (s for s in _file().steps if not s.routes or route in s.routes)
    return tuple(sorted(found, key=lambda s: s.place))


def band_words(band: str) -> str:
    """A severity band as a patient reads it; a band without words of its own stays as it is."""
    return _file().bands.get(band, band)
