"""The page for somebody who cannot sign in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lowtide.people.who import public


@public
@require_safe
def cannot_sign_in(request: HttpRequest) -> HttpResponse:
    """Who to ask; nothing is looked up, so nothing is given away."""
    return render(request, "people/cannot_sign_in.html")
