"""The home's own list of what was redacted (ids only), so that a restored backup does not bring it back."""

import os
from pathlib import Path

import msgspec

from lowtide.problems import bad
from lowtide.record import redaction
from lowtide.record.redaction import Known
from lowtide.site.home import home

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Known).decode


def path() -> Path:
    return home() / "redactions.jsonl"


def listed() -> list[Known]:
    """What the list says. Raises BadInput naming a line that cannot be read."""
    if not path().exists():
        return []
    found = []
    for number, line in enumerate(path().read_bytes().splitlines(), 1):
        try:
            found.append(_decode(line))
        except msgspec.MsgspecError:
            raise bad(
                "this line is no redaction",
                f"{path()} line {number}",
                "Put back the list from a backup of the home; it keeps redacted entries from returning.",
            ) from None
    return found


def keep_up() -> list[Known]:
    """Add to the list what the database knows and it does not; answers everything known of either."""
    known = {one.entry: one for one in listed()}
    new = [one for one in redaction.done() if one.entry not in known]
    if new:
        with path().open("ab") as file:
            file.writelines(_encode(one) + b"\n" for one in new)
            file.flush()
            os.fsync(file.fileno())
    return [*known.values(), *new]
