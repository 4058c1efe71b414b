"""The CADSS total at the chair: asked for where the clinic has it so, watched by M21, and heard by the forecast."""

from datetime import UTC
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from lowtide.data import monitoring, own
from lowtide.data.chair import parameters
from lowtide.pathway.session.actions import charting
from lowtide.pathway.session.rules.compiled import plan
from lowtide.pathway.session.rules.due import due_items
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.rules.state import state_of
from lowtide.pathway.session.rules.thresholds import crossings
from lowtide.pathway.session.shown.grid import grid
from lowtide.pathway.session.shown.picture import picture
from lowtide.pathway.session.tablet.snapshot import sheet
from lowtide.problems import BadInput
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Rating
from tests.pathway.session.conftest import Care
from tests.pathway.session.making import T0, at, dosing, entry
from tests.pathway.session.test_pages import SignIn, url


def due(facts: Facts) -> dict[str, list[float]]:
    start = facts.started_at
    assert start
    found: dict[str, list[float]] = {}
    for item in due_items(facts, monitoring.items()):
        if item.rule.id == "M21":
            minutes = (item.due_at - start).total_seconds() / 60
            found.setdefault(item.parameter.id, []).append(minutes)
    return found


def test_by_the_default_the_short_rating_is_due_and_the_total_may_be_charted() -> None:
    assert due(dosing()) == {"dissociation": [40]}
    assert parameters()["cadss"].in_grid


def test_where_the_clinic_rates_the_total_that_is_due_for_python_and_script_alike() -> None:
    with own.laying(own.own((("chair:cadss_at_chair", "1"),))):
        assert due(dosing()) == {"cadss": [40]}
        rows = {row["id"]: row["scheduled_by"] for row in plan(dosing(), monitoring.items())["rows"]}
    assert (rows["cadss"], rows["dissociation"]) == (["M21"], [])


@pytest.mark.hazard("H015")
def test_a_total_above_four_that_rose_asks_by_M21_and_one_that_did_not_rise_is_left() -> None:
    before, after = (entry(Rating(scale="cadss", value=Decimal(n)), at) for n, at in ((2, -20), (31, 40)))
    found = crossings(dosing(before, after), monitoring.items())
    assert [(c.rule.id, c.found, c.verified) for c in found] == [("M21", "CADSS 31", True)]
    high = entry(Rating(scale="cadss", value=Decimal(31)), -20)
    assert not crossings(dosing(high, after), monitoring.items())


@pytest.mark.hazard("H021")
@pytest.mark.parametrize("value", ["93", "-1"])
def test_a_total_that_the_scale_cannot_come_to_is_refused(care: Care, value: str) -> None:
    with pytest.raises(BadInput, match="outside 0 to 92"):
        charting.rating(care.act(), scale="cadss", value=Decimal(value))


def test_the_page_takes_a_typed_total_late_as_well_and_corrects_it(care: Care, sign_in: SignIn) -> None:
    care.prepare()
    care.begin()
    nurse = sign_in("nurse")
    page = nurse.get(url(care, "enter/cadss")).content.decode()
    assert 'type="number"' in page
    assert nurse.post(url(care, "enter/cadss"), {"entry_id": uuid4(), "value": "120"}).status_code == 422
    charting.rating(care.act(20), scale="cadss", value=Decimal(17))
    line = session_facts(care.chart, care.session).readings["cadss"][0].entry
    correct = url(care, f"value/{line.id}/cadss")
    assert 'name="value"' in nurse.get(correct).content.decode()
    given: dict[str, Any] = {"entry_id": uuid4(), "corrects": line.id, "value": "71", "why": "mistyped"}
    assert nurse.post(correct, given).status_code == 302
    assert [r.text for r in session_facts(care.chart, care.session).readings["cadss"]] == ["71"]


def test_the_tablet_takes_the_row_with_it_as_a_number(clinic: Entry) -> None:
    row = next(r for r in sheet()["rows"] if r["id"] == "cadss")
    assert (row["top"], row["choices"]) == (92, [])


def test_the_total_stands_in_the_picture_and_on_the_flowsheet() -> None:
    rated = [entry(Rating(scale="cadss", value=Decimal(n)), at) for n, at in ((2, -20), (31, 40), (3, 70))]
    facts = dosing(*rated)
    state = state_of(facts, monitoring.items(), T0)
    drawn = picture(state, monitoring.items(), at(80), UTC)
    assert drawn
    assert [e.text for e in drawn.events] == ["CADSS 31", "CADSS 3"]
    shown = {row.parameter.id: [c.text for c in row.cells] for row in grid(state, at(80), 0, 100).rows}
    assert {"31", "3"} <= set(shown["cadss"])
