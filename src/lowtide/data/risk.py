"""How a person is sought after an answer that speaks of suicide, and for which reasons the task may be closed."""

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


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: tuple[str, ...]
    verified: bool
    contact: dict[str, Contact]
    closing: dict[str, Closing]


@cache
def _file() -> _File:
    return read.toml("risk.toml", _File)


def contacts() -> dict[str, Contact]:
    return _file().contact


def closings() -> dict[str, Closing]:
    return _file().closing
