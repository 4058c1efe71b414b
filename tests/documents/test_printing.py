"""Every PDF is tagged: title, language, headings, header cells, words for pictures; its foot says whose, whose hand, when."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import pytest
from django.test import Client
from django.urls import reverse

from lowtide.documents import chart_summary, pdf
from lowtide.documents.printing import foot
from lowtide.documents.session_views import as_html
from lowtide.people.charts import identity
from lowtide.people.clinic import this_clinic
from lowtide.record.entries.base import Entry
from tests.documents.story import BERLIN, Morning

pytestmark = pytest.mark.either

TEMPLATES = Path(pdf.__file__).parent / "templates" / "documents"
SHAPES_OF_THEIR_OWN = {
    "blank_scale.html",
    "bag_label.html",
    "downtime.html",
}  # what is stuck on a bag, and what is written on by hand
PAGES = sorted(p.name for p in TEMPLATES.glob("*.html") if 'extends "documents/paper.html"' in p.read_text())


@pytest.fixture
def morning(clinic: Entry) -> Morning:
    made = Morning()
    made.correspondent()
    return made.infusion()


def page(morning: Morning, name: str) -> str:
    sources = morning.sources
    patient = identity(sources.whole, morning.care.patient)
    assert patient
    feet = foot(patient, sources.whole, "Nora Nurse", datetime(2026, 11, 22, 14, tzinfo=UTC), BERLIN)
    return as_html(sources, morning.document(name), morning.care.patient, feet)


def drawn(html: str) -> str:
    """The PDF's own text, its objects uncompressed."""
    try:
        return pdf.from_html(html, readable=True).decode("latin-1")
    except pdf.NoPango as error:
        pytest.skip(str(error))


def title_of(made: str) -> str:
    """The title in the document's metadata."""
    found = re.search(r"<dc:title>.*?<rdf:li[^>]*>(.*?)</rdf:li>", made, re.S)
    assert found
    return found[1]


@pytest.mark.parametrize("name", ["flowsheet", "summary", "drug_use", "bill", "instructions", "letter"])
def test_a_document_is_tagged_as_the_variant_asks(morning: Morning, name: str) -> None:
    made = drawn(page(morning, name))
    for mark in (
        "/StructTreeRoot",
        "/MarkInfo",
        "/DisplayDocTitle true",
        'pdfuaid:part="1"',
        "/Lang (en)",
        "/H1",
        "/H2",
    ):
        assert mark in made, mark
    assert "Ines Halvorsen" in title_of(made)


def test_header_cells_are_told_from_others_and_cells_name_their_headers(morning: Morning) -> None:
    made = drawn(page(morning, "drug_use"))
    assert re.search(r"/S /TH\b", made)
    assert re.search(r"/S /TD\b", made)
    assert "/Headers" in made


def test_the_chart_has_words_that_stand_for_it(morning: Morning) -> None:
    html = page(morning, "flowsheet")
    (alternative,) = re.findall(r'<img [^>]*alt="([^"]+)"', html)
    assert "mmHg" in alternative or "pressure" in alternative.lower()
    made = drawn(html)
    assert re.search(r"/S /Figure\b", made)
    assert "/Alt " in made


def test_the_foot_names_patient_number_printer_time_and_the_last_entry(morning: Morning) -> None:
    html, last = page(morning, "summary"), max(morning.care.chart.entries.values(), key=lambda e: e.seq)
    (feet,) = re.findall(r'<p class="foot">(.*?)</p>', html, re.S)
    for words in (
        "Ines Halvorsen",
        "born 14 Mar 1983",
        "LT-",
        "printed by Nora Nurse, 22 Nov 2026, 15:00",
        last.hash[:12],
    ):
        assert words in feet
    assert '"page " counter(page) " of " counter(pages)' in html


def test_every_printed_page_of_the_product_stands_on_the_same_sheet() -> None:
    others = {p.name for p in TEMPLATES.glob("*.html") if "<!doctype" in p.read_text()}
    assert others == {"paper.html", *SHAPES_OF_THEIR_OWN}
    assert {
        "document.html",
        "consent_copy.html",
        "chart_summary.html",
        "evaluation.html",
        "lab_request.html",
    } <= set(PAGES)


def test_every_header_cell_says_what_it_heads() -> None:
    bare = {
        p.name: found
        for p in TEMPLATES.glob("*.html")
        if (found := re.findall(r"<th(?! scope)[ >]", p.read_text()))
    }
    assert not bare


def test_the_whole_chart_is_tagged_too(morning: Morning) -> None:
    patient = identity(morning.care.chart, morning.care.patient)
    assert patient
    made = drawn(chart_summary.html(morning.care.chart, patient, this_clinic(), BERLIN, datetime.now(UTC)))
    assert 'pdfuaid:part="1"' in made
    assert "Halvorsen" in title_of(made)


def test_the_flowsheet_is_a_pdf_within_five_seconds(morning: Morning, sign_in: Callable[..., Client]) -> None:
    drawn("<p>the fonts are found</p>")
    url = reverse("documents:pdf", args=[morning.care.patient, morning.care.session, "flowsheet"])
    client, before = sign_in("nurse"), process_time()
    answer = client.get(url)
    assert answer.content.startswith(b"%PDF")
    assert process_time() - before < 5
