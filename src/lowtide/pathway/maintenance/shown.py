"""What the maintenance page shows of the prediction, the state with its rules, and the choices so far."""

from datetime import datetime, tzinfo
from typing import Any

from django.utils.safestring import mark_safe

from lowtide.data import maintenance, schedules
from lowtide.pathway.course import words
from lowtide.pathway.course.chosen import chosen_for, departed
from lowtide.pathway.course.picture import scale
from lowtide.pathway.course.state import CourseState
from lowtide.pathway.maintenance.fade import picture
from lowtide.pathway.maintenance.fade.beside import gone
from lowtide.pathway.maintenance.rules import Proposal
from lowtide.pathway.maintenance.steps import standing
from lowtide.pathway.outcomes.fade import telling
from lowtide.pathway.outcomes.fade.asking import Fade, NoFade
from lowtide.people.who import names_of
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.care import ContactTried, NextSessionDecided
from lowtide.record.entries.upkeep_words import choice as choice_words

HEADLINE_WEEKS = 6


def predicted(
    found: Fade | NoFade, state: CourseState, proposal: Proposal, here: tzinfo, now: datetime
) -> dict[str, Any]:
    """The prediction with its picture, or why there is none."""
    if state.lead.found.lost:
        return {"gone": gone(state.lead, here)}
    if isinstance(found, NoFade):
        return {"why_not": found.why}
    one = state.told_by
    cut = one.found.cut
    drawn = picture.Drawn(
        found=found,
        first_at=state.given[0].at,
        name=one.measure.name,
        high=float(scale(one.measure)[1]),
        cut_text=cut.text if cut else "",
        protocol=proposal.protocol,
        proposed=proposal.window,
        now=now,
        zone=here,
    )
    opens, closes = (schedules.thresholds()[f"fade_{end}_pct"] for end in ("opens", "closes"))
    unsure, is_over = one.found.unconfirmed, bool(found.closes_at and found.closes_at < now)
    return {
        "title": f"{telling.title(found, here)}{', not confirmed' if unsure else ''}",
        "level": "hold" if is_over else "caution" if unsure else "note",
        "svg": mark_safe(picture.draw(drawn)),  # noqa: S308  drawn from numbers and escaped words
        "caption": picture.sentence(drawn),
        "table": picture.table(drawn),
        "weeks": [
            {"week": n, "day": words.day(at, here, weekday=False), "pct": pct}
            for n, at, pct in found.weeks[:HEADLINE_WEEKS]
        ],
        "text": f"{telling.text(found)}{f' The last score is not confirmed: {unsure}.' if unsure else ''}",
        "unverified": not (opens.verified and closes.verified),
        "cut": cut,
        "basis": _basis(found, state),
    }


def _basis(found: Fade, state: CourseState) -> str:
    scores, doses = len(found.asked.seen), len(found.asked.doses)
    return (
        f"{doses} dose{'' if doses == 1 else 's'} and {scores} {state.told_by.measure.name} score{'' if scores == 1 else 's'} since, "
        f"worth {found.ess:.0f} independent virtual people"
    )


def state_of(state: CourseState, here: tzinfo, now: datetime, *, held: bool = False) -> dict[str, Any]:
    """Where the upkeep stands, and the rules that point at a step."""
    found, known = standing(state, here, held=held), maintenance.steps()
    return {
        "label": found.state.label,
        "text": found.state.text,
        "since": words.when(found.since, here, now) if found.since and not held else "",
        "advice": [
            {
                "rule": one.rule,
                "step": one.step.label.partition(":")[0],
                "needs": one.step.needs,
                "also": ", ".join(known[name].label.partition(":")[0].lower() for name in one.rule.also),
            }
            for one in found.advice
        ],
        "offered": tuple(one.id for one in found.choices),
    }


def other_day(chart: Chart, state: CourseState, here: tzinfo, now: datetime) -> dict[str, Any] | None:
    """The next session, where it is booked for another day than was chosen."""
    found = departed(chart, state, here)
    if found is None:
        return None
    return {
        "what": f"{found.session.name.capitalize()} is booked for {words.when(found.session.planned_at, here, now)}",
        "how": found.how.words(here),
        "why": found.why,
        "by": names_of({found.booked.by})[found.booked.by],
        "decision": found.decision.entry,
        "session": found.session.id,
    }


