"""The evaluation and the laboratory request on paper."""

from collections.abc import Callable
from time import process_time
from uuid import UUID

import pytest
from django.test import Client

from lowtide.documents import pdf
from tests.pathway.evaluate.test_evaluate_pages import TIA, TRD, decide, form_of, page, tell, treatable

pytestmark = pytest.mark.either

SignIn = Callable[..., Client]
NewPatient = Callable[..., UUID]
__all__ = ["treatable"]


@pytest.fixture
def as_html(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document before it is drawn: what it says can be read."""

    def refuse(html: str) -> bytes:
        raise pdf.NoPango

    monkeypatch.setattr(pdf, "from_html", refuse)


def printed(client: Client, patient: UUID, name: str = "evaluate/evaluation.pdf") -> str:
    return client.get(f"/patients/{patient}/{name}?{TRD}").content.decode()


@pytest.mark.usefixtures("as_html")
def test_the_print_holds_findings_their_source_the_decision_and_the_head_of_the_chart(
    treatable: UUID, sign_in: SignIn
) -> None:
    prescriber = sign_in("prescriber")
    tell(treatable, TIA)
    decide(
        prescriber, treatable, form_of(page(prescriber, treatable)), decision="defer", reason="Letter first."
    )
    html = printed(prescriber, treatable)
    for words in (
        "C010",
        "Neurology or stroke clearance",
        "Letter first.",
        "Signed by",
        "last entry",
        "unverified",
    ):
        assert words in html


@pytest.mark.usefixtures("as_html")
def test_before_a_decision_there_is_a_line_to_sign_on(treatable: UUID, sign_in: SignIn) -> None:
    assert "Not decided yet" in printed(sign_in("nurse"), treatable)


@pytest.mark.usefixtures("as_html")
def test_the_request_names_what_is_open_and_nothing_else(new_patient: NewPatient, sign_in: SignIn) -> None:
    html = printed(sign_in("nurse"), new_patient(), "workup/request.pdf")
    assert "12-lead ECG" in html
    assert "hCG" not in html


def test_it_is_a_pdf_made_within_five_seconds(treatable: UUID, sign_in: SignIn) -> None:
    try:
        pdf.check()
    except pdf.NoPango as error:
        pytest.skip(str(error))
    client, before = sign_in("prescriber"), process_time()
    response = client.get(f"/patients/{treatable}/evaluate/evaluation.pdf?{TRD}")
    assert response.content.startswith(b"%PDF")
    assert process_time() - before < 5
