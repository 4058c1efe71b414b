"""Sentences of the analysis as a reader of the pages takes them: trials and reviews by their authors, not by their ids."""

import re
from functools import lru_cache

from lowtide.data.evidence import Tables
from lowtide.site.evidence_pages.forest import named, reviewed


def readable(text: str, tables: Tables) -> str:
    """Each id of a study or of a pooled result as its name."""
    return _ids(tables).sub(lambda found: _name(found[0], tables), text)


def _name(key: str, tables: Tables) -> str:
    return named(tables, key) if key in tables.study else reviewed(tables, key)


@lru_cache(maxsize=8)
def _ids(tables: Tables) -> re.Pattern[str]:
    ids = [*tables.study, *(row.pooled_id for row in tables.pooled)]
    longest_first = sorted(map(re.escape, ids), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(longest_first)})(?![\w-])")
