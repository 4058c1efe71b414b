"""What FHIR R4 demands beyond structure and codes: the invariants that our own documents could break (pure).

Each is named as the standard names it. What arrives from others is not judged by them: a record that cannot be taken
because of a missing dose would be no help to anybody.
"""

from collections.abc import Callable, Iterator
from typing import Any

from lowtide.exchange.fhir.structure import Fault

Json = dict[str, Any]
Check = Callable[[Json], bool]
ENDED = "entered-in-error"


def _status(resource: Json, name: str) -> set[str]:
    return {c.get("code", "") for c in resource.get(name, {}).get("coding", ())}


def _names_a_dose(resource: Json) -> bool:
    dosage = resource.get("dosage")
    return dosage is None or any(name in dosage for name in ("dose", "rateRatio", "rateQuantity"))


def _has_status(resource: Json) -> bool:
    return "clinicalStatus" in resource or ENDED in _status(resource, "verificationStatus")


def _says_something(resource: Json) -> bool:
    return all({"text", "entry", "section"} & part.keys() for part in resource.get("section", ()))


def _empty_with_reason(resource: Json) -> bool:
    return all(not ("emptyReason" in part and part.get("entry")) for part in resource.get("section", ()))


def _value_or_absent(resource: Json) -> bool:
    return not ("dataAbsentReason" in resource and any(name.startswith("value") for name in resource))


RULES: dict[str, tuple[tuple[str, str, Check], ...]] = {
    "MedicationAdministration": (("mad-1", "a dosage names neither a dose nor a rate", _names_a_dose),),
    "AllergyIntolerance": (("ait-1", "an allergy has no clinical status", _has_status),),
    "Condition": (("con-3", "a problem has no clinical status", _has_status),),
    "Composition": (
        ("cmp-1", "a section has neither text nor entries", _says_something),
        ("cmp-2", "a section with entries says why it is empty", _empty_with_reason),
    ),
    "Observation": (("obs-6", "a value is there and said to be absent", _value_or_absent),),
}


def faults(bundle: Json) -> list[Fault]:
    """The invariants that a document breaks, each with its place."""
    return [*_of_bundle(bundle), *(fault for n, e in enumerate(bundle["entry"]) for fault in _of_entry(n, e))]


def _of_entry(number: int, entry: Json) -> Iterator[Fault]:
    resource = entry["resource"]
    for name, what, holds in RULES.get(resource["resourceType"], ()):
        if not holds(resource):
            yield Fault(f"Bundle.entry[{number}].resource", f"{what} ({name})")


def _of_bundle(bundle: Json) -> Iterator[Fault]:
    addresses = [entry["fullUrl"] for entry in bundle["entry"]]
    if len(set(addresses)) < len(addresses):
        yield Fault("Bundle.entry", "two resources have one address (bdl-7)")
    if bundle["type"] == "document":
        if not {"system", "value"} <= bundle.get("identifier", {}).keys():
            yield Fault("Bundle.identifier", "a document has no identifier (bdl-9)")
        if "timestamp" not in bundle:
            yield Fault("Bundle.timestamp", "a document has no time (bdl-10)")
        if bundle["entry"][0]["resource"]["resourceType"] != "Composition":
            yield Fault("Bundle.entry[0]", "a document does not begin with a Composition (bdl-11)")
