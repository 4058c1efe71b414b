"""Somebody asks for a link: at most a few times, and never told whether the address is known here."""

import hmac
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from lowtide.data.portal import sign_in
from lowtide.people.clinic import this_clinic
from lowtide.people.models import PatientIndex
from lowtide.portal.sign_in import links
from lowtide.record import access_log

ASKED, TRIED = "asked for a link", "a code that opens nothing"
_post = ThreadPoolExecutor(1, thread_name_prefix="mail")


def may_ask(email: str, place: str, now: datetime) -> bool:
    """Whether a link may be asked for again: by this address and from this place. Counted in the access log."""
    limits = sign_in()
    of_address = _count(_key("mail", email.lower()), ASKED, now)
    return of_address < limits.links_per_address.value and may_try(place, now)


def may_try(place: str, now: datetime) -> bool:
    """Whether this place may try once more: requests and wrong codes count alike."""
    tries = sum(_count(_key("place", place), action, now) for action in (ASKED, TRIED))
    return tries < sign_in().tries_per_place.value


def _count(key: str, action: str, now: datetime) -> int:
    since = now - timedelta(minutes=sign_in().window_min.value)
    return sum(line.action == action for line in access_log.since(key, since))


def note(action: str, place: str, email: str = "", *, allowed: bool = True) -> None:
    """A line of the access log that names neither an address nor a place, only their digests."""
    for key in (*((_key("mail", email.lower()),) if email else ()), _key("place", place)):
        access_log.log(key, action, address=place, allowed=allowed)


def _key(kind: str, value: str) -> str:
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"{kind} {value}".encode(), "sha256").hex()
    return f"link:{kind}:{digest[:16]}"


def patients_at(email: str) -> list[PatientIndex]:
    """Whose chart holds this address and whose place is open."""
    rows = PatientIndex.objects.filter(email__iexact=email.strip(), deceased=False) if email.strip() else ()
    return [row for row in rows if links.user_of(row.patient_id)]


def ask(email: str, base: str, now: datetime) -> list[str]:
    """Send a link for each open place of this address. Answers the addresses of the links, for the demonstration."""
    lasts = timedelta(minutes=sign_in().mail_link_min.value)
    found = patients_at(email)
    made = [base + links.make(row.patient_id, "system:portal", lasts, now) for row in found]
    for row, url in zip(found, made, strict=True):
        send(email, url, row.given if len(found) > 1 else "")
    return made


def send(email: str, url: str, who: str = "", *, ours: bool = False) -> Future[int] | None:
    """One mail with a link, beside the request: how long it takes tells nobody whether the address is known. `ours`: the
    clinic sends it unasked."""
    if not settings.MAIL_IS_SET_UP:
        return None
    message = EmailMessage(subject=_subject(), body=_body(url, who, ours), to=[email])
    return _post.submit(message.send)


def wait() -> None:
    """Until all that was to be sent is sent: for tests, and for an end in order."""
    _post.submit(int).result()


def _subject() -> str:
    """It names no illness and no treatment: others may see it on a locked screen."""
    clinic = this_clinic()
    return _("Your link from %(clinic)s") % {"clinic": clinic.name if clinic else "Lowtide"}


def _body(url: str, who: str, ours: bool) -> str:
    hello = _("Hello %(who)s,") % {"who": who} if who else _("Hello,")
    unasked = (
        _(
            "The clinic sends you this. Is it not meant for you? Then do nothing. Nobody gets in without this link."
        )
        if ours
        else _("Did you not ask for it? Then do nothing. Nobody gets in without this link.")
    )
    lines: Iterable[str] = (
        hello,
        "",
        _("this link opens your own place. It works once, and for %(minutes)s minutes:")
        % {"minutes": sign_in().mail_link_min.value},
        "",
        url,
        "",
        unasked,
        _("Please do not answer this mail. Nobody reads the answers."),
    )
    return "\n".join(lines)
