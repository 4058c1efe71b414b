"""What is wrong with an input, in the three parts a person needs: what, where, how to mend it."""

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One fault. `where` is a field name, a path or a line; `mend` says what to do about it."""

    what: str
    where: str
    mend: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.mend}"


class BadInput(Exception):
    """Input that cannot be accepted; nothing was saved."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(str(p) for p in problems))
        self.problems = problems


def bad(what: str, where: str, mend: str) -> BadInput:
    """The usual case: one problem."""
    return BadInput(Problem(what, where, mend))


class Refused(BadInput):
    """A rule of the record or of the clinic forbids this now; the reason says which."""


class Conflict(Exception):
    """An id that is already recorded with other content. Both are shown; nothing was written."""

    def __init__(self, stored: object, given: object) -> None:
        super().__init__("this id is already recorded with other content; nothing was written")
        self.stored, self.given = stored, given


def refuse(what: str, where: str, mend: str) -> Refused:
    return Refused(Problem(what, where, mend))
