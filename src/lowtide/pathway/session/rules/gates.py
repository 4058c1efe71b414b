"""What stands between a patient and the dose: every reason why it may not be started yet, said in full.

Pure: the chart, the session's facts, the monitoring items and the time come in. An unanswered question blocks as
“not asked”, never as “no”; some holds a prescriber may lift with a reason, a stop nobody may.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.chair import Question, chair, numbers, parameters
from lowtide.data.dosing import Dosing
from lowtide.data.giving import way
from lowtide.data.monitoring import Item
from lowtide.pathway.course.consent import course_of, missing
from lowtide.pathway.course.given import first_doses
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.words import when
from lowtide.pathway.safety.longterm.gate import blocking
from lowtide.pathway.session.rules.due import watched
from lowtide.pathway.session.rules.facts import Facts, sessions
from lowtide.pathway.session.rules.preparation import open_check
from lowtide.pathway.session.rules.readings import Reading, Value
from lowtide.pathway.session.rules.thresholds import holds
from lowtide.record.chart import Chart
from lowtide.record.dates import age_years
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.care import CoursePlanned, OrderSigned
from lowtide.record.entries.chair import Acknowledged
from lowtide.record.entries.history import HistoryItem, Measurement
from lowtide.record.entries.identity import Patient, Sex

VITAL_ROWS = ("bp", "hr", "spo2")
TYPED = timedelta(minutes=1)
CONSENT = "consent_valid"
INTO_THE_BODY = ("infusion", "injection")
CONSENT_MEND = "Go through the consent with the patient on the plan’s page."


class Blocker(msgspec.Struct, frozen=True):
    """One reason why the dose may not start. `about` is the entry a prescriber may lift it for, if one may. `step`: it is
    open as a matter of course, until whoever is at the chair does it."""

    id: str
    level: str
    what: str
    mend: str
    rule: Item | None = None
    about: UUID | None = None
    step: bool = False

    @property
    def may_be_lifted(self) -> bool:
        return self.about is not None


def questions(chart: Chart, facts: Facts, monitoring: Mapping[str, Item]) -> list[Question]:
    """The questions of this patient's time-out, with their limits filled in."""
    items = watched(facts, monitoring)
    return [
        msgspec.structs.replace(q, question=q.question.format(limit=_limit(items[q.rule], q.value)))
        for q in chair().time_out
        if q.rule in items and _concerns(items[q.rule], chart, facts)
    ]


def blockers(
    chart: Chart,
    facts: Facts,
    monitoring: Mapping[str, Item],
    now: datetime,
    zone: tzinfo,
    limits: Dosing | None = None,
) -> list[Blocker]:
    """Why the dose may not be started now, in the order in which it is put right; nothing when it may.

    `limits` are the clinic's numbers; without them those of the order's policy hold.
    """
    lifted = {
        (e.body.rule, e.body.about)
        for e in facts.entries
        if isinstance(e.body, Acknowledged) and e.body.lifts
    }
    found = [
        *_order(chart, facts, now, zone),
        *_came_later(facts, now, zone),
        *_consent(chart, facts, now, zone),
        *_long_term(chart, now),
        *_time_out(chart, facts, monitoring),
        *_vitals(chart, facts, monitoring, now, zone),
        *_second_person(facts, limits),
        *_spacing(chart, facts, now, zone),
    ]
    return [b for b in found if b.about is None or (b.id, b.about) not in lifted]


def left_open(chart: Chart, facts: Facts, monitoring: Mapping[str, Item]) -> list[str]:
    """What stands in the way that no clock changes: the missing order, and what the time-out leaves open."""
    order = [] if facts.order else ["dose not ordered"]
    asked = [b.what for b in _time_out(chart, facts, monitoring)] if facts.time_out else []
    return [*order, *asked]


