"""What the pages of a session share: the chart and the state, the header, acting, and the page for a conflict."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from lowtide.data.chair import numbers
from lowtide.pathway.course.approved_here import monitored_here
from lowtide.pathway.course.words import when
from lowtide.pathway.session.actions.common import Act
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.state import Phase, SessionState, session_state
from lowtide.pathway.session.shown.lines import words
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.forms import add_problems
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of
from lowtide.problems import BadInput, Conflict
from lowtide.record.entries.base import Draft, Entry, Source
from lowtide.record.entries.care import CoursePlanned, PlannedSession
from lowtide.science.units import plain

V = TypeVar("V", bound=Callable[..., HttpResponse])


class Seen(msgspec.Struct, frozen=True):
    """One session as the reader may see it, at `now` in the clinic's zone."""

    found: PatientChart
    state: SessionState
    now: datetime
    zone: tzinfo

    @property
    def facts(self) -> Facts:
        return self.state.facts

    def url(self, name: str, *args: object) -> str:
        return reverse(f"session:{name}", args=[self.found.patient_id, self.facts.session, *args])


def seen(
    request: Request, patient: UUID, session: UUID, permission: Permission = Permission.SEE_CHART
) -> Seen:
    """The session, or Http404 when this chart neither books nor plans it."""
    found, now = chart_for(request, patient, permission), timezone.now()
    state = session_state(found.chart, session, monitored_here(), now)
    if state.phase is Phase.UNKNOWN and planned_in(found, session) is None:
        raise Http404("no such session in this chart")
    return Seen(found, state, now, timezone.get_current_timezone())


def planned_in(found: PatientChart, session: UUID) -> tuple[CoursePlanned, PlannedSession] | None:
    """The course that plans this session, and how."""
    for _, course in reversed(found.chart.said(CoursePlanned)):
        for planned in course.sessions:
            if planned.session == session:
                return course, planned
    return None


def act(request: Request, see: Seen, entry_id: UUID, at: datetime | None = None) -> Act:
    return Act(
        person=request.person,
        patient_id=see.found.patient_id,
        session_id=see.facts.session,
        entry_id=entry_id,
        at=at,
        now=see.now,
    )


def done(form: Form, do: Callable[[], object]) -> bool:
    """Do it; what is wrong goes beside its field, and what was typed stays."""
    try:
        do()
    except BadInput as error:
        add_problems(form, error)
        return False
    return True


def back(see: Seen) -> HttpResponse:
    """To the session, after a step was written."""
    return redirect(see.url("session"))


def page(
    request: Request, template: str, see: Seen, status: int = 200, *, veiled: bool = False, **more: Any
) -> HttpResponse:
    """A page at the chair: who it is about, how the session stands, and whatever the page adds.

    `veiled` leaves the birth date and the number out, where the patient is asked for them (hazard H001).
    """
    banner = patient_page(request, see.found, "session")
    if veiled:
        banner["patient"] = banner["patient"] | {"born": "ask for the birth date", "number": "or the number"}
    about = {
        **banner,
        "see": see,
        "state": see.state,
        "facts": see.facts,
        "phase": see.state.phase.value,
        "session_line": session_line(see),
        "session_url": see.url("session"),
        "hud": hud(see),
    }
    return render(request, template, about | more, status=status)


def session_line(see: Seen) -> str:
    number = _number(see)
    chair = f"chair {see.facts.chair}" if see.facts.chair else ""
    return " · ".join(filter(None, (f"session {number}" if number else "", chair)))


def _number(see: Seen) -> int | None:
    if see.facts.scheduled:
        return see.facts.scheduled[1].number
    planned = planned_in(see.found, see.facts.session)
    return planned[1].number if planned else None


def hud(see: Seen) -> list[dict[str, Any]]:
    """The header: the clock since the start, and each last value with its age."""
    facts, readings = see.facts, see.facts.readings
    old_after = numbers().pressure_old_min * 60
    return [
        _clock(see),
        _value("BP mmHg", [r for r in readings["bp"] if r.whole], see.now, old_after=old_after),
        _value("HR /min", list(readings["hr"]), see.now),
        _value("SpO₂", list(readings["spo2"]), see.now, unit="%"),
        _logged(see, facts),
        *_given(facts),
    ]


