"""Protocols say what their sources say, and planning is told what they do not."""

import re

import pytest

from lowtide.data.protocols import Protocol, protocol, protocols, version
from lowtide.data.vocabulary import words
from lowtide.problems import BadInput

PLANNED = [p for p in protocols().values() if not p.reference_only]


def test_every_published_row_is_there() -> None:
    assert list(protocols()) == [f"P{n:02}" for n in range(1, 29)]


def test_files_are_named_after_their_protocol() -> None:
    assert all(re.fullmatch(r"[0-9a-f]{12}", version(name)) for name in protocols())
    assert len({version(name) for name in protocols()}) == 28


@pytest.mark.parametrize("one", protocols().values(), ids=lambda p: p.id)
def test_its_words_are_the_products_words(one: Protocol) -> None:
    assert one.product in words()["product"]
    assert one.route is None or one.route in words()["route"]
    assert set(one.indications) <= set(words()["indication"])


@pytest.mark.parametrize("one", protocols().values(), ids=lambda p: p.id)
def test_unverified_names_fields_that_exist(one: Protocol) -> None:
    assert set(one.unverified) <= set(Protocol.__struct_fields__)
    assert one.source


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("P09", "schedule"), ("P11", "dose"), ("P12", "schedule"), ("P13", "number of sessions"), ("P21", "dose"),
        ("P23", "infusion time"), ("P25", "schedule"), ("P27", "schedule"), ("P28", "dose"),
    ],
)  # fmt: skip
def test_a_protocol_for_reference_only_names_what_is_missing(name: str, missing: str) -> None:
    assert missing in protocol(name).missing


def test_the_others_can_be_planned() -> None:
    assert {p.id for p in PLANNED} == set(protocols()) - {
        "P09",
        "P11",
        "P12",
        "P13",
        "P21",
        "P23",
        "P25",
        "P27",
        "P28",
    }


@pytest.mark.parametrize("one", PLANNED, ids=lambda p: p.id)
def test_its_schedule_adds_up(one: Protocol) -> None:
    schedule = one.schedule
    assert schedule
    assert schedule.sessions
    if schedule.per_week and schedule.weeks:
        assert schedule.sessions == schedule.per_week * schedule.weeks
    if schedule.gaps_days:
        assert schedule.sessions == len(schedule.gaps_days) + 1
    assert schedule.sessions == 1 or one.min_interval_h


@pytest.mark.hazard("H011")
@pytest.mark.parametrize("one", PLANNED, ids=lambda p: p.id)
def test_it_has_a_ceiling_in_milligrams(one: Protocol) -> None:
    assert one.max_mg
    assert "max_mg" in one.unverified or one.product == "esketamine_nasal"


@pytest.mark.parametrize("one", PLANNED, ids=lambda p: p.id)
def test_its_dose_lies_in_its_range(one: Protocol) -> None:
    assert one.dose
    for bound, sign in ((one.dose_min, 1), (one.dose_max, -1)):
        if bound:
            assert bound.unit == one.dose.unit
            assert sign * (one.dose.value - bound.value) >= 0


@pytest.mark.parametrize("one", [p for p in PLANNED if p.device_mg], ids=lambda p: p.id)
def test_a_nasal_dose_is_a_whole_number_of_devices(one: Protocol) -> None:
    assert one.dose
    assert one.device_mg
    assert all(dose % one.device_mg == 0 for dose in (*one.dose_steps, one.dose.value))


@pytest.mark.hazard("H004")
def test_an_enantiomer_is_always_said() -> None:
    assert all(one.enantiomer for one in protocols().values())
    assert "product" in protocol("P17").unsettled


def test_recalled_values_stay_marked() -> None:
    assert {"dose", "over_min", "schedule"} <= set(protocol("P07").unverified)
    assert "min_interval_h" in protocol("P05").unverified
    assert not protocol("P07").verified


def test_an_unknown_protocol_names_the_choices() -> None:
    with pytest.raises(BadInput, match="P05"):
        protocol("P99")
