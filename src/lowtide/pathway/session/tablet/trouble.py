"""What a tablet takes along for when something goes wrong without a network (pure): checklists, medicines, events, and
the readings of which one may turn out to be none."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from lowtide.data.chair import chair
from lowtide.data.emergencies import checklists
from lowtide.data.events import events
from lowtide.data.rescue import medicines, routes
from lowtide.data.rescue_doses import bounds
from lowtide.pathway.session.rules.emergencies import running
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.readings import readings
from lowtide.pathway.session.rules.rescue import against, given
from lowtide.pathway.session.rules.said_of_dose import unrecorded
from lowtide.pathway.session.rules.state import SessionState
from lowtide.record.chart import Chart
from lowtide.record.entries.chair import Rating, Vitals
from lowtide.record.entries.event_words import SAYS
from lowtide.record.entries.events import AdverseEvent

READINGS = 8
Pairs = list[list[str]]


def tables(orderers: Mapping[str, str]) -> dict[str, Any]:
    """The words of the forms; the same for every session."""
    told = events()
    return {
        "checklists": [
            {
                "key": key,
                "label": one.label,
                "steps": [
                    {"id": s.id, "text": s.text, "opens": s.opens, "done_by": s.done_by} for s in one.steps
                ],
            }
            for key, one in checklists().items()
        ],
        "emergency_outcomes": _pairs(told.emergency_outcomes),
        "medicines": [
            {
                "key": key,
                "label": one.label,
                "units": list(one.units),
                "routes": [[r, routes()[r]] for r in one.routes],
                "most": one.most.text if one.most else "",
                "bounds": [
                    {"unit": b.unit, "routes": list(b.routes), "usual": b.usual, "never": b.never}
                    for b in bounds().values()
                    if b.medicine == key
                ],
            }
            for key, one in medicines().items()
        ],
        "orderers": _pairs(orderers),
        "effects": _pairs(told.effects),
        "terms": [[t.id, t.label] for t in told.terms.values()],
        "grades": [[key, f"{g.word}: {g.about[:1].lower()}{g.about[1:]}"] for key, g in told.grades.items()],
        "criteria": [[key, c.label] for key, c in told.criteria.items()],
        "actions": _pairs(told.actions),
        "asks": {action: list(verbs) for action, verbs in told.asks.items()},
        "outcomes": [[key, o.label] for key, o in told.outcomes.items()],
        "no_reading": _pairs(chair().artefact),
    }


def in_session(facts: Facts, chart: Chart, now: datetime, zone: Any) -> dict[str, Any]:
    """What goes on at this chair, and what the chart says against each medicine."""
    return {
        "runs": [
            {"id": run.id, "key": run.key, "ticked": {t.step.id: t.state for t in run.steps if t.entry}}
            for run in running(facts)
        ],
        "rescues": [
            {"id": one.entry.id, "text": SAYS["rescue_given"](one.body, zone)}
            for one in given(facts)
            if one.waits
        ],
        "against": {
            key: [[one.text, one.weighs] for one in found]
            for key in medicines()
            if (found := against(chart, key, now))
        },
        "read": _read(facts),
    }


def said_of_dose(state: SessionState) -> dict[str, str | None]:
    """What an adverse event says of the dose that is not recorded of it."""
    found = unrecorded(state)
    said = found.event.body if found else None
    return {"unrecorded": said.action if isinstance(said, AdverseEvent) else None}


def _read(facts: Facts) -> list[dict[str, Any]]:
    """The latest readings, newest first, row by row as they stand."""
    measured = [e for e in facts.entries if isinstance(e.body, Vitals | Rating)]
    found = []
    for entry in sorted(measured, key=lambda e: e.order, reverse=True)[:READINGS]:
        stand = {name for name, each in facts.readings.items() if any(r.entry.id == entry.id for r in each)}
        rows = [
            [name, f"{r.parameter.label} {r.text}"]
            for name, each in readings([entry]).items()
            for r in each
            if name in stand
        ]
        if rows:
            found.append({"id": entry.id, "at": entry.at, "rows": rows})
    return found


def _pairs(table: Mapping[str, str] | Iterable[tuple[str, str]]) -> Pairs:
    return [list(pair) for pair in (table.items() if isinstance(table, Mapping) else table)]
