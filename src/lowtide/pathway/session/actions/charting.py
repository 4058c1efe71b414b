"""What is charted at the chair: vital signs, ratings, events, notes, what was not done, and corrections of these."""

from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.audiences import audience, topics
from lowtide.data.chair import chair, chips, parameters
from lowtide.pathway.session.actions.common import MEND, Act, append, once, require
from lowtide.pathway.session.rules.state import Verb
from lowtide.people.roles import Permission
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.chair import Acknowledged, ChairEvent, NotDone, Note, Rating, Vitals
from lowtide.record.entries.clinic import EnteredInError

CORRECTABLE = (Vitals, Rating, ChairEvent, Note, NotDone)


def vitals(act: Act, values: Vitals) -> list[Entry]:
    """Vital signs as measured. A systolic that is not above the diastolic is refused (hazard H016)."""
    return _chart(act, values)


def rating(act: Act, *, scale: str, value: Decimal) -> list[Entry]:
    """A rating on one of the chair's scales; a number that the scale does not have is refused (hazard H021)."""
    if scale not in {p.scale for p in parameters().values()}:
        raise bad(f"there is no scale “{scale}” at the chair", "scale", "Use one of the flowsheet’s rows.")
    steps = chair().scales.get(scale)
    if steps and f"{value:f}" not in {number for number, _ in steps.words}:
        raise bad(f"{steps.version} has no {value}", scale, "Choose the words that fit.")
    return _chart(act, Rating(scale=scale, value=value))


def event(act: Act, *, what: str, detail: str | None = None) -> list[Entry]:
    """Something seen or done: a chip, or free text as `other` with its detail."""
    if what not in chips() and not (what == "other" and detail and detail.strip()):
        raise bad("say what happened", "detail", "Write it in a few words.")
    return _chart(act, ChairEvent(what=what, detail=detail.strip() or None if detail else None))


def not_done(act: Act, *, item: str, why: str) -> list[Entry]:
    """A due item could not be done, and why."""
    if item not in parameters() or not why.strip():
        raise bad("say what was not done, and why", "why", "Choose a reason.")
    return _chart(act, NotDone(item=item, why=chair().not_done.get(why, why.strip())))


def note(act: Act, *, text: str, topic: str = "clinical") -> list[Entry]:
    """Free text, read by those whom its topic is for; everybody reads what they wrote themselves."""
    _may_write(act, topic)
    body = Note(text=text.strip(), topic=topic)
    return append(act, Verb.NOTE, [act.draft(body, visible_to=audience(topic))])


def acknowledge(act: Act, *, rule: str, about: UUID, reason: str) -> list[Entry]:
    """Say what is done about a reminder. From a prescriber it also lifts a hold that stood before the dose."""
    require(act, Permission.CHART_SESSION)
    if not reason.strip():
        raise bad("say what you do about it", "reason", "Write it in a few words.")
    body = Acknowledged(rule=rule, about=about, lifts=act.person.can(Permission.ORDER))
    return append(act, Verb.CHART, [act.draft(body, reason=reason.strip())])


def correct(act: Act, *, entry: UUID, body: Body, reason: str) -> list[Entry]:
    """Replace what an entry of this session says; the old value stays readable, struck through.

    The time stays the old one's unless another is given.
    """
    old = _own(act, entry)
    if not isinstance(body, CORRECTABLE):
        raise refuse("this is not corrected here", "entry", "Mark it as entered in error and write it again.")
    return _replace(act, old, body, reason)


def strike(act: Act, *, entry: UUID, reason: str) -> list[Entry]:
    """Mark an entry of this session as entered in error."""
    old = _own(act, entry)
    if not isinstance(old.body, CORRECTABLE):
        raise refuse("this step cannot be taken back here", "entry", "Write a note that says what is wrong.")
    return _replace(act, old, EnteredInError(), reason)


def _chart(act: Act, body: Body) -> list[Entry]:
    require(act, Permission.CHART_SESSION)
    return append(act, Verb.CHART, [act.draft(body)])


def _own(act: Act, entry: UUID) -> Entry:
    """The entry, when it is this session's and this person may change it."""
    found = store.find(entry)
    if found is None or found.session != act.session_id or found.stream != act.stream:
        raise refuse("this entry is not of this session", "entry", MEND)
    if isinstance(found.body, Note):
        _may_write(act, found.body.topic)
    else:
        require(act, Permission.CHART_SESSION)
    return found


def _may_write(act: Act, topic: str) -> None:
    if topic not in topics() or act.person.audience.isdisjoint(topics()[topic].written_by):
        raise refuse(f"{act.person.name} writes no such note", "topic", "Choose another topic.")


def _replace(act: Act, old: Entry, body: Body, reason: str) -> list[Entry]:
    if not reason.strip():
        raise bad("a correction needs its reason", "reason", "Say in a few words why.")
    timed = msgspec.structs.replace(act, at=act.at or old.at)
    draft = timed.draft(body, reason=reason.strip()).correcting(old)
    return once(draft, lambda: store.append([draft], now=act.now), timed=timed.at)
