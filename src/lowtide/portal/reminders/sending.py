"""Reminders go out: each is written down under the chart's lock first, so that of several servers one sends it.

Whether the mail server took it is a second entry. Where that one is missing (a server was killed in between) nobody
knows, and it is not sent again on that day.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPNotSupportedError, SMTPRecipientsRefused
from uuid import UUID

import msgspec
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q

from lowtide.data.portal import reminders
from lowtide.pathway.course.models import DueRow, SessionRow
from lowtide.pathway.course.sessions import Status
from lowtide.people import lockout
from lowtide.people.charts import linked, whole_chart
from lowtide.people.clinic import clinic_chart, remembered, zone
from lowtide.people.models import PatientIndex, User
from lowtide.portal.models import ReminderRow
from lowtide.portal.reminders import mail, told
from lowtide.portal.reminders.deciding import DAY, Here, Reminder, reminder, tasks
from lowtide.problems import BadInput, Problem, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Draft, Source
from lowtide.record.entries.mailed import ReminderMailed, ReminderOutcome

BY = "system:reminders"
SENT, REFUSED, FAILED, WOULD = "sent", "refused", "failed", "would be sent"
FOR_GOOD = 500  # from this reply on a mail server means it (RFC 5321, 4.2.1)
Clock = Callable[[], datetime]


class Done(msgspec.Struct, frozen=True):
    """What became of one reminder."""

    patient: str
    about: tuple[str, ...]
    items: tuple[str, ...]
    how: str
    said: str = ""


def missing() -> Problem | None:
    """What stands in the way of any reminder here."""
    if not settings.MAIL_IS_SET_UP:
        return Problem(
            "no mail server is set up", "LOWTIDE_MAIL_URL", "Set it to smtp://user:password@host:587."
        )
    if not settings.PUBLIC_ADDRESS:
        return Problem(
            "it is not known under which address patients open their own place",
            "LOWTIDE_ADDRESS",
            "Set it to https://clinic.example.org, or make a certificate.",
        )
    return None


def remind(
    clock: Clock, most: int | None = None, *, dry: bool = False, over: Callable[[], bool] = lambda: False
) -> list[Done]:
    """Send what is to be sent now, at most so many; a mail server that does not answer ends it for this time."""
    done: list[Done] = []
    with remembered():
        for stream in [] if not dry and _is_down(clock()) else candidates(clock()):
            if over() or (most is not None and len(done) >= most):
                break
            if found := one(stream, clock, dry=dry):
                done.append(found)
                if found.how == FAILED:
                    break
    return done


def _is_down(now: datetime) -> bool:
    """The mail server did not answer a short while ago: nobody's chart is told so again and again."""
    since = now - timedelta(minutes=reminders().again_min.value)
    return bool(ReminderRow.objects.filter(last_how=FAILED, last_at__gt=since, last_at__lte=now).exists())


