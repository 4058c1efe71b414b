"""A tablet at the chair without a network: what it takes with it, what it sends afterwards, and its own page."""

from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from lowtide.data.offline import offline
from lowtide.data.tablet import tablet as tablet_numbers
from lowtide.pathway.course.approved_here import dosing_here, monitored_here
from lowtide.pathway.session.actions.enrolment import held_by_programs
from lowtide.pathway.session.actions.rescuing import orderers
from lowtide.pathway.session.rules.compiled import plan, readings
from lowtide.pathway.session.rules.gates import blockers
from lowtide.pathway.session.rules.steps import own_steps
from lowtide.pathway.session.shown.lines import lines
from lowtide.pathway.session.tablet import labels, sync
from lowtide.pathway.session.tablet.precached import STATIC, version
from lowtide.pathway.session.tablet.snapshot import sheet, snapshot
from lowtide.pathway.session.tablet.trouble import in_session, said_of_dose, tables
from lowtide.pathway.session.views.common import Seen, seen, session_line
from lowtide.people.banner import patient_page
from lowtide.people.clinic import clinic_chart
from lowtide.people.roles import Permission
from lowtide.people.tablets.wire import read, refusal, takes_json
from lowtide.people.who import Request, names_of, needs, public
from lowtide.record.entries.base import Source

LOGGED = 12
encode = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical").encode


@takes_json
@public
def entries(request: HttpRequest) -> HttpResponse:
    """Take a portion of a tablet's queue. Nobody needs to be signed in: each entry carries its author's token."""
    limits = offline()
    if int(request.headers.get("Content-Length") or 0) > limits.send_at_most_kb * 1024:
        return refusal("too_large", "that is more than is taken at once", "Send fewer at once.", status=413)
    sent = read(request, sync.Sent)
    if len(sent.entries) > limits.entries_at_once:
        return refusal("too_many", "those are more than are taken at once", "Send fewer at once.", status=413)
    now = timezone.now()
    answers = sync.take(sent, now=now, address=request.META.get("REMOTE_ADDR", ""))
    return HttpResponse(encode({"server_now": now, "entries": answers}), content_type="application/json")


@needs(Permission.USE_TABLET)
@require_GET
def taken_along(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """The session as a tablet keeps it, encrypted, in case the network goes."""
    see = seen(request, patient, session)
    # narrow ones stay with the server: whoever opens the tablet next reads all that it keeps
    by_people = [e for e in see.facts.entries if e.source is not Source.DEVICE and not e.visible_to]
    said = lines(see.found.chart, see.facts, see.zone, by_people[-LOGGED:])
    names = names_of({line.entry.by for line in said})
    who = patient_page(request, see.found, "session")["patient"]
    about: dict[str, Any] = {
        **snapshot(see.state, said, names, _held(see)),
        **labels.taken_along(see.facts, dosing_here(), see.now),
        "patient": {"id": patient, **{k: str(who.get(k, "")) for k in ("name", "born", "number")}},
        "session": session,
        "line": session_line(see),
        "url": see.url("session"),
        "made_at": see.now,
        "keep_h": offline().keep_snapshot_h,
        "zone": str(see.zone),
        "sheet": sheet() | tables(orderers()),
        **said_of_dose(see.state),
        **in_session(see.facts, see.found.whole, see.now, see.zone),
        "plan": plan(see.facts, monitored_here(), own_steps(clinic_chart())),
        "readings": readings(see.facts),
    }
    return HttpResponse(encode(about), content_type="application/json")


def _held(see: Seen) -> list[str]:
    """What stands before the dose, in words; nothing once it was begun."""
    if see.facts.started:
        return []
    chart = see.found.whole
    found = [
        *held_by_programs(chart, see.facts.session, see.now),
        *blockers(chart, see.facts, monitored_here(), see.now, see.zone, dosing_here()),
    ]
    return [f"{blocker.what}. {blocker.mend}" for blocker in found]


@public
@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The tablet's own page, kept by the browser: it says nothing about anybody until a PIN opens what it keeps."""
    return render(request, "session/tablet.html", {"lock_after_s": tablet_numbers().lock_after_s})


@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at the root so that every page is in its reach, with what it keeps: static files only."""
    source = finders.find("session/offline/worker.js")
    assert isinstance(source, str)
    files = [static(name) for name in STATIC]
    head = f"const VERSION = {encode(version()).decode()};\nconst FILES = {encode(files).decode()};\n"
    body = head + Path(source).read_text(encoding="utf-8")
    return HttpResponse(
        body,
        content_type="text/javascript",
        headers={"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"},
    )
