"""Topics of free notes: who may read them and who may write them."""

from functools import cache

import msgspec

from lowtide.data import read


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`visible_to` and `written_by` hold role names; an empty `visible_to` is everybody who may read the chart."""

    label: str
    about: str
    visible_to: tuple[str, ...]
    written_by: tuple[str, ...]
    source: str
    verified: bool


@cache
def topics() -> dict[str, Topic]:
    return read.toml("audiences.toml", dict[str, Topic])


def audience(topic: str) -> tuple[str, ...]:
    """Who an entry of this topic is visible to."""
    return topics()[topic].visible_to
