"""The look-up tables of the evaluate step."""

from lowtide.pathway.evaluate.models import ResultWaiting
from lowtide.pathway.evaluate.reviewing import waiting
from lowtide.record.entries.history import Result, ResultReviewed
from lowtide.record.projections import Projection, register


def register_all() -> None:
    kinds = (Result, ResultReviewed)
    register(Projection("evaluate.results", 1, ResultWaiting, "chart:", kinds, waiting.rows))
