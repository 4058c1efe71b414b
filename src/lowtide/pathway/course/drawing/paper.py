"""A drawing for paper: renderers of printed pages read no stylesheet of the page inside an SVG, and no variables."""

import re

_VARIABLE = re.compile(r"(--[\w-]+):\s*([^;]+);")
_USE = re.compile(r"var\((--[\w-]+)\)")
_LIGHT = re.compile(r"light-dark\(((?:[^(),]|\([^()]*\))*),(?:[^()]|\([^()]*\))*\)")


def paint(tokens_css: str, charts_css: str) -> str:
    """The chart stylesheet with every variable replaced by its light value; takes the texts of both files."""
    values = {
        name: _LIGHT.sub(r"\1", value).strip() for name, value in reversed(_VARIABLE.findall(tokens_css))
    }
    rules = charts_css.split("@media print")[0]
    return _USE.sub(lambda use: values.get(use[1], "currentColor"), rules)


def painted(drawing: str, css: str) -> str:
    """The drawing with its own style element, to stand alone in a printed page or a file."""
    head, rest = drawing.split(">", 1)
    return f"{head}><style>{css}</style>{rest}"