def candidates(now: datetime) -> list[str]:
    """Charts of which somebody may have to be reminded, from the tables alone: the earliest visit first, then by name."""
    here, day = zone(), now.astimezone(zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    reachable = {row.stream for row in reached()}
    late = now - reminders().late_days.value * DAY
    open_ = Q(opens_at__isnull=True) | Q(opens_at__lte=now)
    asked = DueRow.objects.filter(open_, task__in=tasks(), due_at__gte=late)
    today = ReminderRow.objects.filter(last_at__gte=day).exclude(last_how=FAILED)
    told_today = set(today.values_list("stream", flat=True))
    asking = set(asked.values_list("stream", flat=True)) - told_today
    tomorrow = SessionRow.objects.filter(
        at__gte=day.astimezone(here) + DAY, at__lt=day + 2 * DAY + timedelta(hours=3), status=Status.PLANNED
    )
    first = [s for s in tomorrow.order_by("at", "key").values_list("stream", flat=True) if s in reachable]
    return list(dict.fromkeys([*first, *sorted(asking & reachable)]))


def reached() -> Iterator[PatientIndex]:
    """Who has an address, a place that is open, and reminders that are on and taken."""
    open_ = {f"chart:{p}" for p in opened()}
    deaf = set(ReminderRow.objects.filter(Q(on=False) | ~Q(not_taken="")).values_list("stream", flat=True))
    for row in PatientIndex.objects.filter(deceased=False).exclude(email=""):
        if row.stream in open_ and row.stream not in deaf:
            yield row


def opened() -> Iterator[str]:
    """Patients whose place is open."""
    yield from User.objects.filter(is_active=True).exclude(patient="").values_list("patient", flat=True)


def one(stream: str, clock: Clock, *, dry: bool = False) -> Done | None:
    """The reminder of one patient, if there is one to send: written down, sent, and what became of it."""
    chart, now = whole_chart(stream), clock()
    here = Here(now, zone(), clinic_chart())
    found = reminder(chart, here)
    if found is None or is_locked(stream):
        return None
    patient, to = stream.removeprefix("chart:"), told.address(store.load(stream))
    if not to:
        return None
    if dry:
        return Done(patient, found.about, found.items, WOULD)
    speaks = mail.language(chart)
    letter = mail.message(found, to, speaks, here.zone, _shared(stream, to))
    claim = _claim(
        stream, found, ReminderMailed(about=found.about, items=found.items, address=to, language=speaks), here
    )
    if claim is None:
        return None
    how, said = hand_over(letter)
    _write(stream, ReminderOutcome(reminder=claim, how=how, said=said), max(clock(), now))
    return Done(patient, found.about, found.items, how, said)


def is_locked(stream: str) -> bool:
    """Their place is closed, or takes no sign-in now because somebody tries passwords."""
    user = User.objects.filter(patient=stream.removeprefix("chart:"), is_active=True).first()
    return user is None or lockout.locked_until(user.username) is not None


def _claim(stream: str, found: Reminder, body: ReminderMailed, here: Here) -> UUID | None:
    """Write down that it goes out; None where another one did so first, or where it is not true any more."""
    joined = linked(stream)

    def still(charts: store.Charts) -> None:
        known = [charts[name] for name in joined]
        if reminder(known[0] if len(known) == 1 else Chart.union(known), here) != found:
            raise refuse("somebody else was faster", "reminder", "Nothing to do.")

    try:
        return _write(stream, body, here.now, still, joined[1:])
    except BadInput:
        return None


def _write(
    stream: str, body: Body, at: datetime, guard: store.Guard | None = None, also: list[str] | None = None
) -> UUID:
    draft = Draft(stream=stream, body=body, by=BY, at=at, source=Source.SYSTEM)
    return store.append([draft], guard, also_lock=also or (), now=at)[0].id


def hand_over(letter: EmailMessage) -> tuple[str, str]:
    """(how, what the server said). An address is refused only where the server means it for good."""
    try:
        letter.send()
    except SMTPRecipientsRefused as error:
        replies = list(error.recipients.values())
        for_good = all(code >= FOR_GOOD for code, _ in replies)
        return (REFUSED if for_good else FAILED), "; ".join(str(code) for code, _ in replies)
    except (UnicodeError, ValueError):
        return REFUSED, "the address cannot be written in a mail"
    except SMTPNotSupportedError as error:
        hint = (
            "the server offers no encryption; for one on the same machine LOWTIDE_MAIL_URL says smtp+plain://"
        )
        return FAILED, f"{type(error).__name__}: {hint}"
    except (SMTPException, OSError) as error:
        return FAILED, type(error).__name__
    return SENT, ""


def _shared(stream: str, to: str) -> str:
    """The first name, where several people of this clinic have this address."""
    rows = dict(PatientIndex.objects.filter(email__iexact=to, deceased=False).values_list("stream", "given"))
    return rows.get(stream, "") if len(rows) > 1 else ""
