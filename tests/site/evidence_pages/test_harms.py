"""Side effects on the clinicians' pages: every row is somewhere, the weighty ones are drawn, and how they were asked is said."""

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from lowtide.data.events import every_rate, rates_by_key
from lowtide.data.evidence_harms import harms as shown
from lowtide.data.evidence_pages import pages
from lowtide.pathway.course.trial_answers import known
from lowtide.site.evidence_pages import harms, page, reactions
from lowtide.site.evidence_pages.pictures import picture

SignIn = Callable[..., Client]
EVERY = known()


def groups(indication: str) -> list[harms.Group]:
    ids = [s.study_id for s in page.studies(EVERY.tables, indication)]
    return harms.groups(EVERY.tables, EVERY.words, EVERY.rates, indication, ids, unverified=False)


def label(indication: str) -> harms.Group:
    return next(g for g in groups(indication) if not g.study)


@pytest.mark.parametrize("indication", sorted(pages()))
def test_the_table_twin_of_a_group_has_every_row(indication: str) -> None:
    for group in groups(indication):
        table = picture(harms.sheet(group, "harms"))["table"]
        assert sorted(row[table.head.index("What")] for row in table.rows) == sorted(
            e.event for e in group.events
        )


def test_the_labels_table_draws_what_is_watched_for_in_a_session() -> None:
    drawn = [event.event for event in harms.drawn(label("trd").events)]
    for event in ("Blood pressure increased", "Vomiting", "Tachycardia", "Sedation (reported)"):
        assert event in drawn
    assert len(label("trd").events) == 28


def test_the_largest_excess_goes_first_and_the_alphabet_does_not_matter() -> None:
    drawn = [event.event for event in harms.drawn(label("trd").events)]
    assert drawn[:2] == ["Dissociation", "Dizziness"]
    assert drawn.index("Vertigo") < drawn.index("Anxiety")


def test_serious_events_go_before_frequent_ones() -> None:
    ekstrand = next(g for g in groups("mdd") if g.study == "Ekstrand2022")
    kinds = [shown().is_serious(event.event) for event in ekstrand.events]
    assert kinds == sorted(kinds, reverse=True)
    assert any(kinds)


def test_a_count_without_its_people_is_told_and_not_dropped() -> None:
    karma = next(g for g in groups("mdd") if g.study == "KARMADep2")
    lane = harms.sheet(karma, "harms").lanes[0]
    assert lane.nothing
    assert lane.figures == "7 people, 6 people"


def test_less_than_one_of_a_hundred_does_not_read_as_none() -> None:
    drunk = next(e for e in label("trd").events if e.event == "Feeling drunk")
    assert "5 against 0.5 of 100" in harms._lane(drunk).figures


@pytest.mark.hazard("H048")
def test_a_way_of_asking_that_was_not_read_is_marked() -> None:
    for group in groups("trd"):
        assert group.asked_read == any(r.study_id == group.study and r.verified for r in EVERY.tables.asked)


def test_what_a_scale_finds_stands_beside_what_people_report() -> None:
    ids = [s.study_id for s in page.studies(EVERY.tables, "trd")]
    found = {one.label: one.rows for one in reactions.on("trd", ids)}
    dissociation = {(row.how, row.of_100) for row in found["Dissociation"]}
    assert ("measured at set times, with a scale or a cuff", "61–84 against 5–16") in dissociation
    assert any(how.startswith("reported") and of == "41 against 9" for how, of in dissociation)
    assert {row.of_100 for row in found["Blood pressure and heart rate"]} >= {
        "8–19 against 1–4",
        "10 against 3",
    }
    assert "17" in {row.of_100 for row in found["Bladder and kidneys"]}


def test_a_product_by_a_route_brings_only_its_own_rows() -> None:
    ids = [s.study_id for s in page.studies(EVERY.tables, "trd")]
    found = reactions.of_product("racemic_ketamine", "iv", "trd", ids)
    given = {row.given for one in found for row in one.rows}
    assert given
    assert all(said.startswith("racemic ketamine") for said in given)
    assert "3.28 mmHg" in {row.of_100 for one in found for row in one.rows}


def test_every_row_that_the_pages_name_is_in_the_rates() -> None:
    keys = [row.key for one in shown().reaction for row in one.row]
    assert set(keys) <= set(rates_by_key())
    assert len(keys) == len(set(keys))


def test_the_weighty_words_each_stand_in_some_row() -> None:
    told = [r.event.casefold() for r in EVERY.tables.adverse_events] + [
        r.term.casefold() for r in every_rate()
    ]
    for word in (*shown().serious, *shown().watched):
        assert any(word in event for event in told), word


@pytest.mark.django_db
def test_every_row_of_the_rates_has_a_place_to_link_to(sign_in: SignIn) -> None:
    text = unescape(sign_in("nurse").get("/evidence/rates").content.decode())
    assert all(f'id="{rate.key}"' in text for rate in every_rate())


@pytest.mark.django_db
def test_each_group_leads_to_all_its_rows(sign_in: SignIn) -> None:
    text = unescape(sign_in("nurse").get("/evidence/trd/").content.decode())
    assert text.count(">All rows<") == len(groups("trd"))
    assert '<a href="/evidence/rates">All rows<' in text


@pytest.mark.django_db
@pytest.mark.parametrize("indication", ["ptsd", "bipolar", "social_anxiety", "fibromyalgia", "panic"])
def test_an_indication_without_a_row_on_side_effects_says_so(indication: str, sign_in: SignIn) -> None:
    text = unescape(sign_in("nurse").get(f"/evidence/{indication}/").content.decode())
    assert "Side effects, by product, route" in text
    assert groups(indication) or "No row on side effects" in text or "asked in different ways" in text
