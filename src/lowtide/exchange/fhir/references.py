"""Who is who among the resources of one import: their keys, and what a reference points to (pure).

A resource is known by its source, type and id. The source is the name given for the import; without one it is the
server address in `Bundle.entry.fullUrl`; without that, “unnamed”. All files of one import are one index, so that it
does not matter which file holds what, nor in which order they come.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from lowtide.data.fhir import required_bindings
from lowtide.data.imports import imports
from lowtide.exchange.fhir.mapping.patient import identifiers
from lowtide.exchange.fhir.reader import Incoming
from lowtide.record.entries.identity import Identifier

Json = dict[str, Any]
_PLACE = re.compile(
    r"(?:(?P<base>https?://.+)/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/.+)?"
)
_SUBJECT = {"Coverage": "beneficiary", "Task": "for", "ResearchSubject": "individual"}
_PATIENT_ELEMENTS = ("subject", "patient")


class Key(NamedTuple):
    """What a resource is known by."""

    source: str
    type: str
    id: str


class Arrived:
    """A resource with its key."""

    def __init__(self, incoming: Incoming, given_source: str | None) -> None:
        self.incoming = incoming
        self.resource = incoming.resource
        self.key = _key(incoming, given_source)

    @cached_property
    def digest(self) -> str:
        return digest(self.incoming.raw)

    @property
    def order(self) -> tuple[Key, str, str]:
        """The same for any order of files."""
        return (self.key, self.incoming.file, self.incoming.path)


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _key(incoming: Incoming, given: str | None) -> Key:
    url = incoming.full_url or ""
    place = _PLACE.fullmatch(url)
    source = given or (place and place["base"]) or imports().unnamed_source
    made = url.rpartition(":")[2] if url.startswith("urn:") else ""
    return Key(
        source, incoming.type, incoming.resource.get("id") or made or f"content-{digest(incoming.raw)[:32]}"
    )


def subject(resource: Json) -> Json | None:
    """The reference to the one this resource is about, or None when it names nobody (or several)."""
    name = _SUBJECT.get(resource["resourceType"])
    found = (
        resource.get(name) if name else next((resource[e] for e in _PATIENT_ELEMENTS if e in resource), None)
    )
    if isinstance(found, list):
        return found[0] if len(found) == 1 else None
    return found


def is_about_patients(resource_type: str) -> bool:
    """Whether resources of this type can say whom they are about."""
    elements = required_bindings().elements.get(resource_type, {})
    return any(name in elements for name in (_SUBJECT.get(resource_type, "subject"), *_PATIENT_ELEMENTS))


class Index:
    """All resources of one import, found by address, by key and as members of panels."""

    def __init__(self, arrived: Iterable[Arrived]) -> None:
        self.arrived = sorted(arrived, key=lambda a: a.order)
        self.by_key = {a.key: a for a in self.arrived}
        self._by_url: dict[str, Arrived] = {}
        self._by_file: dict[tuple[str, str], Arrived] = {}
        for one in self.arrived:
            for url in (one.incoming.full_url, one.resource.get("url")):
                if isinstance(url, str):
                    self._by_url.setdefault(url, one)
                    self._by_file.setdefault((one.incoming.file, url), one)
        self._panels = dict(self._members())

    def _members(self) -> Iterator[tuple[Key, Json]]:
        for one in self.arrived:
            for reference in one.resource.get("hasMember", ()) if one.key.type == "Observation" else ():
                for key in self.keys(reference, one, "Observation"):
                    yield key, one.resource

    def panel_of(self, one: Arrived) -> Json | None:
        return self._panels.get(one.key)

    def keys(self, reference: Json, holder: Arrived, kind: str) -> Iterator[Key]:
        """The keys a reference can mean, the likeliest first. `kind` is the type where the reference tells none."""
        text = reference.get("reference", "")
        found = self._by_file.get((holder.incoming.file, text)) or self._by_url.get(text)
        if found:
            yield found.key
        place = _PLACE.fullmatch(text)
        if place and place["base"] in (None, _base(holder)):
            yield Key(holder.key.source, place["type"], place["id"])
        elif place:
            yield Key(place["base"], place["type"], place["id"])
        elif text.startswith("urn:uuid:"):
            yield Key(holder.key.source, reference.get("type", kind), text.removeprefix("urn:uuid:"))


def _base(holder: Arrived) -> str | None:
    place = _PLACE.fullmatch(holder.incoming.full_url or "")
    return place["base"] if place else None


def contained(reference: Json, resource: Json) -> Json | None:
    """The resource inside this one that `#id` means."""
    wanted = reference.get("reference", "")
    parts = resource.get("contained", ()) if wanted.startswith("#") else ()
    return next((part for part in parts if f"#{part.get('id')}" == wanted), None)


def named_by(reference: Json, resource: Json) -> list[Identifier]:
    """The identifiers by which a reference names a patient: its own, those it searches by, those of a contained one."""
    found = list(identifiers({"identifier": [reference["identifier"]]})) if "identifier" in reference else []
    kind, _, query = reference.get("reference", "").partition("?")
    if kind.rpartition("/")[2] == "Patient":
        for value in parse_qs(query).get("identifier", ()):
            system, _, code = value.partition("|")
            found += [Identifier(system, code)] if system and code else []
    inside = contained(reference, resource)
    if inside and inside["resourceType"] == "Patient":
        found += identifiers(inside)
    return found
