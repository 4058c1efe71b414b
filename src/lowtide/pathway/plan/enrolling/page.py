"""What the plan's pages say of risk programmes: which apply here, what stands, what is missing."""

from datetime import date
from typing import Any

import msgspec
from django.utils import timezone

from lowtide.data.programs import country, of_product, programs, required
from lowtide.data.protocols import protocols
from lowtide.pathway.course.programs import Lack, certified, enrolled, lacking
from lowtide.people.charts import PatientChart
from lowtide.people.clinic import CLINIC, this_clinic, zone
from lowtide.record import store
from lowtide.record.entries.care import CandidacyDecided, CoursePlanned
from lowtide.record.entries.words import day


class Standing(msgspec.Struct, frozen=True):
    """The programmes of a product here: in words what stands, and each thing that is missing."""

    label: str
    stands: tuple[str, ...]
    lacks: tuple[Lack, ...]
    note: str
    verified: bool


def standing(
    found: PatientChart, running: CoursePlanned | None, decided: CandidacyDecided | None
) -> Standing | None:
    """Of the course's product, or of the one that was decided on; None where no programme speaks of it."""
    known = protocols().get(running.protocol) if running else None
    product = known.product if known else decided.product if decided else ""
    return of(found, product, today()) if of_product(product) else None


def of(found: PatientChart, product: str, on: date) -> Standing:
    written, clinic = here(), store.load(CLINIC)
    row = country(written)
    stands = []
    for key in required(written, product):
        site, patient = certified(clinic, key), enrolled(found.whole, key)
        if site:
            stands.append(f"site certified {day(site[1].certified_on)}, {site[1].certificate}")
        if patient:
            stands.append(f"patient enrolled {day(patient[1].enrolled_on)}, {patient[1].enrolment}")
    return Standing(
        label=", ".join(programs()[key].label for key in of_product(product)),
        stands=tuple(stands),
        lacks=tuple(lacking(found.whole, clinic, written, product, on)),
        note=rule_here(written),
        verified=row.verified if row else False,
    )


def rule_here(written: str) -> str:
    """What is known of the clinic's country, in a sentence."""
    row = country(written)
    if row:
        return f"{row.label}: {row.text}."
    if written.strip():
        return f"Nothing is known here of what {written} asks for: look at the local label."
    return "The clinic has not named its country: until it does, the strictest rule known here holds."


def here() -> str:
    clinic = this_clinic()
    return clinic.country if clinic else ""


def today() -> date:
    return timezone.now().astimezone(zone()).date()


def site_rows() -> list[dict[str, Any]]:
    """Each programme with what the site has recorded for it, newest last."""
    clinic = store.load(CLINIC)
    return [{"key": key, "is": one, "latest": certified(clinic, key)} for key, one in programs().items()]
