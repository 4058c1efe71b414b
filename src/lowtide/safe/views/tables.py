"""Tables to take away, harmless to whatever program opens them."""

import csv
from collections.abc import Iterable

from django.http import HttpResponse


def table(name: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> HttpResponse:
    """A CSV file with a head line."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(columns)
    for row in rows:
        writer.writerow(map(_harmless, row))
    return response


def _harmless(cell: object) -> str:
    """Text that a spreadsheet does not take for a formula; a number may be negative."""
    text = str(cell)
    formula = text[:1] in ("=", "+", "@", "\t", "\r") or (text[:1] == "-" and not text[1:2].isdigit())
    return f"'{text}" if formula else text
