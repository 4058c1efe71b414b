"""The page from which a form was opened, so that whoever is done with it is back where they were."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

FIELD = "back"
DOORS, DETOURS = ("/accounts/", "/again/"), ("/who/correct",)


def came_from(request: HttpRequest) -> str:
    """An address of this site that is not the form itself; empty where none is known. A form carries it along."""
    said = request.POST.get(FIELD) if request.method == "POST" else request.headers.get("Referer")
    if not said or not url_has_allowed_host_and_scheme(said, {request.get_host()}):
        return ""
    parts = urlsplit(said)
    back = f"{parts.path}?{parts.query}" if parts.query else parts.path
    passed = parts.path.startswith(DOORS) or parts.path.endswith(DETOURS)
    return "" if passed or parts.path == request.path else back
