"""What documents are made from, read out of the store."""

from datetime import tzinfo
from uuid import UUID

from lowtide.documents.papers.sources import Sources
from lowtide.pathway.session.shown.lines import signed_by
from lowtide.people.clinic import clinic_chart
from lowtide.people.who import names_of
from lowtide.record.chart import Chart
from lowtide.safe.ledger import Ledger
from lowtide.safe.places import books_of, charts


def sources_of(whole: Chart, session: UUID, zone: tzinfo) -> Sources:
    """The sources of one session's documents. `whole` is never shown: each document narrows it for its readers."""
    safes = charts()
    people = {who for e in whole.session(session) for who in signed_by(e)} | {
        e.by for line in whole.lines() for e in line if e.session == session
    }
    for chart in safes.values():
        people |= _of_session(books_of(chart), session)
    nurses = {f"{e.body.nurse}" for e in whole.session(session) if hasattr(e.body, "nurse")}
    return Sources(
        session=session,
        whole=whole,
        audience=frozenset(),
        safes=safes,
        clinic=clinic_chart(),
        names=names_of(people | nurses),
        zone=zone,
    )


def _of_session(books: Ledger, session: UUID) -> set[str]:
    """Who drew, gave, wasted and witnessed for the session."""
    draws = {str(draw.id) for draw in books.of_session(session)}
    mine = [p.entry for p in books.postings if p.source.name in draws or p.target.name in draws]
    witnesses = {w for e in mine if (w := getattr(e.body, "witness", None))}
    return {e.by for e in mine} | witnesses
