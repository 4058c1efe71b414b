"""What today's worklist shows to one person: sections of rows with names, words and addresses."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Any

from lowtide.pathway.course import today, words
from lowtide.pathway.course.approved import limit_is_settled, settled_due
from lowtide.pathway.course.approved_here import approved_here
from lowtide.pathway.course.day_strip import Slot
from lowtide.pathway.course.due import Group
from lowtide.pathway.course.links import address
from lowtide.pathway.course.models import DueRow, SessionRow
from lowtide.pathway.course.notices import notices
from lowtide.pathway.course.referrals import Waiting
from lowtide.pathway.course.sessions import Status
from lowtide.people import clinic
from lowtide.people.models import PatientIndex
from lowtide.people.roles import ROLES, Permission
from lowtide.people.who import Person, names_of
from lowtide.record.dates import age_years

Patients = Mapping[str, PatientIndex]
SHOWN = 5  # lines of a list beside the decisions; the rest is folded under its count
STATES = {
    Status.PLANNED: "planned",
    Status.PREPARED: "being prepared",
    Status.DOSING: "dosing",
    Status.RECOVERY: "in recovery",
    Status.DISCHARGED: "went home, to sign off",
    Status.SIGNED: "done",
    Status.ABANDONED: "broken off",
}


def page(
    person: Person, now: datetime, zone: tzinfo, turned: Group = Group.DECISION, number: int = 1
) -> dict[str, Any]:
    """Everything on the page; `turned` is the section that shows its page `number`."""
    sections = today.due_sections(person, now, turned, number)
    sessions = today.sessions_on(now, zone)
    workups = sections.pop(Group.WORKUP, None)
    rows = [row for section in sections.values() for row in section.rows]
    tests, tested = today.of_one_each(workups), workups.lines if workups else 0
    patients = today.patients_of([*rows, *sessions, *(of_one[0] for of_one in tests)])
    names = names_of({row.taken for row in rows if row.taken})
    clinical = person.can(Permission.SEE_CHART)
    chairs = {chair.chair: chair.label for _, chair in clinic.chairs()}

    def shown(group: Group) -> list[dict[str, Any]]:
        found = sections.get(group)
        return [_row(r, patients, names, person, now, zone) for r in (found.rows if found else ())]

    def count(group: Group) -> int:
        return sections[group].count if group in sections else 0

    return {
        "date": now.astimezone(zone),
        "clinical": clinical,
        "decides": bool(person.may & {Permission.DECIDE, Permission.ORDER, Permission.SIGN_SESSION}),
        "urgent": shown(Group.RISK),
        "decisions": _by_patient(shown(Group.DECISION)),
        "missed": shown(Group.SESSION),
        "bookings": shown(Group.BOOKING),
        "drift": shown(Group.DRIFT),
        "clocks": shown(Group.CLOCK),
        "workups": [_workup(of_one, patients, person, now, zone) for of_one in tests],
        "workups_more": max(0, tested - len(tests)),
        "workups_folded": max(0, tested - SHOWN),
        "counts": {group.value: count(group) for group in Group},
        "results": count(Group.RESULT),
        "results_url": address("evaluate:results", ""),
        "defaults": _defaults(sections),
        "notices": [(one, address(one.page, "")) for one in notices(person)],
        "sessions": [_session(s, patients, chairs, person, now, zone) for s in sessions],
        "slots": _slots(sessions, patients, chairs, clinical),
        "pages": {group.value: _pages(group, section) for group, section in sections.items()},
    }


def _by_patient(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Rows that stand together because they are of one patient."""
    return [list(of_one) for _, of_one in groupby(rows, key=lambda row: row["stream"])]


def urgent(person: Person, now: datetime, zone: tzinfo) -> dict[str, Any]:
    """The raised answers alone, for a page that asks again while it is open."""
    found = today.risks(person, now)
    rows = found.rows if found else ()
    patients, names = today.patients_of(rows), names_of({row.taken for row in rows if row.taken})
    return {
        "urgent": [_row(row, patients, names, person, now, zone) for row in rows],
        "clinical": person.can(Permission.SEE_CHART),
        "pages": {"risk": _pages(Group.RISK, found) if found else None},
    }


def alarms(
    rows: list[dict[str, Any]], calls: Iterable[Waiting], clinical: bool, now: datetime, zone: tzinfo
) -> list[dict[str, Any]]:
    """All that waits for a call, of patients and of people who asked to become one: the gravest first, then by time."""
    calls = list(calls)
    names = names_of({call.taken.by for call in calls if call.taken})
    asked = [_call(call, names, clinical, now, zone) for call in calls]
    return sorted([*rows, *asked], key=lambda row: (row["level"] != "stop", row["due_at"]))


def _call(
    call: Waiting, names: Mapping[str, str], clinical: bool, now: datetime, zone: tzinfo
) -> dict[str, Any]:
    """Somebody who is no patient yet, as a row of the worklist; what was answered only for who reads charts."""
    late = call.is_escalated(now)
    why = "Pre-screen: an answer spoke of suicide, or left it open" if clinical else "A nurse or doctor has to call: tell one now"  # fmt: skip
    return {
        "name": call.name,
        "who": call.name,
        "chart_url": "",
        "url": address("referrals:one", call.id),
        "label": why,
        "detail": "Not a patient yet.",
        "verb": "Open and call" if clinical else "Open",
        "level": "stop",
        "word": "Call now",
        "due_at": call.due_at,
        "is_late": call.due_at < now,
        "when": words.due(call.due_at, now),
        "by": words.by(call.due_at, zone, now),
        "owner": names.get(call.taken.by, "")
        if call.taken
        else ROLES[call.second if late else call.owner].label,
        "escalated": words.by(call.escalates_at, zone, now) if late and call.escalates_at else "",
        "is_mine": False,
        "is_taken": bool(call.taken),
    }


