"""The verbs of reconciling: settle a line, match what nobody recognises, say that it does not matter, call it done."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data import codes
from lowtide.pathway.evaluate.asking.actions import Act
from lowtide.pathway.evaluate.reconciling.lines import Line, Medicines, Told, medicines
from lowtide.people.charts import linked, whole_chart
from lowtide.people.retry import append
from lowtide.people.roles import Permission
from lowtide.problems import bad, refuse
from lowtide.record.chart import Chart
from lowtide.record.dates import PartialDate
from lowtide.record.entries.base import Answer, Body, Draft, Entry
from lowtide.record.entries.history import (
    HistoryItem,
    HistoryTaken,
    Medicine,
    MedicinesReconciled,
    ProblemStatus,
)
from lowtide.record.store import Charts

WORKUP = "workup.medication_reconciliation"
LIST = "medicines"
FIRST = "0"
STATUS = {
    "keep": ProblemStatus.ACTIVE,
    "change": ProblemStatus.ACTIVE,
    "stop": ProblemStatus.PAST,
    "not_taking": ProblemStatus.REFUTED,
}


class Settling(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says of a line. `stands`: the entry that counts from now on."""

    choice: str
    stands: UUID
    reason: str
    dose: str | None = None
    daily_dose_mg: Decimal | None = None
    stopped: PartialDate | None = None


def settle(act: Act, key: str, said: Settling) -> list[Entry]:
    """One line as one statement: the entry that stands is brought up to date, the others point to it."""
    line = _line(act, key)
    if said.choice not in STATUS:
        raise bad(f"“{said.choice}” is no choice", "choice", f"One of: {', '.join(STATUS)}.")
    chief = next((t for t in line.told if t.entry.id == said.stands), None)
    if chief is None:
        if _is_done(act):
            return []
        raise refuse("the list has changed meanwhile", "stands", "Look at it again and choose.")
    if said.choice == "change" and not said.dose:
        raise bad("the new dose is missing", "dose", "Say how much and how often.")
    root = _chart(act).line(chief.entry.id)[0].id
    bodies = [(chief, _settled(chief.body, said))]
    bodies += [(t, msgspec.structs.replace(t.body, same_as=root)) for t in line.told if t is not chief]
    return _correct(act, bodies, said.reason)


def match(act: Act, key: str, names: Sequence[str], reason: str) -> list[Entry]:
    """What nobody recognised, or was recognised wrongly, is these medicines of the code table."""
    unknown = [name for name in names if codes.medicine_called(name) is None]
    if unknown or not names:
        raise bad(f"“{', '.join(unknown)}” is not in the code table", "name", "Search for it and choose one.")
    if (line := _find(act, key)) is None:
        return []
    known = tuple(dict.fromkeys(names))
    bodies = [(t, msgspec.structs.replace(t.body, known_as=known, does_not_matter=False)) for t in line.told]
    return _correct(act, bodies, reason)


def dismiss(act: Act, key: str, reason: str) -> list[Entry]:
    """A clinician's word that a medicine nobody recognises touches no rule here. Refused for one that is known."""
    if not act.person.can(Permission.REVIEW_RESULT):
        raise refuse(
            "a clinician says that it does not matter", "person", "Ask somebody whose role includes it."
        )
    if not reason.strip():
        raise bad("a reason is needed", "reason", "Say in a few words why it touches no rule.")
    line = _find(act, key)
    if line is None:
        return []
    if any(t.match.parts for t in line.told):
        raise refuse(
            f"{line.name} is known, and rules may ask about it",
            "reason",
            "Match it to another medicine if it is not that one.",
        )
    bodies = [(t, msgspec.structs.replace(t.body, does_not_matter=True)) for t in line.told]
    return _correct(act, bodies, reason)


def reconcile(act: Act, mark: str, *, whole: bool, note: str | None) -> list[Entry]:
    """All medicines were gone through. Refused while a line is open or the list is not the one that was looked at."""
    done = medicines(_chart(act), act.now)
    if not done.entries and not whole:
        raise bad("nothing is listed", "whole", "Tick it where the patient was asked and takes none.")
    body = MedicinesReconciled(entries=done.entries, note=note)
    asked = (WORKUP, LIST) if whole else (WORKUP,)
    item = HistoryItem(item=WORKUP, answer=Answer.YES, date=act.now.astimezone(act.zone).date().isoformat())
    drafts = [
        act.draft(body),
        act.draft(item, "item"),
        act.draft(HistoryTaken(items=asked), "asked"),
    ]

    def guard(charts: Charts) -> None:
        now = medicines(Chart.union(charts[name] for name in linked(act.stream)), act.now)
        _nothing_open(now)
        if now.mark != mark:
            raise refuse("the list has changed meanwhile", "list", "Look at it again, then reconcile.")

    return append(drafts, guard, also_lock=linked(act.stream), now=act.now)


def _nothing_open(found: Medicines) -> None:
    if found.open:
        names = ", ".join(line.name for line in found.open)
        raise refuse(f"{names}: still to be settled", "list", "Settle each line first.")


def _settled(body: Medicine, said: Settling) -> Medicine:
    changes: dict[str, object] = {"status": STATUS[said.choice], "same_as": None}
    if said.choice == "change":
        changes |= {"dose": said.dose, "daily_dose_mg": said.daily_dose_mg}
    if said.choice in ("keep", "change"):
        changes["stopped"] = None
    if said.choice == "stop":
        changes["stopped"] = said.stopped
    return msgspec.structs.replace(body, **changes)


def _correct(act: Act, bodies: Sequence[tuple[Told, Body]], reason: str) -> list[Entry]:
    """A correction of each entry that changes, each in its own stream."""
    changed = [(told.entry, body) for told, body in bodies if body != told.body]
    drafts = [_correction(act, e, body, reason, str(place)) for place, (e, body) in enumerate(changed)]
    if not drafts or _is_done(act):
        return []
    return append(drafts, also_lock=linked(act.stream), now=act.now)


def _correction(act: Act, entry: Entry, body: Body, reason: str, part: str) -> Draft:
    draft = act.draft(body, part, at=entry.at).correcting(entry)
    return msgspec.structs.replace(draft, stream=entry.stream, reason=reason)


def _is_done(act: Act) -> bool:
    """Whether this form was already acted on: its entries are named after it."""
    return act.id_of(FIRST) in _chart(act).entries


def _chart(act: Act) -> Chart:
    return whole_chart(act.stream)


def _find(act: Act, key: str) -> Line | None:
    """The line; None when this form has already moved it elsewhere."""
    found = medicines(_chart(act), act.now).line(key)
    if found is None and not _is_done(act):
        raise refuse("there is no such medicine in this chart any more", "name", "Go back to the list.")
    return found


def _line(act: Act, key: str) -> Line:
    found = _find(act, key)
    if found is None:
        raise refuse("this was settled already", "name", "Go back to the list.")
    return found
