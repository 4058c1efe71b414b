"""The verbs of long-term safety: ask a check, note treatment elsewhere or an observation, hold, release, put off, sign."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from uuid import UUID

from lowtide.data import longterm
from lowtide.data.audiences import audience
from lowtide.pathway.safety.actions import Act
from lowtide.pathway.safety.longterm.stops import open_stops
from lowtide.people import retry
from lowtide.people.charts import linked, whole_chart
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.problems import bad, refuse
from lowtide.record.chart import Chart
from lowtide.record.dates import PartialDate, earliest
from lowtide.record.entries.base import Body, Draft, Entry, Source
from lowtide.record.entries.longterm import (
    HOLD,
    RELEASE,
    CheckPostponed,
    SafetyAsked,
    SafetyReviewed,
    StopReviewed,
    TreatedElsewhere,
    UseSignal,
)

USE = "substance_use"
Guard = Callable[[Chart], None]


def ask(act: Act, body: SafetyAsked) -> Entry:
    """Keep what was answered. Raises BadInput where nothing was."""
    _may(act, Permission.SCORE)
    if not body.answers:
        raise bad("nothing was answered", "answers", "Answer at least one question, or leave the page.")
    return _append(act, body, at=_first_instant(body.dated, act.now))


def answer_own(act: Act, body: SafetyAsked) -> Entry:
    """The same from the patient's own hands: it stands in the chart as a nurse's would, and sets off what hers would."""
    if act.person.by != f"patient:{act.patient_id}":
        raise refuse("only the patient answers here", "person", "Staff ask on the chart's page.")
    if not body.answers:
        raise bad("nothing was answered", "answers", "Answer at least one question.")
    return _append(act, body, source=Source.PATIENT)


def correct(act: Act, entry: Entry, body: Body, reason: str) -> Entry:
    """Put a check, treatment elsewhere or an observation right; what was said first stays readable."""
    _may(act, Permission.SCORE)
    if not reason.strip():
        raise bad("a correction needs its reason", "reason", "Say in a few words why.")
    at = _first_instant(getattr(body, "dated", None), entry.at)
    draft = _draft(act, body, reason=reason.strip(), at=at).correcting(entry)
    return _write(act, draft, lambda chart: None)


def told_elsewhere(act: Act, body: TreatedElsewhere) -> Entry:
    _may(act, Permission.WRITE_HISTORY)
    if body.first and body.last and earliest(body.last) < earliest(body.first):
        raise bad("it ended before it began", "last", "Check both dates.")
    return _append(act, body)


def observe(act: Act, body: UseSignal) -> Entry:
    """Keep an observation about use, for those who may read notes on substance use; the author keeps sight of it."""
    _may(act, Permission.SCORE)
    return _append(act, body, visible_to=audience(USE))


def note_at_desk(act: Act, body: UseSignal) -> Entry:
    """What was asked or told outside a visit, by whoever took it: neutral, and read by the same few. It joins what is kept
    in mind; whether anything follows is for those who treat to say."""
    _may(act, Permission.BOOK)
    if not longterm.signals()[body.signal].at_desk:
        raise bad("this is not noted at the desk", "signal", "Tell a nurse or a prescriber.")
    return _append(act, body, visible_to=audience(USE), at=_first_instant(body.dated, act.now))


def hold(act: Act, stop: str, reason: str) -> Entry:
    """Hold the next session back: anybody who charts or decides may, and says why."""
    if not (act.person.can(Permission.DECIDE) or act.person.can(Permission.CHART_SESSION)):
        raise refuse(f"{act.person.name} may not hold a session", "person", "Tell a nurse or a prescriber.")
    _reason(reason)
    chart = whole_chart(act.stream)
    if said := _said_already(act, chart, stop, HOLD):
        return said
    open_now = {one.key: one for one in open_stops(chart)}
    found = open_now.get(stop)
    body = StopReviewed(
        stop=stop,
        choice=HOLD,
        sources=found.sources if found else (),
        findings=_findings(found),
        known=chart.known,
    )
    return _append(act, body, reason=reason.strip(), visible_to=_eyes(stop))


def release(act: Act, stop: str, sources: tuple[UUID, ...], reason: str) -> Entry:
    """Let the next session go on, with the reason: a prescriber's word on these very entries.

    Refused where something came up meanwhile that the page did not show.
    """
    if not act.person.can(Permission.DECIDE):
        raise refuse("a prescriber releases what stops", "person", "Ask one.")
    _reason(reason)
    chart = whole_chart(act.stream)
    if said := _said_already(act, chart, stop, RELEASE):
        return said
    found = {one.key: one for one in open_stops(chart)}.get(stop)
    if found is None:
        raise refuse("nothing of this kind holds the next session", "stop", "Open the page again.")
    body = StopReviewed(
        stop=stop, choice=RELEASE, sources=found.sources, findings=_findings(found), known=chart.known
    )

    def same(now: Chart) -> None:
        standing = {one.key: one for one in open_stops(now)}.get(stop)
        if standing is None or set(standing.sources) != set(sources):
            raise refuse(
                "something was written meanwhile that this page did not show",
                "stop",
                "Look at it again, then decide.",
            )

    return _append(act, body, same, reason=reason.strip(), visible_to=_eyes(stop))


def _said_already(act: Act, chart: Chart, stop: str, choice: str) -> Entry | None:
    """What an earlier press of the same button wrote."""
    stored = chart.entries.get(act.entry_id)
    body = stored.body if stored else None
    same = isinstance(body, StopReviewed) and (body.stop, body.choice) == (stop, choice)
    return stored if same else None


def _findings(found: object) -> tuple[str, ...]:
    return tuple(t.text for t in getattr(found, "triggers", ()))


def _eyes(stop: str) -> tuple[str, ...]:
    """A decision on use is read by few, like what it was made on."""
    known = longterm.stops().get(stop)
    return audience(USE) if known and known.private else ()


def postpone(act: Act, check: str, until: date, reason: str) -> Entry:
    """Let treatment go on without an overdue check up to a day, with the reason."""
    if not act.person.can(Permission.DECIDE):
        raise refuse("a prescriber puts a check off", "person", "Ask one.")
    _reason(reason)
    today = act.now.astimezone(zone()).date()
    most = today + timedelta(days=int(longterm.number("postpone_max_days")))
    if not today <= until <= most:
        raise bad(
            f"{until:%-d %b %Y} is not within what is allowed",
            "until",
            f"Choose a day from today to {most:%-d %b %Y}.",
        )
    return _append(act, CheckPostponed(check=check, until=until), reason=reason.strip())


def sign_review(act: Act, body: SafetyReviewed, reason: str, seen: str) -> Entry:
    """Sign the yearly review. `seen` is the fingerprint of the document that stood on the page."""
    if not act.person.can(Permission.DECIDE):
        raise refuse("a prescriber signs the safety review", "person", "Ask one.")
    _reason(reason)
    if body.printed_name.strip() != act.person.name:
        raise bad("the printed name is not yours", "printed_name", f"Type your name as {act.person.name}.")
    if seen != body.digest:
        raise refuse(
            "the record has moved on since this page was made", "seen", "Read the review again, then sign."
        )
    return _append(act, body, reason=reason.strip())


def _reason(reason: str) -> None:
    if not reason.strip():
        raise bad("this needs its reason", "reason", "Say in a few words why.")


def _may(act: Act, permission: Permission) -> None:
    if not act.person.can(permission):
        raise refuse(
            f"{act.person.name} may not {permission.value}", "person", "Ask a nurse or a prescriber."
        )


def _first_instant(dated: PartialDate | None, now: datetime) -> datetime:
    """When it was, as far as it is known."""
    here: tzinfo = zone()
    if not dated or dated == now.astimezone(here).date().isoformat():
        return now
    return min(datetime.combine(earliest(dated), time(), here), now)


def _draft(
    act: Act,
    body: Body,
    *,
    reason: str | None = None,
    at: datetime | None = None,
    visible_to: tuple[str, ...] = (),
    source: Source = Source.MANUAL,
) -> Draft:
    return Draft(
        id=act.entry_id,
        stream=act.stream,
        body=body,
        by=act.person.by,
        at=at or act.at or act.now,
        session=act.session,
        reason=reason,
        visible_to=visible_to,
        source=source,
    )


def _append(act: Act, body: Body, may: Guard = lambda chart: None, **more: object) -> Entry:
    return _write(act, _draft(act, body, **more), may)  # type: ignore[arg-type]


def _write(act: Act, draft: Draft, may: Guard) -> Entry:
    own = linked(act.stream)
    sent_before = draft.id in whole_chart(act.stream).entries

    def guard(charts: Mapping[str, Chart]) -> None:
        if not sent_before:  # the same form sent twice finds its own word already spoken
            may(Chart.union(charts[name] for name in own))

    return retry.append([draft], guard, also_lock=own, now=act.now)[0]
