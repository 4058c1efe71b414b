"""A command's JSON file, read into its shape with one line for what is wrong."""

import re
from pathlib import Path
from typing import TypeVar

import msgspec

from lowtide.problems import BadInput, bad
from lowtide.site.inputs import json_file

T = TypeVar("T")


def shaped(path: Path, shape: type[T], example: str) -> T:
    """The document of a file. Raises BadInput naming file and field; `example` shows how it is written."""
    mend = f"Write it like {example}."
    document = json_file(path, mend)
    try:
        return msgspec.convert(document, shape, strict=True)
    except msgspec.ValidationError as error:
        raise _unreadable(path.name, str(error), mend) from error


def _unreadable(name: str, said: str, mend: str) -> BadInput:
    """The decoder's complaint with the place it names: `$.arms[0].n` is `file.arms[0].n`."""
    what, _, place = said.partition(" - at `$")
    field = re.search(r"field `(\w+)`", what)
    return bad(what, name + place.rstrip("`") + (f".{field[1]}" if field else ""), mend)
