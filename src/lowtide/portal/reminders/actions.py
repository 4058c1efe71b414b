"""Reminders switched on or off by the patient or for them, and a mail that came back."""

from lowtide.portal.actions import Act
from lowtide.portal.reminders import told
from lowtide.problems import bad
from lowtide.record.entries.base import Entry
from lowtide.record.entries.mailed import LanguageChosen, ReminderOutcome, RemindersChosen

RETURNED = "returned"


def choose(act: Act, *, on: bool, language: str = "") -> Entry:
    """On or off; on also means that an address which took none before is tried again."""
    word = told.chosen(act.chart.whole)
    kept = language or (word[1].language if word else "")
    return act.say(RemindersChosen(on=on, language=kept))


def speak(act: Act, language: str) -> Entry | None:
    """The language that was chosen on the own pages; nothing is written where it is the last word already."""
    said = act.chart.whole.last(LanguageChosen)
    return None if said and said[1].language == language else act.say(LanguageChosen(language=language))


def came_back(act: Act, said: str) -> Entry:
    """The last reminder came back to the clinic's own mailbox: the address is asked for anew."""
    found = told.mailed(act.chart.whole)
    if not found:
        raise bad("no reminder was sent", "said", "Load the page again.")
    return act.say(ReminderOutcome(reminder=found[-1].entry.id, how=RETURNED, said=said.strip()))
