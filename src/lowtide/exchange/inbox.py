"""The inbox: what arrived and is no known patient's, and filing it into a chart (an entry in both)."""

from datetime import datetime
from uuid import UUID

from lowtide.exchange.fhir.groups import Writer, filed
from lowtide.exchange.fhir.known import Known
from lowtide.exchange.fhir.lines import Pen, write
from lowtide.exchange.fhir.placement import INBOX, Placement
from lowtide.exchange.fhir.reader import Incoming, decode
from lowtide.exchange.fhir.references import Arrived, Index, Key, is_about_patients
from lowtide.exchange.recorded import Recorded
from lowtide.people.charts import row_of
from lowtide.people.clinic import zone
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import FhirResource, Filed
from lowtide.record.store import Charts

Item = tuple[Entry, FhirResource]


def unfiled(inbox: Chart) -> tuple[list[Item], list[Item]]:
    """What waits for a patient, and what is about no patient (organisations, staff, forms); the newest first."""
    done = {body.item for _, body in inbox.said(Filed)}
    items = [(entry, body) for entry, body in reversed(inbox.said(FhirResource)) if entry.id not in done]
    waiting = [i for i in items if is_about_patients(i[1].resource_type)]
    return waiting, [i for i in items if not is_about_patients(i[1].resource_type)]


def item(inbox: Chart, entry_id: UUID) -> Item | None:
    """One thing of the inbox by the id of its entry, as it stands."""
    return next(((e, body) for e, body in inbox.said(FhirResource) if e.id == entry_id), None)


def file_into(entry_id: UUID, stream: str, by: str, *, now: datetime) -> None:
    """Put something of the inbox into a patient's chart, with the entries it gives rise to there.

    Raises BadInput when there is no such thing or no such patient, Refused when it was filed meanwhile.
    """
    inbox = store.load(INBOX)
    found = item(inbox, entry_id)
    if found is None:
        raise bad("there is no such thing in the inbox", "item", "Open the inbox again.")
    if row_of(stream) is None:
        raise bad("there is no such patient", "patient", "Search again.")
    entry, body = found
    placement = _Filing(_arrived(body), Recorded(), stream)
    pen = Pen(by, now, f"{INBOX}/{entry.id}", entry.visible_to)
    writer = Writer(placement, pen, zone(), {INBOX: pen.origin})
    one = placement.index.arrived[0]
    written = write(placement.lines(stream), one, writer.reading(one), pen)

    def not_yet(charts: Charts) -> None:
        if any(said.item == entry.id for _, said in charts[INBOX].said(Filed)):
            raise refuse("somebody filed it meanwhile", "item", "Open the inbox again.")

    store.append([*written.drafts, filed(entry, stream, pen)], not_yet, now=now)


def _arrived(body: FhirResource) -> Arrived:
    """The kept resource as if it arrived now, under the key it is known by."""
    raw = body.json.encode()
    one = Arrived(Incoming(INBOX, body.resource_type, raw, decode(raw)), body.system)
    one.key = Key(body.system, body.resource_type, body.resource_id)
    return one


class _Filing(Placement):
    """One resource whose patient a person has named."""

    def __init__(self, one: Arrived, known: Known, stream: str) -> None:
        super().__init__(Index([one]), known)
        self.streams = {one.key: stream}
        self.why_inbox = {}
