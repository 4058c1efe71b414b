"""The codes and dates that FHIR R4 requires, element by element, as its official definitions give them."""

from functools import cache

import msgspec

from lowtide.data import read


class RequiredBindings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to check in each resource and data type.

    `elements`: type (or `Type.part`) -> element -> rule. A rule is `=set` (a code of that value set), `~set` (a
    coding or concept of it), `!` (a date), or `>Type` (go on there). `value_sets`: set -> code system -> its
    codes, separated by spaces. Value sets that have no finite list are not in it.
    """

    fhir_version: str
    source: str
    verified: bool
    value_sets: dict[str, dict[str, str]]
    elements: dict[str, dict[str, str]]


@cache
def required_bindings() -> RequiredBindings:
    return msgspec.json.decode(read.text("fhir/required_bindings.json"), type=RequiredBindings)
