"""From HTML to PDF by WeasyPrint, which needs Pango from the system; where it is missing, how to bring it.

Every PDF is tagged as PDF/UA-1 asks: title, language, headings, header cells, words for pictures. Whether it conforms is
for a checker to say; nothing here claims it.
"""

import platform
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

from lowtide.pathway.course.drawing import paper

VARIANT = "pdf/ua-1"


class NoPango(Exception):
    """PDF cannot be made on this machine; the message says which command changes that."""


def check() -> None:
    """Raises NoPango when the system's libraries are missing."""
    try:
        import weasyprint  # noqa: F401  its import finds them
    except OSError as error:
        raise NoPango(f"PDF needs Pango, which this brings: {_how_to_bring_it()}") from error


def from_html(html: str, *, readable: bool = False) -> bytes:
    """The page as a tagged PDF; `readable` leaves its objects uncompressed. Raises NoPango when libraries are missing."""
    check()
    import weasyprint

    pdf: bytes = weasyprint.HTML(string=html).write_pdf(pdf_variant=VARIANT, uncompressed_pdf=readable)
    return pdf


def picture(svg: str) -> str:
    """A drawing as the address of a picture that stands alone: a printed page reads no stylesheet inside it."""
    return "data:image/svg+xml;base64," + b64encode(_sized(paper.painted(svg, _css())).encode()).decode()


def _sized(svg: str) -> str:
    """With the size that its view box names."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    size = f' width="{found[1]}" height="{found[2]}"' if found and " width=" not in svg[: found.end()] else ""
    return svg.replace("<svg", f"<svg{size}", 1)


@cache
def _css() -> str:
    found = (Path(str(finders.find(f"lowtide/{name}.css"))) for name in ("tokens", "charts"))
    return paper.paint(*(path.read_text() for path in found))


def _how_to_bring_it() -> str:
    if platform.system() == "Darwin":
        return "brew install pango"
    return "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
