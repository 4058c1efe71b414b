"""Adverse events of the session, as a form or a letter says them (pure)."""

from lowtide.documents.papers.model import Field
from lowtide.documents.papers.sources import Sources, missing

NOT_HERE = "adverse events are not recorded in this version"


def of_kinds(s: Sources, kinds: tuple[str, ...]) -> Field:
    return missing("", NOT_HERE)


def serious(s: Sources) -> Field:
    return missing("", NOT_HERE)
