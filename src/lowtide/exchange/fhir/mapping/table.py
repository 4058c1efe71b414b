"""Which resource is read by what (pure)."""

from collections.abc import Callable

from lowtide.exchange.fhir.mapping import (
    administration,
    allergy,
    condition,
    medication,
    observation,
    other,
    questionnaire,
)
from lowtide.exchange.fhir.mapping.parts import Context, Json, Reading


def _statement(resource: Json, context: Context) -> Reading:
    """Treatment that a passport tells again, else what somebody takes."""
    return administration.told(resource, context) or medication.statement(resource, context)


READERS: dict[str, Callable[[Json, Context], Reading]] = {
    "AllergyIntolerance": allergy.read,
    "Condition": condition.read,
    "Encounter": other.encounter,
    "MedicationAdministration": administration.read,
    "MedicationRequest": medication.request,
    "MedicationStatement": _statement,
    "Observation": observation.read,
    "Procedure": other.procedure,
    "QuestionnaireResponse": questionnaire.read,
}


def read(resource: Json, context: Context) -> Reading:
    """What Lowtide understands of a resource that is about a patient (the Patient itself: see `patient`)."""
    return READERS.get(resource["resourceType"], other.anything)(resource, context)
