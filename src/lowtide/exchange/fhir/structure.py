"""The structure of FHIR R4 JSON, judged by fhirkit: the only module that knows that library.

It finds missing, unknown, repeated and misplaced elements and wrong primitive values, each with its path. It does
not check required codes; `bindings` does.
"""

import re

import fhirkit
import msgspec


class Fault(msgspec.Struct, frozen=True):
    """What is wrong and where: a FHIRPath, or line and column of what is not JSON at all."""

    path: str
    what: str


_PLACE = re.compile(r"(line \d+, column \d+): (.*)", re.DOTALL)


def faults(text: bytes) -> list[Fault]:
    """Every fault of one JSON document that should be a resource, in document order."""
    try:
        issues = fhirkit.validate(text)
    except fhirkit.ParseError as error:
        place = _PLACE.fullmatch(str(error))
        return [Fault(place[1], f"not JSON: {place[2]}") if place else Fault("line 1", f"not JSON: {error}")]
    return [_fault(issue) for issue in issues if issue.severity == "error"]


def _fault(issue: fhirkit.Issue) -> Fault:
    if issue.path in ("Resource", ""):
        return Fault("resourceType", "no FHIR resource: it names no resourceType")
    return Fault(issue.path, issue.message)
