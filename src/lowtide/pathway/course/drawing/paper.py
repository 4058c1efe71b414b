"""A drawing for paper: renderers of printed pages read no stylesheet of the page inside an SVG, and no variables."""

import re

_VARIABLE = re.compile(r"(--[\w-]+):\s*([^;]+);")
_USE = re.compile(r"var\((--[\w-]+)\)")
_LIGHT = re.compile(r"light-dark\(((?:[^(),]|\([^()]*\))*),(?:[^()]|\([^()]*\))*\)")


_CHANNELS = re.compile(r"rgb\(([\d.]+) ([\d.]+) ([\d.]+) / ([\d.]+)\)")


def paint(tokens_css: str, charts_css: str) -> str:
    """The chart stylesheet with every variable replaced by its light value; takes the texts of both files."""
    values = {
        name: _LIGHT.sub(r"\1", value).strip() for name, value in reversed(_VARIABLE.findall(tokens_css))
    }
    rules = charts_css.split("@media print")[0]
    painted_rules = _USE.sub(lambda use: values.get(use[1], "currentColor"), rules)
    return _CHANNELS.sub(r"rgba(\1, \2, \3, \4)", painted_rules)  # the older form is read everywhere


def painted(drawing: str, css: str) -> str:
    """The drawing with its own style element, to stand alone in a printed page or a file."""
    head, rest = drawing.split(">", 1)
    return f"{head}><style>{css}</style>{rest}"
