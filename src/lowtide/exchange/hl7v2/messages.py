"""HL7 v2 text taken apart, tolerantly: what a sender got wrong is named, and what can be read is read.

A segment is split when it is asked for a field, so that the rows nobody reads cost nothing.
"""

import re
from functools import cache

import msgspec

_ENDS = re.compile(r"[\r\n]+")
_ESCAPED = re.compile(r"\\([^\\\r\n]*)\\")
_BOM = b"\xef\xbb\xbf"
_ENVELOPES = ("FHS", "BHS", "BTS", "FTS")
_CHARSETS = {
    "UNICODE UTF-8": "utf-8",
    "UNICODE": "utf-8",
    "UTF-8": "utf-8",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "CNS 11643-1992": "big5",
    "BIG-5": "big5",
    "ISO IR87": "iso2022_jp",
    "ISO IR159": "iso2022_jp_2",
}


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a message: where, what, and HL7's number for it (table 0357). A fatal one is answered no."""

    where: str
    what: str
    code: str = "207"
    fatal: bool = False


class Marks(msgspec.Struct, frozen=True):
    """The characters that this sender separates with."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    part: str = "&"


class Segment:
    """One segment. Fields, components and parts are counted from 1, as the standard counts them."""

    __slots__ = ("_fields", "marks", "raw")

    def __init__(self, raw: str, marks: Marks) -> None:
        self.raw, self.marks = raw, marks
        self._fields: list[str] | None = None

    @property
    def name(self) -> str:
        return self.raw[:3]

    def field(self, number: int) -> str:
        """The field as it was sent; empty where the segment is shorter."""
        if self._fields is None:
            self._fields = self.raw.split(self.marks.field)
        index = number - (self.raw[:3] == "MSH")
        return self._fields[index].strip() if index < len(self._fields) else ""

    def saying(self, kind: str, value: str) -> "Segment":
        """This OBX with another value (OBX-2 and OBX-5)."""
        fields = self.raw.split(self.marks.field)
        fields[2], fields[5] = kind, value
        return Segment(self.marks.field.join(fields), self.marks)

    def component(self, field: int, number: int = 1) -> str:
        """A component of the field's first repetition, its escapes undone; `""` means deleted, so empty."""
        return self._component(self.field(field).split(self.marks.repetition, 1)[0], number)

    def components(self, field: int, number: int = 1) -> list[str]:
        """That component of each of the field's repetitions."""
        return [self._component(one, number) for one in self.field(field).split(self.marks.repetition)]

    def _component(self, repetition: str, number: int) -> str:
        parts = repetition.split(self.marks.component)
        text = parts[number - 1].strip() if number <= len(parts) else ""
        return "" if text == '""' else unescaped(text, self.marks)


class Message:
    """A message: its segments in order, and what was wrong with its form."""

    __slots__ = ("faults", "head", "segments")

    def __init__(self, segments: tuple[Segment, ...], faults: tuple[Fault, ...]) -> None:
        self.segments, self.faults = segments, faults
        self.head = segments[0]

    @property
    def type(self) -> str:
        """As `ORU^R01`."""
        return "^".join(part for part in (self.head.component(9, 1), self.head.component(9, 2)) if part)

    @property
    def control_id(self) -> str:
        return self.head.field(10)

    @property
    def sender(self) -> str:
        """The sending application, as it names itself."""
        return self.head.component(3) or self.head.component(3, 2)


