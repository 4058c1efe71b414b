"""The labels that a tablet takes with it: what was made up and not begun, and why one may not be begun (pure; hazard H012).

The tablet holds what is scanned against these, so that a wrong one is said at the chair and not when the line returns.
"""

from datetime import datetime
from typing import Any

from lowtide.data.dosing import Dosing
from lowtide.pathway.session.rules import label_code
from lowtide.pathway.session.rules.containers import Container, containers, not_to_begin
from lowtide.pathway.session.rules.drawn import holds_mg
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.giving import coming


def taken_along(facts: Facts, limits: Dosing, now: datetime) -> dict[str, Any]:
    """`labelled`: something was made up with a label, so one is asked for; `label_of` begins every label of this session."""
    known = containers(facts)
    return {
        "labelled": bool(known),
        "labels": [_label(facts, one, limits, now) for one in known if not one.begun],
        "label_of": label_code.code(facts.session)[: label_code.SESSION_DIGITS],
        "begins": facts.way.begins,
    }


def _label(facts: Facts, one: Container, limits: Dosing, now: datetime) -> dict[str, Any]:
    why = not_to_begin(facts, one, now)
    order = facts.order[1] if facts.order else None
    return {
        "digits": one.body.code,
        "name": one.name,
        "volume_ml": one.body.final_volume_ml,
        "mg": holds_mg(order, one.body, coming(facts).open_mg, limits) if order else None,
        "use_by": one.body.use_by,
        "why": why.problems[0].what if why else "",
    }
