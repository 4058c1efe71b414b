"""The limits and words of bringing records in from elsewhere."""

from functools import cache

import msgspec

from lowtide.data import read


class Imports(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`topic_of_label`: security label -> the topic whose audience alone may read what is so labelled."""

    max_file_mb: int
    max_resources: int
    hold_minutes: int
    unnamed_source: str
    topic_of_label: dict[str, str]


@cache
def imports() -> Imports:
    return read.toml("imports.toml", Imports)
