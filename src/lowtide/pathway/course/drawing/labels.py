"""Where words may stand: a label takes the first of its places that is inside the frame and free of everything placed before."""

import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

import msgspec

from lowtide.pathway.course.drawing import svg

Anchor = Literal["start", "middle", "end"]

# widths in em of DejaVu Sans, the widest of the usual system fonts
_WIDTHS = {
    character: width
    for width, characters in (
        (0.30, "ijlIJ'|"),
        (0.33, " .,:;·"),
        (0.42, "tfr()[]!/-"),
        (0.56, "csvxyzkFL–"),
        (0.64, "abdeghnopqu0123456789"),
        (0.70, "ABCEKPRSTVXYZ"),
        (0.80, "DGHNOQU"),
        (0.85, "+=<>~×÷−"),
        (1.00, "mwMW@%—…→≥≤"),
    )
    for character in characters
}
_OTHER = 0.85


class Box(msgspec.Struct, frozen=True):
    """A rectangle in user units, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: "Box") -> bool:
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


class Place(msgspec.Struct, frozen=True):
    """A text position: x of the anchor, y of the baseline."""

    x: float
    y: float
    anchor: Anchor = "middle"


def text_width(text: str, size: float, bold: bool = False) -> float:
    """No narrower than the widest usual system font sets it, so that a layout holds on every machine."""
    return sum(map(_em, text)) * size * (1.12 if bold else 1.0)


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    return _WIDTHS.get(character, _OTHER)


def text_box(text: str, place: Place, size: float, bold: bool = False) -> Box:
    width = text_width(text, size, bold)
    left = place.x - {"start": 0.0, "middle": width / 2, "end": width}[place.anchor]
    return Box(left, place.y - 0.8 * size, left + width, place.y + 0.24 * size)


class Crowd:
    """Boxes, found again by where they stand: only those of the same columns are compared."""

    column = 32

    def __init__(self) -> None:
        self.boxes: list[Box] = []
        self._columns: dict[int, list[Box]] = {}

    def add(self, box: Box) -> None:
        self.boxes.append(box)
        for column in self._under(box):
            self._columns.setdefault(column, []).append(box)

    def meets(self, box: Box) -> bool:
        return any(box.meets(other) for column in self._under(box) for other in self._columns.get(column, ()))

    def _under(self, box: Box) -> range:
        return range(int(box.left // self.column), int(box.right // self.column) + 1)


class Labels:
    """The words of one drawing. Place the ones that matter most first."""

    def __init__(self, frame: Box) -> None:
        self.frame = frame
        self.words = Crowd()
        self.marks = Crowd()

    def block(self, *boxes: Box) -> None:
        """Keep words away from these marks."""
        for box in boxes:
            self.marks.add(box)

    def block_line(self, points: Iterable[svg.Point], margin: float = 3) -> None:
        """Keep words off a line through the points; one point alone is a dot."""
        points = list(points)
        for x, y in points[:1]:
            self.block(Box(x - margin, y - margin, x + margin, y + margin))
        for (x1, y1), (x2, y2) in pairwise(points):
            parts = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) // 10))
            for part in range(parts + 1):
                x, y = x1 + (x2 - x1) * part / parts, y1 + (y2 - y1) * part / parts
                self.block(Box(x - margin, y - margin, x + margin, y + margin))

    def put(
        self,
        text: str,
        class_: str,
        places: Iterable[Place],
        size: float = 12,
        bold: bool = False,
        needed: bool = False,
    ) -> str:
        """The text element at the first free place, or nothing if there is none.

        A `needed` one stands on a mark rather than be left out, but never on another word.
        """
        tried = list(places)
        for over_marks in (False, True)[: 1 + needed]:
            for place in tried:
                box = text_box(text, place, size, bold)
                free = self.frame.holds(box) and not self.words.meets(box)
                if free and (over_marks or not self.marks.meets(box)):
                    self.words.add(box)
                    return text_tag(text, class_, place, size)
        return ""


def text_tag(text: str, class_: str, place: Place, size: float) -> str:
    anchor = None if place.anchor == "start" else place.anchor
    return svg.tag(
        "text", svg.escape(text), class_=class_, x=place.x, y=place.y, text_anchor=anchor, font_size=size
    )
