"""Reading a drawing back: its marks, its words and where they stand."""

import re
import xml.etree.ElementTree as ET
from itertools import combinations

from lowtide.pathway.course.drawing.labels import Box, Place, text_box

NS = "{http://www.w3.org/2000/svg}"
BOLD = {"c-val", "c-pill-text", "c-hr-text", "c-bp-text", "c-spo2-text", "c-drug-text", "c-item9-text"}


def parse(text: str) -> ET.Element:
    return ET.fromstring(text)


def of_class(drawing: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in drawing.iter() if name in element.get("class", "").split()]


def tip(element: ET.Element) -> str:
    return element.findtext(f"{NS}title", "")


def tips(drawing: ET.Element, *names: str) -> list[str]:
    return sorted(tip(element) for name in names for element in of_class(drawing, name))


def words(drawing: ET.Element) -> list[str]:
    return [element.text or "" for element in drawing.iter(f"{NS}text")]


def word_boxes(drawing: ET.Element) -> list[tuple[str, Box]]:
    return [(element.text or "", _word_box(element)) for element in drawing.iter(f"{NS}text")]


def _word_box(element: ET.Element) -> Box:
    place = Place(
        float(element.get("x", "")), float(element.get("y", "")), element.get("text-anchor", "start")
    )
    return text_box(element.text or "", place, float(element.get("font-size", "")))


def frame(drawing: ET.Element) -> Box:
    return Box(*map(float, drawing.get("viewBox", "").split()))


def points(drawing: ET.Element) -> list[tuple[float, float]]:
    """Every corner of every mark outside <defs>."""
    found: list[tuple[float, float]] = []
    for element in drawing.iter():
        found += _corners(element)
    return found


def _corners(element: ET.Element) -> list[tuple[float, float]]:
    def get(name: str) -> float:
        return float(element.get(name, "0"))

    match element.tag.removeprefix(NS):
        case "circle":
            r = get("r")
            return [(get("cx") - r, get("cy") - r), (get("cx") + r, get("cy") + r)]
        case "rect":
            return [(get("x"), get("y")), (get("x") + get("width"), get("y") + get("height"))]
        case "line":
            return [(get("x1"), get("y1")), (get("x2"), get("y2"))]
        case "path" if element.get("class") != "c-hatch":
            return path_points(element)
    return []


def path_points(element: ET.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", element.get("d", ""))]


def overlaps(drawing: ET.Element) -> list[tuple[str, str]]:
    return [(a, b) for (a, one), (b, two) in combinations(word_boxes(drawing), 2) if one.meets(two)]


def outside(drawing: ET.Element) -> list[object]:
    """What sticks out of the frame; a tenth of a unit is rounding."""
    whole = frame(drawing)
    room = Box(whole.left - 0.1, whole.top - 0.1, whole.right + 0.1, whole.bottom + 0.1)
    marks: list[object] = [(x, y) for x, y in points(drawing) if not room.holds(Box(x, y, x, y))]
    return marks + [word for word, box in word_boxes(drawing) if not room.holds(box)]
