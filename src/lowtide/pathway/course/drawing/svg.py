"""Plain SVG text: tags, attributes, numbers and escaping. Colours live in the stylesheet, never here."""

import html
import math
import re
from collections.abc import Iterable

import msgspec

# what XML 1.0 cannot carry, even escaped
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Point = tuple[float, float]


class Table(msgspec.Struct, frozen=True):
    """The twin of a chart: what is drawn, as words and numbers, in order."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def escape(text: str) -> str:
    return html.escape(_UNPRINTABLE.sub("", text), quote=True)


def number(value: float) -> str:
    """One decimal at most. Raises ValueError for what cannot be drawn (NaN, infinity)."""
    if not math.isfinite(value):
        raise ValueError(f"cannot draw {value}")
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def tag(name: str, *content: str, **attributes: str | float | None) -> str:
    """One element. `class_` and `text_anchor` become `class` and `text-anchor`; None is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{given}>{''.join(content)}</{name}>" if content else f"<{name}{given}/>"


def _attribute(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else number(value)


def line(start: Point, end: Point, class_: str, *content: str) -> str:
    return tag("line", *content, class_=class_, x1=start[0], y1=start[1], x2=end[0], y2=end[1])


def rect(
    at: Point,
    width: float,
    height: float,
    class_: str,
    *content: str,
    rx: float | None = None,
    fill: str | None = None,
) -> str:
    return tag(
        "rect", *content, class_=class_, x=at[0], y=at[1], width=width, height=height, rx=rx, fill=fill
    )


def path(points: Iterable[Point], class_: str, *content: str, closed: bool = False) -> str:
    """Straight lines through the points; nothing if there are fewer than two."""
    pairs = [f"{number(x)} {number(y)}" for x, y in points]
    if len(pairs) < 2:
        return ""
    return tag("path", *content, class_=class_, d="M" + "L".join(pairs) + ("Z" if closed else ""))


def tip(text: str) -> str:
    """What a pointer resting on the mark is told."""
    return f"<title>{escape(text)}</title>"


def hatch(key: str) -> str:
    """A pattern for what is not known; fill with `url(#key-hatch)`."""
    stroke = tag("path", class_="c-hatch", d="M-1 1L1 -1M0 6L6 0M5 7L7 5")
    pattern = tag("pattern", stroke, id=f"{key}-hatch", width=6.0, height=6.0, patternUnits="userSpaceOnUse")
    return tag("defs", pattern)


def drawing(key: str, size: Point, title: str, sentence: str, *content: str, fixed: bool = False) -> str:
    """A whole drawing with its name and the sentence that says what it shows. `key` is unique on the page.

    `fixed`: drawn at its own size rather than as wide as its frame.
    """
    key = identifier(key)
    width, height = size
    return tag(
        "svg",
        tag("title", escape(title), id=f"{key}-title"),
        tag("desc", escape(sentence), id=f"{key}-desc"),
        *content,
        class_="c",
        xmlns="http://www.w3.org/2000/svg",
        width=width if fixed else None,
        height=height if fixed else None,
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="img",
        aria_labelledby=f"{key}-title {key}-desc",
    )


def identifier(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", key).strip("-") or "chart"
