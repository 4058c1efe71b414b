"""Adverse events, rescue medicines and emergencies in plain language (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from lowtide.data import rescue
from lowtide.data.emergencies import checklists
from lowtide.data.events import events, word
from lowtide.data.reports import channels, label, states
from lowtide.data.therapy import prompts, stages
from lowtide.data.vocabulary import words as vocabulary
from lowtide.record.entries.base import Answer
from lowtide.science.units import plain

LABELS = {
    "adverse_event": "Adverse event",
    "adverse_event_followed": "Adverse event, later",
    "report_taken": "Report taken on",
    "report_sent": "Report",
    "rescue_given": "Rescue medicine",
    "rescue_effect": "Rescue medicine, effect",
    "emergency_opened": "Emergency",
    "emergency_step": "Emergency, step",
    "emergency_ended": "Emergency, end",
    "follow_up_call": "Follow-up call",
    "therapy_note": "Therapist’s note",
}


def called(b: Any) -> str:
    """What an adverse event is called: the table's word, or the words beside “something else”."""
    known = events().terms.get(b.term)
    if b.term == "other" or known is None:
        return str(b.words or b.term)
    return known.label


def product(key: str) -> str:
    """What is suspected, as the table of products calls it; other words stay as they are."""
    known = vocabulary()["product"].get(key)
    return known.label if known else key


def _event(b: Any, zone: tzinfo) -> str:
    own = b.words if b.term != "other" else ""
    parts = (
        f"{called(b)}, {word(b.grade).lower()}",
        own,
        _serious(b.serious, b.criteria),
        b.relation not in ("not_assessed",) and f"relation {events().relations[b.relation].lower()}",
        b.suspected and f"to {product(b.suspected)}",
        b.action != "none" and events().actions[b.action].lower(),
        b.treatment,
        _outcome(b.outcome),
        b.reports and f"to be told to {', '.join(map(label, b.reports))}",
    )
    return _join(parts)


def _followed(b: Any, zone: tzinfo) -> str:
    parts = (
        _outcome(b.outcome),
        events().learnt.get(b.how, b.how).lower(),
        b.grade is not None and f"now {word(b.grade).lower()}",
        _serious(b.serious, b.criteria) if b.serious is not None else "",
        b.words,
    )
    return _join(parts)


def _serious(serious: Answer, criteria: tuple[str, ...]) -> str:
    if serious is Answer.YES:
        return f"serious: {', '.join(_criterion(c) for c in criteria)}"
    return "not serious" if serious is Answer.NO else "not judged yet whether serious"


def _criterion(key: str) -> str:
    known = events().criteria.get(key)
    return known.label.lower() if known else key


def _outcome(key: str) -> str:
    known = events().outcomes.get(key)
    return known.label.lower() if known else key


def _report(b: Any, zone: tzinfo) -> str:
    how = f"{channels().get(b.channel, b.channel)}".lower() if b.channel else ""
    return _join(
        (
            f"{label(b.report)}: {states().get(b.state, b.state).lower()}",
            how,
            b.reference and f"reference {b.reference}",
            b.note,
        )
    )


def _rescue(b: Any, zone: tzinfo) -> str:
    term = events().terms.get(b.why or "")
    parts = (
        f"{rescue.name(b.medicine, b.name)} {plain(b.dose)} {b.unit} {rescue.routes().get(b.route, b.route)}",
        f"ordered by {b.ordered_by}",
        term and f"for {term.label.lower()}",
        b.words,
        *(f"although {warning}" for warning in b.warnings),
    )
    return _join(parts)


def _emergency(b: Any, zone: tzinfo) -> str:
    known = checklists().get(b.checklist)
    return _join((known.label if known else b.checklist, b.rule and f"suggested by {b.rule}"))


def _step(b: Any, zone: tzinfo) -> str:
    known = checklists().get(b.checklist)
    steps = {step.id: step.text for step in known.steps} if known else {}
    return _join((steps.get(b.step, b.step), not b.done and "does not apply", b.words))


def _therapy(b: Any, zone: tzinfo) -> str:
    stage = stages().get(b.stage)
    said = (f"{prompts()[k].label if k in prompts() else k}: {words}" for k, words in b.said.items())
    return f"{stage.label if stage else b.stage}: {'; '.join(said)}"


def _join(parts: tuple[Any, ...]) -> str:
    return ", ".join(str(part) for part in parts if part)


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "adverse_event": _event,
    "adverse_event_followed": _followed,
    "report_taken": lambda b, z: f"{label(b.report)}: taken on by who wrote this",
    "report_sent": _report,
    "rescue_given": _rescue,
    "rescue_effect": lambda b, z: _join((events().effects.get(b.effect, b.effect), b.words)),
    "emergency_opened": _emergency,
    "emergency_step": _step,
    "emergency_ended": lambda b, z: _join((events().emergency_outcomes.get(b.outcome, b.outcome), b.words)),
    "follow_up_call": lambda b, z: _join(("reached" if b.reached else "not reached", b.words)),
    "therapy_note": _therapy,
}
