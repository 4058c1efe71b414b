"""The public page “Is this for me?”: it asks, says what to talk about, and stores nothing until somebody agrees.

Answers travel in the body of the form and back in the page: no cookie, no session, no address, no log holds them. The
pages act in nobody's name, so that they need no token against forged requests, and with it no cookie.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lowtide.data.prescreen import prescreen, questions
from lowtide.people.clinic import this_clinic
from lowtide.people.forms import sent, status
from lowtide.people.own_place import speaks
from lowtide.people.who import public
from lowtide.portal.prescreen import result
from lowtide.portal.prescreen.forms import ContactForm
from lowtide.portal.prescreen.sending import is_flood, refer


@public
@csrf_exempt
@sensitive_post_parameters()
@require_http_methods(["GET", "POST", "HEAD"])
@speaks
def ask(request: HttpRequest) -> HttpResponse:
    """The questions, and what the answers mean for a talk with a clinician."""
    if request.method == "POST":
        return never_cache(_answered)(request)
    page = _page(request, "portal/prescreen.html", steps=_steps(), conditions=result.conditions())
    page["Cache-Control"] = (
        "private, no-cache"  # it holds nobody's answers, and the way back to it has to work
    )
    return page


def _steps() -> list[dict[str, Any]]:
    """The groups of questions, each knowing the one before and the one after it."""
    keys = list(prescreen().steps)
    return [
        {
            "id": key,
            "title": title,
            "questions": [q for q in questions().values() if q.step == key],
            "back": keys[max(at - 1, 0)],
            "on": keys[min(at + 1, len(keys) - 1)],
        }
        for at, (key, title) in enumerate(prescreen().steps.items())
    ]


def _answered(request: HttpRequest) -> HttpResponse:
    return _result(request, result.read(request.POST), ContactForm())


@public
@csrf_exempt
@sensitive_post_parameters()
@require_http_methods(["GET", "POST", "HEAD"])
@speaks
@never_cache
def send(request: HttpRequest) -> HttpResponse:
    """With the person's yes: a referral in the clinic's inbox."""
    if request.method != "POST":
        return redirect("prescreen")
    answers, form = result.read(request.POST), ContactForm(request.POST)
    urgent = result.is_urgent(answers)
    if request.POST.get("website"):  # only a program fills in what no person sees
        return _page(request, "portal/prescreen_sent.html", urgent=urgent)
    if form.is_valid() and is_flood(request.META.get("REMOTE_ADDR", "")):
        form.add_error(
            None, _("Too many requests came in just now. Nothing was stored. Please call the clinic.")
        )
        return _result(request, answers, form, 429)
    if sent(form, request.method, lambda given: refer(answers, given, timezone.now())):
        return _page(request, "portal/prescreen_sent.html", urgent=urgent)
    return _result(request, answers, form, status(form))


def _result(
    request: HttpRequest, answers: dict[str, str], form: ContactForm, code: int = 200
) -> HttpResponse:
    return _page(
        request,
        "portal/prescreen_result.html",
        code,
        answers=answers,
        urgent=result.is_urgent(answers),
        topics=result.topics(answers),
        left_open=result.left_open(answers),
        to_ask=result.to_ask(answers),
        alternatives=prescreen().alternatives,
        consent=prescreen().consent,
        form=form,
        **result.condition(answers),
    )


def _page(request: HttpRequest, template: str, code: int = 200, **about: Any) -> HttpResponse:
    """A page without the token against forged requests: rendering one would set a cookie."""
    return render(request, template, {"clinic": this_clinic(), "csrf_token": "", **about}, status=code)
