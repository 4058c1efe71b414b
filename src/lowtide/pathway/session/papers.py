"""What a session's record makes, as the page where it is signed tells it; the room of documents registers how."""

from collections.abc import Callable

import msgspec

from lowtide.pathway.session.views.common import Seen
from lowtide.people.who import Request


class Paper(msgspec.Struct, frozen=True):
    """One line of the checklist: how it stands (`level` and `word`), what it says, from how much, where it opens.

    `blocks`: nobody signs before it is mended.
    """

    name: str
    level: str
    word: str
    says: str
    made_from: str = ""
    url: str = ""
    link: str = "View"
    blocks: bool = False

    @property
    def is_gap(self) -> bool:
        return self.level in ("hold", "stop")


Build = Callable[[Request, Seen], list[Paper]]
_build: list[Build] = []


def register(build: Build) -> None:
    _build[:] = [build]


def papers(request: Request, see: Seen) -> list[Paper]:
    """The checklist; empty where no room makes documents."""
    return _build[0](request, see) if _build else []
