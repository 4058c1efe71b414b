"""What an import did, or would do: counts, patients, changes, what was only kept, what was refused."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from lowtide.exchange.fhir.groups import Change, Group, Kept
from lowtide.exchange.fhir.known import LookAlike
from lowtide.exchange.fhir.placement import INBOX
from lowtide.exchange.fhir.plan import Refusal
from lowtide.record.entries.base import Entry
from lowtide.record.entries.words import kind_label, label, summary

TAKEN_BACK = "taken back"


class ChangeLine(msgspec.Struct, frozen=True):
    """An entry that gets another word, in words. `visible_to` as in the entry: empty is the whole care team."""

    label: str
    old: str
    new: str
    visible_to: tuple[str, ...] = ()


class PatientLine(msgspec.Struct, frozen=True):
    """What comes in for one patient. `look_alikes` are charts that may be the same person: somebody decides."""

    id: str
    name: str
    new: bool
    born: str | None
    joined_by: str | None
    look_alikes: tuple[LookAlike, ...]
    counts: dict[str, int]
    kinds: dict[str, int]
    changes: tuple[ChangeLine, ...]
    overruled: tuple[ChangeLine, ...]
    kept: tuple[Kept, ...]


class ImportReport(msgspec.Struct, frozen=True):
    """Counts are of resources, each counted once: `imported` (understood), `kept_only` (kept and listed, nothing of it
    understood), `updated` (known before with another content, or elsewhere), `unchanged`."""

    imported: int
    unchanged: int
    updated: int
    kept_only: int
    patients: tuple[PatientLine, ...]
    inbox: tuple[Kept, ...]
    refused: tuple[Refusal, ...]

    @property
    def changes_anything(self) -> bool:
        return bool(self.imported + self.updated + self.kept_only)


def report(groups: Iterable[Group], refused: Iterable[Refusal]) -> ImportReport:
    given = list(groups)
    counts = sum((g.counts for g in given), Counter[str]())
    return ImportReport(
        imported=counts["imported"],
        unchanged=counts["unchanged"],
        updated=counts["updated"],
        kept_only=counts["kept_only"],
        patients=tuple(
            sorted((_patient(g) for g in given if g.stream != INBOX), key=lambda p: (p.name, p.id))
        ),
        inbox=tuple(k for g in given if g.stream == INBOX for k in g.kept),
        refused=tuple(refused),
    )


def as_json(found: ImportReport) -> dict[str, Any]:
    """The report in the words of the command line."""
    return {
        "imported": found.imported,
        "unchanged": found.unchanged,
        "updated": found.updated,
        "kept_only": found.kept_only,
        "patients": [_patient_json(p) for p in found.patients],
        "refused": list(msgspec.to_builtins(found.refused)),
    }


def _patient_json(patient: PatientLine) -> dict[str, Any]:
    asks = [{"id": a.stream.partition(":")[2], "name": a.name, "why": a.why} for a in patient.look_alikes]
    known = {"id": patient.id, "name": patient.name, "new": patient.new}
    return known | ({"look_alikes": asks} if asks else {})


def _patient(group: Group) -> PatientLine:
    person = group.person
    return PatientLine(
        id=group.stream.partition(":")[2],
        name=f"{person.given} {person.family}".strip() if person else "",
        new=group.new,
        born=person.birth_date if person else None,
        joined_by=group.placed.joined_by if group.placed and not group.new else None,
        look_alikes=group.look_alikes,
        counts=dict(group.counts),
        kinds=dict(sorted((kind_label(kind), n) for kind, n in group.kinds.items())),
        changes=tuple(map(_change, group.changes)),
        overruled=tuple(ChangeLine(label(e), summary(e), "", e.visible_to) for e in group.overruled),
        kept=tuple(group.kept),
    )


def _change(change: Change) -> ChangeLine:
    new: Entry = msgspec.structs.replace(change.old, body=change.new)
    said = summary(new) if change.new else TAKEN_BACK
    return ChangeLine(label(change.old), summary(change.old), said, change.old.visible_to)


def as_text(found: ImportReport, *, dry_run: bool = False) -> list[str]:
    """The report to read on a terminal, line by line."""
    verb = "would be imported" if dry_run else "imported"
    lines = [
        f"{found.imported} {verb}, {found.updated} updated, {found.unchanged} unchanged,"
        f" {found.kept_only} kept and listed only."
    ]
    for patient in found.patients:
        lines += _patient_text(patient)
    if found.inbox:
        lines.append(f"Inbox: {len(found.inbox)} resources that are no known patient's.")
    lines += [f"Refused: {r.file}: {r.path}: {r.reason}" for r in found.refused]
    return lines


def _patient_text(patient: PatientLine) -> list[str]:
    how = "new chart" if patient.new else f"joined by {patient.joined_by}" if patient.joined_by else "known"
    kinds = ", ".join(f"{n} {kind.lower()}" for kind, n in patient.kinds.items())
    lines = [
        f"{patient.name or 'Unnamed'}{f', born {patient.born}' if patient.born else ''}: {how}; {kinds or 'nothing new'}."
    ]
    lines += [
        f"  May be the same person as {a.name} ({a.stream}): {a.why}. Decide on the patient's page."
        for a in patient.look_alikes
    ]
    lines += [f"  {c.label}: {c.old} -> {c.new}" for c in patient.changes]
    lines += [f"  Left as a person corrected it: {c.label}: {c.old}" for c in patient.overruled]
    if patient.kept:
        lines.append(
            f"  {len(patient.kept)} kept with something not understood, such as {patient.kept[0].resource_type}: {patient.kept[0].why}."
        )
    return lines
