"""The page of what lies ahead: three futures side by side, the next session's window, early signs, and what it rests on."""

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from typing import Any

from django.utils.safestring import mark_safe

from lowtide.data.designs import calibration, designs
from lowtide.data.vocabulary import label
from lowtide.pathway.course import foreseen, words
from lowtide.pathway.course.drawing import bands, bands_data
from lowtide.pathway.course.response import HOLDS, Tracked, outcome_words
from lowtide.pathway.outcomes import outlook_gone
from lowtide.pathway.outcomes.fade import telling
from lowtide.pathway.outcomes.fade.asking import Fade, NoFade
from lowtide.pathway.outcomes.outlook import Ahead, is_open
from lowtide.science.pharmacology.response.early import Early
from lowtide.science.pharmacology.response.outlook import PERCENTS, Day
from lowtide.science.pharmacology.response.person import Future

FUTURES = {
    "anew": ("A new series", "the last induction’s rhythm again, from now on"),
    "continue": ("Continue", "what is booked, then at the last interval, weekly at the most"),
    "stretch": ("Stretch", "twice that interval"),
    "stop": ("Stop", "nothing more is given"),
}
SHOWN_WEEKS = (0, 1, 2, 4, 6, 8, 12)


def context(ahead: Ahead, fade: Fade | NoFade, zone: tzinfo) -> dict[str, Any]:
    """Everything the template shows. `fade`: the window of maintenance, told in the same measure."""
    found, lost = ahead.found, ahead.one.found.lost
    return {
        "condition": label("indication", ahead.condition),
        "instrument": ahead.instrument,
        "standing": _standing(ahead, zone),
        "gone": outlook_gone.told(ahead.one, zone) if lost else None,
        "responding": _percent(found.responding),
        "window": None if lost else _window(fade, zone),
        "futures": [_future(name, found.futures[name], ahead) for name in _names(ahead)],
        "dates": list(_dates(ahead, zone)),
        "response": foreseen.response_words(ahead.one.measure, ahead.person.scores.baseline),
        "supported": words.day(_at(ahead, _supported(ahead)), zone),
        "answered": _answered(ahead, zone),
        "early": [_sign(sign) for sign in ahead.early],
        "calibration": calibration(),
        "coverage": _coverage(),
        "warnings": found.warnings,
        "scores": len(ahead.person.scores.seen),
        "basis": ahead.basis,
        "ess": round(found.ess),
        "members": int(designs().people["members"].value),
    }


def _names(ahead: Ahead) -> tuple[str, ...]:
    """Three of the futures: a new series stands in the place of a longer interval where there is one to begin."""
    left_out = "stretch" if "anew" in ahead.found.futures else "anew"
    return tuple(name for name in FUTURES if name != left_out)


def choices(able: Iterable[Tracked], ahead: Ahead) -> list[dict[str, Any]]:
    """The measures it can be told in, the one that is shown marked."""
    return [
        {"id": t.measure.id, "name": t.measure.name, "shown": t.measure.id == ahead.one.measure.id}
        for t in able
    ]


def _standing(ahead: Ahead, zone: tzinfo) -> str:
    """Where the person stands by this measure."""
    found = ahead.one.found
    if found.baseline is None or not found.since:
        return ""
    latest, said = found.since[-1], outcome_words(found)
    return (
        f"{ahead.instrument} {_plain(found.baseline.value)} before the first dose, {_plain(latest.value)} on"
        f" {words.day(latest.at, zone)}: {said}."
    )


def _answered(ahead: Ahead, zone: tzinfo) -> str:
    """Since when the question of the early signs is answered; empty while it is open."""
    if is_open(ahead.one):
        return ""
    found = ahead.one.found
    anew = found.anew_at
    first = next(
        score
        for score, outcome in zip(found.since, found.outcomes, strict=True)
        if outcome in HOLDS and (anew is None or score.at > anew)
    )
    return words.day(first.at, zone)


def _plain(value: Fraction) -> str:
    return f"{float(value):g}"


def _coverage() -> str:
    found = calibration()
    return f"{found.inside_90} of {found.figures}"


