"""What the script of a shared tablet asks for: a token and what opens its own store."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone

from lowtide.data.audiences import topics
from lowtide.data.tablet import tablet
from lowtide.people.record_pages.rights import writable
from lowtide.people.roles import Permission
from lowtide.people.tablets import opening, pins, tokens
from lowtide.people.tablets.pins import WrongPin
from lowtide.people.tablets.wire import Device, read, takes_json
from lowtide.people.who import Person, Request, needs, public


class Unlock(msgspec.Struct, frozen=True):
    """Who opens which tablet."""

    device: UUID
    name: str
    pin: str


@takes_json
@needs(Permission.USE_TABLET)
def token(request: Request) -> HttpResponse:
    """After a sign-in: the token under which this tablet charts in the person's name."""
    device = str(read(request, Device).device)
    by_pin = opening.BY_PIN in request.session
    answer = _opened(request, request.person, device, by_pin=by_pin)
    request.session[opening.AT_TABLET] = device
    return JsonResponse(answer)


@takes_json
@public
def unlock(request: Request) -> HttpResponse:
    """By name and PIN: the person is signed in here, and the tablet is given the same."""
    said = read(request, Unlock)
    device = str(said.device)
    try:
        person = opening.unlock(request, device, said.name, said.pin)
    except WrongPin as error:
        why = "wrong_pin" if error.left else "locked"
        told = {"why": why, "what": error.problems[0].what, "mend": error.problems[0].mend}
        return JsonResponse({"error": told, "left": error.left}, status=403)
    return JsonResponse(_opened(request, person, device, by_pin=opening.BY_PIN in request.session))


@takes_json
@public
def names(request: Request) -> HttpResponse:
    """Who has worked at this tablet, so that a name is tapped and not typed."""
    here = opening.worked_here(str(read(request, Device).device))
    return JsonResponse({"names": [{"login": login, "name": name} for login, name in here]})


def _opened(request: Request, person: Person, device: str, *, by_pin: bool) -> dict[str, Any]:
    """What an unlocked tablet is told. `full`: signed in with more than a PIN; `csrf`: the safety code of the forms
    from now on; `signed_in_at`: since when this browser is this person's; `topics`: what they may write, and whether it is
    narrow."""
    now: datetime = timezone.now()
    since = None if request.path == reverse("people:tablet_unlock") else request.session.get("since")
    return {
        **msgspec.structs.asdict(tokens.issue(person, device, now=now, by_pin=by_pin)),
        "person": {
            "id": person.by,
            "name": person.name,
            "may_chart": person.can(Permission.CHART_SESSION),
            "topics": [[t, topics()[t].label, bool(topics()[t].visible_to)] for t in writable(person)],
        },
        "own_share": tokens.own_share(person, device),
        "has_pin": pins.has_one(person.by),
        "full": not by_pin,
        "csrf": get_token(request),
        "signed_in_at": datetime.fromtimestamp(since, UTC) if since else now,
        "lock_after_s": tablet().lock_after_s,
        "server_now": now,
    }
