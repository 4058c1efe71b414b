"""Due items of maintenance: the next date, a relapse, a pause that ends, who was not heard of, an escort, and those who ended
(pure)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from lowtide.data import schedules
from lowtide.pathway.course.chosen import departed
from lowtide.pathway.course.due import DueItem, Group, Task
from lowtide.pathway.course.escorts import escort
from lowtide.pathway.course.state import CourseState, Phase
from lowtide.pathway.maintenance.heard import ended, heard_at, lost_at, tried
from lowtide.pathway.maintenance.rules import propose
from lowtide.pathway.maintenance.steps import is_paused
from lowtide.people.roles import P
from lowtide.record.chart import Chart

PAGE, DECISION, CLOCK = "maintenance:maintenance", Group.DECISION, Group.CLOCK
DECIDE = Task("next_session", "Decide next date", 80, DECISION, P.DECIDE, PAGE, "note", "Next")
RELAPSE = Task("relapse", "Decide what follows", 78, DECISION, P.DECIDE, PAGE, "hold", "Relapse")
LOSS = Task("response_lost", "Decide what follows", 79, DECISION, P.DECIDE, PAGE, "caution", "Response lost")
OTHER_DAY = Task("other_day", "Look at the date", 82, DECISION, P.DECIDE, PAGE, "caution", "Other day")
PAUSED = Task("paused", "Look again", 84, DECISION, P.DECIDE, PAGE, "hold", "Paused")
LOST = Task("lost", "Look for them", 88, CLOCK, P.BOOK, "maintenance:contact", "caution", "Not heard of")
AFTER_END = Task("after_end", "Ask how things are", 90, CLOCK, P.BOOK, "maintenance:contact", "note", "Ask")
ESCORT = Task(
    "escort", "Name an escort", 62, Group.BOOKING, P.BOOK, "session:book", "note", "Escort", "session"
)
DAY = timedelta(days=1)


def of_maintenance(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """A decision once no session lies ahead, a look at who is paused, relapsed or not heard of."""
    if state.phase is Phase.ENDED:
        yield from _after_end(chart)
        return
    yield from _escort(chart, state)
    yield from _other_day(chart, state)
    if not state.given or state.given[-1].is_under_way:
        return
    yield from _relapse(state)
    yield from _lost(chart, state)
    if state.next_session:
        return
    if is_paused(state):
        yield _paused(state)
    else:
        yield _to_decide(state)


def _to_decide(state: CourseState) -> DueItem:
    proposal, last = propose(state), state.given[-1]
    over = last.ended_at or last.at
    why = proposal.reasons[0] if proposal.window else f"{proposal.rule.rstrip('.')}."
    rule = schedules.rules()["next_session"]
    item = DueItem.after(DECIDE, rule, over, "Next session open", why, opens_at=over)
    if proposal.window is None:
        return item
    # what is proposed for a day ahead can be decided until that day comes
    due_at = max(item.due_at, proposal.window[0])
    return msgspec.structs.replace(item, window=proposal.window, due_at=due_at)


def _paused(state: CourseState) -> DueItem:
    """Due on the day that was set with the pause, else by the rule."""
    decision, rule = state.standing_decision, schedules.rules()["paused"]
    assert decision
    again = decision.body.look_again_on
    due_at = end_of(again) if again else decision.at + rule.span
    item = DueItem.after(PAUSED, rule, decision.at, "Paused", decision.reason, opens_at=due_at - DAY)
    return msgspec.structs.replace(item, due_at=due_at)


def _relapse(state: CourseState) -> Iterator[DueItem]:
    """A response that is gone, until somebody decides after the score that said so; a new series that does not answer is
    judged by the protocol's own rules."""
    one, decided = state.lead, state.standing_decision
    found = one.found
    if not found.lost or found.unanswered or (decided and decided.at >= found.since[-1].at):
        return
    at, told = found.since[-1].at, f"{one.measure.name} {float(found.since[-1].value):g}"
    if found.relapse and found.cut:
        why = f"{told}: a relapse by {found.cut.text}."
        yield DueItem.after(RELAPSE, schedules.rules()["relapse"], at, "Relapse", why, opens_at=at)
    else:
        why = f"{told} after a response: no response any more, and no relapse."
        rule = schedules.rules()["response_lost"]
        yield DueItem.after(LOSS, rule, at, "Response lost", why, opens_at=at)


def _lost(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """Nobody has heard of a patient in treatment since then."""
    since = lost_at(chart, state)
    heard = heard_at(chart, state)
    if since is None or heard is None:
        return
    name = f"Last heard of {heard.day} {heard:%b %Y}"
    yield DueItem.after(LOST, schedules.rules()["lost"], since, "Not heard of", f"{name}.", opens_at=since)


def _escort(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """The next booked session has nobody named who takes the patient home."""
    ahead = state.next_session
    if ahead is None or not ahead.booked:
        return
    if escort(chart, ahead.id):
        return
    rule = schedules.rules()["escort"]
    yield DueItem(
        task=ESCORT,
        rule=rule,
        due_at=ahead.planned_at - rule.span,
        opens_at=ahead.planned_at - 2 * rule.span,
        label=f"{ahead.name.capitalize()}: no escort named",
        title=f"Name who takes them home after {ahead.name}",
        session=ahead.id,
    )


def _other_day(chart: Chart, state: CourseState) -> Iterator[DueItem]:
    """A session stands on another day than was chosen, and whoever chose it has not said so: until the choice follows it."""
    found = departed(chart, state, UTC)
    if found is None or (found.booked.by == found.decision.by and found.booked.at > found.decision.at):
        return
    name, days = found.session.name.capitalize(), found.how.days
    told = f"{abs(days)} day{'' if abs(days) == 1 else 's'} {'later' if days > 0 else 'earlier'} than chosen"
    why = found.why.rstrip(".")
    out = f"Outside {' and '.join(one.name for one in found.how.outside)}." if found.how.outside else ""
    item = DueItem.after(
        OTHER_DAY,
        schedules.rules()["chosen_departs"],
        max(found.booked.at, found.decision.at),
        f"{name} is booked {told}",
        " ".join(filter(None, (f"{why}." if why else "", out))),
        session=found.session.id,
    )
    yield msgspec.structs.replace(item, window=(found.session.planned_at, found.session.planned_at))


def _after_end(chart: Chart) -> Iterator[DueItem]:
    """The first agreed day on which nobody has asked yet."""
    found = ended(chart)
    if found is None:
        return
    asked = {body.asked_for for _, body in tried(chart)}
    day = next((day for day in found.ask_on if day not in asked), None)
    if day is None:
        return
    rule = schedules.rules()["after_end"]
    opens = datetime.combine(day, time(), UTC)
    said = f"Agreed when the course ended: {found.outcome}."
    yield DueItem.after(AFTER_END, rule, opens, "Ask how things are", said, opens_at=opens)


def end_of(day: date) -> datetime:
    """The last instant of a day in UTC: a row of the worklist knows no clinic."""
    return datetime.combine(day + DAY, time(), UTC)
