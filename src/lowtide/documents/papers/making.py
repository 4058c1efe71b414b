"""Every document of a session, each by its own function of the same sources (pure)."""

from collections.abc import Callable

from lowtide.data.documents import kinds
from lowtide.documents.papers import bill, drug_use, flowsheet, instructions, letter, rems_form, summary
from lowtide.documents.papers.model import Document, NotNeeded
from lowtide.documents.papers.sources import Sources

Made = Document | NotNeeded
MADE: dict[str, Callable[[Sources], Made]] = {
    "flowsheet": flowsheet.made,
    "summary": summary.made,
    "drug_use": drug_use.made,
    "rems_form": rems_form.made,
    "bill": bill.made,
    "instructions": instructions.made,
    "letter": letter.made,
}


def make(sources: Sources, name: str) -> Made:
    """One document, made only from what its readers may see, in the clinic as it was when the session was signed."""
    mine = sources.reading_for(kinds()[name].audience)
    with mine.laid():
        return MADE[name](mine)


def make_all(sources: Sources) -> dict[str, Made]:
    """Every document, in the order of their table."""
    return {name: make(sources, name) for name in kinds()}
