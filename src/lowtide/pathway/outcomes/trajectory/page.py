"""What the trajectory shows of each measure: how fast, how much, what became of it, and the pictures (pure)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from fractions import Fraction
from typing import Any

from lowtide.data.instruments import Instrument
from lowtide.pathway.course import picture, words
from lowtide.pathway.course.drawing import timeline, timeline_data
from lowtide.pathway.course.measures import Tracked
from lowtide.pathway.course.onset import Onset, onsets, soon, span, turns
from lowtide.pathway.course.scores import Score
from lowtide.pathway.course.state import CourseState
from lowtide.record.entries.words import day as day_words
from lowtide.science.instruments.change import Change


def speed(one: Tracked, state: CourseState, zone: tzinfo) -> list[dict[str, Any]]:
    """How fast the measure fell, each fall in a few large words."""
    found = onsets(one, [s.at for s in state.given])
    return [_onset(each, one, zone) for each in found]


def _onset(found: Onset, one: Tracked, zone: tzinfo) -> dict[str, Any]:
    way = "lower" if one.measure.better == "lower" else "higher"
    about = {
        "name": f"{found.fall.fall_pct} % {way}",
        "text": found.fall.text,
        "verified": found.fall.verified,
    }
    if found.score is None or found.not_before is None:
        return {**about, "is_seen": False}
    baseline = one.found.baseline
    assert baseline
    return {
        **about,
        "is_seen": True,
        "soon": soon(found),
        "when": words.day(found.score.at, zone),
        "score": f"{_plain(baseline.value)} → {_plain(found.score.value)}"
        f"{', not confirmed' if found.score.unconfirmed else ''}",
        "between": _between(found),
        "doses": found.doses,
        "held": found.held,
    }


def _between(found: Onset) -> str:
    """What was not looked at: the fall came somewhere between two looks."""
    assert found.not_before is not None
    if not found.not_before:
        return "nothing was measured between the first dose and then"
    return f"not yet there at {span(found.not_before)}"


def row(one: Tracked, state: CourseState, zone: tzinfo) -> dict[str, Any]:
    """One measure on a line: baseline, falls, best, now, and what the change means."""
    baseline, since, best = one.found.baseline, one.found.since, one.best
    now = since[-1] if since else None
    latest = one.against_baseline(now) if now else None
    return {
        "name": one.measure.name,
        "domain": one.measure.domain,
        "recall": one.measure.recall_window,
        "baseline": _score(baseline, zone),
        "falls": [each.get("soon", "") for each in speed(one, state, zone)],
        "best": _score(best, zone) if baseline else None,
        "now": _score(now or (one.whole[-1] if one.whole else None), zone),
        "change": _change(latest),
        "reliable": _reliable(latest, one.measure, unsure=bool(now and now.unconfirmed)),
        "turns": [
            {"what": turn.what, "when": words.day(turn.score.at, zone), "level": turn.level}
            for turn in turns(one)
        ],
        "count": len(one.whole),
        "open": len(one.unscored),
    }


def _score(score: Score | None, zone: tzinfo) -> dict[str, Any] | None:
    if score is None:
        return None
    return {
        "value": _plain(score.value),
        "when": words.day(score.at, zone, weekday=False),
        "band": score.band,
        "unsure": bool(score.unconfirmed),
    }


def _change(found: Change | None) -> str:
    if found is None:
        return ""
    points = abs(found.points)
    if not points:
        return "no change"
    way = "better" if found.points > 0 else "worse"
    share = f", {abs(round(found.percent))} %" if found.percent is not None else ""
    return f"{_plain(points)} points{share} {way}"


def _reliable(found: Change | None, measure: Instrument, *, unsure: bool = False) -> dict[str, Any]:
    """By Jacobson and Truax: beyond what the scale's own error makes, for better or worse, or not."""
    if found is None:
        return {"level": "", "word": "", "bound": "", "verified": True}
    rule = measure.change
    if found.reliable is None or rule is None or rule.reliable_points is None:
        return {"level": "unknown", "word": "not known for this scale", "bound": "", "verified": True}
    level, word = (
        ("clear", "reliably better")
        if found.reliably_better
        else ("caution", "reliably worse")
        if found.deteriorated
        else ("note", "within the scale’s own error")
    )
    if unsure:
        level, word = "caution", f"{word}, not confirmed"
    bound = f"{rule.reliable_points} points or more"
    return {
        "level": level,
        "word": word,
        "bound": bound,
        "verified": "change.reliable_points" not in found.unverified,
    }


def _plain(value: Fraction) -> str:
    return f"{float(value):g}"


def charts(
    others: Iterable[Tracked], state: CourseState, now: datetime, zone: tzinfo
) -> list[dict[str, Any]]:
    """Each further measure as a picture with its table twin; one without a total is named."""
    return [_chart(one, state, now, zone) for one in others if one.whole]


def _chart(one: Tracked, state: CourseState, now: datetime, zone: tzinfo) -> dict[str, Any]:
    drawn = picture.of_measure(state, one.measure, one.scores, one.found, now, zone)
    return {
        "key": drawn.key,
        "name": one.measure.name,
        "about": f"{one.measure.domain}, asks about {one.measure.recall_window};"
        f" {one.measure.better} is better",
        "svg": timeline.draw(drawn) if drawn.scores else "",
        "caption": timeline_data.sentence(drawn),
        "table": timeline_data.table(drawn),
        "off_scale": off_scale(one, zone),
    }


def off_scale(one: Tracked, zone: tzinfo) -> list[str]:
    """Totals that the scale cannot give: they are told, not drawn."""
    low, high = picture.scale(one.measure)
    return [
        f"{_plain(s.value)} on {day_words(s.at.astimezone(zone).date().isoformat())}"
        for s in one.whole
        if not low <= s.value <= high
    ]


def headline(rows: Sequence[dict[str, Any]]) -> str:
    """Where the measures disagree, that is said before anything else."""
    words_of = {r["reliable"]["word"].partition(",")[0] for r in rows if r["reliable"]["word"]}
    if {"reliably better", "reliably worse"} <= words_of:
        return "The measures disagree: one is reliably better, another reliably worse."
    return ""
