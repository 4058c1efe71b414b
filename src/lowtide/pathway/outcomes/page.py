"""What the outcomes page shows: whether it helped, each score with what it says, and how risks were handled."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from lowtide.data.risk import closings
from lowtide.pathway.course import words
from lowtide.pathway.course.picture import response_cut
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.outcomes.risk import Risk
from lowtide.pathway.outcomes.rules import risk_detail, risk_words
from lowtide.pathway.outcomes.verdict import headline, numbers
from lowtide.people.roles import ROLES
from lowtide.people.who import Person
from lowtide.record.entries.base import Source

MODES = {
    "tablet": "on the tablet",
    "phone": "on the patient’s phone",
    "paper": "from paper",
    "interview": "asked aloud",
    "chair": "at the chair",
    "import": "from another record",
}


def verdict(state: CourseState, zone: tzinfo) -> dict[str, Any]:
    """Did it help: two words, the numbers behind them, and the baseline they rest on."""
    found = state.response
    level, title = headline(found, state.measure)
    return {
        "level": level,
        "title": title,
        "text": numbers(state, found),
        "baseline": baseline_words(state, zone),
    }


def baseline_words(state: CourseState, zone: tzinfo) -> str:
    """What the baseline is, and what follows from it."""
    found, cut = state.response, response_cut(state.measure, state.response)
    if found.baseline is None:
        return "The baseline is the last whole score before the first dose of the course."
    when = words.day(found.baseline.at, zone)
    firm = "" if found.first_dose_at else " It can still change: no dose was given yet."
    return (
        f"Baseline {found.baseline.value}, {when}: the last whole score before the first dose of the course."
        f" Response is a fall by half, {cut} or less; remission is under 5.{firm}"
    )


def scores(state: CourseState, names: Mapping[str, str], zone: tzinfo, now: datetime) -> list[dict[str, Any]]:
    """Each form, the latest first, unfinished ones included."""
    return [_score(s, state, names, zone, now) for s in reversed(state.scores)]


def _score(
    score: Score, state: CourseState, names: Mapping[str, str], zone: tzinfo, now: datetime
) -> dict[str, Any]:
    answered = len(state.measure.ids) - len(score.missing)
    by = (
        "the patient"
        if score.source is Source.PATIENT and score.by.startswith("patient:")
        else names.get(score.by, "")
    )
    return {
        "entry": score.entry,
        "form": score.form,
        "when": words.when(score.at, zone, now),
        "total": score.total,
        "of": f"{answered} of {len(state.measure.ids)} answered" if score.total is None else "",
        "band": score.band,
        "says": _says(score, state),
        "item_nine": score.item_nine,
        "nine": score.nine,
        "unconfirmed": score.unconfirmed,
        "how": ", ".join(p for p in (MODES.get(score.mode, score.mode), by) if p),
        "corrected": score.corrected,
        "is_form": score.mode != "import" or score.item_nine is not None,
    }


def _says(score: Score, state: CourseState) -> str:
    found = state.response
    if score.total is None:
        return "no total"
    if found.baseline and score.entry == found.baseline.entry:
        return "baseline" if found.first_dose_at else "baseline so far"
    if found.baseline is None or score not in found.since:
        return ""
    return found.outcomes[found.since.index(score)].value


def risk_rows(
    risks: Sequence[Risk],
    names: Mapping[str, str],
    person: Person,
    zone: tzinfo,
    now: datetime,
) -> list[dict[str, Any]]:
    """Raised answers, the latest first, with their contact trail."""
    return [risk_row(r, names, person, zone, now) for r in reversed(risks)]


def risk_row(
    risk: Risk, names: Mapping[str, str], person: Person, zone: tzinfo, now: datetime
) -> dict[str, Any]:
    word = ("Ask now", "Ask today") if risk.unanswered else ("Urgent", "Review today")
    owner = (
        "you" if risk.owner == person.by else names.get(risk.owner) or ROLES[risk.rule.owner].label.lower()
    )
    return {
        "form": risk.form,
        "level": "stop" if risk.is_urgent else "hold",
        "word": word[not risk.is_urgent],
        "words": risk_words(risk),
        "when": words.when(risk.answered_at, zone, now),
        "mode": MODES.get(risk.mode, risk.mode),
        "detail": risk_detail(risk),
        "owner": owner,
        "is_taken": bool(risk.owner),
        "is_mine": risk.owner == person.by,
        "escalated": _escalated(risk, zone, now),
        "due_at": risk.due_at,
        "by": words.by(risk.due_at, zone, now),
        "due": words.due(risk.due_at, now),
        "is_late": risk.due_at < now,
        "rule": risk.rule,
        "closed": risk.closed,
        "finished": risk.finished,
        "trail": [
            {
                "when": words.when(step.at, zone, now),
                "by": names.get(step.by, step.by),
                "action": step.action,
                "to": names.get(step.owner, "") if step.owner != step.by else "",
                "closes": step.closes,
                "because": closings()[step.because].label if step.because in closings() else "",
            }
            for step in risk.trail
        ],
    }


def _escalated(risk: Risk, zone: tzinfo, now: datetime) -> str:
    """Since when it is the second role's as well, while nobody has taken it."""
    patience = risk.rule.patience
    if risk.closed or risk.trail or patience is None or risk.raised_at + patience > now:
        return ""
    return f"{ROLES[risk.rule.second].label}, since {words.by(risk.raised_at + patience, zone, now)}"
