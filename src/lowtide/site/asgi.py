"""The server's entry point: Django's, with every page in one hop on a thread that stays.

By itself Django gives each request a thread of its own, walks through every middleware by a change of threads, and changes
threads three times more to begin, answer and end, which costs a page here several times what the page does. So all of a
page runs together, on one of a few threads that live as long as the server and keep their connection to the database; only
what waits for long, the live updates, runs as Django runs it, on one thread for all of them.
"""

import contextlib
import os
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import IO, Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lowtide.site.settings")

import django
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.http import HttpResponse, HttpResponseBase
from django.urls import set_script_prefix

THREADS = 8
WAITS = "/live"


class Worker:
    """One thread, and how many requests it has been given and not finished."""

    def __init__(self, number: int) -> None:
        self.executor = ThreadPoolExecutor(1, thread_name_prefix=f"pages-{number}")
        self.busy = 0


class Handler(ASGIHandler):
    """Gives each request to the thread that has least to do: a slow page holds up no other one."""

    def __init__(self) -> None:
        super().__init__()
        self.pages = BaseHandler()
        self.pages.load_middleware(is_async=False)
        self.workers = [Worker(number) for number in range(THREADS)]
        self.waiting = Worker(THREADS)

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[..., Awaitable[Any]],
        send: Callable[..., Awaitable[Any]],
    ) -> None:
        if scope["type"] != "http":
            raise ValueError(f"{scope['type']} is not served here")
        if scope["path"] == WAITS:
            async with ThreadSensitiveContext(executor=self.waiting.executor):
                await self.handle(scope, receive, send)
            return
        with contextlib.suppress(RequestAborted):
            await self._page(scope, await self.read_body(receive), send)

    async def _page(
        self, scope: dict[str, Any], body: IO[bytes], send: Callable[..., Awaitable[Any]]
    ) -> None:
        worker = min(self.workers, key=lambda w: w.busy)
        worker.busy += 1
        try:
            whole = partial(copy_context().run, self._answer, scope, body)
            response = await get_running_loop().run_in_executor(worker.executor, whole)
            async with ThreadSensitiveContext(executor=worker.executor):
                await self.send_response(response, send)
                if response.streaming:
                    await sync_to_async(response.close)()
        finally:
            worker.busy -= 1
            body.close()

    def _answer(self, scope: dict[str, Any], body: IO[bytes]) -> HttpResponseBase:
        """The whole answer, from Django's word that a request begins to its word that it is over."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = self.pages.get_response(request) if request else refusal or HttpResponse(status=400)
        if not response.streaming:
            response.close()
        return response


django.setup(set_prefix=False)
application = Handler()
