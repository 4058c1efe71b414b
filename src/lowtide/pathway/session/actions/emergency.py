"""The verbs of an emergency at the chair: open its checklist, tick a step, say how it ended."""

from uuid import UUID

from lowtide.data.emergencies import checklists, version
from lowtide.pathway.session.actions.common import MEND, Act, append, require
from lowtide.pathway.session.rules.emergencies import Run, run_of
from lowtide.pathway.session.rules.state import SessionState, Verb
from lowtide.people.charts import whole_chart
from lowtide.people.roles import Permission
from lowtide.problems import bad, refuse
from lowtide.record.entries.base import Entry
from lowtide.record.entries.events import EmergencyEnded, EmergencyOpened, EmergencyStep


def open_checklist(act: Act, key: str, *, rule: str | None = None, about: UUID | None = None) -> list[Entry]:
    """Open a checklist. One on suicidality calls those who act on it, the moment it is written (hazard H026)."""
    require(act, Permission.CHART_SESSION)
    if key not in checklists():
        raise bad("there is no such checklist", "checklist", "Choose one of those on the page.")
    body = EmergencyOpened(checklist=key, version=version(), rule=rule, about=about)
    return append(act, Verb.NOTE, [act.draft(body)])


def tick(act: Act, run: UUID, step: str, *, done: bool = True, words: str | None = None) -> list[Entry]:
    """A step was done, or does not apply. A later tick of the same step stands; both stay in the record."""
    require(act, Permission.CHART_SESSION)
    opened = whole_chart(act.stream).entries.get(run)
    key = getattr(opened.body, "checklist", "") if opened else ""
    body = EmergencyStep(
        run=run, checklist=key, step=step, done=done, words=words.strip() or None if words else None
    )

    def check(_: object, state: SessionState) -> None:
        if step not in {one.step.id for one in _open(act, state, run).steps}:
            raise refuse("this checklist has no such step", "step", MEND)

    return append(act, Verb.NOTE, [act.draft(body)], check)


def end(act: Act, run: UUID, *, outcome: str, words: str | None = None) -> list[Entry]:
    """How the emergency ended. Steps that nobody ticked stay open in the record: nothing is ticked for anybody."""
    require(act, Permission.CHART_SESSION)
    body = EmergencyEnded(run=run, outcome=outcome, words=words.strip() or None if words else None)

    def check(_: object, state: SessionState) -> None:
        _open(act, state, run)

    return append(act, Verb.NOTE, [act.draft(body)], check)


def _open(act: Act, state: SessionState, run: UUID) -> Run:
    """The run while it goes on; what waited for the network is judged by when it was done."""
    found = run_of(state.facts, run)
    if found is None:
        raise refuse("no such emergency was opened here", "run", MEND)
    if found.ended is not None and (act.queued is None or found.ended.at <= act.when):
        raise refuse("this emergency has ended", "run", "Open the checklist again if it comes back.")
    return found
