"""What a tablet takes with it of one session (pure): enough to go on charting and giving while there is no network.

Instants are UTC, figures are text as they stand on the page. The tablet keeps it encrypted and for a day at most.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from lowtide.data import monitoring
from lowtide.data.answers import fitting
from lowtide.data.chair import BUTTONS, Parameter, chair, numbers, parameters
from lowtide.data.giving import DEVICE
from lowtide.data.plausibility import limits
from lowtide.pathway.course.ordered import in_short, pump
from lowtide.pathway.session.rules.due import next_due
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.giving import coming
from lowtide.pathway.session.rules.state import WORDS, SessionState, Verb
from lowtide.pathway.session.rules.thresholds import watching
from lowtide.pathway.session.shown.lines import Line
from lowtide.pathway.session.shown.parts import so_far
from lowtide.record.entries.chair import Note
from lowtide.science.units import plain


def snapshot(
    state: SessionState, said: Iterable[Line], by: Mapping[str, str], held: Iterable[str]
) -> dict[str, Any]:
    """The session as it stands: who is not said here. `held` is what stands before the dose."""
    facts = state.facts
    return {
        "phase": state.phase.value,
        "phase_words": WORDS[state.phase],
        "by_pump": state.by_pump,
        "started_at": facts.started_at,
        "over_at": facts.over_at,
        "verbs": [verb.value for verb in Verb if state.refusal(verb) is None],
        "held": list(held),
        "answers": _answers(facts),
        "order": _order(facts),
        "infusion": _infusion(facts),
        "parts": _parts(facts),
        "last": [_last(facts, p) for p in parameters().values() if facts.readings[p.id]],
        "last_values": _values(facts),
        "due": _due(state),
        "log": [_line(line, by) for line in said],
        "contradictions": list(facts.contradictions),
    }


def sheet() -> dict[str, Any]:
    """What can be charted at a chair, with its words and its limits of belief."""
    known = chair()
    return {
        "rows": [_row(p) for p in parameters().values() if p.fields or p.scale],
        "chips": [{"id": c.id, "label": c.label, "more": c.more} for c in known.chips],
        "not_done": known.not_done,
        "correcting": [list(pair) for pair in known.correcting.items()],
        "look_again_pct": numbers().look_again_pct,
        "late_after_min": numbers().late_after_min,
        "pressure_old_min": numbers().pressure_old_min,
    }


def _answers(facts: Facts) -> dict[str, list[str]]:
    """Rule -> what can be said about it with one tap."""
    watched, form = watching(monitoring.items(), facts.route), facts.way.form
    return {item.id: [tap.words for tap in fitting(item.values, form, measured=True)] for item, _ in watched}


def _row(row: Parameter) -> dict[str, Any]:
    scale = chair().scales.get(row.scale or "")
    top = int(limits()[row.scale].high) if row.scale and not scale else 0
    typed = top > BUTTONS
    return {
        "id": row.id,
        "name": row.name,
        "label": row.label,
        "unit": row.unit,
        "scale": row.scale,
        "choices": [list(step) for step in scale.words]
        if scale
        else [[str(n), str(n)] for n in range(0 if typed else top + 1)],
        "top": top if typed else None,
        "fields": [
            {
                "name": name,
                "label": label,
                "unit": limits()[name].unit,
                "low": limits()[name].low,
                "high": limits()[name].high,
                "whole": name != "temp_c",
                "mend": limits()[name].mend,
            }
            for name, label in zip(row.fields, row.field_labels, strict=True)
        ],
    }


def _order(facts: Facts) -> dict[str, Any] | None:
    if facts.order is None:
        return None
    order = facts.order[1]
    by_pump = pump(order)
    return {
        "dose": f"{plain(order.dose_mg)} mg {order.drug}, {order.route.upper()}",
        "how": in_short(order),
        "dose_mg": order.dose_mg,
        "rate_ml_per_h": by_pump.rate_ml_per_h if by_pump else None,
        "volume_ml": by_pump.final_volume_ml if by_pump else None,
    }


def _infusion(facts: Facts) -> dict[str, Any] | None:
    found = facts.infusion
    if found is None:
        return None
    return {
        "steps": [{"at": s.at, "rate_ml_per_h": s.rate_ml_per_h} for s in found.steps],
        "volume_ml": found.volume_ml,
        "mg_per_ml": found.mg_per_ml,
        "stopped_at": found.stopped_at,
    }


def _parts(facts: Facts) -> dict[str, Any] | None:
    """A dose without a pump: what went in, and how each part that is still to come is recorded."""
    if facts.order is None or facts.way.form == "infusion" or facts.infusion:
        return None
    order, following = facts.order[1], coming(facts)
    return {
        "so_far": so_far(facts),
        "number": following.number,
        "open_mg": following.open_mg,
        "of_mg": following.of_mg,
        "each_mg": order.each_mg if order.apart_min is not None else None,
        "apart_min": order.apart_min,
        "last_at": facts.parts.last[0].at if facts.parts else None,
        "words": [facts.way.said(order.route, n) for n in range(following.number, following.number + 8)],
        "sites": list(facts.way.sites.get(order.route, ())),
        "has_lot": facts.way.form == DEVICE,
    }


def _last(facts: Facts, row: Parameter) -> dict[str, Any]:
    found = facts.readings[row.id][-1]
    return {"row": row.id, "label": row.label, "unit": row.unit, "text": found.text, "at": found.at}


def _values(facts: Facts) -> dict[str, Decimal | bool]:
    return {n: v for each in facts.readings.values() for r in each for n, v in r.values.items()}


def _due(state: SessionState) -> list[dict[str, Any]]:
    """The open checks, the first few of each row: what there is to do without anything new known."""
    firsts = {d.parameter.id for d in next_due(state.due)}
    found = [d for d in state.due if d.open and d.parameter.id in firsts]
    return [
        {
            "row": d.parameter.id,
            "name": d.parameter.name,
            "due_at": d.due_at,
            "opens_at": d.opens_at,
            "late_at": d.late_at,
        }
        for d in found
    ]


def _line(line: Line, by: Mapping[str, str]) -> dict[str, Any]:
    body = line.entry.body
    return {
        "id": line.entry.id,
        "topic": body.topic if isinstance(body, Note) else None,
        "at": line.entry.at,
        "head": line.head,
        "text": line.text,
        "by": by.get(line.entry.by, ""),
        "marks": list(line.marks),
    }
