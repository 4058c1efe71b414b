"""Reminders switched on or off by the patient or for them, and a mail that came back."""

from lowtide.portal.actions import Act
from lowtide.portal.reminders import told
from lowtide.problems import bad
from lowtide.record.entries.base import Entry
from lowtide.record.entries.mailed import ReminderOutcome, RemindersChosen

RETURNED = "returned"


def choose(act: Act, *, on: bool, language: str = "") -> Entry:
    """On or off; on also means that an address which took none before is tried again."""
    word = told.chosen(act.chart.whole)
    kept = language or (word[1].language if word else "")
    return act.say(RemindersChosen(on=on, language=kept))


def came_back(act: Act, said: str) -> Entry:
    """The last reminder came back to the clinic's own mailbox: the address is asked for anew."""
    found = told.mailed(act.chart.whole)
    if not found:
        raise bad("no reminder was sent", "said", "Load the page again.")
    return act.say(ReminderOutcome(reminder=found[-1].entry.id, how=RETURNED, said=said.strip()))
