"""What commands are given, read with one line for everything that can be wrong with it."""

import argparse
import json
from pathlib import Path
from typing import Any

from lowtide.problems import bad

LAST_PORT = 65535


def json_file(path: Path, mend: str) -> Any:
    """The document in a file. Raises BadInput naming the file; `mend` says what to give instead of what is no JSON."""
    where = str(path)
    try:
        return json.loads(path.read_bytes().decode(), object_pairs_hook=_once)
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise bad(what, where, "Check the name and the permissions of the file.") from error
    except UnicodeDecodeError as error:
        raise bad("not UTF-8 text", where, "Give a JSON file in UTF-8.") from error
    except RecursionError as error:
        raise bad("not JSON that can be read (nested too deeply)", where, mend) from error
    except ValueError as error:
        if path.read_bytes().lstrip().startswith(b"<"):
            raise bad(
                "this is XML", where, "FHIR is read as JSON: export or convert it to JSON and send that."
            ) from error
        raise bad(f"not JSON ({error})", where, mend) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which nothing is lost: a key that comes twice would hide what it said first."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"“{next(key for key in keys if keys.count(key) > 1)}” comes twice in one object")
    return found


def port(text: str) -> int:
    """A port number; argparse words the refusal."""
    if not (text.isascii() and text.isdecimal()) or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"“{text}” is not a port, which is a number from 0 to {LAST_PORT}")
    return int(text)
