"""Long-term safety in plain language, in a line (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from lowtide.data import longterm
from lowtide.data.vocabulary import label
from lowtide.record.entries.base import Answer
from lowtide.record.entries.calendar_words import day
from lowtide.record.entries.longterm import CONCLUSIONS, TOLD_AT, TOLD_BY
from lowtide.science.units import plain

LABELS = {
    "safety_asked": "Safety check",
    "treated_elsewhere": "Treated elsewhere",
    "use_signal": "Observation about use",
    "stop_reviewed": "Stop and review",
    "check_postponed": "Check put off",
    "safety_reviewed": "Safety review",
}


def check_label(key: str) -> str:
    known = longterm.checks().get(key)
    return known.label if known else key


def answers(body: Any) -> str:
    """What was answered, question by question."""
    known = longterm.checks().get(body.check)
    questions = longterm.sheets()[known.asks].questions if known and known.asks else {}
    return "; ".join(
        f"{questions[name].text if name in questions else name} {_answer(questions.get(name), given)}"
        for name, given in body.answers.items()
    )


def _answer(question: longterm.Question | None, given: str) -> str:
    if given == longterm.NOT_KNOWN:
        return "not known"
    said = question.choices.get(given, given) if question else given
    return f"{said} of 10" if question and question.kind == "scale" else said.lower()


def elsewhere(b: Any) -> str:
    """“esketamine, IN, 8 sessions, 448 mg, since Jan 2025, goes on”; what is not known is said."""
    times = (
        f"{b.sessions} session{'' if b.sessions == 1 else 's'}"
        if b.sessions
        else "number of sessions not known"
    )
    amount = f"{plain(b.mg)} mg in all" if b.mg is not None else "amount not known"
    goes_on = {Answer.YES: "goes on", Answer.NOT_KNOWN: "not known whether it goes on"}.get(b.still, "")
    parts = (
        label("drug", b.drug),
        label("route", b.route) if b.route else "route not known",
        times,
        amount,
        f"from {day(b.first)}" if b.first else "",
        f"to {day(b.last)}" if b.last else "",
        goes_on,
        b.where,
        f"told by {TOLD_BY.get(b.told_by, b.told_by)}",
        b.note,
    )
    return ", ".join(part for part in parts if part)


def _signal(b: Any, zone: tzinfo) -> str:
    known = longterm.signals().get(b.signal)
    early = f"{b.days_early} day{'' if b.days_early == 1 else 's'} early" if b.days_early is not None else ""
    told = TOLD_AT.get(b.told_at, "")
    return ", ".join(part for part in (known.label if known else b.signal, early, told, b.said) if part)


def _reviewed(b: Any, zone: tzinfo) -> str:
    known = longterm.stops().get(b.stop)
    what = "the next session is held" if b.choice == "hold" else "released: the next session may go on"
    name = "a review" if known and known.private else known.label if known else b.stop
    return f"{name}: {what}"


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "safety_asked": lambda b, z: f"{check_label(b.check)}: {answers(b)}" + (f"; {b.note}" if b.note else ""),
    "treated_elsewhere": lambda b, z: elsewhere(b),
    "use_signal": _signal,
    "stop_reviewed": _reviewed,
    "check_postponed": lambda b, z: f"{check_label(b.check)}, until {day(b.until.isoformat())}",
    "safety_reviewed": lambda b, z: (
        f"{day(b.first.isoformat())} to {day(b.last.isoformat())}: {CONCLUSIONS.get(b.conclusion, b.conclusion)}; "
        f"signed {b.printed_name}"
    ),
}
