"""Patient: who somebody is (pure)."""

from collections.abc import Iterable, Iterator

from lowtide.exchange.fhir.mapping.parts import Json, codes, day, words
from lowtide.record.entries.identity import Contact, Identifier, Patient, Sex

UNNAMED = "Unnamed"
OWN_SYSTEM = "lowtide"
BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
_SEX = {"F": Sex.FEMALE, "M": Sex.MALE}
_FORMER = ("old", "maiden")
_NOT_A_NAME_TO_USE = (*_FORMER, "nickname", "anonymous", "temp")
_NOT_LASTING = ("temp", "old")
LONGEST = 300  # letters of what is looked up: a longer number or telephone stays in the kept resource only


def read(resource: Json) -> Patient:
    """The person of a Patient resource; one without any name is “Unnamed”."""
    names = resource.get("name", ())
    name = next(iter(sorted(_usable(names), key=_rank)), {})
    given = " ".join(name.get("given", ()))
    family = name.get("family") or ("" if given else name.get("text", "")).strip()
    return Patient(
        family=family if family or given else UNNAMED,
        given=given,
        birth_date=day(resource.get("birthDate")),
        sex=_sex(resource),
        preferred=next((_spoken(n) for n in names if n.get("use") == "nickname"), None) or None,
        former_names=tuple(
            dict.fromkeys(n["family"] for n in names if n.get("use") in _FORMER and n.get("family"))
        ),
        identifiers=identifiers(resource),
        contact=_contact(resource),
        language=_language(resource),
        deceased=bool(resource.get("deceasedBoolean") or resource.get("deceasedDateTime")),
    )


def identifiers(resource: Json) -> tuple[Identifier, ...]:
    """The lasting numbers that name the patient in a system; each once. This clinic gives its own numbers itself."""
    numbers = resource.get("identifier", ())
    given = (i for i in numbers if i.get("use") not in _NOT_LASTING and i.get("system") != OWN_SYSTEM)
    found = (
        Identifier(i["system"], i["value"].strip())
        for i in given
        if i.get("system") and i.get("value", "").strip()
    )
    return tuple(dict.fromkeys(n for n in found if len(n.system + n.value) <= LONGEST))


def _usable(names: Iterable[Json]) -> Iterator[Json]:
    for name in names:
        spoken = name.get("family") or name.get("given") or name.get("text")
        if spoken and name.get("use") not in _NOT_A_NAME_TO_USE:
            yield name


def _rank(name: Json) -> tuple[bool, bool]:
    """The official name first, then the usual one, then any other; those that ended come last."""
    return "end" in name.get("period", {}), name.get("use") not in ("official", "usual")


def _spoken(name: Json) -> str:
    return " ".join(name.get("given", ())) or str(name.get("text", ""))


def _sex(resource: Json) -> Sex:
    """Sex at birth where it is said, because rules on pregnancy and dose ask for it; else the recorded gender."""
    said = (e.get("valueCode", "") for e in resource.get("extension", ()) if e.get("url") == BIRTH_SEX)
    at_birth = next((_SEX[code] for code in said if code in _SEX), None)
    return at_birth or Sex(resource.get("gender", Sex.UNKNOWN))


def _contact(resource: Json) -> Contact:
    other: Json = next(iter(resource.get("contact", ())), {})
    address: Json = next((a for a in resource.get("address", ()) if a.get("use") != "old"), {})
    return Contact(
        phone=_reached(resource, "phone"),
        email=_reached(resource, "email"),
        address=_address(address) or None,
        other_person=_full(other.get("name", {})) or None,
        other_phone=_reached(other, "phone"),
    )


def _reached(resource: Json, system: str) -> str | None:
    ways = (t for t in resource.get("telecom", ()) if t.get("system") == system and t.get("use") != "old")
    return next((t["value"] for t in ways if t.get("value") and len(t["value"]) <= LONGEST), None)


def _address(address: Json) -> str:
    parts = [*address.get("line", ()), *(address.get(p) for p in ("city", "state", "postalCode", "country"))]
    return str(address.get("text") or ", ".join(p for p in parts if p))


def _full(name: Json) -> str:
    return str(name.get("text") or " ".join(p for p in (*name.get("given", ()), name.get("family")) if p))


def _language(resource: Json) -> str | None:
    spoken = sorted(resource.get("communication", ()), key=lambda c: not c.get("preferred"))
    language: Json = next((c.get("language", {}) for c in spoken), {})
    return next(iter(sorted(codes(language))), words(language)) or None
