"""Entries of the patient's own place: opened and closed, messages both ways, and what a patient asks for."""

from collections.abc import Iterator
from uuid import UUID

from lowtide.problems import Problem
from lowtide.record.entries.base import Body

LONGEST = 4000
CLOSINGS = ("called", "spoken", "elsewhere", "nothing")
ASKED_FOR = ("stop_treatment", "close_access", "correct", "other")


class PortalOpened(Body, tag="portal_opened.1", frozen=True, kw_only=True):
    """The patient may open their own place from now on; `how` the first link reached them: paper, aloud or mail."""

    how: str


class PortalClosed(Body, tag="portal_closed.1", frozen=True, kw_only=True):
    """Their own place opens no longer, by nobody's link or device, until it is opened again."""


class Message(Body, tag="message.1", frozen=True, kw_only=True):
    """A message between the patient and the clinic; the entry's author says which way it went.

    `answers` is the message it replies to. `crisis` holds the words of the table that were found in it.
    """

    text: str
    answers: UUID | None = None
    crisis: tuple[str, ...] = ()

    def problems(self) -> Iterator[Problem]:
        if not self.text.strip():
            yield Problem("there is nothing in the message", "text", "Write what you want to say.")
        if len(self.text) > LONGEST:
            yield Problem("the message is too long", "text", f"Keep it below {LONGEST} letters.")


class MessageClosed(Body, tag="message_closed.1", frozen=True, kw_only=True):
    """Somebody has dealt with the patient's messages up to this one without writing back: how, in a word and a line."""

    message: UUID
    how: str
    note: str = ""

    def problems(self) -> Iterator[Problem]:
        if self.how not in CLOSINGS:
            yield Problem("it is not said what was done", "how", f"One of: {', '.join(CLOSINGS)}.")


class EscortNamed(Body, tag="escort_named.1", frozen=True, kw_only=True):
    """The patient says who takes them home from the session that the entry names, and under which number they are reached."""

    name: str
    phone: str = ""

    def problems(self) -> Iterator[Problem]:
        if not self.name.strip():
            yield Problem("nobody is named", "name", "Write who takes you home.")

    @property
    def text(self) -> str:
        return ", ".join(filter(None, (self.name, self.phone)))


class PatientRequest(Body, tag="patient_request.1", frozen=True, kw_only=True):
    """The patient asks to stop the treatment, to close their own place, to have something put right, or for another thing."""

    what: str
    text: str = ""

    def problems(self) -> Iterator[Problem]:
        if self.what not in ASKED_FOR:
            yield Problem("it is not said what is asked for", "what", f"One of: {', '.join(ASKED_FOR)}.")


class PatientRequestClosed(Body, tag="patient_request_closed.1", frozen=True, kw_only=True):
    """What came of the patient's request."""

    request: UUID
    outcome: str

    def problems(self) -> Iterator[Problem]:
        if not self.outcome.strip():
            yield Problem("the outcome is missing", "outcome", "Write what was done.")
