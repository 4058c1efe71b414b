"""Messages between a patient and the clinic, and what the patient asked for: what stands open of them (pure)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from lowtide.data.portal import crisis_words
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.portal import Message, MessageClosed, PatientRequest, PatientRequestClosed

SPOKE = ("called", "spoken", "elsewhere")


class Said(msgspec.Struct, frozen=True):
    """One message; `closed` is how it was dealt with where nobody wrote back."""

    entry: Entry
    body: Message
    closed: tuple[Entry, MessageClosed] | None = None

    @property
    def is_patients(self) -> bool:
        return self.entry.by.startswith("patient:")


class Asked(msgspec.Struct, frozen=True):
    entry: Entry
    body: PatientRequest
    closed: tuple[Entry, PatientRequestClosed] | None = None


def messages(chart: Chart) -> list[Said]:
    """The whole conversation in order. A closing is about the patient's messages up to the one it names."""
    said = chart.said(Message)
    closings = [(e, b) for e, b in chart.said(MessageClosed) if b.message in chart.entries]
    return [Said(e, b, _closing(chart, e, closings)) for e, b in said]


def _closing(
    chart: Chart, message: Entry, closings: list[tuple[Entry, MessageClosed]]
) -> tuple[Entry, MessageClosed] | None:
    """How it was dealt with: by word of mouth before anything else, so that a later “nothing to do” opens no old alarm."""
    if not message.by.startswith("patient:"):
        return None
    about = [(e, b) for e, b in closings if chart.entries[b.message].order >= message.order]
    return next((one for one in about if one[1].how in SPOKE), about[-1] if about else None)


def open_messages(chart: Chart) -> list[Said]:
    """The patient's messages that nobody has answered or dealt with. One with words of crisis is not over by a written
    answer: somebody speaks to the patient."""
    everything = messages(chart)
    answers = [m.entry.order for m in everything if not m.is_patients]
    return [m for m in everything if m.is_patients and not _is_over(m, answers)]


def _is_over(one: Said, answers: Sequence[tuple[datetime, int, UUID]]) -> bool:
    if one.body.crisis:
        return one.closed is not None and one.closed[1].how in SPOKE
    return one.closed is not None or any(at > one.entry.order for at in answers)


def requests(chart: Chart) -> list[Asked]:
    """All that the patient ever asked for, in order."""
    done: dict[UUID, tuple[Entry, PatientRequestClosed]] = {
        b.request: (e, b) for e, b in chart.said(PatientRequestClosed)
    }
    return [Asked(e, b, done.get(e.id)) for e, b in chart.said(PatientRequest)]


def open_requests(chart: Chart) -> list[Asked]:
    return [one for one in requests(chart) if one.closed is None]


# -- words of crisis --------------------------------------------------------------------------------------------


def crisis_in(text: str) -> tuple[str, ...]:
    """The words of the table that stand in this text, in any of its languages."""
    plain = f" {_plain(text)} "
    found = (word for one in crisis_words().values() for word in one.words if f" {_plain(word)} " in plain)
    return tuple(dict.fromkeys(found))


def _plain(text: str) -> str:
    """Small letters without accents, apostrophes left out, everything else between words one space."""
    bare = "".join(_letters(unicodedata.normalize("NFKD", text.casefold())))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub(r"['’‘`´]", "", bare)).split())


def _letters(text: str) -> Iterator[str]:
    return (c for c in text if not unicodedata.combining(c))
