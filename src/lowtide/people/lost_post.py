"""A page left open past its sign-in loses nothing: what was typed is shown again and saved after signing in.

Nothing is kept on the server. The page carries what was typed as hidden fields of a form that the person sends
again with one button, once signed in; so a forged request still needs a person's press.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

HIDDEN = ("csrfmiddlewaretoken",)
NEVER_SHOWN = ("password", "code")


def keep_what_was_typed(request: HttpRequest) -> HttpResponse:
    """The page that holds what was posted and offers sign-in, then sending it again."""
    if request.path.startswith("/accounts/"):
        return render(request, "403.html", {"stale": True}, status=403)
    return render(request, "lost_post.html", _context(request), status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF failure page: the form is from before the last sign-in, so it is offered again."""
    return keep_what_was_typed(request)


def _context(request: HttpRequest) -> dict[str, Any]:
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in HIDDEN and not any(n in name.lower() for n in NEVER_SHOWN)
        for value in values
    ]
    return {
        "action": request.get_full_path(),
        "fields": fields,
        "shown": [(n, v) for n, v in fields if v.strip()],
        "files": sorted(request.FILES),
        "signed_in": request.user.is_authenticated,
    }
