"""Pages of sending: what a session still has to send, the step that says what became of it, and the board of all."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.data.documents import Kind, kinds, ways
from lowtide.documents import forms, sending
from lowtide.documents.amending import amended
from lowtide.documents.loading import sources_of
from lowtide.documents.models import SendingRow
from lowtide.documents.papers.sources import Sources
from lowtide.pathway.course import words
from lowtide.pathway.course.due_sending import TASK
from lowtide.pathway.course.models import DueRow
from lowtide.pathway.course.sendings import Standing, Way, expected, standing
from lowtide.pathway.course.sessions import Session, sessions
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for, whole_chart
from lowtide.people.forms import EntryForm, sent, status
from lowtide.people.models import PatientIndex
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.words import moment

LOOK_BACK, SHOWN = timedelta(days=90), 100
STEPS: dict[str, tuple[type[EntryForm], str, str]] = {
    "sent": (
        forms.SentForm,
        "Record that it was sent",
        "that it was sent, with the fingerprint of what it says now",
    ),
    "failed": (
        forms.FailedForm,
        "Record that it did not arrive",
        "that it did not arrive; it is to be sent again",
    ),
    "receipt": (forms.ReceiptForm, "Record the receipt", "that the other side has it"),
    "not-sent": (forms.WaivedForm, "Record that it goes to nobody", "that it is not sent, and why"),
}


@needs(Permission.SEND_DOCUMENTS)
@require_GET
def of_session(request: Request, patient: UUID, session: UUID) -> HttpResponse:
    """The documents of a session that leave the house, without what they say."""
    found, one = _found(request, patient, session)
    sources = sources_of(found.whole, session, timezone.get_current_timezone())
    to = {kind.id: who for kind, who in expected(found.whole, one)}
    rows = [
        _row(request, found, sources, kind, to.get(kind.id, ""))
        for kind in kinds().values()
        if kind.goes_to and (kind.id in to or standing(found.whole, session, kind.id).last)
    ]
    about = {
        **patient_page(request, found, "session"),
        "rows": rows,
        "session": one,
        "signed": sources.facts.signed is not None,
        "clinical": request.person.can(Permission.SEE_CHART),
    }
    return render(request, "documents/sending.html", about)


def _found(request: Request, patient: UUID, session: UUID) -> tuple[PatientChart, Session]:
    found = chart_for(request, patient, Permission.SEND_DOCUMENTS)
    one = next((s for s in sessions(found.whole) if s.id == session), None)
    if one is None:
        raise Http404("no such session in this chart")
    return found, one


def _row(request: Request, found: PatientChart, sources: Sources, kind: Kind, to: str) -> dict[str, Any]:
    stands, changed = standing(found.whole, sources.session, kind.id), None
    if stands.sent:
        changed = amended(sources, stands)
    args = [found.patient_id, sources.session, kind.id]
    clinical = request.person.can(Permission.SEE_CHART)
    return {
        "kind": kind,
        "to": stands.sent[1].to if stands.sent else to,
        "level": "hold"
        if changed or stands.way is Way.FAILED
        else "clear"
        if stands.way in (Way.SENT, Way.ACKNOWLEDGED)
        else "note",
        "word": "Sent before it was amended" if changed else stands.way.value.capitalize(),
        "trail": _trail(sources, stands),
        "open": reverse("documents:document", args=args)
        if clinical
        else reverse("documents:desk", args=args)
        if kind.desk
        else "",
        "again": bool(changed) or stands.way is Way.FAILED,
        "may_receipt": stands.way is Way.SENT,
        "may_send": stands.way in (Way.TO_SEND, Way.FAILED) or bool(changed),
    }


def _trail(sources: Sources, stands: Standing) -> str:
    """What was done last, in words."""
    parts = []
    if stands.sent:
        entry, body = stands.sent
        number = f", {body.reference}" if body.reference else ""
        parts.append(
            f"sent {moment(entry.at, sources.zone)} to {body.to}, {ways().get(body.how, body.how).lower()}{number}"
        )
    if stands.last and stands.way is Way.FAILED:
        parts.append(f"failed {moment(stands.last.at, sources.zone)}: {stands.last.reason}")
    if stands.last and stands.way is Way.ACKNOWLEDGED:
        parts.append(f"receipt: {stands.last.body.receipt}")
    if stands.last and stands.way is Way.WAIVED:
        parts.append(f"{stands.last.reason}")
    return "; ".join(parts)


@needs(Permission.SEND_DOCUMENTS)
@require_http_methods(["GET", "POST"])
def step(request: Request, patient: UUID, session: UUID, document: str, step: str) -> HttpResponse:
    """What became of one document."""
    found, one = _found(request, patient, session)
    kind = kinds().get(document)
    if kind is None or not kind.goes_to or step not in STEPS:
        raise Http404("no such step")
    form_class, title, writes = STEPS[step]
    stands = standing(found.whole, session, document)
    to = next((who for k, who in expected(found.whole, one) if k.id == document), "")
    form = form_class(
        request.POST or None,
        initial={
            "to": stands.sent[1].to if stands.sent else to,
            "how": stands.sent[1].how if stands.sent else None,
        },
    )

    def do(given: dict[str, Any]) -> None:
        act = sending.Act(
            person=request.person,
            patient=patient,
            session=session,
            document=document,
            entry_id=given["entry_id"],
            now=timezone.now(),
        )
        _DO[step](act, found, stands, given)

    back = reverse("documents:sending", args=[patient, session])
    if sent(form, request.method, do):
        messages.success(request, "Recorded.")
        return redirect(back)
    about = {
        **patient_page(request, found, "session"),
        "form": form,
        "kind": kind,
        "title": title,
        "writes": writes,
        "back": back,
        "session": one,
    }
    return render(request, "documents/step.html", about, status=status(form))


def _sent(act: sending.Act, found: PatientChart, stands: Standing, given: dict[str, Any]) -> object:
    sources = sources_of(found.whole, act.session, timezone.get_current_timezone())
    return sending.sent(act, sources, to=given["to"], how=given["how"], reference=given["reference"])


_DO: dict[str, Callable[[sending.Act, PatientChart, Standing, dict[str, Any]], object]] = {
    "sent": _sent,
    "failed": lambda act, found, stands, given: sending.failed(
        act, stands, to=given["to"], how=given["how"], reason=given["reason"]
    ),
    "receipt": lambda act, found, stands, given: sending.acknowledged(act, stands, receipt=given["receipt"]),
    "not-sent": lambda act, found, stands, given: sending.waived(act, reason=given["reason"]),
}


# -- the board -----------------------------------------------------------------------------------------------


@needs(Permission.SEND_DOCUMENTS)
@require_GET
def board(request: Request) -> HttpResponse:
    """Every document that waits: to be sent, come back, amended since, or without a receipt; the most urgent first."""
    now, zone = timezone.now(), timezone.get_current_timezone()
    waiting = list(DueRow.objects.filter(task__startswith=TASK, opens_at__lte=now).order_by("due_at")[:SHOWN])
    out = list(
        SendingRow.objects.filter(
            way__in=(Way.SENT, Way.ACKNOWLEDGED), sent_at__gte=now - LOOK_BACK
        ).order_by("sent_at")[:SHOWN]
    )
    names = _names([*(row.stream for row in waiting), *(row.stream for row in out)])
    changed = [row for row in out if _is_amended(row)]
    about = {
        "waiting": [_waiting(row, names, now, zone) for row in waiting],
        "amended": [_out(row, names, zone) for row in changed],
        "unconfirmed": [_out(row, names, zone) for row in out if row.way == Way.SENT and row not in changed],
    }
    return render(request, "documents/board.html", about)


def _names(streams: list[str]) -> dict[str, str]:
    found = PatientIndex.objects.filter(stream__in=set(streams))
    return {row.stream: f"{row.given} {row.family}".strip() for row in found}


def _waiting(row: DueRow, names: dict[str, str], now: datetime, zone: Any) -> dict[str, Any]:
    return {
        "name": names.get(row.stream, "Unknown patient"),
        "what": row.label,
        "detail": row.detail,
        "level": "hold" if row.due_at < now else row.level,
        "word": "Late" if row.due_at < now and row.level != "hold" else row.word,
        "due_at": row.due_at,
        "is_late": row.due_at < now,
        "when": words.due(row.due_at, now),
        "by": words.by(row.due_at, zone, now),
        "verified": row.verified,
        "url": reverse("documents:sending", args=[row.stream.removeprefix("chart:"), row.place]),
    }


def _out(row: SendingRow, names: dict[str, str], zone: Any) -> dict[str, Any]:
    return {
        "name": names.get(row.stream, "Unknown patient"),
        "what": kinds()[row.document].label if row.document in kinds() else row.document,
        "to": row.to,
        "how": ways().get(row.how, row.how),
        "reference": row.reference,
        "sent": moment(row.sent_at, zone) if row.sent_at else "",
        "url": reverse("documents:sending", args=[row.stream.removeprefix("chart:"), row.session]),
    }


def _is_amended(row: SendingRow) -> bool:
    """Made again only where the chart has gone on since."""
    whole, session = whole_chart(row.stream), UUID(row.session)
    sources = sources_of(whole, session, timezone.get_current_timezone())
    return amended(sources, standing(whole, session, row.document)) is not None
