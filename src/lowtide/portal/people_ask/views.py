"""What people ask about the treatment, answered in plain words: public, and in the own place of who is signed in."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lowtide.data.questions import questions
from lowtide.pathway.course.trial_answers import standing
from lowtide.people.clinic import this_clinic
from lowtide.people.own_place import speaks
from lowtide.people.who import Person, public
from lowtide.portal.people_ask import shown


@public
@require_safe
@speaks
def every_question(request: HttpRequest) -> HttpResponse:
    """The questions under their headings."""
    return _page(request, "portal/asked.html", groups=shown.groups())


@public
@require_safe
@speaks
def one_question(request: HttpRequest, slug: str) -> HttpResponse:
    """One question: the short answer, what was counted as dots, how sure it is, and where it comes from."""
    found = questions().of(slug)
    if found is None:
        raise Http404("no such question")
    return _page(request, "portal/asked_one.html", **shown.page(found, standing()))


@public
@require_safe
@speaks
def what_people_say(request: HttpRequest) -> HttpResponse:
    """Claims with their verdicts."""
    now = standing()
    claims = [shown.claim(one, now) for one in now.claims.values()]
    return _page(request, "portal/asked_claims.html", claims=claims, sources=shown.places_of(claims))


def _page(request: HttpRequest, template: str, **about: Any) -> HttpResponse:
    """In the frame of the own place for patients; for everybody else in the one before the door."""
    person: Person | None = request.person  # type: ignore[attr-defined]
    inside = person is not None and person.is_patient
    frame = "portal/base.html" if inside else "portal/door.html"
    given = {"frame": frame, "inside": inside, "tab": "more", "clinic": this_clinic(), **about}
    return render(request, template, given)
