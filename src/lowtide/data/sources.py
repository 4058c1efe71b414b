"""What a source is called in a few words, by who publishes it."""

from functools import cache

import msgspec

from lowtide.data import read


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    publisher: dict[str, str]


@cache
def _publishers() -> dict[str, str]:
    return read.toml("sources.toml", _File).publisher


@cache
def publisher(source: str) -> str:
    """The publisher of an address; words that are no address stand for themselves."""
    host = source.partition("://")[2].partition("/")[0] or source
    host = host.partition(":")[0].removeprefix("www.") if "://" in source else host
    return _publishers().get(host, host)


def told(sources: tuple[str, ...], shown: int = 1) -> str:
    """The publishers, each once, as many as are shown; “no source” where there is none."""
    names = list(dict.fromkeys(publisher(source) for source in sources))
    more = f" +{len(names) - shown}" if len(names) > shown else ""
    return (", ".join(names[:shown]) + more) or "no source"
