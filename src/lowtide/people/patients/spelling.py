"""What somebody typed to find a patient, or as a birth date, read in every way it can be meant (pure)."""

import re
from collections.abc import Iterator

import msgspec

from lowtide.people.names import digits, spellings
from lowtide.record.dates import PartialDate, is_partial_date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>[a-z]{3,9})\.?"
_WRITTEN = (
    re.compile(rf"(?<!\w)(?P<day>\d{{1,2}})\.?\s+{_MONTH},?\s+(?P<year>\d{{4}})(?!\w)", re.I),
    re.compile(rf"(?<!\w){_MONTH}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})(?!\w)", re.I),
    re.compile(rf"(?<!\w){_MONTH}\s+(?P<year>\d{{4}})(?!\w)", re.I),
)
_ISO = re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})(?:[-/.](?P<d>\d{1,2}))?")
_MIXED = re.compile(r"(?P<a>\d{1,2})(?P<sep>[./ -])(?P<b>\d{1,2})[./ -](?P<y>\d{4}|\d{2})")
_OWN_NUMBER = re.compile(r"(?:lt)?[-\s]?0*(\d{1,7})", re.I)
_PHONE = re.compile(r"[+\d][\d\s()/.-]{4,}")


class Term(msgspec.Struct, frozen=True):
    """One thing typed, with the ways it can be meant; a patient is found when any of them fits.

    Each of `names` is one folded spelling, all of whose words must begin a word of the patient's names.
    """

    names: tuple[str, ...] = ()
    born: tuple[PartialDate, ...] = ()
    digits: str = ""
    code: str = ""
    number: int | None = None


def terms(typed: str) -> list[Term]:
    """Each thing typed. A patient must fit them all."""
    rest, found = typed.strip(), []
    for pattern in _WRITTEN:
        for match in pattern.finditer(rest):
            if born := _written(match):
                found.append(Term(born=(born,)))
                rest = rest.replace(match.group(), " ")
    if _PHONE.fullmatch(rest.strip()) and not dates(rest.strip()):
        return [*found, Term(digits=_significant(rest), code=rest.strip())]
    return [*found, *(_term(word) for word in re.split(r"[\s,;]+", rest) if word)]


def dates(typed: str) -> tuple[PartialDate, ...]:
    """Every date this can mean: 3/4/83 is two days in each of two centuries; 1983 is a year."""
    return tuple(dict.fromkeys(d for d in _dates(typed.strip()) if is_partial_date(d)))


def _dates(typed: str) -> Iterator[str]:
    for pattern in _WRITTEN:
        if (match := pattern.fullmatch(typed)) and (born := _written(match)):
            yield born
    if match := _ISO.fullmatch(typed):
        yield _joined(match["y"], match["m"], match["d"])
    if match := _MIXED.fullmatch(typed):
        for year in _years(match["y"]):
            yield _joined(year, match["b"], match["a"])
            if match["sep"] != ".":
                yield _joined(year, match["a"], match["b"])
    if re.fullmatch(r"\d{8}", typed):
        yield _joined(typed[:4], typed[4:6], typed[6:])
        yield _joined(typed[4:], typed[2:4], typed[:2])
    if re.fullmatch(r"(19|20)\d\d", typed):
        yield typed


def _years(year: str) -> tuple[str, ...]:
    return (year,) if len(year) == 4 else (f"19{year}", f"20{year}")


def _joined(*parts: str | None) -> str:
    return "-".join(p.zfill(2) for p in parts if p)


def _written(match: re.Match[str]) -> PartialDate | None:
    month = match["month"].lower()[:3]
    if month not in MONTHS:
        return None
    day = match.groupdict().get("day")
    born = _joined(match["year"], str(MONTHS.index(month) + 1), day)
    return born if is_partial_date(born) else None


def _term(word: str) -> Term:
    own = _OWN_NUMBER.fullmatch(word)
    return Term(
        names=() if word.isdigit() else spellings(word),
        born=dates(word),
        digits=_significant(word) if len(digits(word)) >= 4 else "",
        code=word,
        number=int(own[1]) if own else None,
    )


def _significant(phone: str) -> str:
    """The digits without the leading zeros that differ between national and international spelling."""
    return digits(phone).lstrip("0")
