"""Whether what went out still says what the record says (pure)."""

from collections.abc import Mapping

import msgspec

from lowtide.documents.papers.making import make
from lowtide.documents.papers.model import Document
from lowtide.documents.papers.sources import Sources
from lowtide.pathway.course.sendings import STEPS, Standing
from lowtide.record.entries.papers import DocumentSent


class Amended(msgspec.Struct, frozen=True):
    """A document was sent before its record was amended; `changed` are the fields that say something else now."""

    changed: tuple[str, ...]


def amended(sources: Sources, found: Standing) -> Amended | None:
    """What was sent, made again from what was known then, beside what is made now. None where both say the same."""
    if found.sent is None:
        return None
    body = found.sent[1]
    if not touched(sources, body.known):
        return None
    then, now = make(sources.as_of(body.known), found.document), make(sources, found.document)
    if not (isinstance(then, Document) and isinstance(now, Document)) or then.digest == now.digest:
        return None
    was = {(f.label, f.text) for f in then.fields()}
    labels = [f.label or "values" for f in now.fields() if (f.label, f.text) not in was]
    return Amended(tuple(dict.fromkeys(labels)) or ("what stood there before",))


def touched(sources: Sources, known: Mapping[str, int]) -> bool:
    """Whether the session has entries, in the chart or at a safe, that were not known then; its papers' own ways aside."""
    charts = (sources.whole, *sources.safes.values())
    return any(
        e.session == sources.session and e.seq > known.get(e.stream, 0) and not isinstance(e.body, STEPS)
        for chart in charts
        for e in chart.entries.values()
    )


def kept(body: DocumentSent, sources: Sources) -> bool:
    """Whether the document, made again from what was known then, has the fingerprint it was sent with."""
    made = make(sources.as_of(body.known), body.document)
    return isinstance(made, Document) and made.digest == body.digest
