"""How far each document of a session has come on its way: to be sent, sent, failed, acknowledged, or going to nobody (pure)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import msgspec

from lowtide.data.documents import Kind, forms, kinds
from lowtide.data.programs import programs
from lowtide.pathway.course.sessions import Session
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Body, Entry
from lowtide.record.entries.care import CoursePlanned
from lowtide.record.entries.papers import (
    Correspondent,
    Coverage,
    DocumentAcknowledged,
    DocumentFailed,
    DocumentSent,
    DocumentWaived,
)

STEPS = (DocumentSent, DocumentFailed, DocumentAcknowledged, DocumentWaived)
NO_INSURER = "self_pay"
B = TypeVar("B", bound=Body)


class Way(StrEnum):
    TO_SEND = "to send"
    SENT = "sent"
    FAILED = "failed"
    ACKNOWLEDGED = "acknowledged"
    WAIVED = "not sent"


class Standing(msgspec.Struct, frozen=True):
    """One document of one session: where it stands and the last word on it; `sent` is the sending that counts."""

    document: str
    way: Way
    last: Entry | None = None
    sent: tuple[Entry, DocumentSent] | None = None


def standing(chart: Chart, session: UUID, document: str) -> Standing:
    """The latest word holds; a receipt or a failure of an earlier sending says nothing about a later one."""
    found = Standing(document, Way.TO_SEND)
    for entry in _steps(chart, session, document):
        found = _after(found, entry)
    return found


def _steps(chart: Chart, session: UUID, document: str) -> Iterator[Entry]:
    said = [
        e
        for kind in STEPS
        for e, b in chart.said(kind)
        if e.session == session and getattr(b, "document", "") == document
    ]
    yield from sorted(said, key=lambda e: e.order)


def _after(found: Standing, entry: Entry) -> Standing:
    body, mine = entry.body, found.sent[0].id if found.sent else None
    match body:
        case DocumentSent():
            return Standing(found.document, Way.SENT, entry, (entry, body))
        case DocumentFailed(sending=sending) if sending in (None, mine):
            return Standing(found.document, Way.FAILED, entry, found.sent)
        case DocumentAcknowledged(sending=sending) if sending == mine:
            return Standing(found.document, Way.ACKNOWLEDGED, entry, found.sent)
        case DocumentWaived():
            return Standing(found.document, Way.WAIVED, entry, found.sent)
    return found


def expected(chart: Chart, session: Session) -> Iterator[tuple[Kind, str]]:
    """(document, recipient) of all that this session asks to be sent: nothing before the patient has left."""
    if session.dose is None or session.ended_at is None or session.dose.stopped_at is None:
        return
    for kind in kinds().values():
        to = recipient(chart, session, kind)
        if to:
            yield kind, to


def recipient(chart: Chart, session: Session, kind: Kind) -> str:
    """Who gets it, as far as the record says; nothing where it goes to nobody."""
    match kind.goes_to:
        case "program":
            plan = next((b for _, b in chart.newest(CoursePlanned) if b.course == session.course), None)
            asked = [key for key in (plan.programs if plan else ()) if key in forms()]
            return programs()[asked[0]].label if asked else ""
        case "payer":
            covered = _known_then(chart, session, Coverage)
            return (
                (covered[1].payer or covered[1].payer_kind)
                if covered and covered[1].payer_kind != NO_INSURER
                else ""
            )
        case "referrer":
            to = _known_then(chart, session, Correspondent)
            return to[1].name if to and to[1].agreed is Answer.YES else ""
    return ""


def _known_then(chart: Chart, session: Session, kind: type[B]) -> tuple[Entry, B] | None:
    """What stands now, where something of the kind was on record when the patient left: older sessions stay as they are."""
    first = next(iter(chart.said(kind)), None)
    return chart.last(kind) if first and session.ended_at and first[0].at <= session.ended_at else None
