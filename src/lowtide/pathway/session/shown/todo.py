"""What to do now, in the order in which it is said (pure): the one task, what else is due, what comes next."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from lowtide.data.chair import Parameter, parameters
from lowtide.pathway.course.words import due as due_words
from lowtide.pathway.session.rules.containers import Container, ready, running
from lowtide.pathway.session.rules.due import DueItem, Status, next_due
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.giving import coming
from lowtide.pathway.session.rules.leaving import ready as may_leave
from lowtide.pathway.session.rules.state import Phase, SessionState
from lowtide.pathway.session.shown.grid import minutes
from lowtide.pathway.session.shown.parts import next_words, so_far
from lowtide.science.units import amount, plain

SOON = timedelta(minutes=15)
# Measured with one cuff and one finger clip: asked for together.
TOGETHER = ("bp", "hr", "spo2")
BY_RATES = "by the rates that were recorded"
ASK = "Ask the prescriber: they are made up again, or the dose ends here."


class Task(msgspec.Struct, frozen=True):
    """The one thing to do. `level` is late, due, planned or none; `page` names the address, `of` the parameter.

    `due_at` lets the words keep time; `escalate` asks for a second person.
    """

    title: str
    level: str
    word: str
    text: str
    verb: str = ""
    page: str = ""
    planned: str = ""
    of: str = ""
    due_at: datetime | None = None
    escalate: bool = False
    unverified: bool = False


class Todo(msgspec.Struct, frozen=True):
    """The task, what else is due by now, and what comes next with its instant."""

    task: Task
    also_due: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()
    coming_at: datetime | None = None


def todo(state: SessionState, now: datetime) -> Todo:
    """What there is to do at `now`."""
    opened = next_due(state.due)
    due = by_urgency([d for d in opened if d.status(now) in (Status.DUE, Status.LATE)], now)
    ahead = [d for d in opened if d.status(now) is Status.PLANNED]
    first = _of_the_phase(state, now)
    if due and (first is None or first.level == "planned"):
        first, due = _measure(due[0], state, now), due[1:]
        due = [d for d in due if not (first.of in TOGETHER and d.parameter.id in TOGETHER)]
    coming_at = ahead[0].due_at if ahead else None
    return Todo(
        task=first or _nothing_due(ahead, now, state),
        also_due=tuple(d.parameter.name.lower() for d in due),
        coming=tuple(d.parameter.name.lower() for d in ahead if d.due_at == coming_at),
        coming_at=coming_at,
    )


def by_urgency(items: Iterable[DueItem], now: datetime) -> list[DueItem]:
    """Late before due, and of several the one that stands higher on the flowsheet."""
    rank = list(parameters())
    return sorted(items, key=lambda d: (d.status(now) is not Status.LATE, rank.index(d.parameter.id)))


def _of_the_phase(state: SessionState, now: datetime) -> Task | None:
    """What the phase asks for before anything else."""
    ends_at = state.facts.ends_at
    match state.phase:
        case Phase.DOSING | Phase.PAUSED if old := past_use(state.facts, now):
            return _off_with_it(state.facts, old)
        case Phase.DOSING if to_change(state.facts, now):
            return _next_container(state.facts, now)
        case Phase.DOSING if state.facts.infusion and ends_at and now >= ends_at:
            return Task("The bag is empty", "late", "Now", BY_RATES, "Record the end", "stop")
        case Phase.DOSING if state.facts.parts and not state.facts.infusion:
            return _part(state.facts, now)
        case Phase.PAUSED:
            return Task("Paused", "late", "Paused", "Nothing goes in.", "Resume or stop", "pump")
        case Phase.READY:
            return Task(
                "Leave checks", "due", "Ready", "The readings are as they should be.", "Ask them", "leave"
            )
        case Phase.ABANDONED:
            return _broken_off(state, now)
        case Phase.DISCHARGED:
            return Task("Sign the session", "due", "Left", _left(state), "Read and sign", "sign")
        case Phase.SIGNED:
            return Task("Signed", "none", "Closed", "What is written now is an addendum.")
    return None


def _broken_off(state: SessionState, now: datetime) -> Task | None:
    """After the dose it ends with leaving, once the readings allow it; until then they are what is due."""
    if state.facts.started is None:
        return Task("Sign the session", "due", "Broken off", "No dose was given.", "Read and sign", "sign")
    if not may_leave(state.facts, state.monitoring, now):
        return None
    text = "It was broken off; the readings are as they should be."
    return Task("Leave checks", "due", "Ready", text, "Ask them", "leave")


def past_use(facts: Facts, now: datetime) -> Container | None:
    """The bag or syringe that hangs past its time of use."""
    hangs = running(facts)
    return hangs if hangs and now >= hangs.body.use_by else None


def _off_with_it(facts: Facts, old: Container) -> Task:
    """The clinic's time of use is a default until it is approved: it reminds, the nurse decides."""
    if facts.more_ml > 0 and ready(facts):
        verb, where = "Change it", "change_container"
    else:
        verb, where = "Bags and syringes", "infusion"
    title = f"{old.name[:1].upper()}{old.name[1:]} is past its time of use"
    return Task(title, "late", "Past its time", "Take it down.", verb, where, due_at=old.body.use_by)


