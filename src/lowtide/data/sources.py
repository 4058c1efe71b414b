"""What a source is called in a few words, and what kind of source it is, by who publishes it."""

from functools import cache

import msgspec

from lowtide.data import read


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    publisher: dict[str, str]
    kind: dict[str, str]


KINDS = ("label", "guideline", "manufacturer", "journal", "standard")
SECONDARY = "secondary"


@cache
def _file() -> _File:
    return read.toml("sources.toml", _File)


def _host(source: str) -> str:
    host = source.partition("://")[2].partition("/")[0]
    return host.partition(":")[0].removeprefix("www.")


@cache
def publisher(source: str) -> str:
    """The publisher of an address; words that are no address stand for themselves."""
    host = _host(source) or source
    return _file().publisher.get(host, host)


def kind(sources: tuple[str, ...]) -> str:
    """What the first of them is, which is the one that is named: label, guideline, manufacturer, journal, standard, or
    secondary; empty without any."""
    return _file().kind.get(_host(sources[0]), SECONDARY) if sources else ""


def told(sources: tuple[str, ...], shown: int = 1) -> str:
    """The publishers, each once, as many as are shown; “no source” where there is none."""
    names = list(dict.fromkeys(publisher(source) for source in sources))
    more = f" +{len(names) - shown}" if len(names) > shown else ""
    return (", ".join(names[:shown]) + more) or "no source"