def _percent(share: float | None) -> str:
    if share is None:
        return "–"
    return "< 1 %" if share < 0.01 else "> 99 %" if share > 0.99 else f"{100 * share:.0f} %"


def _at(ahead: Ahead, day: float) -> datetime:
    return ahead.starts + timedelta(days=day)


def _window(fade: Fade | NoFade, zone: tzinfo) -> dict[str, Any]:
    """The window and the relapses by week, or why there is none."""
    if isinstance(fade, NoFade):
        return {"title": "No date is foreseen", "text": fade.why, "weeks": []}
    shown = [one for one in fade.weeks if one[0] in SHOWN_WEEKS]
    return {
        "title": telling.title(fade, zone),
        "text": telling.text(fade),
        "weeks": [{"when": words.day(at, zone), "share": f"{pct} %"} for _, at, pct in shown],
    }


def _future(name: str, future: Future, ahead: Ahead) -> dict[str, Any]:
    title, text = FUTURES[name]
    picture = _picture(name, title, future, ahead)
    return {
        "name": name,
        "title": title,
        "text": text,
        "sessions": len(future.sessions),
        "svg": mark_safe(bands.draw(picture, narrow=True, captioned=False)),  # noqa: S308  drawn from numbers and escaped words
        "caption": bands_data.sentence(picture),
        "table": bands_data.table(picture),
    }


def _picture(name: str, title: str, future: Future, ahead: Ahead) -> bands_data.Picture:
    rows = tuple(bands_data.Band(at=day.day, **{k: getattr(day, k) for k in PERCENTS}) for day in future.days)
    last = future.days[-1]
    said = f"{last.median:.0f} ({last.p5:.0f} to {last.p95:.0f}) at the end"
    panel = bands_data.Panel(
        unit="points",
        series=(bands_data.Series(ahead.instrument, rows, said),),
        status="estimate",
        high=ahead.person.scores.cuts.top,
    )
    return bands_data.Picture(
        key=f"future-{name}",
        title=f"{title}: {ahead.instrument} over the next twelve weeks",
        time="days",
        panels=(panel,),
        doses=tuple(bands_data.Dose(day, day, "") for day in future.sessions),
        caption=f"Days from the first session. After day {_supported(ahead):.0f} neither trials nor scores support it.",
    )


def _supported(ahead: Ahead) -> float:
    return foreseen.supported_until(ahead.person.scores.seen)


def _dates(ahead: Ahead, zone: tzinfo) -> Any:
    """One row a date: what each future says of it."""
    futures = [ahead.found.futures[name] for name in _names(ahead)]
    for number in SHOWN_WEEKS[1:]:
        days = [future.days[min(number, len(future.days) - 1)] for future in futures]
        yield {
            "when": words.day(_at(ahead, days[0].day), zone),
            "weeks": number,
            "beyond": days[0].day > _supported(ahead),
            "cells": [_cell(day) for day in days],
        }


def _cell(day: Day) -> dict[str, str]:
    return {
        "score": f"{day.median:.0f} ({day.p5:.0f} to {day.p95:.0f})",
        "response": _percent(day.p_response),
        "remission": _percent(day.p_remission),
        "relapse": _percent(day.p_relapse),
    }


def _sign(sign: Early) -> dict[str, Any]:
    said = {
        True: ("caution", "There"),
        False: ("clear", "Not there"),
        None: ("unknown", "Not known: the scores it needs were not taken"),
    }[sign.met]
    accuracy = (
        f"Finds {_percent(sign.sensitivity)} of later responders (sensitivity),"
        f" absent in {_percent(sign.specificity)} of the others (specificity), {sign.n} people"
        if sign.sensitivity is not None
        else "No sensitivity or specificity was printed"
    )
    odds = (
        f"{_percent(sign.p_response_before)} before, {_percent(sign.p_response_with)} with it"
        if sign.p_response_with is not None
        else ""
    )
    return {
        "title": sign.title,
        "level": said[0],
        "word": said[1],
        "accuracy": accuracy,
        "odds": odds,
        "note": sign.note,
        "source": sign.source,
        "verified": sign.verified,
    }
