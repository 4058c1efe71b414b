"""From HTML to PDF by WeasyPrint, which needs Pango from the system; where it is missing, how to bring it."""

import platform


class NoPango(Exception):
    """PDF cannot be made on this machine; the message says which command changes that."""


def check() -> None:
    """Raises NoPango when the system's libraries are missing."""
    try:
        import weasyprint  # noqa: F401  its import finds them
    except OSError as error:
        raise NoPango(f"PDF needs Pango, which this brings: {_how_to_bring_it()}") from error


def from_html(html: str) -> bytes:
    """The page as a tagged PDF. Raises NoPango when the system's libraries are missing."""
    check()
    import weasyprint

    pdf: bytes = weasyprint.HTML(string=html).write_pdf(pdf_tags=True)
    return pdf


def _how_to_bring_it() -> str:
    if platform.system() == "Darwin":
        return "brew install pango"
    return "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
