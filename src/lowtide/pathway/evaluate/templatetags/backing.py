"""`{% backing KEY %}`: the mark of a number that nobody answers for; else, on opening, its source and who does."""

from typing import Any
from zlib import crc32

from django import template
from django.template import Context

from lowtide.pathway.evaluate.ruling.backing import Backing, backing_here

register = template.Library()


@register.inclusion_tag("parts/backing.html", takes_context=True)
def backing(
    context: Context, key: str, seen: bool = False, words: str = "", quiet: bool = False
) -> dict[str, Any]:
    """`key` is the row's key or id. `seen`: the part of the row that decided was read in its source, so that the row
    carries no mark here whatever else in it is open. `words` stand on the mark. `quiet`: it decided nothing here, so it
    carries no mark, but opening it says how it stands."""
    found = backing_here(str(key))
    open_ = bool(found and found.open and not seen)
    return {
        "backing": found,
        "open": open_,
        "marked": open_ and not quiet,
        "words": words,
        "place": _place(context),
        "dot": _dot(found, seen=seen) if found else "",
    }


def _dot(found: Backing, *, seen: bool) -> str:
    """What the dot of a source says: what it is where the number was read in it, “unread” where it is only named."""
    return found.kind and (found.kind if found.read or seen else "unread")


def _place(context: Context) -> str:
    """An id that is another one for each mark of a page and of the fragments in it, and the same the next time."""
    request = context.get("request")
    count = getattr(request, "backings_shown", 0) + 1
    if request is not None:
        request.backings_shown = count
    return f"backing-{crc32(getattr(request, 'path', '').encode()):x}-{count}"
