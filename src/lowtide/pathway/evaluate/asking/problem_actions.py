"""The verbs on a problem that nobody recognises, or that may be several: it is this one; it does not matter here."""

from uuid import UUID

import msgspec

from lowtide.data import codes
from lowtide.pathway.evaluate.asking.actions import Act
from lowtide.pathway.evaluate.chart_facts import problem_of
from lowtide.people.charts import linked, whole_chart
from lowtide.people.retry import append
from lowtide.people.roles import Permission
from lowtide.problems import bad, refuse
from lowtide.record.entries.base import Entry
from lowtide.record.entries.history import Diagnosis


def match(act: Act, problem: UUID, keys: tuple[str, ...], reason: str) -> list[Entry]:
    """It is these conditions of the code table. Refused for words that are none of them."""
    if not keys or not codes.conditions().keys() >= set(keys):
        raise bad("that is no condition of the code table", "is_a", "Choose one from the list.")
    entry, body = _line(act, problem)
    return _correct(act, entry, msgspec.structs.replace(body, keys=keys, does_not_matter=False), reason)


def dismiss(act: Act, problem: UUID, reason: str) -> list[Entry]:
    """A clinician's word that it touches no rule. Refused where its code, key or words say that rules ask about it."""
    if not act.person.can(Permission.REVIEW_RESULT):
        raise refuse(
            "a clinician says that it does not matter", "person", "Ask somebody whose role includes it."
        )
    if not reason.strip():
        raise bad("a reason is needed", "reason", "Say in a few words why it touches no rule.")
    entry, body = _line(act, problem)
    if not may_dismiss(body):
        raise refuse(
            f"{body.label} is known, and rules may ask about it", "reason", "Match it to what it is instead."
        )
    return _correct(act, entry, msgspec.structs.replace(body, does_not_matter=True), reason)


def may_dismiss(body: Diagnosis) -> bool:
    """Whether it is only that nobody recognises it: nothing in it is, or may be, a condition that rules ask about."""
    found = problem_of(body)
    return not found.keys | found.named | found.possible


def _line(act: Act, problem: UUID) -> tuple[Entry, Diagnosis]:
    """The latest word on this problem, whichever of its entries is named."""
    chart = whole_chart(act.stream)
    said = {e.id: (e, body) for e, body in chart.said(Diagnosis)}
    latest = chart.line(problem)[-1].id if problem in chart.entries else problem
    if latest not in said:
        raise refuse("there is no such problem in this chart any more", "problem", "Go back to the list.")
    return said[latest]


def _correct(act: Act, entry: Entry, body: Diagnosis, reason: str) -> list[Entry]:
    if body == entry.body or act.form_id in whole_chart(act.stream).entries:
        return []
    draft = act.draft(body, at=entry.at).correcting(entry)
    corrected = msgspec.structs.replace(draft, stream=entry.stream, reason=reason)
    return append([corrected], also_lock=linked(act.stream), now=act.now)
