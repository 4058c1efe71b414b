"""Every spelling under which an item, a total or a fact about the person may arrive, brought to one name (pure)."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from lowtide.data.instruments import Instrument

TOTAL = "total"  # a stated total: never taken over
ASKED_NOT_SCORED = ""
SEX, SCHOOL = "sex", "education_years"
MISCODED = "miscoded:"

_TOTALS = ("total", "total score", "score", "sum")
_ABOUT = {
    "sex": SEX,
    "gender": SEX,
    "education": SCHOOL,
    "education years": SCHOOL,
    "years of education": SCHOOL,
}
_CODE = re.compile(r"(?<![0-9])[0-9]{1,7}-[0-9](?![0-9])")


def named(instrument: Instrument, keys: Iterable[str]) -> dict[str, str | None]:
    """Each key as given -> item id, one of the words above, or None where the instrument knows nothing of the kind."""
    keys = list(keys)
    known = _known(instrument, keys)
    return {key: _find(instrument, known, key) for key in keys}


def _find(instrument: Instrument, known: Mapping[str, str], key: str) -> str | None:
    """By its whole name, else by the last LOINC code in it, as in the path “/44249-1/44250-9”."""
    found = known.get(bare(instrument, key))
    if found is not None:
        return found
    return next((known[code] for code in reversed(_CODE.findall(key)) if code in known), None)


def _known(instrument: Instrument, keys: list[str]) -> dict[str, str]:
    """Every spelling of an item, bare -> item id or one of the words above.

    A form may number its items otherwise (CADSS-6 by the long form, ISI 1a to 1c): that numbering is used when all
    keys belong to it and not all to ours.
    """
    others = _others(instrument)
    ours: dict[str, str] = {}
    for item_id in instrument.ids:
        detail = instrument.item(item_id)
        ours |= {bare(instrument, s): item_id for s in (item_id, detail.loinc, *detail.aliases) if s}
    theirs = {bare(instrument, s): i for s, i in zip(instrument.numbering, instrument.ids, strict=False)}
    given = {bare(instrument, key) for key in keys} - others.keys()
    use_theirs = bool(theirs) and not given <= ours.keys() and given <= theirs.keys()
    return others | (theirs if use_theirs else ours)


def _others(instrument: Instrument) -> dict[str, str]:
    return (
        {bare(instrument, key): TOTAL for key in (*_TOTALS, *instrument.totals)}
        | {bare(instrument, key): ASKED_NOT_SCORED for key in instrument.unscored}
        | {bare(instrument, key): MISCODED + key for key in instrument.miscoded}
        | {bare(instrument, key): word for key, word in _ABOUT.items()}
    )


def bare(instrument: Instrument, key: str) -> str:
    """“/44250-9”, “Q1”, “item 1”, “PHQ-9 q01” and “1” name items; prefix, slash and leading zeros do not matter."""
    return _bare(instrument.id, instrument.name, tuple(instrument.aliases), key)


@lru_cache(maxsize=8192)
def _bare(id_: str, name_: str, aliases: tuple[str, ...], key: str) -> str:
    """Kept: a page reads every answer of a chart, and each asks for all spellings of its instrument."""
    text = re.sub(r"[\s_]+", " ", key.strip().lower())
    text = re.sub(r"^/+", "", text)
    stem = re.sub(r"[0-9]+$", "", id_)  # “PHQ.1” and “GAD-1” leave the number of items out
    spelt = {id_, name_, *aliases, *([stem] if len(stem) > 1 else [])}
    for name in sorted(spelt, key=len, reverse=True):
        rest = text.removeprefix(name.lower())
        glued = name[-1].isalpha() and rest[:1].isdigit()
        if rest != text and (glued or re.match(r"[ .:/\-]+\S", rest)):
            text = re.sub(r"^[ .:/\-]+", "", rest)
            break
    text = re.sub(r"^(?:item|question|q)[ .\-]*(?=[0-9])", "", text)
    return re.sub(r"^0+(?=[1-9][0-9]?[a-z]?$)", "", text)


def plain(text: object) -> str:
    return re.sub(r"[^a-z0-9]", "", str(text).lower())