def to_change(facts: Facts, now: datetime) -> bool:
    """The present container is nearly empty, and the order has more than it."""
    return bool(facts.infusion and facts.more_ml > 0 and now >= facts.infusion.runs_empty_at - SOON)


def _next_container(facts: Facts, now: datetime) -> Task:
    assert facts.infusion
    empty_at = facts.infusion.runs_empty_at
    hung = ready(facts)
    if hung:
        title, text, verb, where = f"Change to {hung[0].name}", BY_RATES, "Change it", "change_container"
    elif facts.again_ml:
        title, text = f"{plain(amount(facts.again_ml))} mL of the order were poured away", ASK
        verb, where = "Bags and syringes", "infusion"
    else:
        title, text, verb, where = "Make up the next one", "none is ready", "Bags and syringes", "infusion"
    if now >= empty_at:
        return Task(title, "late", "Empty", text, verb, where)
    return Task(title, "due", "Nearly empty", text, verb, where, due_at=empty_at)


def _part(facts: Facts, now: datetime) -> Task:
    """The next part of a dose without a pump: to be waited for, or to be given now."""
    following, words = coming(facts), so_far(facts)
    if not following.of_mg:
        return Task(
            "The rest cannot be given", "due", "Left open", words, "Record that it ends", "end_dosing"
        )
    waits = following.not_before is not None and now < following.not_before
    word = "Not before" if waits else "Now"
    title = next_words(facts)
    level = "planned" if waits else "due"
    return Task(title, level, word, words, title, "give", due_at=following.not_before)


def _left(state: SessionState) -> str:
    missed = len([d for d in state.due if d.missed])
    return f"{missed} {'check was' if missed == 1 else 'checks were'} missed." if state.due else ""


def _measure(item: DueItem, state: SessionState, now: datetime) -> Task:
    start, parameter = state.facts.started_at, item.parameter
    found = state.facts.readings[parameter.id]
    late = item.status(now) is Status.LATE
    return Task(
        title=parameter.name,
        level="late" if late else "due",
        word=due_words(item.due_at, now).capitalize() if late else "Due now",
        text=f"last {found[-1].text}" if found else "not charted yet",
        planned=f"planned {minutes(start, item.due_at)}" if start else "",
        verb=f"Record {spoken(parameter)}" if parameter.id != "pump" else "Read the pump",
        page="pump" if parameter.id == "pump" else "enter",
        of=parameter.id,
        due_at=item.due_at,
        escalate=now >= item.escalate_at,
        unverified=not item.rule.verified or "frequency" in item.rule.unverified,
    )


def spoken(parameter: Parameter) -> str:
    """The row's label inside a sentence: BP stays BP, Sedation becomes sedation."""
    label = parameter.label
    return label.lower() if label[1:].islower() else label


def _nothing_due(ahead: list[DueItem], now: datetime, state: SessionState) -> Task:
    if ahead and ahead[0].due_at - now <= SOON:
        item = by_urgency([d for d in ahead if d.due_at == ahead[0].due_at], now)[0]
        found = _measure(item, state, now)
        return msgspec.structs.replace(found, level="planned", word="Next")
    return Task("Nothing is due", "none", "Calm", "The next check is shown below.")
