"""The chair board: every chair at a glance, read from across the room."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from math import isqrt
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Count, Min, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.pathway.course.approved_here import dosing_here, monitored_here
from lowtide.pathway.course.due_sending import TASK
from lowtide.pathway.course.models import DueRow
from lowtide.pathway.session.actions.enrolment import held_by_programs
from lowtide.pathway.session.called import called
from lowtide.pathway.session.models import Session
from lowtide.pathway.session.projections import sitting
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.gates import blockers
from lowtide.pathway.session.shown.tiles import Sitting, Tile, free_apart, is_here, tiles
from lowtide.people.charts import log_readings, whole_charts, with_links
from lowtide.people.clinic import CALENDAR, chairs
from lowtide.people.models import PatientIndex
from lowtide.people.roles import Permission
from lowtide.people.who import Request, names_of, needs
from lowtide.record.chart import Chart

AHEAD = timedelta(hours=16)
# The ring of five phases, clockwise from the top; each an arc of a circle of radius 50 with a gap to the next.
ARCS = (
    "M62.6 10.1A50 50 0 0 1 106.7 42.1",
    "M108.3 47.1A50 50 0 0 1 91.5 98.9",
    "M87.2 101.9A50 50 0 0 1 32.8 101.9",
    "M28.5 98.9A50 50 0 0 1 11.7 47.1",
    "M13.3 42.1A50 50 0 0 1 57.4 10.1",
)
DOSING = 1
WALL_COLUMNS = 6
DENSITIES = ((9, ""), (20, "board--many"), (10_000, "board--crowd"))  # up to so many tiles


@needs(Permission.SEE_TODAY)
@require_GET
def board(request: Request) -> HttpResponse:
    """The page."""
    about = _about(request)
    if about["clinical"]:
        log_readings(request, about["streams"], allowed=True, detail="chair board")
    return render(request, "session/board.html", about | {"wall": request.GET.get("screen") == "wall"})


@needs(Permission.SEE_TODAY)
@require_GET
def live(request: Request) -> HttpResponse:
    """Its tiles alone, fetched again when something was charted."""
    return render(request, "session/board_live.html", _about(request))


def _about(request: Request) -> dict[str, Any]:
    now, here = timezone.now(), timezone.get_current_timezone()
    found = _sittings(now)
    listed = {chair.chair: chair.label for _, chair in chairs() if chair.active}
    shown = tiles(listed, found, now)
    drawn, free = free_apart(shown)
    return {
        "tiles": [_shown(tile, here) for tile in drawn],
        "free": [_shown(tile, here) for tile in free],
        "density": next(name for limit, name in DENSITIES if len(drawn) <= limit),
        "columns": _columns(len(drawn)),
        "clock": f"{now.astimezone(here):%H:%M}",
        "now": now,
        "clinical": request.person.can(Permission.SEE_CHART),
        "in_use": sum(t.sitting is not None for t in shown),
        "grave": sum(t.kind == "grave" for t in shown),
        "late": sum(t.kind == "late" for t in shown),
        "blocked": sum(t.kind == "blocked" for t in shown),
        "next_free": _next_free(shown, here),
        "streams": [f"chart:{s.patient}" for s in found],
        "to_send": _to_send(now),
        "may_send": request.person.can(Permission.SEND_DOCUMENTS),
        "listen": f"{CALENDAR},chart:*",  # whoever sits down next is heard, too
    }


def _columns(tiles: int) -> int:
    """How many tiles stand side by side on a wall screen, so that each is about as wide as the screen is."""
    return tiles if tiles <= 3 else min(WALL_COLUMNS, isqrt(tiles - 1) + 1)


def _to_send(now: datetime) -> dict[str, Any]:
    """How many documents of sessions still have to leave the house, and when the first of them must have."""
    waiting = DueRow.objects.filter(task__startswith=TASK, opens_at__lte=now)
    return waiting.aggregate(count=Count("key"), first=Min("due_at"))


def _sittings(now: datetime) -> list[Sitting]:
    """Who sits in a chair or is booked for one in the hours ahead."""
    ahead = Q(over_at=None, signed_at=None, planned_at__lte=now + AHEAD, planned_at__gte=now - AHEAD)
    rows = list(Session.objects.filter(ahead | Q(open=True)))
    who, linked = with_links({r.stream for r in rows})
    names = names_of(
        {r.nurse for r in rows if r.nurse} | {each[-1] for r in rows for each in r.reminders} - {""}
    )
    found = [sitting(r, _initials(who.get(r.stream)), names.get(r.nurse, "")) for r in rows]
    return _held([_with_seconds(s, names) for s in found], linked, now)


def _held(found: list[Sitting], linked: set[str], now: datetime) -> list[Sitting]:
    """Those who wait for their dose with what stands in the way by now: the same reasons that their page gives."""
    waiting = {f"chart:{s.patient}" for s in found if s.started_at is None and is_here(s, now)}
    known = whole_charts(waiting, linked)
    return [
        _with_holds(s, known[f"chart:{s.patient}"], now) if f"chart:{s.patient}" in waiting else s
        for s in found
    ]


def _with_holds(sitting: Sitting, chart: Chart, now: datetime) -> Sitting:
    if sitting.started_at is not None:
        return sitting
    session = UUID(sitting.session)
    facts = session_facts(chart, session)
    held = [
        *held_by_programs(chart, session, now),
        *blockers(chart, facts, monitored_here(), now, timezone.get_current_timezone(), dosing_here()),
    ]
    words = [b.what.replace(";", ",") for b in held if not b.step]
    ahead = next((b.what for b in held if b.step), "")
    return msgspec.structs.replace(sitting, blocked="; ".join(words), ahead=ahead)


def _with_seconds(sitting: Sitting, names: dict[str, str]) -> Sitting:
    """Its reminders with the second person's name for the id."""
    named = [msgspec.structs.replace(r, second=names.get(r.second, "")) for r in sitting.reminders]
    return msgspec.structs.replace(sitting, reminders=tuple(named))


