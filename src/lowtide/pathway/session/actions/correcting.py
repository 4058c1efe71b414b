"""What is stored of a session, said anew or struck without a network: the verbs of the record's page, from a queue.

The tablet names the entry that it showed. Whoever corrected that one meanwhile stands: the correction that waited is
refused in words that say by whom and to what, and stays with its author.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from lowtide.data.chair import parameters
from lowtide.pathway.session.actions.charting import on_scale
from lowtide.pathway.session.actions.common import Act, once
from lowtide.pathway.session.shown.lines import words
from lowtide.people.charts import whole_chart
from lowtide.people.clinic import zone
from lowtide.people.record_pages import actions
from lowtide.people.who import names_of
from lowtide.problems import Refused, bad, refuse
from lowtide.record.chart import Line
from lowtide.record.entries.base import Body, Draft, Entry
from lowtide.record.entries.chair import Note, Rating, Vitals
from lowtide.record.entries.clinic import EnteredInError

MEND = "Look at it on the session’s page: throw this one away, or correct that one."


def correct(
    act: Act,
    *,
    about: UUID,
    row: str,
    reason: str,
    value: Decimal | None,
    text: str | None,
    **values: Any,
) -> list[Entry]:
    """Say a row of a reading, a rating or a note anew; what the entry says besides stays."""
    line = _as_shown(act, about)
    body = _anew(line[-1].body, row, value, text, values)
    at = act.at or line[-1].at
    return _written(
        act,
        line,
        body,
        reason,
        lambda: actions.correct(
            act.person, act.entry_id, line, body, reason, at=at, now=act.now, made=_made(act)
        ),
    )


def retract(act: Act, *, about: UUID, reason: str) -> list[Entry]:
    """Say that it was never so."""
    line = _as_shown(act, about)
    if not isinstance(line[0].body, Vitals | Rating | Note):
        raise refuse("this is not struck from the chair", "about", MEND)
    return _written(
        act,
        line,
        EnteredInError(),
        reason,
        lambda: actions.retract(act.person, act.entry_id, line, reason, now=act.now, made=_made(act)),
    )


def _made(act: Act) -> dict[str, Any]:
    """The tablet and its clock. The time and the place among others of that time stay those of what is corrected."""
    return {name: value for name, value in act.made_so().items() if name not in ("counter", "offset_s")}


def _line(act: Act, about: UUID) -> Line:
    chart = whole_chart(act.stream)
    line = chart.line(about) if about in chart.entries else ()
    if not line or line[0].session != act.session_id:
        raise refuse("what it corrects is no entry of this session", "about", MEND)
    return line


def _as_shown(act: Act, about: UUID) -> Line:
    """The line up to the entry that the tablet showed."""
    line = _line(act, about)
    return line[: 1 + next(n for n, e in enumerate(line) if e.id == about)]


def _anew(before: Body, row: str, value: Decimal | None, text: str | None, values: dict[str, Any]) -> Body:
    known = parameters().get(row)
    match before:
        case Vitals() if known and known.fields:
            typed = {n: v for n, v in values.items() if v is not None}
            if set(typed) != set(known.fields):
                raise bad(f"{known.name} is corrected as a whole", row, "Enter each of its values.")
            return msgspec.structs.replace(before, **typed)
        case Rating(scale=scale) if known and known.scale == scale and value is not None:
            on_scale(scale, value)
            return msgspec.structs.replace(before, value=value)
        case Note() if text and text.strip():
            return msgspec.structs.replace(before, text=text.strip())
    raise bad("what it corrects says nothing of that", "row", MEND)


def _written(act: Act, line: Line, body: Body, reason: str, write: Callable[[], Entry]) -> list[Entry]:
    """Write it once: a form whose answer was lost comes again under its number."""
    stream, why = line[-1].stream, reason.strip()
    draft = Draft(id=act.entry_id, stream=stream, body=body, by=act.person.by, at=act.when, reason=why)
    try:
        return once(draft.correcting(line[-1]), lambda: [write()], timed=act.at)
    except Refused as refused:
        if refused.problems[0].where == "corrects":
            raise _meanwhile(_line(act, line[-1].id)[-1]) from refused
        raise


def _meanwhile(newer: Entry) -> Refused:
    """Who said what in its place."""
    who = names_of({newer.by})[newer.by]
    if isinstance(newer.body, EnteredInError):
        return refuse(f"{who} marked it as entered in error meanwhile", "corrects", MEND)
    told = ", ".join(filter(None, words(newer, zone())))
    return refuse(f"{who} corrected it meanwhile: it says {told}", "corrects", MEND)
