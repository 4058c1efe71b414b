"""What a session's own page shows of what goes wrong: emergencies, events, rescue medicines, what is prepared (pure)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from lowtide.data import rescue
from lowtide.data.chair import chips
from lowtide.data.emergencies import checklists
from lowtide.data.events import events, of_chip, word
from lowtide.data.safe import products
from lowtide.data.therapy import prompts
from lowtide.pathway.safety.rules import Event, of_session
from lowtide.pathway.session.rules.emergencies import Run, running, suggested
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.rescue import given
from lowtide.pathway.session.rules.thresholds import Crossing
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer
from lowtide.record.entries.chair import ChairEvent
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
        "hints": list(hints(chart, facts))[-1:],
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


def hints(chart: Chart, facts: Facts) -> Iterator[dict[str, str]]:
    """Chips that may be an adverse event, as long as none of that name was written down."""
    if facts.over_at:
        return
    known = {one.body.term for one in of_session(chart, facts.session)}
    for entry in facts.entries:
        term = of_chip(entry.body.what) if isinstance(entry.body, ChairEvent) else None
        if term and term.id not in known:
            yield {"said": chips()[entry.body.what].label, "chip": entry.body.what}


def left_open(chart: Chart, facts: Facts) -> list[str]:
    """What whoever signs should know is open: it keeps nobody from signing, and the record says so."""
    return [
        *(f"Emergency “{one.checklist.label}”: nobody said how it ended" for one in running(facts)),
        *(
            f"{rescue.name(one.body.medicine, one.body.name)}: nobody said what it did"
            for one in given(facts)
            if one.waits
        ),
        *(
            f"{called(one.body)}: not judged yet whether it is serious"
            for one in of_session(chart, facts.session)
            if one.serious is Answer.NOT_KNOWN
        ),
    ]


def open_at_the_door(chart: Chart, facts: Facts) -> list[str]:
    """What whoever lets the patient go should know is not over: it keeps nobody, and nobody overlooks it."""
    going_on = (one for one in of_session(chart, facts.session) if not one.is_over)
    return [
        *left_open(chart, facts),
        *(
            f"{called(one.body)}: {events().grades[str(one.grade)].word.lower()}, not over yet"
            for one in going_on
        ),
    ]


def undrawn(facts: Facts, drawn: Iterable[str]) -> list[str]:
    """Controlled rescue medicines that the chart says were given and of which the safe gave nothing (hazard H036)."""
    kept = {product.drug for product in products().values()} - set(drawn)
    return [
        f"{medicine.label} was given; nothing of it was drawn for this session"
        for one in given(facts)
        if (medicine := rescue.medicines().get(one.body.medicine)) and medicine.drug in kept
    ]


def run(one: Run, zone: tzinfo) -> dict[str, Any]:
    """An open checklist in one line."""
    return {
        "id": one.id,
        "label": one.checklist.label,
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