def decisions(chart: Chart, here: tzinfo, now: datetime, *, state: CourseState) -> list[dict[str, Any]]:
    """Every choice, the latest first, beside what was proposed and predicted; what was corrected is struck through."""
    latest = state.decision.entry if state.decision else None
    rows = [(chart.line(e.id), e, b) for e, b in chart.said(NextSessionDecided)]
    taken = _taken_back(chart)
    names = names_of({e.by for line, *_ in rows for e in line} | {e.by for line in taken for e in line})
    told = [_decision(line, e, b, names, here, now, latest) for line, e, b in rows]
    told += [_struck_out(line, names, here, now) for line in taken]
    stands = _stands(state, here, now)
    told = [row | {"stands": stands if row.get("is_latest") else ""} for row in told]
    return sorted(told, key=lambda row: row["at"], reverse=True)


def _taken_back(chart: Chart) -> list[tuple[Entry, ...]]:
    firsts = {
        e.id for e in chart.entries.values() if isinstance(e.body, NextSessionDecided) and not e.corrects
    }
    stand = {chart.line(e.id)[0].id for e, _ in chart.said(NextSessionDecided)}
    return [tuple(chart.line(first)) for first in firsts - stand]


def _decision(line: Any, entry: Entry, body: NextSessionDecided, names: Any, here: tzinfo, now: datetime, latest: object) -> dict[str, Any]:  # fmt: skip
    fade = body.fade
    return {
        "id": entry.id,
        "at": line[0].at,
        "when": words.when(line[0].at, here, now),
        "by": names[line[0].by],
        "choice": choice_words(body.choice),
        "planned": words.when(body.planned_at, here, now) if body.planned_at else "",
        "again": body.look_again_on,
        "proposed": _span(body.proposed_from, body.proposed_to, here),
        "predicted": _span(fade.opens_at, fade.closes_at, here) if fade else "",
        "rule": body.rule or "",
        "reason": entry.reason or "",
        "is_latest": entry.id == latest,
        "before": [_before(old, here, now) for old in line[:-1]],
        "corrected_by": names[entry.by] if len(line) > 1 else "",
    }


def _stands(state: CourseState, here: tzinfo, now: datetime) -> str:
    """Where the session of the latest choice stands by now, if elsewhere than was chosen."""
    ahead = state.next_session
    decision = chosen_for(state, ahead.id) if ahead else None
    if ahead is None or decision is None or decision.body.planned_at == ahead.planned_at:
        return ""
    return f"{'booked' if ahead.booked else 'planned'} for {words.when(ahead.planned_at, here, now)}"


def _before(old: Entry, here: tzinfo, now: datetime) -> str:
    planned = getattr(old.body, "planned_at", None)
    said = [choice_words(getattr(old.body, "choice", "")), words.when(planned, here, now) if planned else "", old.reason or ""]  # fmt: skip
    return ", ".join(filter(None, said))


def _struck_out(line: tuple[Entry, ...], names: Any, here: tzinfo, now: datetime) -> dict[str, Any]:
    return {
        "at": line[0].at,
        "when": words.when(line[0].at, here, now),
        "by": names[line[0].by],
        "struck": True,
        "before": [_before(old, here, now) for old in line[:-1]],
        "corrected_by": names[line[-1].by],
        "reason": line[-1].reason or "",
    }


def _span(opens: datetime | None, closes: datetime | None, here: tzinfo) -> str:
    if opens is None:
        return ""
    return words.window((opens, closes), here) if closes else f"from {words.day(opens, here)} on"


def contacts(said: list[tuple[Entry, ContactTried]], here: tzinfo, now: datetime) -> list[dict[str, Any]]:
    names = names_of({entry.by for entry, _ in said})
    return [
        {
            "when": words.when(entry.at, here, now),
            "by": names[entry.by],
            "how": body.how,
            "reached": body.reached,
            "said": body.said,
        }
        for entry, body in reversed(said)
    ]


def achieved_so_far(state: CourseState) -> list[str]:
    """What the record says a course brought, for the one who ends it."""
    found, name = state.response, state.measure.name
    lines = []
    if found.baseline and found.since:
        best = f", best {found.best.value}" if found.best else ""
        lines.append(
            f"{name} {found.baseline.value} before the first dose, {found.since[-1].value} now{best}"
        )
    if state.course and state.course.goal:
        lines.append(f"Goal: {state.course.goal}")
    lines.append(f"{len(state.given)} session{'' if len(state.given) == 1 else 's'} given")
    return lines