class Unreadable(Exception):
    """No message: there is no header to answer to."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def read(data: bytes) -> Message:
    """The message in `data`. Raises Unreadable when it has no header that can be read."""
    text, faults = _decoded(data)
    lines = [line for line in (raw.strip("\x00 \t\v\x1c") for raw in _ENDS.split(text)) if line]
    while lines and lines[0][:3] in _ENVELOPES:
        lines.pop(0)
    if not lines or lines[0][:3] != "MSH":
        raise Unreadable("it does not begin with an MSH segment")
    marks, of_marks = _marks(lines[0])
    odd = tuple(
        Fault(f"segment {number}", f"“{line[:12]}” is no segment; left out", "100")
        for number, line in enumerate(lines, 1)
        if not _is_segment(line, marks)
    )
    kept = tuple(Segment(line, marks) for line in lines if _is_segment(line, marks))
    return Message(kept, (*faults, *of_marks, *odd))


def split(data: bytes) -> list[bytes]:
    """The messages of a file: framed or bare, one after the other, in a batch or not."""
    bare = data.replace(b"\x0b", b"\r").replace(b"\x1c", b"\r").removeprefix(_BOM)
    starts = [match.start() for match in re.finditer(rb"(?:^|(?<=[\r\n]))(?:\xef\xbb\xbf)?MSH", bare)]
    return [bare[start:end] for start, end in zip(starts, [*starts[1:], len(bare)], strict=False)]


def within(frame: bytes) -> list[bytes]:
    """The messages of one frame: one, or those of a batch. What stands before the first belongs to the first."""
    if frame.count(b"MSH") < 2:
        return [frame]
    found = split(frame)
    before = frame[: frame.find(found[0])] if found else b""
    return [before + found[0], *found[1:]] if len(found) > 1 else [frame]


def in_batch(data: bytes) -> bool:
    """Whether the sender put its messages into a batch."""
    return data.lstrip(b"\r\n\x0b").removeprefix(_BOM)[:3] in (b"FHS", b"BHS")


def unescaped(text: str, marks: Marks) -> str:
    """The text with its escape sequences undone; one that is not known stays as it is."""
    if marks.escape not in text:
        return text
    return _ESCAPED.sub(lambda found: _meaning(found[1], marks) or found[0], text)


def _meaning(word: str, marks: Marks) -> str | None:
    plain = {
        "F": marks.field,
        "S": marks.component,
        "R": marks.repetition,
        "T": marks.part,
        "E": marks.escape,
    }
    if word in plain:
        return plain[word]
    if word[:1] == "X" and re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", word[1:]):
        return bytes.fromhex(word[1:]).decode("utf-8", "replace")
    return "\n" if word == ".br" else None


def _is_segment(line: str, marks: Marks) -> bool:
    return bool(_name().match(line)) and line[3:4] in ("", marks.field)


@cache
def _name() -> re.Pattern[str]:
    return re.compile(r"[A-Z][A-Z0-9]{2}")


def _marks(header: str) -> tuple[Marks, tuple[Fault, ...]]:
    separator = header[3:4]
    if not separator or separator.isalnum() or separator.isspace():
        raise Unreadable("MSH does not say how its fields are separated")
    given = header[4:].split(separator, 1)[0]
    doubled = given.replace("\\\\", "\\")
    marks = Marks(separator, *(doubled[at : at + 1] or d for at, d in enumerate("^~\\&")))
    if doubled != given:
        return marks, (Fault("MSH-2", "the escape character is written twice"),)
    if len(given) < len("^~\\&") - 2 or len(set(doubled)) < len(doubled):
        return marks, (Fault("MSH-2", f"“{given}” does not give the separators; the usual ones are used"),)
    return marks, ()


def _decoded(data: bytes) -> tuple[str, tuple[Fault, ...]]:
    body = data.removeprefix(_BOM)
    named = _charset(body)
    faults = (Fault("start", "a byte order mark stands before MSH"),) if body is not data else ()
    for charset in dict.fromkeys((named, "utf-8")):
        try:
            return body.decode(charset), faults
        except UnicodeDecodeError:
            continue
    return body.decode("latin-1"), (*faults, Fault("MSH-18", f"the text is not in {named}; read as 8859/1"))


def _charset(body: bytes) -> str:
    """What MSH-18 names, or UTF-8."""
    header = re.split(rb"[\r\n]", body.lstrip(b"\r\n\x0b"), maxsplit=1)[0]
    fields = header.split(header[3:4] or b"|")
    given = fields[17].split(b"~")[0].strip().decode("ascii", "replace").upper() if len(fields) > 17 else ""
    latin = re.fullmatch(r"8859/(1[0-6]|[1-9])", given)
    if latin and latin[1] != "12":
        return f"iso8859_{latin[1]}"
    return _CHARSETS.get(given, "utf-8")
