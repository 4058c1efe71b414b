"""Code 128 (ISO/IEC 15417) as bars: an even run of digits in code C, everything else in code B (pure).

A symbol is three bars and three spaces in eleven modules, the stop has a fourth bar. `modules` answers the widths, `draw`
an SVG with quiet zones of ten modules and the text beneath, which is what a hand types where no scanner is.
"""

from lowtide.pathway.course.drawing import svg

# The widths of each symbol's bars and spaces, by its value; 106 is the stop.
_WIDTHS = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132
122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212
322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311
112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321
331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214
112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212
124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113
411311 113141 114131 311141 411131 211412 211214 211232 2331112
"""
WIDTHS = tuple(_WIDTHS.split())
START_B, START_C, STOP = 104, 105, 106
QUIET = 10
FIRST, LAST = 32, 126


def symbols(text: str) -> list[int]:
    """The values of start, data, check and stop. Raises ValueError for what the code cannot say."""
    if not text or any(not FIRST <= ord(char) <= LAST for char in text):
        raise ValueError(f"Code 128 B cannot say {text!r}")
    if text.isdigit() and len(text) % 2 == 0:
        values = [START_C, *(int(text[at : at + 2]) for at in range(0, len(text), 2))]
    else:
        values = [START_B, *(ord(char) - FIRST for char in text)]
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], 1))) % 103
    return [*values, check, STOP]


def modules(text: str) -> list[int]:
    """The widths of bars and spaces in turn, a bar first."""
    return [int(width) for value in symbols(text) for width in WIDTHS[value]]


def draw(text: str, said: str = "", height: float = 44, module: float = 1.5) -> str:
    """The bars as SVG, `said` beneath them; black on white on any screen, since a scanner reads it there, too."""
    widths = modules(text)
    wide, at, bars = (sum(widths) + 2 * QUIET) * module, QUIET * module, []
    for place, width in enumerate(widths):
        if place % 2 == 0:
            bars.append(f"M{at:g} 0h{width * module:g}v{height:g}h-{width * module:g}z")
        at += width * module
    whole = height + 18
    return svg.tag(
        "svg",
        svg.tag("path", d=f"M0 0h{wide:g}v{whole:g}H0z", fill="#fff"),
        svg.tag("path", d="".join(bars), fill="#000", shape_rendering="crispEdges"),
        svg.tag(
            "text",
            svg.escape(said or text),
            x=wide / 2,
            y=whole - 4,
            text_anchor="middle",
            font_size="13",
            font_family="monospace",
            fill="#000",
        ),
        class_="barcode",
        viewBox=f"0 0 {wide:g} {whole:g}",
        width=f"{wide:g}",
        height=f"{whole:g}",
        role="img",
        aria_label=f"Barcode {said or text}",
        xmlns="http://www.w3.org/2000/svg",
    )