def open_session(chart: Chart, but: UUID) -> Facts | None:
    """Another session of this person that has begun and not ended (hazard H008)."""
    return next((f for s, f in sessions(chart).items() if s != but and is_open(f)), None)


def is_open(facts: Facts) -> bool:
    """Somebody sits in the chair: the time-out was taken or the dose begun, and the patient has not left."""
    return bool(facts.time_out or facts.started) and facts.over_at is None and facts.signed is None


def min_interval(chart: Chart, course: UUID | None) -> timedelta:
    """The shortest time between two doses by the course's protocol; none without one."""
    planned = [body for _, body in chart.said(CoursePlanned) if body.course == course]
    protocol = protocol_of(planned[-1]) if planned else None
    return timedelta(hours=float(protocol.min_interval_h or 0)) if protocol else timedelta(0)


def latest_dose(chart: Chart, but: UUID) -> datetime | None:
    """When the last dose of another session was started."""
    return max((e.at for session, e in first_doses(chart).items() if session != but), default=None)


def weight_today(chart: Chart, now: datetime, zone: tzinfo) -> tuple[Entry, Measurement] | None:
    """The latest weight measured on this day of the clinic."""
    today = now.astimezone(zone).date()
    weights = [
        (e, m)
        for e, m in chart.said(Measurement)
        if m.quantity == "weight_kg" and e.at.astimezone(zone).date() == today
    ]
    return weights[-1] if weights else None


def baseline(facts: Facts, parameter: str, before: datetime | None = None) -> Reading | None:
    """The last whole reading before the dose: before it was started, or else before the instant given."""
    found = _before(facts, parameter, before)
    return found[-1] if found else None


def _before(facts: Facts, parameter: str, before: datetime | None) -> list[Reading]:
    start = facts.started_at or before
    return [r for r in facts.readings[parameter] if r.whole and (start is None or r.at < start)]


def _order(chart: Chart, facts: Facts, now: datetime, zone: tzinfo) -> Iterator[Blocker]:
    if facts.order is None:
        yield Blocker("order", "hold", "the dose is not ordered", "A prescriber signs the order on the plan.")
    if not _by_weight(chart, facts):
        return
    weight = weight_today(chart, now, zone)
    if weight is None:
        yield Blocker("M06", "hold", "no weight was measured today", "Weigh the patient.", step=True)
    elif facts.order and not _rests_on(facts.order[1], weight, chart):
        ordered, found = facts.order[1].weight_kg, weight[1].value
        yield Blocker(
            "M06",
            "hold",
            f"the order is for {ordered} kg, today’s weight is {found} kg",
            "A prescriber signs the order again for today’s weight.",
        )


def _by_weight(chart: Chart, facts: Facts) -> bool:
    """Whether the dose rests on a weight: as ordered, else as the protocol of its course gives it."""
    if facts.order:
        return facts.order[1].weight_entry is not None
    planned = [b for _, b in chart.said(CoursePlanned) for s in b.sessions if s.session == facts.session]
    known = protocol_of(planned[-1]) if planned else None
    return known is None or known.weight_based or way(known.product, known.route).form in INTO_THE_BODY


def consent_missing(chart: Chart, facts: Facts, now: datetime, zone: tzinfo) -> str:
    """Why no consent covers this session (hazard H042): it asks for the very series, product, route and form."""
    planned = next(
        (b for _, b in chart.said(CoursePlanned) for s in b.sessions if s.session == facts.session), None
    )
    course = course_of(chart, facts.scheduled[1].course) if facts.scheduled else planned
    return missing(chart, course, now, zone) if course else "it is not known for which series"


def _consent(chart: Chart, facts: Facts, now: datetime, zone: tzinfo) -> Iterator[Blocker]:
    why = consent_missing(chart, facts, now, zone)
    if why:
        yield Blocker("consent", "stop", why, CONSENT_MEND)


