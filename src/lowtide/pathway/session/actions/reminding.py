"""Verbs about reminders: marking a reading that was none, and writing what the clinic does when a rule speaks."""

from uuid import UUID

from lowtide.data import monitoring
from lowtide.pathway.session.actions.common import Act, append, require
from lowtide.pathway.session.rules.state import SessionState, Verb
from lowtide.pathway.session.rules.steps import written
from lowtide.people.clinic import CLINIC
from lowtide.people.retry import append as append_once
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.chair import Rating, Vitals
from lowtide.record.entries.reminding import ActionsWritten, ArtefactMarked
from lowtide.record.store import Charts


def artefact(act: Act, *, about: UUID, rows: tuple[str, ...], reason: str) -> list[Entry]:
    """Say that a reading, or some rows of it, was none. Only what is measured or rated can be marked; what happened, was
    given or was answered cannot."""
    require(act, Permission.CHART_SESSION)
    if not reason.strip():
        raise bad("say why it is no true reading", "why", "Choose a reason.")

    def stands(chart: Chart, state: SessionState) -> None:
        found = next((e for e in state.facts.entries if e.id == about), None)
        if found is None or not isinstance(found.body, Vitals | Rating):
            raise refuse("this is no reading of this session", "about", "Open the session again.")

    body = ArtefactMarked(about=about, parameters=rows)
    return append(act, Verb.CHART, [act.draft(body, reason=reason.strip())], stands)


def write_steps(person: Person, draft: Draft, seen: str) -> list[Entry]:
    """Write the clinic's own steps at a rule. `seen` is the last word on it as the page showed it, so that nobody
    overwrites what a colleague wrote a moment ago."""
    body = draft.body
    assert isinstance(body, ActionsWritten)
    if not person.can(Permission.MANAGE_POLICY):
        raise refuse(
            f"{person.name} may not {Permission.MANAGE_POLICY.value}", "person", "Ask the medical director."
        )
    if body.rule not in monitoring.items():
        raise bad(f"there is no rule {body.rule}", "rule", "Choose one of the list.")

    def unchanged(charts: Charts) -> None:
        last = written(charts[CLINIC]).get(body.rule)
        if (str(last[0].id) if last else "") != seen:
            raise refuse("somebody wrote these steps a moment ago", "steps", "Look at theirs first.")

    return append_once([draft], unchanged)