def _given(facts: Facts) -> list[dict[str, Any]]:
    """Of a dose without a pump: what went in against what was ordered."""
    if facts.parts is None or facts.infusion:
        return []
    ordered = facts.parts.ordered_mg
    of = f", of {plain(ordered)} mg" if ordered is not None else ""
    return [{"label": f"given{of}", "value": plain(facts.parts.given_mg), "unit": "mg", "small": True}]


def _clock(see: Seen) -> dict[str, Any]:
    start, over = see.facts.started_at, see.facts.over_at
    if start is None:
        booked = see.facts.scheduled
        at = booked[1].planned_at if booked else None
        return {"label": "planned", "value": f"{at.astimezone(see.zone):%H:%M}" if at else "not booked"}
    label = f"since start, {start.astimezone(see.zone):%H:%M}"
    if over:
        return {"label": label, "value": elapsed(start, over), "note": "has left", "small": True}
    return {"label": label, "value": elapsed(start, see.now), "since": start}


def elapsed(start: datetime, now: datetime) -> str:
    seconds = max(0, int((now - start).total_seconds()))
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def _value(label: str, found: list[Any], now: datetime, old_after: int = 0, unit: str = "") -> dict[str, Any]:
    if not found:
        return {"label": label, "value": "–", "note": "not measured"}
    last = found[-1]
    by_monitor = last.entry.source is Source.DEVICE
    return {
        "label": f"{label}, monitor" if by_monitor else label,
        "value": last.text,
        "unit": unit,
        "at": last.at,
        "age": age(last.at, now),
        "old_after": old_after,
        "reading": f"{last.entry.id}/{last.parameter.id}",
    }


def age(at: datetime, now: datetime) -> str:
    minutes = int((now - at).total_seconds() // 60)
    return "just now" if minutes < 1 else f"{minutes} min old" if minutes < 90 else f"{minutes // 60} h old"


def ago(at: datetime, now: datetime) -> str:
    return age(at, now).replace(" old", " ago")


def _logged(see: Seen, facts: Facts) -> dict[str, Any]:
    read = [r.entry for each in facts.readings.values() for r in each]
    if not read:
        return {"label": "last logged", "value": "–", "small": True}
    last = max(read, key=lambda e: e.order)
    by = names_of({last.by})[last.by]
    return {
        "label": "last logged",
        "value": f"{last.at.astimezone(see.zone):%H:%M}",
        "note": by,
        "small": True,
    }


def conflicts_shown(view: V) -> V:
    """Answer an id that is already recorded with other content by a page that shows both."""

    @wraps(view)
    def shown(request: Request, patient: UUID, session: UUID, *args: Any, **more: Any) -> HttpResponse:
        try:
            return view(request, patient, session, *args, **more)
        except Conflict as conflict:
            return _conflict(request, patient, session, conflict)

    return shown  # type: ignore[return-value]


def _conflict(request: Request, patient: UUID, session: UUID, conflict: Conflict) -> HttpResponse:
    stored, given = conflict.stored, conflict.given
    assert isinstance(stored, Entry)
    assert isinstance(given, Draft)
    here = timezone.get_current_timezone()
    by = names_of({stored.by})[stored.by]
    context = {
        "what": words(stored, here)[0],
        "stored": _pairs(stored.body),
        "sent": _pairs(given.body),
        "stored_by": f"{by}, {when(stored.recorded_at, here, timezone.now())}",
        "back_url": reverse("session:session", args=[patient, session]),
        "correct_url": reverse("people:entry", args=[patient, stored.id]),
    }
    return render(request, "409.html", context, status=409)


def _pairs(body: msgspec.Struct) -> list[tuple[str, object]]:
    values = msgspec.structs.asdict(body).items()
    return [(name.replace("_", " "), value) for name, value in values if value not in (None, (), "")]
