"""What a script of our own pages sends and is answered: JSON, from this site only, refused in words it can show."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lowtide.people.lost_post import from_elsewhere
from lowtide.people.tablets.tokens import Untaken
from lowtide.problems import BadInput, bad

V = TypeVar("V", bound=Callable[..., Any])
T = TypeVar("T")


class Device(msgspec.Struct, frozen=True):
    """Which tablet is asking."""

    device: UUID


def takes_json(view: V) -> V:
    """Mark a view that a script posts JSON to. Its content type keeps forms of other sites out, which is what the
    safety code of a form is for; a page that stood open without the network no longer has a code that fits."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.content_type != "application/json" or from_elsewhere(request):
            return refusal("not_json", "this address takes JSON from this site only", "", status=400)
        try:
            answer: HttpResponse = view(request, *args, **kwargs)
        except Untaken as error:
            return refusal(error.why, error.problems[0].what, error.problems[0].mend, status=409)
        except BadInput as error:
            return refusal("bad_input", error.problems[0].what, error.problems[0].mend, status=422)
        return answer

    return handle  # type: ignore[return-value]


def read(request: HttpRequest, shape: type[T]) -> T:
    """The body in this shape. Raises BadInput, saying what does not fit."""
    try:
        return msgspec.json.decode(request.body, type=shape)
    except msgspec.DecodeError as error:
        raise bad(str(error), "body", "Load the page again.") from None


def refusal(why: str, what: str, mend: str, *, status: int) -> JsonResponse:
    """`why` is one word for the script, the rest is for the person before it."""
    return JsonResponse({"error": {"why": why, "what": what, "mend": mend}}, status=status)
