"""How a person is sought after an answer that speaks of suicide or was left out, and for which reasons the task may be
closed."""

from functools import cache

import msgspec

from lowtide.data import read


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`reached`: somebody spoke with the patient or took them over."""

    label: str
    reached: bool = False


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`needs_contact`: it closes only once somebody was reached."""

    label: str
    needs_contact: bool = False


class Unanswered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For whom a question on suicide without an answer is urgent, by how the treatment stands."""

    urgent_outcomes: tuple[str, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: tuple[str, ...]
    verified: bool
    unanswered: Unanswered
    contact: dict[str, Contact]
    closing: dict[str, Closing]


@cache
def _file() -> _File:
    return read.toml("risk.toml", _File)


def contacts() -> dict[str, Contact]:
    return _file().contact


def closings() -> dict[str, Closing]:
    return _file().closing


def unanswered_rule() -> Unanswered:
    return _file().unanswered
