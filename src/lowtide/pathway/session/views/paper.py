"""The whole session on paper: identity, the order, every entry with its corrections and addenda."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from lowtide.pathway.course.approved_here import monitored_here
from lowtide.pathway.course.ordered import in_short
from lowtide.pathway.course.words import clock, day
from lowtide.pathway.session.rules.state import WORDS
from lowtide.pathway.session.rules.thresholds import crossings
from lowtide.pathway.session.shown.grid import grid, strips
from lowtide.pathway.session.shown.lines import signed_by, words
from lowtide.pathway.session.shown.picture import picture
from lowtide.pathway.session.views.closing import review
from lowtide.pathway.session.views.common import Seen, page, seen
from lowtide.pathway.session.views.drawn import drawing
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record.chart import Line, stands

ALL_COLUMNS, ON_PAPER = 10_000, 10


@needs(Permission.SEE_CHART)
@require_GET
def flowsheet(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """The printed flowsheet."""
    see = seen(request, patient, session)
    facts, shown, struck = see.facts, review(see), list(_struck(see))
    signed = [(line, signed_by(line.entry)) for line in shown["lines"]]
    names = names_of({who for _, both in signed for who in both} | {line[-1].by for line in struck})
    return page(
        request,
        "session/flowsheet.html",
        see,
        strips=strips(grid(see.state, see.now, 0, ALL_COLUMNS), ON_PAPER),
        drawing=drawing(picture(see.state, monitored_here(), see.now, see.zone)),
        said=[(line, ", ".join(names[who] for who in both)) for line, both in signed],
        struck=[(*words(old, see.zone), names[last.by], last.reason) for *_, old, last in struck],
        order=facts.order[1] if facts.order else None,
        ordered=in_short(facts.order[1]) if facts.order else "",
        missed=shown["missed"],
        crossings=[c for c in crossings(facts, monitored_here()) if c.due],
        state_words=WORDS[see.state.phase],
        started=_on(facts.started_at, see.zone) if facts.started_at else "",
        printed=_on(see.now, see.zone),
        head=max(facts.entries, key=lambda e: e.seq).hash[:12] if facts.entries else "",
    )


def _on(at: datetime, zone: tzinfo) -> str:
    """On paper no day is “yesterday”."""
    return f"{day(at, zone, weekday=False)} {at.astimezone(zone).year}, {clock(at, zone)}"


def _struck(see: Seen) -> Iterator[Line]:
    """The lines of this session that ended as entered in error."""
    for line in see.found.chart.lines():
        if line[0].session == see.facts.session and not stands(line[-1]):
            yield line
