"""The only place that opens the files of this folder. Each topic beside it turns them into frozen structs."""

import csv
import hashlib
import tomllib
from functools import cache
from importlib.resources import files
from io import StringIO
from threading import Lock
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
HERE = files("lowtide.data")
_reading = Lock()


@cache
def text(name: str) -> str:
    """The text of `name`, a path inside this folder such as `rules/contraindications.toml`."""
    return HERE.joinpath(name).read_text(encoding="utf-8")


def names(folder: str) -> tuple[str, ...]:
    """The TOML files of a folder beside this module, as paths that `text` takes, in order of name."""
    found = (entry.name for entry in HERE.joinpath(folder).iterdir() if entry.name.endswith(".toml"))
    return tuple(f"{folder}/{name}" for name in sorted(found))


def digest(*names: str) -> str:
    """A short fingerprint of the files' content, for versions and cache keys."""
    return hashlib.sha256("\n".join(text(name) for name in names).encode()).hexdigest()[:12]


def fingerprint(said: Any) -> str:
    """A short fingerprint of a row, by which an answer tells what it was given for."""
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:12]


def toml(name: str, shape: type[T]) -> T:
    """The file decoded into `shape`; an unknown or missing key is an error that names file and key."""
    try:
        with _reading:  # see `settling`: this one is for types that came after it
            return msgspec.convert(tomllib.loads(text(name)), shape, strict=False)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"data/{name}: {error}") from error


def csv_rows(name: str) -> list[dict[str, Any]]:
    """The rows of a CSV file as dictionaries of text."""
    return list(csv.DictReader(StringIO(text(name))))
