"""A tablet at the chair without a network: what it takes with it, what it sends afterwards, and its own page."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from lowtide.data.offline import offline
from lowtide.pathway.session.tablet import sync
from lowtide.people.tablets.wire import read, refusal, takes_json
from lowtide.people.who import public

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
