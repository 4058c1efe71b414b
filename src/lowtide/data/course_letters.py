"""What the letters at the end of a course say beside the record."""

from functools import cache

import msgspec

from lowtide.data import read


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence: in which part, after which answer to the treatment; `ending.toml` explains the fields. One that claims nothing needs no source."""

    text: str
    part: str = ""
    when: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    verified: bool = True


class Letters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    referrer: tuple[Line, ...]
    patient: tuple[Line, ...]


@cache
def letters() -> Letters:
    return read.toml("papers/ending.toml", Letters)
