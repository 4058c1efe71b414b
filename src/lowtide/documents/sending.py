"""The verbs of sending: a document went out, did not arrive, was confirmed, or goes to nobody.

Only what is signed is sent: what is written afterwards amends it, and whoever sent it learns of that.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.data.documents import kinds, version, ways
from lowtide.documents.papers.making import make
from lowtide.documents.papers.model import Document
from lowtide.documents.papers.sources import Sources
from lowtide.pathway.course.sendings import Standing, standing
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.people import retry
from lowtide.people.charts import linked, stream_of
from lowtide.people.roles import Permission
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Draft, Entry
from lowtide.record.entries.papers import DocumentAcknowledged, DocumentFailed, DocumentSent, DocumentWaived

MEND = "Look at the page again: it may have moved on."


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Who says what became of which document of which session."""

    person: Person
    patient: UUID
    session: UUID
    document: str
    entry_id: UUID
    now: datetime

    @property
    def stream(self) -> str:
        return stream_of(self.patient)


def sent(act: Act, sources: Sources, *, to: str, how: str, reference: str = "") -> Entry:
    """It went out, as it says now; its fingerprint and what it was made from are kept."""
    made = make(sources, act.document)
    if not isinstance(made, Document):
        raise refuse(f"there is no such document: {made.why}", "document", MEND)
    _way(how)
    body = DocumentSent(
        document=act.document,
        version=version(),
        to=to.strip(),
        how=how,
        digest=made.digest,
        known=sources.known,
        reference=reference.strip() or None,
    )
    return _write(act, body, None)


def failed(act: Act, found: Standing, *, to: str, how: str, reason: str) -> Entry:
    """A try did not arrive, or what was sent came back."""
    _way(how)
    sending = found.sent[0].id if found.sent else None
    return _write(act, DocumentFailed(document=act.document, to=to.strip(), how=how, sending=sending), reason)


def acknowledged(act: Act, found: Standing, *, receipt: str) -> Entry:
    if found.sent is None:
        raise refuse("it was not sent yet", "receipt", "Record first that it was sent.")
    body = DocumentAcknowledged(document=act.document, sending=found.sent[0].id, receipt=receipt.strip())
    return _write(act, body, None)


def waived(act: Act, *, reason: str) -> Entry:
    """It goes to nobody (any more), for a reason."""
    return _write(act, DocumentWaived(document=act.document), reason)


def _way(how: str) -> None:
    if how not in ways():
        raise bad(f"“{how}” is no way", "how", f"One of: {', '.join(ways())}.")


def _write(act: Act, body: Body, reason: str | None) -> Entry:
    if not act.person.can(Permission.SEND_DOCUMENTS):
        raise refuse(
            f"{act.person.name} may not send documents", "person", "Ask somebody whose role includes it."
        )
    if reason is not None and not reason.strip():
        raise bad("the reason is missing", "reason", "Say in a few words why.")
    draft = Draft(
        id=act.entry_id,
        stream=act.stream,
        session=act.session,
        body=body,
        by=act.person.by,
        at=act.now,
        reason=reason,
    )
    own = linked(act.stream)

    def guard(charts: Mapping[str, Chart]) -> None:
        _may(act, Chart.union(charts[name] for name in own), body)

    return retry.append([draft], guard, also_lock=own, now=act.now)[0]


def _may(act: Act, chart: Chart, body: Body) -> None:
    """Under the lock: the session is signed, and a receipt is for the sending that counts."""
    label = kinds()[act.document].label.lower()
    if session_facts(chart, act.session).signed is None and not isinstance(body, DocumentWaived):
        raise refuse(
            f"the session is not signed, so the {label} may still change", "document", "Sign it first."
        )
    found = standing(chart, act.session, act.document)
    if isinstance(body, DocumentAcknowledged) and (found.sent is None or found.sent[0].id != body.sending):
        raise refuse("it was sent again meanwhile", "receipt", MEND)