def _defaults(sections: Mapping[Group, today.Section]) -> dict[str, bool]:
    """Which sections show a time that no source backs and nobody here has approved."""
    approved = approved_here()
    settled = settled_due(approved)
    found = {
        group.value: any(not (row.verified or row.rule_id in settled) for row in section.rows)
        for group, section in sections.items()
    }
    drifts = Group.DRIFT in sections and not limit_is_settled("drift_points", approved)
    return found | {"drift_points": drifts}


def _row(
    row: DueRow, patients: Patients, names: Mapping[str, str], person: Person, now: datetime, zone: tzinfo
) -> dict[str, Any]:
    patient = today.patient_id(row.stream)
    able = person.can(Permission[row.needs])
    escalated = bool(not row.taken and row.escalates_at and row.escalates_at <= now)
    return {
        "stream": row.stream,
        "name": _name(patients.get(row.stream)),
        "who": _who(patients.get(row.stream), now),
        "chart_url": address("course:course", patient),
        "url": address(row.page, patient, row.place) if able else "",
        "label": row.label,
        "detail": row.detail or f"{row.rule_text}.",
        "verb": row.verb,
        "level": row.level,
        "word": row.word,
        "due_at": row.due_at,
        "is_late": row.due_at < now,
        "when": words.due(row.due_at, now),
        "by": words.by(row.due_at, zone, now),
        "owner": names.get(row.taken) or ROLES[row.second if escalated else row.owner].label,
        "escalated": words.by(row.escalates_at, zone, now) if escalated and row.escalates_at else "",
        "is_mine": row.taken == person.by,
        "is_taken": bool(row.taken),
        "window": _window(row, zone),
        "exactly": _exactly(row, zone, now),
    }


def _workup(
    rows: tuple[DueRow, ...], patients: Patients, person: Person, now: datetime, zone: tzinfo
) -> dict[str, Any]:
    """The tests one patient still needs as one row: each owner with theirs."""
    by_owner: dict[str, list[str]] = {}
    for row in rows:
        by_owner.setdefault(row.owner, []).append(row.label)
    owners = [(ROLES[owner].label, words.few(labels)) for owner, labels in by_owner.items()]
    return {**_row(rows[0], patients, {}, person, now, zone), "owners": owners, "count": len(rows)}


def _window(row: DueRow, zone: tzinfo) -> str:
    """The interval that the rule proposes."""
    if row.window_from is None or row.window_to is None or row.window_from == row.window_to:
        return ""
    return words.window((row.window_from, row.window_to), zone)


def _exactly(row: DueRow, zone: tzinfo, now: datetime) -> str:
    """The one instant it is about."""
    return (
        words.when(row.window_from, zone, now) if row.window_from and row.window_from == row.window_to else ""
    )


def _name(patient: PatientIndex | None) -> str:
    return f"{patient.given} {patient.family}".strip() if patient else "Unknown patient"


def _who(patient: PatientIndex | None, now: datetime) -> str:
    """Name and age, as far as the birth date tells it."""
    if patient is None or not patient.birth_date:
        return _name(patient)
    youngest, oldest = age_years(patient.birth_date, now.date())
    return (
        f"{_name(patient)}, {oldest}" if youngest == oldest else f"{_name(patient)}, {youngest} to {oldest}"
    )


def _session(
    row: SessionRow,
    patients: Patients,
    chairs: Mapping[str, str],
    person: Person,
    now: datetime,
    zone: tzinfo,
) -> dict[str, Any]:
    patient = today.patient_id(row.stream)
    clinical = person.can(Permission.SEE_CHART)
    return {
        "clock": words.clock(row.at, zone),
        "at": row.at,
        "chair": chairs.get(row.chair, row.chair) or "no chair yet",
        "name": _name(patients.get(row.stream)),
        "url": address("session:session", patient, row.key) if clinical else "",
        "number": row.number,
        "dose": (row.dose or "dose open") if clinical else "",
        "state": STATES[Status(row.status)] if clinical else "",
        "is_late": row.status == Status.PLANNED and row.at < now,
    }


def _slots(
    sessions: Iterable[SessionRow], patients: Patients, chairs: Mapping[str, str], clinical: bool
) -> list[Slot]:
    """The sessions as bars over the day; without a chart to see there is no dose on them."""
    return [
        Slot(
            lane=chairs.get(row.chair, row.chair) or "No chair yet",
            start=row.at,
            dose_min=row.dose_min if clinical else None,
            whole_min=(row.dose_min or 0) + (row.observation_min or 0),
            name=_initials(patients.get(row.stream)),
            text=(row.dose or "dose open") if clinical else "",
        )
        for row in sessions
        if row.status != Status.ABANDONED
    ]


def _initials(patient: PatientIndex | None) -> str:
    return "".join(f"{part[:1]}." for part in (patient.given, patient.family) if part) if patient else "?"


def _pages(group: Group, section: today.Section) -> dict[str, Any] | None:
    """Where a section stands among its pages; None when one page holds all."""
    if section.pages == 1:
        return None
    at = section.page
    return {"group": group.value, "number": at, "last": section.pages, "previous": at - 1, "next": at + 1}
