"""The table of sendings as a pure function of a chart."""

from uuid import UUID

from lowtide.documents.models import SendingRow
from lowtide.pathway.course.sendings import STEPS, standing
from lowtide.record.chart import Chart
from lowtide.record.projections import Projection, Row, register

VERSION = 1


def rows(chart: Chart) -> list[Row]:
    about = {
        (e.session, str(getattr(b, "document", "")))
        for kind in STEPS
        for e, b in chart.said(kind)
        if e.session
    }
    return [_row(chart, session, name) for session, name in sorted(about, key=str) if session]


def _row(chart: Chart, session: UUID, name: str) -> Row:
    found = standing(chart, session, name)
    assert found.last
    body, sent = found.last.body, found.sent[1] if found.sent else None
    return {
        "key": f"{session}|{name}",
        "session": str(session),
        "document": name,
        "way": found.way.value,
        "to": getattr(body, "to", "") or (sent.to if sent else ""),
        "how": getattr(body, "how", "") or (sent.how if sent else ""),
        "reference": (sent.reference if sent else "") or "",
        "at": found.last.at,
        "sent_at": found.sent[0].at if found.sent else None,
        "known": sent.known.get(chart.stream, 0) if sent else 0,
    }


def register_all() -> None:
    register(Projection("documents.sendings", VERSION, SendingRow, "chart:", STEPS, rows))
