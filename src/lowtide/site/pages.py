"""Pages that belong to no step: the start page, help, and the server's own health."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from lowtide.people.who import public


@public
def alive(request: HttpRequest) -> HttpResponse:
    """Whether the server answers; says nothing about anybody."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [path("alive", alive, name="alive")]
