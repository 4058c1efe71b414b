"""What the structure check leaves out: required codes, dates that exist, ids as FHIR spells them (pure)."""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

from lowtide.data.fhir import required_bindings
from lowtide.exchange.fhir.structure import Fault
from lowtide.record.dates import is_partial_date

Json = dict[str, Any]
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_CHOICES_SHOWN = 12


def faults(resource: Json) -> list[Fault]:
    """The faults of a resource and of all that lies in it. The structure check must have passed."""
    return _below(resource["resourceType"], _resource(resource))


def _resource(resource: Json) -> list[Fault]:
    found = _walk(resource, resource["resourceType"])
    if not _ID.fullmatch(resource.get("id", "x")):
        what = f"“{resource['id']}” is no id: up to 64 letters, digits, - and . are"
        found.append(Fault(".id", what))
    return found + _contained(resource.get("contained", ())) + _entries(resource)


def _contained(resources: Sequence[Json]) -> list[Fault]:
    found, ids = [], set()
    for i, part in enumerate(resources):
        if part.get("id") is None or part["id"] in ids:
            what = f"two contained resources are named “{part['id']}”" if "id" in part else "it has no id"
            found.append(Fault(f".contained[{i}].id", what))
        ids.add(part.get("id"))
        found += _below(f".contained[{i}]", _resource(part))
    return found


def _entries(resource: Json) -> list[Fault]:
    """Resources inside a Bundle or Parameters."""
    name = {"Bundle": "entry", "Parameters": "parameter"}.get(resource["resourceType"])
    return _parts(resource.get(name, ()), f".{name}") if name else []


def _parts(parts: Sequence[Json], name: str) -> list[Fault]:
    found = []
    for i, part in enumerate(parts):
        if "resource" in part:
            found += _below(f"{name}[{i}].resource", _resource(part["resource"]))
        if "part" in part:
            found += _below(f"{name}[{i}]", _parts(part["part"], ".part"))
    return found


def _walk(value: Json, kind: str) -> list[Fault]:
    """Paths are relative and grow on the way up, so that what is right costs nothing."""
    rules, found = _rules(kind), []
    for name, part in value.items():
        rule = rules.get(name)
        if rule is not None:
            check, wanted = rule
            if part.__class__ is list:
                for i, one in enumerate(part):
                    if problems := check(one, wanted):
                        found += _below(f".{name}[{i}]", problems)
            elif problems := check(part, wanted):
                found += _below(f".{name}", problems)
    return found


def _code(value: str | None, name: str) -> list[Fault]:
    if value is None or any(value in codes for codes in _value_set(name).values()):
        return []
    return [Fault("", f"“{value}” is not one of the codes required here ({_choices(name)})")]


def _concept(value: Json, name: str) -> list[Fault]:
    """A concept needs one coding of the value set; one that says why it is absent is left alone."""
    codings = value.get("coding", [value] if "code" in value else [])
    codes = _value_set(name)
    if any(c.get("code") in codes.get(c.get("system"), ()) for c in codings):
        return []
    if not codings and "extension" in value:
        return []
    given = ", ".join(str(c.get("code")) for c in codings) or value.get("text", "nothing")
    return [Fault("", f"“{given}” is none of the codes required here ({_choices(name)})")]


def _date(value: str | None, _: str) -> list[Fault]:
    if value is None or _exists(value[:10]):
        return []
    return [Fault("", f"there is no day {value[:10]} in the calendar")]


_exists = lru_cache(4096)(is_partial_date)
Check = Callable[[Any, str], list[Fault]]
_CHECKS: dict[str, Check] = {"=": _code, "~": _concept, "!": _date, ">": _walk}


@cache
def _rules(kind: str) -> dict[str, tuple[Check, str]]:
    below = required_bindings().elements.get(kind, {})
    extensions = dict.fromkeys(("extension", "modifierExtension"), (_walk, "Extension"))
    return extensions | {name: (_CHECKS[rule[0]], rule[1:]) for name, rule in below.items()}


@cache
def _value_set(name: str) -> dict[str, frozenset[str]]:
    return {
        system: frozenset(codes.split()) for system, codes in required_bindings().value_sets[name].items()
    }


def _choices(name: str) -> str:
    codes = [code for codes in required_bindings().value_sets[name].values() for code in codes.split()]
    return ", ".join(codes[:_CHOICES_SHOWN]) + (", …" if len(codes) > _CHOICES_SHOWN else "")


def _below(place: str, found: list[Fault]) -> list[Fault]:
    return [Fault(place + fault.path, fault.what) for fault in found]
