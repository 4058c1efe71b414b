"""A protocol as one course follows it: with what its source leaves open and the prescriber settled (pure)."""

from decimal import Decimal

import msgspec

from lowtide.data.protocols import Amount, Protocol, Schedule, every
from lowtide.data.vocabulary import label
from lowtide.problems import bad
from lowtide.record.entries.care import CoursePlanned, Settled
from lowtide.science.units import plain

UNITS = ("mg", "mg/kg")
MOST_SESSIONS, MOST_DAYS = 30, 60
WORDS = {
    "route": "the route",
    "dose": "the dose",
    "sessions": "how many sessions",
    "every_days": "how far apart",
}


def protocol_of(course: CoursePlanned) -> Protocol | None:
    """The protocol of a course; None where it is not known here."""
    known = every().get(course.protocol)
    return settle(known, course.settled) if known and course.settled else known


def settle(plan: Protocol, said: Settled) -> Protocol:
    """The protocol with what was settled in place of what its source leaves open; what it does say stays."""
    found, left = plan, plan.open
    if "route" in left and said.route in plan.routes:
        unsettled = {field: text for field, text in plan.unsettled.items() if field != "route"}
        found = msgspec.structs.replace(found, route=said.route, unsettled=unsettled)
    if "dose" in left and said.dose is not None:
        amount = Amount(said.dose, "mg/kg" if said.unit == "mg/kg" else "mg")
        found = msgspec.structs.replace(found, dose=amount, dose_min=amount, dose_max=amount)
    if "sessions" in left and said.sessions is not None:
        found = msgspec.structs.replace(found, schedule=_schedule(plan.schedule, said))
    return found


def _schedule(known: Schedule | None, said: Settled) -> Schedule:
    if known is not None:
        return msgspec.structs.replace(known, sessions=said.sessions)
    return Schedule(sessions=said.sessions, every_days=said.every_days)


def checked(plan: Protocol, said: Settled | None) -> Settled | None:
    """What is kept with the course: only what the source leaves open. Raises BadInput for what is still missing."""
    left = plan.open
    if not left:
        return None
    if said is None:
        raise bad(f"{plan.id} leaves open {_listed(left)}", "own_because", "Settle it, with the reason.")
    for name in left:
        if getattr(said, name) is None:
            raise bad(f"{plan.id} leaves open {WORDS[name]}", f"own_{name}", "Enter it.")
    if not said.because.strip():
        raise bad("what you settle needs its reason", "own_because", "Say in a few words why.")
    _within(plan, said)
    kept = {name: getattr(said, name) for name in left}
    return Settled(because=said.because.strip(), unit=said.unit if "dose" in left else None, **kept)


def _within(plan: Protocol, said: Settled) -> None:
    left = plan.open
    if "route" in left and said.route not in plan.routes:
        raise bad(
            "the source does not speak of this route", "own_route", f"One of: {', '.join(plan.routes)}."
        )
    if "dose" in left and (said.unit not in UNITS or (said.dose or Decimal(0)) <= 0):
        raise bad("a dose has a number above zero and a unit", "own_dose", "Enter it in mg or mg/kg.")
    if not 1 <= (said.sessions or 1) <= MOST_SESSIONS:
        raise bad(
            f"from 1 to {MOST_SESSIONS} sessions", "own_sessions", "Plan fewer; a course can be repeated."
        )
    if not 1 <= (said.every_days or 1) <= MOST_DAYS:
        raise bad(f"from 1 to {MOST_DAYS} days apart", "own_every_days", "Check the number.")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(WORDS[name] for name in names)


def told(said: Settled) -> list[str]:
    """What was settled, each in a few words."""
    parts = (
        said.route and label("route", said.route),
        said.dose is not None and f"{plain(said.dose)} {said.unit}",
        said.sessions is not None and f"{said.sessions} sessions",
        said.every_days is not None and f"one every {said.every_days} days",
    )
    return [part for part in parts if part]
