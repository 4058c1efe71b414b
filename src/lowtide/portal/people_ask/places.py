"""Where an answer comes from, so that a reader can look it up: the paper or the authority first, and named as a copy what
it was only seen through."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from lowtide.data.evidence import Pooled, Study, Tables
from lowtide.data.questions import Cited, questions
from lowtide.data.sources import host_of, is_official
from lowtide.science.evidence.named import Answer

SURNAME = re.compile(r"^(?P<name>.+?) [A-Z]{1,3}\b")
NUMBERED = (
    ("10.", "https://doi.org/"),
    ("PMC", "https://pmc.ncbi.nlm.nih.gov/articles/"),
    ("NCT", "https://clinicaltrials.gov/study/"),
)
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


class Place(msgspec.Struct, frozen=True):
    """`url` leads to the work itself, or to a copy where nothing better was seen; `read` are the other addresses at
    which its numbers were read. `checked`: whether the number in `url` was compared with the work."""

    title: str
    short: str
    url: str
    read: tuple[str, ...] = ()
    checked: bool = True

    @property
    def is_copy(self) -> bool:
        return not is_official(self.url)

    @property
    def host(self) -> str:
        return host_of(self.url)

    @property
    def papers(self) -> list[tuple[str, str]]:
        """Where else it was read at its own publisher's: address and host."""
        return [(url, host_of(url)) for url in self.read if is_official(url)]

    @property
    def copies(self) -> list[tuple[str, str]]:
        return [(url, host_of(url)) for url in self.read if not is_official(url)]


def of_answers(answers: Iterable[Answer], tables: Tables) -> list[Place]:
    """Each work that the answers were read from, once."""
    return merged(place for answer in answers for place in _of_answer(answer, tables))


def _of_answer(answer: Answer, tables: Tables) -> Iterator[Place]:
    for _, row in answer.rows:
        study = tables.study.get(getattr(row, "study_id", ""))
        if study is not None:
            yield of_study(study, row.source_url or "")
        elif isinstance(row, Pooled):
            yield _of_review(row, tables)
    if not answer.rows:
        yield from map(of_address, answer.source)


def of_study(study: Study, read: str = "") -> Place:
    """The study's own paper; an identifier that nobody checked stands behind an official address that was read."""
    checked, recalled = _identifiers(study)
    seen = read or study.source_url or ""
    official = seen if is_official(seen) else ""
    url = checked or official or recalled or seen
    name = _named(study.citation, study.year)
    return Place(study.citation, name, url, _others(url, read), checked=not recalled or url != recalled)


def _identifiers(study: Study) -> tuple[str, str]:
    """The address by the number that was checked, and by one that was not."""
    numbers = {"DOI": study.doi, "PMID": study.pmid, "registry": study.registry_id}
    every = {kind: address(number or "") for kind, number in numbers.items()}
    said = study.ids_verified
    checked = next((url for kind, url in every.items() if url and (said == "yes" or kind in said)), "")
    return checked, "" if checked else every["DOI"] or every["PMID"]


def _of_review(row: Pooled, tables: Tables) -> Place:
    """Its number stands in one of the rows of the same review."""
    same = (p.doi_or_pmid for p in tables.pooled if p.citation == row.citation and p.doi_or_pmid)
    number = next(same, "")
    read = row.source_url or ""
    url = address(number) or read
    year = YEAR.search(row.citation)
    return Place(row.citation, _named(row.citation, year[0] if year else ""), url, _others(url, read))


def of_address(url: str) -> Place:
    """What is known to stand at an address; its host where nothing is."""
    known = questions().cited.get(url, Cited("", host_of(url)))
    lead = known.official or url
    return Place(known.title, known.short, lead, _others(lead, url))


def merged(places: Iterable[Place]) -> list[Place]:
    """Each work once, with every address at which it was read."""
    found: dict[str, Place] = {}
    for place in places:
        key = place.title or place.url
        before = found.get(key)
        first = before or place
        also = (*first.read, *_others(first.url, place.url), *place.read)
        found[key] = msgspec.structs.replace(first, read=tuple(dict.fromkeys(also)))
    return list(found.values())


def _others(lead: str, read: str) -> tuple[str, ...]:
    return (read,) if read and read != lead else ()


def _named(citation: str, year: int | str) -> str:
    surname = SURNAME.match(citation)
    return f"{surname['name'] if surname else citation.split()[0]} {year}".strip()


def address(number: str) -> str:
    """Where a work stands by its number: a DOI, PubMed's, PubMed Central's or ClinicalTrials.gov's; nothing for others."""
    found = next((where for start, where in NUMBERED if number.startswith(start)), "")
    pubmed = "https://pubmed.ncbi.nlm.nih.gov/" if number.isdigit() else ""
    return f"{found or pubmed}{number}" if found or pubmed else ""
