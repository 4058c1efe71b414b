"""A whole paper sheet typed in afterwards: all of it or nothing, in one transaction.

The typist is the author of the entries, and the sheet's entry says who had measured. What was charted meanwhile is not
written twice unless somebody says that it was measured twice.
"""

from collections.abc import Mapping
from datetime import date, tzinfo
from uuid import uuid5

import msgspec

from lowtide.data import monitoring
from lowtide.pathway.session.actions.common import Act, require
from lowtide.pathway.session.rules.facts import Facts, facts, session_facts
from lowtide.pathway.session.rules.state import Phase, state_of
from lowtide.pathway.session.typed import checking
from lowtide.pathway.session.typed.checking import Twice
from lowtide.pathway.session.typed.lines import Faults, Frame, Line, Row, is_blank, read, when
from lowtide.people.charts import linked, whole_chart
from lowtide.people.roles import Permission
from lowtide.problems import Conflict, Problem, Refused, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.chair import DoseGiven
from lowtide.record.entries.downtime import Measured, PaperTyped

KEEP, LEAVE = "keep", "leave"


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet as it was typed: whose, why there was paper, of which day, its rows; `names` are those of the staff."""

    written_by: str
    why: str
    day: date
    zone: tzinfo
    rows: tuple[Row, ...]
    names: Mapping[str, str] = {}


class Read(msgspec.Struct, frozen=True):
    """What the rows come to: entries to write, what is wrong by row and cell, and what is charted already."""

    typed: tuple[tuple[Line, Draft], ...]
    faults: Faults
    twice: tuple[Twice, ...]


def look(act: Act, sheet: Sheet) -> Read:
    """Read the sheet against the session as it stands; nothing is written."""
    return _look(act, sheet, session_facts(whole_chart(act.stream), act.session_id))


def _look(act: Act, sheet: Sheet, known: Facts) -> Read:
    typed, faults = _typed(act, sheet, known)
    if faults:
        return Read((), faults, ())
    as_entries = [(line, draft.as_entry()) for line, draft in typed]
    faults = checking.check(known, as_entries, monitoring.items())
    asked = [t for t in checking.twice(known, as_entries) if sheet.rows[t.row].get("twice") != KEEP]
    return Read(typed, faults, tuple(asked))


def _typed(act: Act, sheet: Sheet, known: Facts) -> tuple[tuple[tuple[Line, Draft], ...], Faults]:
    """The rows in the order of their times, each read against what the record knows and what the rows before it did: a bag
    that was hung on paper hangs, and a rate that was set there runs, for the rows that follow (hazard H014)."""
    found, faults, so_far = list[tuple[Line, Draft]](), Faults(), known
    frame = Frame(sheet.day, sheet.zone, act.now, known)
    rows = [(n, r) for n, r in enumerate(sheet.rows) if not is_blank(r) and r.get("twice") != LEAVE]
    for number, row in sorted(rows, key=lambda one: when(one[0], one[1], frame, {})):
        lines = [_counted(so_far, line) for line in read(number, row, frame, faults)]
        found += [(line, _draft(act, line)) for line in lines]
        if any(line.verb for line in lines):
            so_far = facts(known.session, [*known.entries, *(draft.as_entry() for _, draft in found)])
            frame = msgspec.structs.replace(frame, facts=so_far)
    return tuple(found), faults


def _counted(so_far: Facts, line: Line) -> Line:
    """A part of a dose is numbered on from those before it."""
    if not isinstance(line.body, DoseGiven):
        return line
    number = len(so_far.parts.parts) + 1 if so_far.parts else 1
    return msgspec.structs.replace(line, body=msgspec.structs.replace(line.body, number=number))


def _draft(act: Act, line: Line) -> Draft:
    return Draft(
        id=uuid5(act.entry_id, f"{line.row} {line.cell}"),
        stream=act.stream,
        session=act.session_id,
        body=line.body,
        by=act.person.by,
        at=line.at,
        counter=line.row + 1,  # of one minute, the upper line came first
        origin=f"{act.stream}/{act.entry_id}",
        reason=line.reason,
    )


def type_in(act: Act, sheet: Sheet) -> list[Entry]:
    """Write the whole sheet. Refused as a whole while one cell is wrong, or something charted already is not decided on."""
    require(act, Permission.CHART_SESSION)
    if stored := _typed_already(act, sheet):
        return [stored]
    found = look(act, sheet)
    _in_order(found)
    head = Draft(
        id=act.entry_id,
        stream=act.stream,
        session=act.session_id,
        body=PaperTyped(
            written_by=_name(sheet, sheet.written_by),
            why=sheet.why.strip(),
            measured=tuple(_measured(sheet, *one) for one in found.typed),
        ),
        by=act.person.by,
        at=act.now,
    )
    own = linked(act.stream)

    def guard(charts: Mapping[str, Chart]) -> None:
        known = session_facts(Chart.union(charts[name] for name in own), act.session_id)
        _takes_entries(known, found)
        _in_order(_look(act, sheet, known))

    return store.append([head, *(draft for _, draft in found.typed)], guard, also_lock=own, now=act.now)


def _takes_entries(known: Facts, found: Read) -> None:
    state = state_of(known, monitoring.items())
    if state.phase in (Phase.UNKNOWN, Phase.CANCELLED):
        raise refuse("this session takes no entries", "rows", "Look at the session again.")
    if known.signed and any(line.verb for line, _ in found.typed):
        raise refuse(
            "the session is signed: what was given is corrected, not typed in",
            "rows",
            "Correct the entry it concerns.",
        )


def _in_order(found: Read) -> None:
    if found.faults or found.twice:
        wrong = len({row for row, _ in found.faults} | {t.row for t in found.twice})
        raise Refused(
            Problem(
                f"{wrong} line{'' if wrong == 1 else 's'} of the sheet cannot be written as it stands",
                "rows",
                "Nothing was saved. Look at the marked cells.",
            )
        )


def _typed_already(act: Act, sheet: Sheet) -> Entry | None:
    """An earlier press of the same button wrote this sheet; the same id with other lines is a Conflict."""
    stored = store.find(act.entry_id)
    if stored is None or not isinstance(stored.body, PaperTyped):
        return None
    known = session_facts(whole_chart(act.stream), act.session_id)
    own = f"{act.stream}/{act.entry_id}"
    without = msgspec.structs.replace(known, entries=tuple(e for e in known.entries if e.origin != own))
    drafts = [draft for _, draft in _typed(act, sheet, without)[0]]
    written = {e.id: e for e in known.entries if e.origin == own}
    if {d.id for d in drafts} == set(written) and all(written[d.id].at == d.at for d in drafts):
        return stored
    body = PaperTyped(written_by=_name(sheet, sheet.written_by), why=sheet.why.strip(), measured=())
    raise Conflict(stored, act.draft(body))


def _measured(sheet: Sheet, line: Line, draft: Draft) -> Measured:
    who = line.who or sheet.written_by
    return Measured(str(draft.id), _name(sheet, who), who if who in sheet.names else None)


def _name(sheet: Sheet, who: str) -> str:
    return sheet.names.get(who, who).strip()
