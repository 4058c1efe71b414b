"""What the planner shows: the four weeks as a table with bars, and the lists with names and the next step of each."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

import msgspec
from django.utils.safestring import mark_safe

from lowtide.data.chair import numbers
from lowtide.data.maintenance import states
from lowtide.pathway.course import today, words
from lowtide.pathway.course.drawing import svg
from lowtide.pathway.course.links import address
from lowtide.pathway.course.models import DueRow, SessionRow
from lowtide.pathway.course.sessions import Status
from lowtide.pathway.course.staying import stay
from lowtide.pathway.maintenance.models import UpkeepRow
from lowtide.pathway.maintenance.planner import capacity
from lowtide.pathway.maintenance.planner.capacity import House, Week, Wish
from lowtide.pathway.maintenance.planner.held import held, stopped
from lowtide.pathway.maintenance.planner.lists import Line, List, fades_of, lists, valid
from lowtide.pathway.outcomes.fade.asking import MONTH
from lowtide.people.clinic import CALENDAR, chairs, clinic_chart, zone
from lowtide.people.models import PatientIndex
from lowtide.people.opening import fold
from lowtide.people.roles import Permission
from lowtide.people.staffing import staffing
from lowtide.people.who import Person
from lowtide.record import store
from lowtide.record.entries.clinic import Booked

TITLES = {
    List.DRIFTING: ("Drifting", "relapse, response lost, or worse by a change that matters"),
    List.LOST: ("Not heard of", "in treatment, and no word for longer than the rule says"),
    List.OVERDUE: ("Overdue", "the window, the day to look again or the session passed"),
    List.OTHER_DAY: (
        "On another day",
        "booked for another day than a clinician chose, who has not looked yet",
    ),
    List.DUE: ("Due", "no date yet; the window opens within two weeks, or nothing proposes one"),
    List.PAUSED: ("Paused", "by choice, with a day on which somebody looks again"),
}
AT_THE_DESK = TITLES | {List.DRIFTING: ("Seen first", "a clinician decides before anything is booked")}
"""What those read who see no clinical content."""
EMPTY = {
    List.DRIFTING: "Nobody’s score has risen by a change that matters.",
    List.LOST: "Everybody in treatment was heard of.",
    List.OVERDUE: "Nothing has passed.",
    List.OTHER_DAY: "Every booking is on the chosen day, or near it.",
    List.DUE: "Everybody whose window opens soon has a date.",
    List.PAUSED: "Nobody is paused.",
}


class Waits(msgspec.Struct, frozen=True):
    """The streams of those whose next session is held, and of those among them whom a stop holds."""

    held: frozenset[str]
    stopped: frozenset[str]


def page(person: Person, now: datetime) -> dict[str, Any]:
    here, found = zone(), lists(now)
    streams = {line.row.stream for one in found.values() for line in one.lines}
    patients = {p.stream: p for p in PatientIndex.objects.filter(stream__in=streams)}
    waits = Waits(held(streams, now), stopped(streams))
    house, clinical = _house(here), person.can(Permission.SEE_CHART)
    titles = TITLES if clinical else AT_THE_DESK
    return {
        "weeks": [_week(one, here) for one in weeks(house, now)],
        "chairs": house.chairs,
        "staffed": house.staffing is not None,
        "stated": house.opening.stated,
        "to_plan": DueRow.objects.filter(task="plan").count(),
        "clinical": clinical,
        "lists": [
            {
                "name": name.value,
                "title": titles[name][0],
                "about": titles[name][1],
                "empty": EMPTY[name] if clinical or name is not List.DRIFTING else "Nobody.",
                "count": one.count,
                "more": one.count - len(one.lines),
                "rows": [
                    _line(line, name, patients, person, now, here) | _held(line, name, waits, person)
                    for line in one.lines
                ],
            }
            for name, one in found.items()
        ],
    }


# -- the weeks -----------------------------------------------------------------------------------------------------


def _house(here: Any) -> House:
    clinic = clinic_chart()
    return House(fold(clinic, here), sum(b.active for _, b in chairs()), staffing(clinic, here))


def weeks(house: House, now: datetime) -> tuple[Week, ...]:
    """Supply and demand of the next four weeks, from the calendar and the tables."""
    until = now + MONTH
    booked = [(b.starts_at, b.ends_at) for _, b in store.load(CALENDAR).said(Booked) if b.ends_at > now]
    return capacity.weeks(house, booked, list(_planned(now, until)), list(_wishes(until)), now)


def _planned(now: datetime, until: datetime) -> Any:
    """Sessions with a day and no chair."""
    before = timedelta(minutes=int(numbers().prepare_min))
    usual = stay(None)
    rows = SessionRow.objects.filter(at__gte=now, at__lt=until, status=Status.PLANNED, chair="")
    for at, dose, watch in rows.values_list("at", "dose_min", "observation_min"):
        after = timedelta(minutes=(dose or 0) + watch) if watch else usual
        yield at - before, at + after


def _wishes(until: datetime) -> Any:
    """Windows of those without a date: the predicted one where it holds, else the protocol's."""
    fades = fades_of()
    open_ = UpkeepRow.objects.filter(next_at__isnull=True, again_at__isnull=True)
    for row in (
        open_.exclude(state="induction").defer("key", "protocol", "indication", "score", "best").iterator()
    ):
        window = Line(row, valid(row, fades)).window
        if window is None or window[0] >= until:
            continue
        opens, closes = window
        apart = max(opens - row.last_at, timedelta(days=1))
        yield Wish(opens, closes or opens + timedelta(days=7), timedelta(minutes=row.stay_min), apart)


