"""How effects go over time: each comparison a line, each time at which trials speak a column. Times have trials of their own."""

from collections.abc import Callable, Iterable
from typing import Any

from lowtide.data.evidence import Tables
from lowtide.data.evidence_words import words
from lowtide.science.evidence.answering import Comparison
from lowtide.science.evidence.course import Course
from lowtide.science.evidence.on_whom import sort
from lowtide.site.evidence_pages.analysed import label
from lowtide.site.evidence_pages.forest import effect_told

Behind = Callable[[Comparison, Tables], list[tuple[str, str]]]
"""The names and addresses of what a comparison rests on."""


def table(found: Iterable[Course], tables: Tables, behind: Behind) -> dict[str, Any] | None:
    """None where trials speak at one time only."""
    its = list(found)
    windows = [w for w in words().window if any(w == at for one in its for at, _ in one.points)]
    if len(windows) < 2:
        return None
    return {"windows": windows, "rows": [_row(one, windows, tables, behind) for one in its]}


def _row(one: Course, windows: Iterable[str], tables: Tables, behind: Behind) -> dict[str, Any]:
    of, first = dict(one.points), one.first
    whom = sort(tables, words(), first.population, first.studies)
    apart = (first.group, whom, first.evidence * (first.evidence != "direct"))
    return {
        "treatment": label(tables, first.treatment),
        "versus": label(tables, first.versus),
        "apart": "; ".join(part for part in apart if part),
        "cells": [_cell(of.get(window), tables, behind) for window in windows],
    }


def _cell(one: Comparison | None, tables: Tables, behind: Behind) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "effect": effect_told(one),
        "certainty": one.certainty.level if one.certainty else "not judged",
        "studies": behind(one, tables),
        "verified": one.verified,
    }
