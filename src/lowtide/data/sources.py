"""What a source is called in a few words, by who publishes it; what kind of source it is; and whether an address is the
publisher's own or a copy."""

from functools import cache

import msgspec

from lowtide.data import read


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    official: frozenset[str]
    publisher: dict[str, str]
    kind: dict[str, str]


SECONDARY = "secondary"


@cache
def _file() -> _File:
    return read.toml("sources.toml", _File)


@cache
def publisher(source: str) -> str:
    """The publisher of an address; words that are no address stand for themselves."""
    host = host_of(source)
    return _file().publisher.get(host, host)


@cache
def host_of(source: str) -> str:
    """Who answers at an address; words that are no address stand for themselves."""
    if "://" not in source:
        return source
    return source.partition("://")[2].partition("/")[0].partition(":")[0].removeprefix("www.")


def is_official(source: str) -> bool:
    """Whether it is the place of a journal, a library, an authority, a maker or an author, and no copy elsewhere."""
    return host_of(source) in _file().official


def kind(sources: tuple[str, ...]) -> str:
    """What the first of them is, which is the one that is named: label, guideline, manufacturer, journal, standard, or
    secondary; empty without any."""
    return _file().kind.get(host_of(sources[0]), SECONDARY) if sources else ""


def told(sources: tuple[str, ...], shown: int = 1) -> str:
    """The publishers, each once, as many as are shown; “no source” where there is none."""
    names = list(dict.fromkeys(publisher(source) for source in sources))
    more = f" +{len(names) - shown}" if len(names) > shown else ""
    return (", ".join(names[:shown]) + more) or "no source"
