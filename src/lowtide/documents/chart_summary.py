"""A whole chart on paper: everything that stands, in the words of the record, with what it replaced struck through."""

import itertools
from datetime import datetime, tzinfo

import msgspec
from django.template.loader import render_to_string

from lowtide.documents.printing import foot
from lowtide.people.who import names_of
from lowtide.record.chart import Chart, Line, stands
from lowtide.record.entries.clinic import Clinic
from lowtide.record.entries.identity import Patient
from lowtide.record.entries.words import label, moment, summary

GROUPS = {
    "Who": ("patient", "linked", "unlinked", "not_linked"),
    "Problems, medicines, allergies": (
        *("diagnosis", "medicine", "allergy"),
        *("treatment_trial", "trial_judged", "depressive_episode"),
    ),
    "History as asked": ("history_item", "history_taken", "referral"),
    "Results and measurements": ("result", "result_reviewed", "measurement"),
    "Questionnaires and risk": ("answers", "total", "risk_reviewed"),
    "Decisions, courses and orders": (
        *(
            "candidacy_decided",
            "course_planned",
            "program_enrolled",
            "course_ended",
            "order_signed",
            "forecast_shown",
        ),
        "next_session_decided",
    ),
    "Consent": ("consent", "consent_withdrawn", "consent_confirmed", "consent_copy_given", "registry_choice"),
    "Messages and requests": (
        *("message", "message_closed", "patient_request", "patient_request_closed"),
        *("portal_opened", "portal_closed"),
    ),
}
SESSIONS, NOTES, REST = "Sessions", "Notes", "Everything else"
LEFT_OUT = {"fhir_resource", "entered_in_error", "redaction"}


class Struck(msgspec.Struct, frozen=True):
    """What stood before a correction, and why it was corrected."""

    says: str
    why: str


class Row(msgspec.Struct, frozen=True):
    """One line of the record as it stands; `gone` says why it was taken back."""

    when: str
    what: str
    says: str
    by: str
    audience: str
    before: list[Struck]
    gone: str | None


def html(
    chart: Chart, patient: Patient, clinic: Clinic | None, zone: tzinfo, now: datetime, by: str = "the export"
) -> str:
    """The document as one page of HTML that needs nothing else."""
    about = {
        "patient": patient,
        "foot": foot(patient, chart, by, now, zone),
        "numbers": ", ".join(f"{i.value} ({i.system})" for i in patient.identifiers),
        "clinic": clinic,
        "parts": [(name, rows) for name, rows in _parts(chart, zone).items() if rows],
        "zone": str(zone),
    }
    return render_to_string("documents/chart_summary.html", about)


def _parts(chart: Chart, zone: tzinfo) -> dict[str, list[Row]]:
    names = names_of({e.by for e in chart.entries.values()})
    parts: dict[str, list[Row]] = {name: [] for name in (*GROUPS, SESSIONS, NOTES, REST)}
    for line in chart.lines():
        kind = line[0].kind.rpartition(".")[0]
        if kind not in LEFT_OUT:
            parts[_part(line, kind)].append(_row(line, zone, names))
    return parts


def _part(line: Line, kind: str) -> str:
    for name, kinds in GROUPS.items():
        if kind in kinds:
            return name
    if line[0].session or kind.startswith("session_"):
        return SESSIONS
    return NOTES if kind == "note" else REST


def _row(line: Line, zone: tzinfo, names: dict[str, str]) -> Row:
    said = [e for e in line if stands(e)]
    shown, last = said[-1] if said else line[0], line[-1]
    older = list(itertools.pairwise(said))
    return Row(
        when=moment(shown.at, zone),
        what=label(shown),
        says=summary(shown, zone),
        by=names[shown.by],
        audience=", ".join(shown.visible_to),
        before=[Struck(summary(was, zone), now.reason or "") for was, now in reversed(older)],
        gone=None if stands(last) else (last.reason or "entered in error"),
    )