def _week(one: Week, here: tzinfo) -> dict[str, Any]:
    return {
        "name": f"{one.first.day} {one.first:%b} to {one.last.day} {one.last:%b}",
        "open": f"{one.open_h:.0f}",
        "booked": f"{one.booked_h:.1f}",
        "planned": f"{one.planned_h:.1f}",
        "expected": f"{one.expected_h:.1f}",
        "sessions": f"{one.sessions:.1f}",
        "left": f"{abs(one.left_h):.0f}",
        "over": one.is_over,
        "bar": mark_safe(bar(one)),  # noqa: S308  drawn from numbers and our own words
    }


def bar(one: Week) -> str:
    """Booked, then planned and expected, on the width of what is open; what goes beyond it shows at the end."""
    whole = max(one.open_h, one.wanted_h, 0.1)
    booked, wanted, open_ = (100 * h / whole for h in (one.booked_h, one.wanted_h, one.open_h))
    said = f"{one.booked_h:.0f} hours booked, {one.wanted_h:.0f} wanted, {one.open_h:.0f} open"
    parts = [
        svg.rect((booked, 0), max(wanted - booked, 0.0), 10, "load-planned"),
        svg.rect((0, 0), booked, 10, "load-booked"),
    ]
    if one.is_over:
        parts.append(svg.rect((open_, 0), max(wanted - open_, 0.0), 10, "load-over"))
    return svg.tag("svg", svg.tip(said), *parts, viewBox="0 0 100 10", preserveAspectRatio="none", role="img", aria_label=said)  # fmt: skip


# -- the lists -----------------------------------------------------------------------------------------------------


def _line(
    line: Line,
    name: List,
    patients: Mapping[str, PatientIndex],
    person: Person,
    now: datetime,
    here: tzinfo,
) -> dict[str, Any]:
    row, patient = line.row, today.patient_id(line.row.stream)
    who, clinical = patients.get(row.stream), person.can(Permission.SEE_CHART)
    return {
        "name": f"{who.given} {who.family}".strip() if who else "Unknown patient",
        "number": who.number if who else "",
        "phone": who.phone if who else "",
        "url": address("course:course" if clinical else "people:who", patient),
        "state": states()[row.state].label,
        "given": row.given,
        "last": words.day(row.last_at, here),
        "score": row.score if clinical else "",
        "best": row.best if clinical and row.best != row.score else "",
        "marks": _marks(row, now) if clinical else [],
        "protocol": _span(row.window_from, row.window_to, here),
        "predicted": _predicted(line, here) if clinical else "",
        "what": _what(line, name, here, now),
        "late": name in (List.OVERDUE, List.LOST),
        "action": _action(line, name, str(patient), person),
    }


def _held(line: Line, name: List, waits: Waits, person: Person) -> dict[str, Any]:
    """What is said beside somebody whose next session is held, as this person may read it, and where it is decided on."""
    stream = line.row.stream
    if stream not in waits.held:
        return {"held": ""}
    clinical = person.can(Permission.SEE_CHART)
    if not clinical:
        return {"held": "ask the nurse before booking"}
    said: dict[str, Any] = {"held": "held by long-term safety"}
    if stream not in waits.stopped:
        return said
    said |= {"state": states()["held"].label, "predicted": ""}
    if name is List.LOST:
        return said
    page = address("safety:stop_review", today.patient_id(stream))
    return said | {"action": {"verb": "Stop and review", "url": page}}


def _marks(row: UpkeepRow, now: datetime) -> list[str]:
    found = [
        ("relapse", row.relapsed),
        ("response lost", row.lost and not row.relapsed),
        ("drifting", row.drifting and not row.lost),
        ("paused", bool(row.again_at) and row.state != "paused"),
    ]
    return [name for name, holds in found if holds]


def _span(opens: datetime | None, closes: datetime | None, here: tzinfo) -> str:
    if opens is None:
        return ""
    return words.window((opens, closes), here) if closes else f"from {words.day(opens, here)} on"


def _predicted(line: Line, here: tzinfo) -> str:
    if line.fade is None:
        return "not worked out yet"
    return (
        _span(line.fade.opens_at, line.fade.closes_at, here)
        or line.fade.why_not
        or "holds beyond the weeks looked at"
    )


def _what(line: Line, name: List, here: tzinfo, now: datetime) -> str:
    row = line.row
    if name is List.LOST and row.heard_at:
        return f"last heard of {words.day(row.heard_at, here)}"
    if row.again_at:
        return f"look again {words.day(row.again_at, here)}"
    if row.next_at:
        return f"{'booked' if row.next_booked else 'planned, no chair'} {words.when(row.next_at, here, now)}"
    return "no date"


def _action(line: Line, name: List, patient: str, person: Person) -> dict[str, str] | None:
    """The next step this person may take."""
    if name is List.LOST:
        return {"verb": "Look for them", "url": address("maintenance:contact", patient)}
    row = line.row
    if row.next_session and not row.next_booked and person.can(Permission.BOOK):
        return {"verb": "Book a chair", "url": address("session:book", patient, row.next_session)}
    if person.can(Permission.DECIDE):
        return {"verb": "Decide", "url": address("maintenance:maintenance", patient)}
    if person.can(Permission.SEE_CHART):
        return {"verb": "Open", "url": address("maintenance:maintenance", patient)}
    return {"verb": "Contact", "url": address("maintenance:contact", patient)}
