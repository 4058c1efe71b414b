"""What the script of a shared tablet asks for: a token and what opens its own store."""

from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from lowtide.data.tablet import tablet
from lowtide.people.models import Pin
from lowtide.people.roles import Permission
from lowtide.people.tablets import tokens
from lowtide.people.tablets.wire import Device, read, takes_json
from lowtide.people.who import Person, Request, needs


@takes_json
@needs(Permission.USE_TABLET)
def token(request: Request) -> HttpResponse:
    """After a sign-in: the token under which this tablet charts in the person's name."""
    device, now = str(read(request, Device).device), timezone.now()
    return JsonResponse(opened(request.person, tokens.issue(request.person, device, now=now), now))


def opened(person: Person, issued: tokens.Issued, now: datetime) -> dict[str, Any]:
    """What an unlocked tablet is told."""
    return {
        **msgspec.structs.asdict(issued),
        "person": {"id": person.by, "name": person.name},
        "has_pin": Pin.objects.filter(person=person.by).exists(),
        "lock_after_s": tablet().lock_after_s,
        "server_now": now,
    }
