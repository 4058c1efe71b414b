"""What every page of the patient's own place shares: whose chart it is, in which language it speaks, how it tells time."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lowtide.data.portal import languages, sign_in
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import clinic_chart, this_clinic, zone
from lowtide.people.opening import fold
from lowtide.people.roles import Permission
from lowtide.people.who import Request

V = TypeVar("V", bound=Callable[..., HttpResponse])
COOKIE, HOUSE = "language", "en"
FULL_DAY, SHORT_DAY = "l j F", "j M Y"


def own_chart(request: Request) -> PatientChart:
    """The chart of who is signed in, and no other."""
    if not request.person.is_patient:
        raise Http404("only patients have a place of their own")
    return chart_for(request, UUID(request.person.by.partition(":")[2]), Permission.OWN_PLACE)


def own_page(chart: PatientChart, tab: str, **more: Any) -> dict[str, Any]:
    """What each of its pages is given: `tab` is the part of the place that it belongs to."""
    who = chart.patient.preferred or chart.patient.given or chart.patient.family
    about = {"tab": tab, "who": who, "clinic": this_clinic(), "signed": True}
    return {**about, "closed": closed(timezone.now()), **more}


def closed(now: datetime) -> dict[str, str] | None:
    """That the clinic is closed now, and when it opens; None while it is open and where it never said its hours."""
    opening = fold(clinic_chart(), zone())
    if not opening.stated or opening.holds(now, now):
        return None
    opens = opening.opens_next(now)
    return {"opens": when(opens, opening.zone, now) if opens else ""}


def speaks(view: V) -> V:
    """A view whose page is made in the reader's own language."""

    @wraps(view)
    def spoken(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        language = language_of(request)
        if language == HOUSE:
            return view(request, *args, **more)
        with translation.override(language):
            return view(request, *args, **more)

    return spoken  # type: ignore[return-value]


def language_of(request: HttpRequest) -> str:
    """What the address says, else what was chosen on this device, else what the browser asks for, of the languages there
    are."""
    if (said := request.GET.get("say", "")) in languages():
        return said
    chosen = request.COOKIES.get(COOKIE, "")
    if chosen in languages():
        return chosen
    for asked in request.headers.get("Accept-Language", "").lower().split(","):
        found = asked.split(";")[0].strip().partition("-")[0]
        if found in languages():
            return found
    return HOUSE


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep the choice on this device."""
    age = sign_in().remembered_days.value * 24 * 3600
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(COOKIE, language, max_age=age, samesite="Lax", secure=secure, httponly=True)


# -- instants, in the language of the page ----------------------------------------------------------------------


def clock(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def full_day(at: datetime, zone: tzinfo) -> str:
    """Tuesday 24 November"""
    return str(date_format(at.astimezone(zone), _(FULL_DAY)))


def short_day(at: datetime, zone: tzinfo) -> str:
    """24 Nov 2026"""
    return str(date_format(at.astimezone(zone), _(SHORT_DAY)))


def moment(at: datetime, zone: tzinfo) -> str:
    """24 Nov 2026, 9:30"""
    return f"{short_day(at, zone)}, {clock(at, zone)}"


def when(at: datetime, zone: tzinfo, now: datetime) -> str:
    """“Today, 10:00”, “Tomorrow, 10:00”, or the day by name."""
    local, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    near = {0: _("Today"), 1: _("Tomorrow")}.get((local - today).days)
    if near:
        return f"{near}, {clock(at, zone)}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{full_day(at, zone)}{year}, {clock(at, zone)}"
