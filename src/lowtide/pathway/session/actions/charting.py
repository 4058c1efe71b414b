"""What is charted at the chair: vital signs, ratings, events, notes, and what was not done."""

from decimal import Decimal
from uuid import UUID

from lowtide.data.audiences import audience, topics
from lowtide.data.chair import chair, chips, parameters
from lowtide.pathway.session.actions.common import Act, append, require
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.state import Verb
from lowtide.people.charts import whole_chart
from lowtide.people.roles import Permission
from lowtide.problems import bad, refuse
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.chair import Acknowledged, ChairEvent, NotDone, Note, Rating, Vitals


def vitals(act: Act, values: Vitals) -> list[Entry]:
    """Vital signs as measured. A systolic that is not above the diastolic is refused (hazard H016)."""
    return _chart(act, values)


def rating(act: Act, *, scale: str, value: Decimal) -> list[Entry]:
    """A rating on one of the chair's scales; a number that the scale does not have is refused (hazard H021)."""
    if scale not in {p.scale for p in parameters().values()}:
        raise bad(f"there is no scale “{scale}” at the chair", "scale", "Use one of the flowsheet’s rows.")
    on_scale(scale, value)
    return _chart(act, Rating(scale=scale, value=value))


def on_scale(scale: str, value: Decimal) -> None:
    """Raise BadInput for a number that the scale does not have."""
    steps = chair().scales.get(scale)
    if steps and f"{value:f}" not in {number for number, _ in steps.words}:
        raise bad(f"{steps.version} has no {value}", scale, "Choose the words that fit.")


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
    """Say what is done about a reminder. From a prescriber it also lifts a hold that stands before the dose."""
    require(act, Permission.CHART_SESSION)
    if not reason.strip():
        raise bad("say what you do about it", "reason", "Write it in a few words.")
    start = session_facts(whole_chart(act.stream), act.session_id).started_at
    before = start is None or act.when < start
    body = Acknowledged(rule=rule, about=about, lifts=before and act.person.can(Permission.ORDER))
    return append(act, Verb.CHART, [act.draft(body, reason=reason.strip())])


def _chart(act: Act, body: Body) -> list[Entry]:
    require(act, Permission.CHART_SESSION)
    return append(act, Verb.CHART, [act.draft(body)])


def _may_write(act: Act, topic: str) -> None:
    if topic not in topics() or act.person.audience.isdisjoint(topics()[topic].written_by):
        raise refuse(f"{act.person.name} writes no such note", "topic", "Choose another topic.")
