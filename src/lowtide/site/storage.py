"""What people are told when the database cannot do its work: full, read-only, held, damaged, not there."""

import sys
from typing import Any

from lowtide.problems import Problem

SAVED = "Nothing of this was saved; what was saved before is safe."
TROUBLES = {
    "is full": ("the disk is full", f"{SAVED} Free space on the server, then send it again."),
    "no space left": ("the disk is full", f"{SAVED} Free space on the server, then send it again."),
    "readonly database": ("the database is read-only", f"{SAVED} Give the server the right to write to it."),
    "is locked": ("another program holds the database", f"{SAVED} Try again; end what holds it."),
    "malformed": ("the database file is damaged", "Stop the server, run lowtide verify, restore a backup."),
    "not a database": ("the database file is damaged", "Stop the server and restore a backup."),
    "connection": ("PostgreSQL does not answer", f"{SAVED} Start it, or mend LOWTIDE_DATABASE_URL."),
}


def trouble(error: BaseException | None) -> Problem | None:
    """The problem behind a database error, if it is one of storage and not of this program."""
    from django.db import DatabaseError, InterfaceError

    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    said = str(error).lower()
    for sign, (what, mend) in TROUBLES.items():
        if sign in said:
            return Problem(what, "database", mend)
    return None


def server_error(request: Any) -> Any:
    """The page for what went wrong on our side; a full disk says so and keeps what was typed in the page."""
    from django.http import HttpResponse
    from django.middleware.csrf import get_token
    from django.template.loader import render_to_string

    problem = trouble(sys.exc_info()[1])
    if request.path.startswith("/my/"):
        return _broken_for_a_patient(request, 500 if problem is None else 507)
    if problem is None:
        return HttpResponse(render_to_string("500.html"), status=500)
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and "password" not in name
        for value in values
    ]
    context = {
        "problem": problem,
        "typed": typed,
        "action": request.get_full_path(),
        "csrf_token": get_token(request),
    }
    # Without the request: what every other page is told is read from the database, which may not answer.
    return HttpResponse(render_to_string("storage.html", context), status=507)


def _broken_for_a_patient(request: Any, status: int) -> Any:
    """Plain words in their language. Their own form stays in the page before: going back shows it again."""
    from django.http import HttpResponse
    from django.template.loader import render_to_string
    from django.utils import translation

    from lowtide.people.own_place import language_of

    with translation.override(language_of(request)):
        return HttpResponse(render_to_string("portal/broken.html"), status=status)
