"""What to find out for an item that is not known: its question, or what to complete of what is on record already (pure)."""

from collections.abc import Iterator

from lowtide.data import intake
from lowtide.data.trials import tables
from lowtide.pathway.evaluate.adequacy import ANTIDEPRESSANT, Part, Trial, counts, failed
from lowtide.pathway.evaluate.lookup import Asked
from lowtide.pathway.evaluate.words import told

TRIALS = "treatment_trials"
UNMATCHED, STRANGER = "medicine:", "problem:"
ON_RECORD = "On record: "
"""How a question begins that tells of a value which counts no more."""


def question(item: str, asked: Asked) -> str:
    """What to ask or record, so that the item is known."""
    if item.startswith(UNMATCHED):
        return f"Which medicine is “{item.removeprefix(UNMATCHED)}”? Match it to a known one or to its code."
    if item.startswith(STRANGER):
        return (
            f"Which condition is “{item.removeprefix(STRANGER)}”? Match it to a known one or to its code, or record by name "
            "that it does not matter here."
        )
    own = _outdated(item, asked) + intake.items()[item].question
    gaps = "; ".join(f"{agent}: {text}" for agent, text in dict(_gaps(item, asked)).items())
    return f"Complete the earlier treatments ({gaps}). {own}" if gaps else own


def _outdated(item: str, asked: Asked) -> str:
    """What is on record of an item, and why it counts no more."""
    limit = asked.outdated(item)
    if limit is None:
        return ""
    known, taken = intake.items()[item], asked.facts.taken[item]
    when = f"of {taken}" if isinstance(taken, str) else f"{taken} days old"
    said = told(known.label, asked.facts.values[item], known.unit)
    return f"{ON_RECORD}{said}, {when}, older than the {limit} days it counts for. "


def in_ledger(item: str) -> bool:
    """Whether the ledger of earlier treatments answers an item."""
    return item in (TRIALS, tables().counted.failed)


def _gaps(item: str, asked: Asked) -> Iterator[tuple[str, str]]:
    """Each treatment that may count, and what of it is not recorded."""
    for one, found in _judged(item, asked):
        if found.met is None:
            yield one.agent, found.text


def _judged(item: str, asked: Asked) -> Iterator[tuple[Trial, Part]]:
    if item == TRIALS:
        tried = [t for t in asked.facts.trials if t.kind == ANTIDEPRESSANT]
        yield from ((t, counts(t, asked.min_weeks)) for t in tried)
    elif item == tables().counted.failed:
        yield from ((t, failed(t, asked.min_weeks)) for t in asked.tried())
