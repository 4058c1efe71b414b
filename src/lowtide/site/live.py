"""Live updates: word to open pages that a stream has new entries, nothing of what they say.

`/live?streams=chart:…&streams=calendar:main` answers server-sent events, one named after the stream each time it has
grown; `chart:*` stands for any chart. A page then asks for its fragment again, under its own permission. All of
them together hold one database connection. The right to each stream is asked at the start, at each event and at each
heartbeat, and the answer ends with the sign-in (event `signed-out`). `/live/heads` answers the same question once,
for pages that poll.

One line carries what is in no record: `devices:` and a session, what the monitors and pumps on this person say now. Its
events bring the words along: made once for all who watch, where each screen would ask for them.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from lowtide.people.roles import Permission
from lowtide.people.who import Person, person_of, public
from lowtide.record import rows
from lowtide.site.watch import Watch

HEARTBEAT_S = float(os.environ.get("LOWTIDE_HEARTBEAT_S", "15"))
AT_MOST = 100
GROWN = "grown"
NEEDED = {
    "chart:*": {Permission.SEE_TODAY},
    "chart:": {Permission.SEE_CHART},
    "devices:": {Permission.SEE_CHART},
    "calendar:": {Permission.SEE_TODAY},
    "clinic:": {Permission.SEE_TODAY, Permission.MANAGE_STAFF},
    "inbox:": {Permission.IMPORT, Permission.REVIEW_RESULT, Permission.REFERRALS},
    "safe:": {Permission.SEE_SAFE},
}


class Hub:
    """The open pages of this process, and the streams that each waits for."""

    def __init__(self) -> None:
        self.waiting: set[Waiting] = set()

    def tell(self, stream: str, said: str = GROWN) -> None:
        """From any thread: this stream has grown, or what is said on it now."""
        for one in tuple(self.waiting):
            one.hear(stream, said)

    def asked(self, prefix: str) -> set[str]:
        """The streams of one kind that some open page waits for."""
        return {name for one in tuple(self.waiting) for name in one.streams if name.startswith(prefix)}

    def close(self) -> None:
        """The server stops: end every answer, so that nobody has to wait for it."""
        for one in tuple(self.waiting):
            one.end()


class Waiting:
    """One open page: what it waits for, and what has grown, or was said, since it was last told."""

    def __init__(self, streams: frozenset[str]) -> None:
        self.streams, self.news, self.over = streams, dict[str, str](), False
        self.loop, self.ring = asyncio.get_running_loop(), asyncio.Event()

    def hear(self, stream: str, said: str) -> None:
        wanted = {stream, f"{stream.partition(':')[0]}:*"} & self.streams
        if wanted:
            self.loop.call_soon_threadsafe(self._note, dict.fromkeys(wanted, said))

    def end(self) -> None:
        self.over = True
        self.loop.call_soon_threadsafe(self.ring.set)

    def _note(self, news: dict[str, str]) -> None:
        self.news |= news
        self.ring.set()

    async def next(self, within_s: float) -> dict[str, str]:
        """What has grown, as soon as something has; nothing after `within_s`."""
        try:
            async with asyncio.timeout(within_s):
                await self.ring.wait()
        except TimeoutError:
            return {}
        self.ring.clear()
        news, self.news = self.news, {}
        return news


hub = Hub()
watch = Watch(hub.tell)


def may_follow(person: Person | None, stream: str) -> bool:
    """Whether this person may know that the stream has grown."""
    if person is None:
        return False
    if person.by.startswith("patient:"):
        return stream == f"chart:{person.by.removeprefix('patient:')}"
    needed = next((p for prefix, p in NEEDED.items() if stream.startswith(prefix)), set())
    return not needed.isdisjoint(person.may)


@public
@require_safe
async def live(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Server-sent events for the streams asked for."""
    streams, refusal = _asked(request)
    if refusal:
        return refusal
    answer = StreamingHttpResponse(_events(request, streams), content_type="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


@public
@require_safe
def live_heads(request: HttpRequest) -> HttpResponse:
    """Where each stream stands, as `{stream: seq}`, for pages that poll."""
    streams, refusal = _asked(request)
    if refusal:
        return refusal
    return JsonResponse({name: head.seq for name, head in rows.heads(streams).items()})


def _asked(request: HttpRequest) -> tuple[frozenset[str], HttpResponse | None]:
    """The streams asked for; or what to answer instead."""
    streams = frozenset(request.GET.getlist("streams"))
    person: Person | None = getattr(request, "person", None)
    if person is None:
        return streams, HttpResponse("sign in first\n", status=401, content_type="text/plain")
    if not streams or len(streams) > AT_MOST:
        return streams, HttpResponse(f"name 1 to {AT_MOST} streams\n", status=400, content_type="text/plain")
    if not all(may_follow(person, stream) for stream in streams):
        return streams, HttpResponse("not for you\n", status=403, content_type="text/plain")
    return streams, None


async def _events(request: HttpRequest, streams: frozenset[str]) -> AsyncIterator[bytes]:
    allowed: Callable[..., Any] = sync_to_async(_still_allowed)
    waiting = Waiting(streams)
    hub.waiting.add(waiting)
    checked = time.monotonic()
    try:
        yield b"retry: 2000\n: following\n\n"
        while True:
            news = await waiting.next(HEARTBEAT_S)
            if waiting.over:
                return
            if GROWN in news.values() or not news or time.monotonic() - checked > HEARTBEAT_S:
                if not await allowed(request.session, streams):
                    break
                checked = time.monotonic()
            yield "".join(map(_event, sorted(news.items()))).encode() or b": still here\n\n"
        yield b"event: signed-out\ndata: sign in again\n\n"
    finally:
        hub.waiting.discard(waiting)


def _event(news: tuple[str, str]) -> str:
    stream, said = news
    return f"event: {stream}\n" + "".join(f"data: {line}\n" for line in said.splitlines()) + "\n"


def _still_allowed(session: SessionBase, streams: frozenset[str]) -> bool:
    """Whether the sign-in still stands and still opens these streams."""
    close_old_connections()
    person = _person(session)
    return all(may_follow(person, stream) for stream in streams)


def _person(kept: SessionBase) -> Person | None:
    """Who is signed in by this session, read anew; nobody once it is over."""
    request = HttpRequest()
    request.session = type(kept)(kept.session_key)
    now = time.time()
    if now - request.session.get("seen", now) > settings.SESSION_IDLE_S:
        return None
    if now - request.session.get("since", now) > settings.SESSION_ABSOLUTE_S:
        return None
    return person_of(get_user(request))
