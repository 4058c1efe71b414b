"""What people ask, and the answers in plain words; their numbers are answers by name, filled in where they are shown."""

import re
from functools import cache

import msgspec

from lowtide.data import read
from lowtide.data.claims import Verdict
from lowtide.data.named_answers import Certainty

FILE = "evidence/questions.toml"
HOLE = re.compile(r"\{(\w+)\.(\w+)\}")


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A paragraph. `{name.what}` is filled in; `source` (addresses) or `studies` (of the table) say where it comes from
    if not from such an answer. What it says holds as long as the conditions of `when` (`answer.what > number`) do: else
    it is left out and the page says so."""

    text: str
    when: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    verified: bool = False

    @property
    def answers(self) -> tuple[str, ...]:
        named = (name for name, _ in HOLE.findall(self.text))
        return tuple(dict.fromkeys((*named, *(text.partition(".")[0] for text in self.when))))


class Dots(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"with_": "with"}):
    """An answer as so many of a hundred people: how many with, and how many without; or how many `more` with."""

    answer: str
    with_: str
    without: str = ""
    more: bool = False


class Cited(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands at an address: its title, what it is called in two words, and where it was first published. `official`
    is empty where that place was not seen, or is the address itself."""

    title: str
    short: str
    official: str = ""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`short` is the answer in a nutshell: `rests_on` names the answers that say how sure it is, `when` is as a part's."""

    slug: str
    group: str
    ask: str
    short: str
    part: tuple[Part, ...]
    rests_on: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    dots: tuple[Dots, ...] = ()
    claims: tuple[str, ...] = ()
    crisis: bool = False

    @property
    def answers(self) -> tuple[str, ...]:
        """Every answer that the page rests on, each once."""
        short = (*self.rests_on, *(text.partition(".")[0] for text in self.when))
        said = (name for part in self.part for name in part.answers)
        return tuple(dict.fromkeys((*short, *said, *(d.answer for d in self.dots))))


class Questions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`certainty` and `verdict` say these words to patients; `cited` tells what stands at an address that is no study's."""

    version: str
    certainty: dict[Certainty, str]
    verdict: dict[Verdict, str]
    question: tuple[Question, ...]
    cited: dict[str, Cited]

    def of(self, slug: str) -> Question | None:
        return next((q for q in self.question if q.slug == slug), None)


@cache
def questions() -> Questions:
    return read.toml(FILE, Questions)
