"""From the bytes of a file to its resources, each kept as it stands; or one clear reason why not (pure).

A file is a FHIR R4 JSON Bundle, a single resource, or NDJSON (one resource a line). It is taken whole or not at all.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from lowtide.data.imports import imports
from lowtide.exchange.fhir import bindings, structure
from lowtide.problems import BadInput, bad

Json = dict[str, Any]
decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode


class File(msgspec.Struct, frozen=True):
    """A file as it arrived."""

    name: str
    data: bytes


class Incoming(msgspec.Struct, frozen=True, eq=False):
    """One resource of a file: its bytes as they stand there, and the same decoded (decimals exact).

    `path` says where in the file: a FHIRPath, after `line 12: ` in NDJSON.
    """

    file: str
    path: str
    raw: bytes
    resource: Json
    full_url: str | None = None

    @property
    def type(self) -> str:
        return str(self.resource["resourceType"])


def read(file: File) -> list[Incoming]:
    """The resources of a file. Raises BadInput with the path of the first fault."""
    data = _text_of(file)
    if _is_ndjson(file.name, data):
        return [
            i
            for n, line in enumerate(data.split(b"\n"), 1)
            if line.strip()
            for i in _line(file.name, n, line)
        ]
    return _document(file.name, data, "")


def _text_of(file: File) -> bytes:
    """The bytes without a byte order mark, once they can be UTF-8 JSON at all."""
    data = file.data.removeprefix(b"\xef\xbb\xbf")
    limit = imports().max_file_mb
    if len(data) > limit * 1_000_000:
        raise bad(
            f"the file is larger than {limit} MB", "file", "Split it, or export fewer patients at a time."
        )
    if not data.strip():
        raise bad("the file is empty", "file", "Send a FHIR R4 JSON Bundle, resource or NDJSON.")
    for start, what, mend in _NOT_JSON:
        if data.lstrip()[: len(start)] == start:
            raise bad(what, "file", mend)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise bad("it is not UTF-8 text", f"line {line}", "Save it in UTF-8, as FHIR asks.") from None
    if b"\\u0000" in data and re.search(rb"(?<!\\)(?:\\\\)*\\u0000", data):
        raise bad("it holds a null character (\\u0000)", "file", "FHIR forbids it: remove it and send again.")
    return data


_NOT_JSON = (
    (b"<", "this is XML", "Lowtide reads FHIR as JSON: export or convert it to JSON and send that."),
    (b"PK\x03\x04", "this is a zip archive", "Unpack it and send the files in it."),
    (b"\x1f\x8b", "this is a gzip archive", "Unpack it and send the file in it."),
    (b"\xff\xfe", "it is not UTF-8 text but UTF-16", "Save it in UTF-8, as FHIR asks."),
    (b"\xfe\xff", "it is not UTF-8 text but UTF-16", "Save it in UTF-8, as FHIR asks."),
)


def _is_ndjson(name: str, data: bytes) -> bool:
    """By its name, or because the first line is a whole JSON object and others follow."""
    if name.lower().endswith((".ndjson", ".jsonl")):
        return True
    first, _, rest = data.strip().partition(b"\n")
    if not rest.strip() or not first.rstrip().endswith(b"}"):
        return False
    try:
        msgspec.json.decode(first, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return False
    return True


def _line(name: str, number: int, line: bytes) -> list[Incoming]:
    try:
        return _document(name, line, f"line {number}: ")
    except BadInput as error:
        problem = error.problems[0]
        where = re.sub(r"^line 1, ", f"line {number}: ", problem.where)
        where = where if where.startswith(f"line {number}: ") else f"line {number}: {where}"
        raise BadInput(msgspec.structs.replace(problem, where=where)) from None


def _document(name: str, data: bytes, before: str) -> list[Incoming]:
    data = data.strip()
    found = structure.faults(data)
    if not found:
        resource = decode(data)
        found = bindings.faults(resource)
    if found:
        others = len(found) - 1
        more = f" (and {others} more fault{'s' * (others > 1)})" if others else ""
        raise bad(
            found[0].what + more, found[0].path, "Mend it where it comes from; nothing of the file was taken."
        )
    return list(_unpacked(Incoming(name, f"{before}{resource['resourceType']}", data, resource)))


class _RawEntry(msgspec.Struct, frozen=True):
    resource: msgspec.Raw = msgspec.Raw()


class _RawBundle(msgspec.Struct, frozen=True):
    entry: list[_RawEntry] = []


def _unpacked(incoming: Incoming) -> Iterator[Incoming]:
    """A Bundle's resources, those of Bundles in it too; any other resource as it is."""
    if incoming.type != "Bundle":
        yield incoming
        return
    raw = msgspec.json.decode(incoming.raw, type=_RawBundle).entry
    for i, entry in enumerate(incoming.resource.get("entry", ())):
        path = f"{incoming.path}.entry[{i}]"
        if entry.get("request", {}).get("method") == "DELETE":
            mend = "Lowtide takes in what is, it removes nothing: leave that part out."
            raise bad("the file asks to delete a resource", f"{path}.request.method", mend)
        if "resource" in entry:
            found = Incoming(
                incoming.file,
                f"{path}.resource",
                bytes(raw[i].resource),
                entry["resource"],
                entry.get("fullUrl"),
            )
            yield from _unpacked(found)