def _long_term(chart: Chart, now: datetime) -> Iterator[Blocker]:
    """What stops until a prescriber decided, and checks that are overdue beyond what the policy bears (hazard H037)."""
    for hold in blocking(chart, now):
        yield Blocker(hold.id, hold.level, hold.what, hold.mend)


def _came_later(facts: Facts, now: datetime, zone: tzinfo) -> Iterator[Blocker]:
    """A start written late lies after what allowed it; a typed time says no seconds, so a minute is left."""
    steps = (
        ("order", "the order was signed", facts.order[0].at if facts.order else None),
        ("time_out", "the time-out was taken", facts.time_out[0].at if facts.time_out else None),
    )
    for name, what, at in steps:
        if at and facts.started_at is None and at > now + TYPED:
            yield Blocker(name, "hold", f"{what} later, at {at.astimezone(zone):%H:%M}", "Check the time.")


def _rests_on(order: OrderSigned, weight: tuple[Entry, Measurement], chart: Chart) -> bool:
    """The order is for this weight: the same entry uncorrected, or the same number measured again."""
    return order.weight_entry == weight[0].id or (
        order.weight_kg == weight[1].value and chart.line(weight[0].id)[-1].id == weight[0].id
    )


def _time_out(chart: Chart, facts: Facts, monitoring: Mapping[str, Item]) -> Iterator[Blocker]:
    if facts.time_out is None:
        yield Blocker(
            "time_out", "hold", "the time-out was not taken", "Take it with the patient.", step=True
        )
        return
    entry, body = facts.time_out
    answers = {item.item: item.answer for item in body.items}
    for question in questions(chart, facts, monitoring):
        rule = monitoring[question.rule]
        answer = answers.get(question.id, Answer.NOT_KNOWN)
        if answer is Answer.NOT_KNOWN:
            yield Blocker(question.id, "hold", f"{question.short}: not asked", "Ask, and answer it.", rule)
        elif answer.value != question.good:
            about = entry.id if question.lift else None
            what = f"{question.short}: {answer.value} to “{question.question}”"
            yield Blocker(question.id, rule.level, what, rule.action, rule, about)


def _vitals(
    chart: Chart, facts: Facts, monitoring: Mapping[str, Item], now: datetime, zone: tzinfo
) -> Iterator[Blocker]:
    pre = [i for i in watched(facts, monitoring).values() if i.phase == "pre" and i.trigger]
    window = max((i.frequency.within_min_before or 0 for i in pre), default=0)
    fresh: dict[str, Value] = {}
    for row in VITAL_ROWS:
        reading = baseline(facts, row, now + TYPED)
        rules = [i for i in pre if _concerns_row(i, row)]
        if rules and (reading is None or now - reading.at > timedelta(minutes=window)):
            name = rules[0].parameter
            what = f"{name}: not measured in the last {window} min"
            yield Blocker(row, "hold", what, "Measure it.", rules[0], step=True)
        elif reading:
            ages = _ages(chart, now, zone)
            fresh = dict(reading.values) | ages
            yield from (_crossed(rule, reading, fresh) for rule in rules if _unless_clear(rule, fresh))
            read = _before(facts, row, now + TYPED)
            yield from (b for rule in rules for b in _too_soon(rule, read, ages, zone))


def _second_person(facts: Facts, limits: Dosing | None) -> Iterator[Blocker]:
    """The blind look of a second person at what was made ready (hazard H012)."""
    for what, mend in open_check(facts, limits):
        yield Blocker("preparation", "hold", what, mend, step=True)


def _concerns_row(item: Item, row: str) -> bool:
    return not set(item.values).isdisjoint(parameters()[row].fields)


def _unless_clear(rule: Item, values: Mapping[str, Value]) -> bool:
    return rule.trigger is not None and holds(rule.trigger, values) is not False


