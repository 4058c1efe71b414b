"""Entries of reminders by e-mail: what was mailed, what became of it, and whether the patient wants them."""

from collections.abc import Iterator
from uuid import UUID

from lowtide.problems import Problem
from lowtide.record.entries.base import Body

ABOUT = ("visit", "questions")
OUTCOMES = ("sent", "refused", "failed", "returned")


class ReminderMailed(Body, tag="reminder_mailed.1", frozen=True, kw_only=True):
    """A reminder begins its way to this address. Written before it is handed over, so that nobody else sends it again.

    `items` name what it reminds of, each by its kind, its rule or session, and its time.
    """

    about: tuple[str, ...]
    items: tuple[str, ...]
    address: str
    language: str

    def problems(self) -> Iterator[Problem]:
        if not self.about or not set(self.about) <= set(ABOUT):
            yield Problem(
                "it is not said what the reminder is about", "about", f"One of: {', '.join(ABOUT)}."
            )


class ReminderOutcome(Body, tag="reminder_outcome.1", frozen=True, kw_only=True):
    """What became of a reminder: the mail server took it (`sent`), refused the address, did not answer (`failed`), or
    somebody here saw that it came back (`returned`)."""

    reminder: UUID
    how: str
    said: str = ""

    def problems(self) -> Iterator[Problem]:
        if self.how not in OUTCOMES:
            yield Problem("it is not said what became of it", "how", f"One of: {', '.join(OUTCOMES)}.")


class RemindersChosen(Body, tag="reminders_chosen.1", frozen=True, kw_only=True):
    """Whether the patient wants reminders, and in which language; the last word counts."""

    on: bool
    language: str = ""


class LanguageChosen(Body, tag="language_chosen.1", frozen=True, kw_only=True):
    """The language in which the patient reads their own pages, chosen there; what is mailed to them speaks it too."""

    language: str
