"""The public page says what is known, in whom it was seen, and what nobody knows."""

import pytest
from django.test import Client

from lowtide.data.mechanism import Step, mechanism
from lowtide.portal.how_it_works import chain
from lowtide.portal.how_it_works.levels import levels
from tests.pathway.course import drawn

STEPS = mechanism().step


@pytest.mark.parametrize("step", STEPS, ids=lambda s: s.id)
def test_each_link_names_a_source_and_its_doubt(step: Step) -> None:
    assert step.sources
    assert step.doubt
    assert step.begins_h[0] <= step.begins_h[1] <= step.ends_h[1]
    assert all(source.url.startswith("https://") for source in step.sources)


@pytest.mark.parametrize("narrow", [False, True])
def test_the_chain_fits_and_hatches_what_was_not_surely_seen_in_people(narrow: bool) -> None:
    drawing = drawn.parse(chain.draw(mechanism(), narrow=narrow))
    assert not drawn.overlaps(drawing)
    assert not drawn.outside(drawing)
    assert len(drawn.of_class(drawing, "c-unknown")) == sum(step.shown != "people" for step in STEPS)


def test_the_chain_has_no_amounts() -> None:
    assert "%" not in chain.sentence(mechanism())
    assert chain.table(mechanism()).head == ("Step", "Begins after", "Ends after", "Seen", "The times are")


def test_the_receptor_scale_is_relative() -> None:
    (panel,) = levels().receptor.panels
    assert max(band.median for band in panel.series[0].bands) == pytest.approx(100)
    assert panel.unit == "relative"


@pytest.mark.django_db
def test_anybody_may_read_it() -> None:
    page = Client().get("/how-it-works").content.decode()
    assert "What nobody knows yet" in page
    assert page.count("not a measurement") >= 3
    assert "unverified" in page


@pytest.mark.django_db
def test_the_sign_in_page_leads_to_it() -> None:
    assert "/how-it-works" in Client().get("/accounts/login/").content.decode()


@pytest.mark.django_db
def test_a_spanish_reader_is_told_how_it_works_in_spanish_with_its_pictures() -> None:
    page = Client().get("/how-it-works", headers={"accept-language": "es"}).content.decode()
    assert '<html lang="es"' in page
    for said in (
        "Cómo actúa la ketamina a dosis bajas",
        "Receptores cerrados, relativo",
        "horas desde la primera dosis",
        "mediana</text>",
        "35 mg en una vena en 40 min",
        "Lo que nadie sabe todavía",
    ):
        assert said in page, said
    for step in STEPS:
        for words in (step.plain, step.doubt, *(source.says for source in step.sources)):
            assert words not in page, words
    assert "Population estimate" not in page
    assert "How low-dose ketamine works" in Client().get("/how-it-works?say=en").content.decode()
