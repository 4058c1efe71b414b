"""A walk of every address as somebody: made once, and asked by every test that wants to know what came of it."""

import re
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from typing import Any, NamedTuple
from unittest.mock import patch

from django.test import Client
from django.test import client as testing
from django.urls import Resolver404, resolve

from lowtide.people.roles import ROLES

SECRET = "what was said in the room"
LEADS = re.compile(r'(?:href|action|hx-get|hx-post|data-href)="(/[^"#]*)')


class Step(NamedTuple):
    """What came of one address: all that is kept of its page."""

    name: str
    permission: Any
    status: int
    tells: bool
    leads: frozenset[str]


def walk(client: Client, method: str, urls: Iterable[tuple[Any, str]], **sent: str) -> Iterator[Step]:
    client.raise_request_exception = False
    for address, url in urls:
        with patch.object(testing, "store_rendered_templates", lambda *_, **__: None):  # nobody asks for them
            answer = getattr(client, method)(url, sent or None)
        page = "" if answer.streaming else answer.content.decode(errors="replace")
        yield Step(
            address.name,
            address.permission,
            answer.status_code,
            SECRET in page,
            _leads(answer, page),
        )


def _leads(answer: Any, page: str) -> frozenset[str]:
    """The paths that a page links to or sends to, or the one that it sends on to."""
    if led := answer.get("Location", ""):
        return frozenset({led.partition("?")[0]} if LEADS.match(f'href="{led}"') else ())
    if answer.status_code != 200:
        return frozenset()
    return frozenset(unescape(found).partition("?")[0] for found in LEADS.findall(page))


def refused_from(paths: Iterable[str], role: str) -> Iterator[str]:
    """The names of what a page leads to and its reader may not open; or the path that leads nowhere."""
    for path in paths:
        if path.startswith("/static/"):
            continue
        try:
            match = resolve(path)
        except Resolver404:
            yield path
            continue
        permission = getattr(match.func, "permission", None)
        if permission is not None and permission not in ROLES[role].permissions:
            yield match.view_name


class Walks:
    """The walks of a module, by whose they are; the first test that asks for one makes it."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, ...], tuple[Any, ...]] = {}

    def __call__(self, key: tuple[str, ...], make: Callable[[], Iterable[Any]]) -> tuple[Any, ...]:
        if key not in self.made:
            self.made[key] = tuple(make())
        return self.made[key]
