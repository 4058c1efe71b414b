"""What the clinicians' pages show of each indication beside what is worked out: first answers, comparisons, what is unknown."""

from functools import cache

import msgspec

from lowtide.data import read


class Open(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What no trial says, as long as the conditions hold."""

    text: str
    when: tuple[str, ...] = ()


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`asked` are comparisons to choose from: outcome and window; `usual` answers on usual treatments, told apart.

    At the point of care `own` are further answers, shown where they speak of the way that is planned, `others` such of
    another product or regimen, `beside` the indications whose trials are told beside; `counts_failures` where failed
    antidepressants are a matter of the indication.
    """

    id: str
    answers: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    counts_failures: bool = False
    asked: tuple[tuple[str, str], ...] = ()
    unknown: tuple[Open, ...] = ()
    onset: bool = False


class OnsetMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer at an hour; `show` names what of it is written there, or is a word itself."""

    answer: str
    hours: float
    show: str = ""
    absent: bool = False


class OnsetLane(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    head: str = ""
    label: str = ""
    marks: tuple[OnsetMark, ...] = ()


class Outside(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A way in which a person is unlike those in the trials. `when` is in the language of data/expression.py; `unknown` is
    said where the chart does not settle it, empty where that need not be said."""

    id: str
    when: str
    says: str
    unknown: str
    verified: bool
    source: tuple[str, ...] = ()
    indications: tuple[str, ...] = ()


class Among(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """People like this one among those in the trials: where `when` holds, the answers that `shows` names are shown under
    `word`, and `says` beside them as long as the rows have it so (`holds`: `answer.what > number`)."""

    id: str
    word: str
    when: str
    says: str
    shows: tuple[str, ...]
    verified: bool
    holds: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    indications: tuple[str, ...] = ()
    products: tuple[str, ...] = ()

    def speaks_of(self, indication: str, product: str) -> bool:
        return indication in self.indications and (not self.products or product in self.products)


class Unlike(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`number` are those that the conditions name beside the numbers of the rules."""

    number: dict[str, float]
    outside: tuple[Outside, ...]
    among: tuple[Among, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    indication: tuple[Page, ...]
    onset: tuple[OnsetLane, ...]


@cache
def _file() -> _File:
    return read.toml("evidence/indications.toml", _File)


def pages() -> dict[str, Page]:
    return {page.id: page for page in _file().indication}


def onset() -> tuple[OnsetLane, ...]:
    return _file().onset


@cache
def outside() -> Unlike:
    return read.toml("evidence/outside.toml", Unlike)