def _too_soon(rule: Item, read: Sequence[Reading], ages: dict[str, Value], zone: tzinfo) -> Iterator[Blocker]:
    """A lower reading that came sooner after the last one that crosses than the rule lets the patient rest."""
    wait = timedelta(minutes=rule.trigger.repeat_min or 0) if rule.trigger else timedelta()
    high = next((r for r in reversed(read) if _unless_clear(rule, dict(r.values) | ages)), None)
    last, slack = read[-1], timedelta(seconds=numbers().apart_slack_s)
    if high is None or high is last or last.at - high.at + slack >= wait:
        return
    minutes, unit = int((last.at - high.at).total_seconds() // 60), last.parameter.unit
    what = f"{rule.parameter} {last.text} {unit} came {minutes} min after {high.text}: {rule.action}"
    again = f"Measure again from {(high.at + wait).astimezone(zone):%H:%M} on."
    yield Blocker(rule.id, rule.level, what, again, rule, high.entry.id if rule.level == "hold" else None)


def _crossed(rule: Item, reading: Reading, values: Mapping[str, Value]) -> Blocker:
    about = reading.entry.id if rule.level == "hold" else None
    what = f"{rule.parameter} {reading.text} {reading.parameter.unit}: {rule.trigger_text}"
    if rule.trigger and holds(rule.trigger, values) is None:
        what += " (the age is not known)"
    return Blocker(rule.id, rule.level, what, rule.action, rule, about)


def _spacing(chart: Chart, facts: Facts, now: datetime, zone: tzinfo) -> Iterator[Blocker]:
    other = open_session(chart, facts.session)
    if other:
        yield Blocker(
            "H008",
            "stop",
            "another session of this patient is open",
            "End that one, or find out why it is open.",
        )
    scheduled = facts.scheduled[1] if facts.scheduled else None
    allowed_at = earliest_start(chart, facts.session, scheduled.course if scheduled else None)
    if allowed_at and now < allowed_at and not (scheduled and scheduled.sooner_because):
        yield Blocker(
            "H009",
            "stop",
            f"the last dose is too recent: the next may follow from {when(allowed_at, zone, now)} on",
            "Wait, or a prescriber books it sooner with a reason.",
        )


def earliest_start(chart: Chart, session: UUID, course: UUID | None) -> datetime | None:
    """The first instant at which the protocol lets this dose follow the last one; None when nothing holds it."""
    last = latest_dose(chart, session)
    return last + min_interval(chart, course) if last else None


def _limit(item: Item, value: str | None) -> str:
    """The number that the item sets for a value, for the words of its question."""
    conditions = [c for when in (item.trigger.when if item.trigger else ()) for c in when if c.value == value]
    bounds = [b for c in conditions for b in (c.below, c.at_most, c.above, c.at_least) if b is not None]
    return str(bounds[0]) if bounds else ""


def _concerns(item: Item, chart: Chart, facts: Facts) -> bool:
    """Whether a question about this item is for this patient; what is not known is asked."""
    course = facts.scheduled[1].course if facts.scheduled else None
    indications = [b.indication for _, b in chart.said(CoursePlanned) if b.course == course]
    if item.scope.indications and indications and indications[-1] not in item.scope.indications:
        return False
    return not (item.scope.childbearing and cannot_be_pregnant(chart))


def cannot_be_pregnant(chart: Chart) -> bool:
    """True only where somebody said so: recorded as male, or the history answers no."""
    said = [b for _, b in chart.said(HistoryItem) if b.item == "childbearing_potential"]
    patient = chart.last(Patient)
    if said:
        return said[-1].answer is Answer.NO
    return patient is not None and patient[1].sex is Sex.MALE


def _ages(chart: Chart, now: datetime, zone: tzinfo) -> dict[str, Value]:
    """The age in whole years; of a partial birth date the younger one, whose limits are the stricter."""
    patient = chart.last(Patient)
    born = patient[1].birth_date if patient else None
    return {"age_years": Decimal(age_years(born, now.astimezone(zone).date())[0])} if born else {}
