"""The server's entry point: Django's, with every page in one hop on a thread that stays.

By itself Django gives each request a thread of its own and walks through every middleware by a change of threads, which
costs a page here several times what the page does. So the middlewares and the view of a page run together, on one of a few
threads that live as long as the server and keep their connection to the database; only what waits for long, the live
updates, runs as Django runs it, on one thread for all of them.
"""

import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lowtide.site.settings")

import django
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponseBase

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
        worker = self.waiting if scope["path"] == WAITS else min(self.workers, key=lambda w: w.busy)
        worker.busy += 1
        try:
            async with ThreadSensitiveContext(executor=worker.executor):
                await self.handle(scope, receive, send)
        finally:
            worker.busy -= 1

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == WAITS:
            return await super().get_response_async(request)
        return await sync_to_async(self.pages.get_response, thread_sensitive=True)(request)


django.setup(set_prefix=False)
application = Handler()
