"""The public page on how low-dose ketamine works. It knows nobody and takes no sign-in."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lowtide.data.mechanism import Step, mechanism
from lowtide.pathway.course.drawing import bands, bands_data
from lowtide.pathway.plan.forecast_picture import validity_text
from lowtide.people.clinic import this_clinic
from lowtide.people.own_place import speaks
from lowtide.people.who import public
from lowtide.portal.how_it_works import chain
from lowtide.portal.how_it_works.levels import levels


@public
@require_safe
@speaks
def how_it_works(request: HttpRequest) -> HttpResponse:
    """What a dose does over hours, what is thought to follow, and what nobody knows."""
    return render(request, "portal/how_it_works.html", {**about(), "clinic": this_clinic()})


def about() -> dict[str, Any]:
    """Everything the page shows but whose clinic it is."""
    found, drawn = mechanism(), levels(_)
    return {
        "blood": _picture(drawn.blood),
        "receptor": _picture(drawn.receptor),
        "chain": _chain(),
        "steps": [_told(step) for step in found.step],
        "open": [{"text": _(one.text), "sources": one.sources} for one in found.open],
        "feeling": found.feeling,
        "example": found.example,
        "mg": drawn.mg,
        "validity": validity_text(drawn.validity),
    }


def _told(step: Step) -> dict[str, Any]:
    """One link of the chain in the reader's language; a tag of the template would take a per cent sign for its own."""
    return {
        "id": step.id,
        "shown": step.shown,
        "word": _(chain.WORDS[step.shown]),
        "label": _(step.label),
        "plain": _(step.plain),
        "doubt": _(step.doubt),
        "sources": [{"is": source, "says": _(source.says)} for source in step.sources],
    }


def _picture(found: bands_data.Picture) -> dict[str, Any]:
    """Drawn for a screen and for a telephone; the page shows one of them."""
    small = msgspec.structs.replace(found, key=f"{found.key}-narrow")
    return {
        "key": found.key,
        "wide": mark_safe(bands.draw(found, captioned=False)),  # noqa: S308  drawn from numbers and our own words
        "narrow": mark_safe(bands.draw(small, narrow=True, captioned=False)),  # noqa: S308  likewise
        "caption": bands_data.sentence(found),
        "says": found.caption,
        "table": bands_data.table(found),
    }


def _chain() -> dict[str, Any]:
    found = mechanism()
    return {
        "key": chain.KEY,
        "wide": mark_safe(chain.draw(found, say=_)),  # noqa: S308  drawn from numbers and our own words
        "narrow": mark_safe(chain.draw(found, narrow=True, say=_)),  # noqa: S308  likewise
        "caption": chain.sentence(found, _),
        "table": chain.table(found, _),
    }
