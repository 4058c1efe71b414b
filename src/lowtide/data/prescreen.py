"""The public pre-screen: plain questions, what to talk about for each answer, and the sentence of consent."""

from functools import cache

import msgspec

from lowtide.data import intake, own, read
from lowtide.data.own import Values

OPTIONS = {"yes": "Yes", "no": "No", "unsure": "I am not sure"}


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question. `matters` are the answers that make `tell` and `ask` worth talking about, `crisis` those that
    show help at once. `items` are the intake's items that it is about; `records` the one that it answers word for word.
    """

    id: str
    step: str
    text: str
    topic: str
    tell: str
    items: tuple[str, ...]
    help: str = ""
    ask: str = ""
    options: dict[str, str] = msgspec.field(default_factory=lambda: dict(OPTIONS))
    matters: tuple[str, ...] = ("yes", "unsure")
    crisis: tuple[str, ...] = ()
    records: str = ""
    value: str = ""
    source: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that the items are asked for."""
        needed = intake.needed_by()
        return tuple(dict.fromkeys(rule for item in self.items for rule in needed[item]))


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many requests to be contacted are taken in an hour."""

    from_one_address: int
    in_all: int
    verified: bool


class Consent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    text: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    other: str
    limits: Limits
    consent: Consent
    steps: dict[str, str]
    alternatives: tuple[str, ...]
    ask: tuple[str, ...]
    question: tuple[Question, ...]


def prescreen() -> _File:
    """The table with this clinic's own limits."""
    return _prescreen(*own.of("prescreen"))


@cache
def _prescreen(values: Values, settled: frozenset[str]) -> _File:
    file = read.toml("prescreen.toml", _File)
    moved = tuple((f"limits/{name}", value) for name, value in values)
    found = own.changed({"limits": file.limits}, moved)["limits"]
    stands = set(found.__struct_fields__) - {"verified"} <= settled
    limits = msgspec.structs.replace(found, verified=found.verified or stands)
    return msgspec.structs.replace(file, limits=limits)


@cache
def questions() -> dict[str, Question]:
    """Question id -> Question, in the order they are asked."""
    return {q.id: q for q in prescreen().question}
