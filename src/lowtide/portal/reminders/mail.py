"""The words of a reminder. They name no illness, no drug and no treatment: others may see them on a locked screen."""

from collections.abc import Iterator
from datetime import tzinfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from lowtide.data.portal import languages
from lowtide.people.clinic import this_clinic
from lowtide.people.own_place import HOUSE, clock, full_day
from lowtide.portal.reminders.deciding import QUESTIONS, VISIT, Reminder
from lowtide.record.chart import Chart
from lowtide.record.entries.care import Answers
from lowtide.record.entries.identity import Patient
from lowtide.record.entries.mailed import LanguageChosen, RemindersChosen

HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


def language(chart: Chart) -> str:
    """What the patient uses by their last word: chosen on their own pages, or that of the questions they answered there;
    else what the clinic noted. Of the languages there are."""
    who = chart.last(Patient)
    asked = (_used(chart), (who[1].language if who else None) or "")
    found = (code for name in asked if (code := name.lower().partition("-")[0]) in languages())
    return next(found, HOUSE)


def _used(chart: Chart) -> str:
    """The patient's own last word. An answer in the house's language names none and says nothing of what is read best."""
    said = (
        *((e.order, b.language) for e, b in chart.said(LanguageChosen)),
        *((e.order, b.language) for e, b in chart.said(RemindersChosen)),
        *((e.order, b.language) for e, b in chart.said(Answers) if e.by.startswith("patient:")),
    )
    return max((one for one in said if one[1]), default=(None, ""))[1]


def spoken(speaks: str) -> str:
    """As the catalogues name it."""
    return settings.LANGUAGE_CODE if speaks == HOUSE else speaks


def message(reminder: Reminder, to: str, speaks: str, zone: tzinfo, who: str = "") -> EmailMessage:
    """`who` is said where several people share the address."""
    clinic = this_clinic()
    name = clinic.name if clinic else "Lowtide"
    with translation.override(spoken(speaks)):
        subject = _("A reminder from %(clinic)s") % {"clinic": name}
        line = clinic.crisis_line if clinic else ""
        body = "\n".join([*_said(reminder, zone, name, who), "", *_foot(line)])
    return EmailMessage(subject=subject, body=body, to=[to], headers=HEADERS)


def _said(reminder: Reminder, zone: tzinfo, clinic: str, who: str) -> Iterator[str]:
    yield _("Hello %(who)s,") % {"who": who} if who else _("Hello,")
    yield ""
    visit = reminder.visit
    if VISIT in reminder.about and visit:
        about = {"day": full_day(visit.arrives_at, zone), "time": clock(visit.arrives_at, zone)}
        yield _("you have a visit tomorrow, %(day)s. Please be there at %(time)s.") % about
        yield _("Where: %(place)s") % {"place": clinic}
        yield _("Your own place says how to get ready. If the time has changed, you see it there.")
    if QUESTIONS in reminder.about:
        yield _("Some questions wait for you in your own place. They take a few minutes.")
        if VISIT in reminder.about:
            yield _("Please answer them before you come.")
    yield ""
    yield f"{settings.PUBLIC_ADDRESS.rstrip('/')}{reverse('portal:home')}"


def _foot(line: str) -> Iterator[str]:
    yield _("You come in as you always do. You can ask for a new link there.")
    yield _("You do not want these mails? Turn them off in your own place, under “More”.")
    yield _("Please do not answer this mail. Nobody reads the answers.")
    if line:
        yield _("Do you need help now? Call %(line)s.") % {"line": line}