def _initials(patient: PatientIndex | None) -> str:
    names = (patient.given, patient.family) if patient else ()
    return " ".join(f"{name[0].upper()}." for name in names if name)


def _shown(tile: Tile, here: tzinfo) -> dict[str, Any]:
    follows, sitting = tile.following, tile.sitting
    return {
        "is": tile,
        "ring": list(_ring(tile)),
        "free_at": _clock(sitting.observe_until, here) if sitting else "",
        "planned": _clock(sitting.planned_at, here) if sitting else "",
        "following": f"{_clock(follows.planned_at, here)}, {follows.initials}" if follows else "",
    }


def _ring(tile: Tile) -> Iterator[dict[str, Any]]:
    """The arcs: all five as ground, the past ones whole, the present one as far as it has come."""
    for step, arc in enumerate(ARCS):
        yield {"d": arc, "class": ""}
        if step < tile.step:
            yield {"d": arc, "class": "is-done"}
        elif step == tile.step:
            kind = "is-dosing" if step == DOSING else "is-on"
            yield {"d": arc, "class": kind, "dash": max(2, round(tile.part * 100))}


def _next_free(shown: list[Tile], here: tzinfo) -> str:
    """When the next chair is expected to be free; nothing while one is."""
    if any(tile.kind == "free" for tile in shown):
        return ""
    ends = [t.sitting.observe_until for t in shown if t.sitting and t.sitting.observe_until]
    return _clock(min(ends, default=None), here)


def _clock(at: datetime | None, here: tzinfo) -> str:
    return f"{at.astimezone(here):%H:%M}" if at else ""


@needs(Permission.SEE_TODAY)
@require_GET
def calls(request: Request) -> HttpResponse:
    """Where a second person is asked for, as a part of today's page: the front desk sees the chair and the name alone."""
    found = called(request.person, timezone.now())
    clinical = request.person.can(Permission.SEE_CHART)
    if clinical and found:
        log_readings(request, [call.stream for call in found], allowed=True, detail="calls to a chair")
    return render(request, "session/calls.html", {"calls": found, "clinical": clinical})
