"""What a session's own page shows of what goes wrong: emergencies, events, rescue medicines, what is prepared (pure)."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from lowtide.data import rescue
from lowtide.data.emergencies import checklists
from lowtide.data.events import events, word
from lowtide.data.therapy import prompts
from lowtide.pathway.safety.rules import Event, of_session
from lowtide.pathway.session.rules.emergencies import Run, running, suggested
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.rescue import given
from lowtide.pathway.session.rules.thresholds import Crossing
from lowtide.record.chart import Chart
from lowtide.record.entries.event_words import called
from lowtide.record.entries.therapy import TherapyNote
from lowtide.science.units import plain

LEVELS = {1: "note", 2: "caution", 3: "hold", 4: "stop", 5: "stop"}


def beside(chart: Chart, facts: Facts, pressed: Iterable[Crossing], zone: tzinfo) -> dict[str, Any]:
    """Everything of the kind that the page of a session shows."""
    return {
        "emergencies": [run(one, zone) for one in running(facts)],
        "suggestions": [
            {
                "key": key,
                "label": checklists()[key].short,
                "rule": crossing.rule.id,
                "about": crossing.latest.id,
            }
            for key, crossing in suggested(facts, pressed)
        ],
        "session_events": [event(one, zone) for one in of_session(chart, facts.session)],
        "rescues": [
            {
                "id": one.entry.id,
                "text": f"{rescue.name(one.body.medicine, one.body.name)} {plain(one.body.dose)} {one.body.unit}",
                "at": f"{one.entry.at.astimezone(zone):%H:%M}",
                "waits": one.waits,
                "effect": events().effects.get(one.effects[-1].body.effect, "") if one.effects else "",
            }
            for one in given(facts)
        ],
    }


def run(one: Run, zone: tzinfo) -> dict[str, Any]:
    """An open checklist in one line."""
    return {
        "id": one.id,
        "label": one.checklist.label,
        "since": one.opened.at,
        "at": f"{one.opened.at.astimezone(zone):%H:%M}",
        "done": len(one.steps) - one.left,
        "of": len(one.steps),
        "next": one.next.text if one.next else "Say how it ended",
    }


def event(one: Event, zone: tzinfo) -> dict[str, Any]:
    """An adverse event of this session in one line."""
    return {
        "id": one.id,
        "text": called(one.body),
        "grade": word(one.grade),
        "level": LEVELS.get(one.grade, "note"),
        "at": f"{one.onset_at.astimezone(zone):%H:%M}",
        "state": events().outcomes[one.outcome].label,
        "over": one.is_over,
        "serious": one.serious.value,
        "reports": [r.label for r in one.reports if r.to_send],
    }


def prepared(chart: Chart, session: UUID, before: datetime | None = None) -> list[tuple[str, str]]:
    """(what, words) that were prepared for this session, as far as this reader may read it; the latest of each.

    What an integration left for the team counts from earlier sessions, too.
    """
    found: dict[str, str] = {}
    for entry, body in chart.said(TherapyNote):
        here = entry.session == session and body.stage == "before"
        earlier = (
            entry.session != session and body.stage == "integration" and (before is None or entry.at < before)
        )
        if here:
            found |= body.said
        elif earlier and "team" in body.said:
            found["team"] = body.said["team"]
    return [(prompts()[key].label, words) for key, words in found.items() if key in prompts()]
