"""The people who work in the demonstration clinic, one sign-in for each role."""

from uuid import UUID, uuid5

from lowtide.record.entries.clinic import Chair, Clinic, NursesOn, NursesSet, OpeningHours, OpenSpan, Staff

NAMESPACE = UUID("5f0d4c51-0000-4000-8000-00000000dead")
PASSWORD = "low-tide-at-noon"  # noqa: S105  of the demonstration only, printed at its start; it listens on loopback
CLINIC = Clinic(
    name="North Quay Clinic", zone="Europe/Berlin", country="DE", crisis_line="555 0142 (invented)", demo=True
)
CHAIRS = tuple(Chair(chair=str(n), label=f"Chair {n}") for n in range(1, 8))
HOURS = OpeningHours(spans=tuple(OpenSpan(day, "07:30", "20:30") for day in range(7)))
NURSES = NursesSet(spans=tuple(NursesOn(day, "00:00", "24:00", 4) for day in range(7)))
PEOPLE = (
    ("prescriber", "Dr Hanne Voss", "prescriber", True),
    ("nurse", "Silvia Ortega", "nurse", False),
    ("nurse2", "Tomasz Lind", "nurse", False),
    ("therapist", "Mira Castell", "therapist", False),
    ("frontdesk", "Jo Almeida", "front_desk", False),
    ("director", "Dr Musa Adeyemi", "medical_director", True),
    ("researcher", "Prof Iris Kahn", "researcher", False),
    ("admin", "Sam Oyelaran", "administrator", False),
)


def staff() -> list[Staff]:
    return [
        Staff(staff=uuid5(NAMESPACE, login), name=name, roles=(role,), login=login, clinical_lead=lead)
        for login, name, role, lead in PEOPLE
    ]
