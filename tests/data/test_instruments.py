"""Instruments are complete, keep to their licence, and are found by any of their names."""

import pytest

from lowtide.data.instruments import Instrument, instrument, instruments, version
from lowtide.problems import BadInput

SCORED = [one for one in instruments().values() if one.total not in ("unscored",)]
SUMMED = [one for one in SCORED if one.total == "sum"]


def has_text(one: Instrument) -> bool:
    return bool(one.stem) or any(detail.text for detail in one.detail.values())


def named(one: Instrument) -> str:
    return one.id


def test_all_thirty_three_are_there() -> None:
    assert len(instruments()) == 33
    assert len({version(name) for name in instruments()}) == 33


@pytest.mark.hazard("H041")
@pytest.mark.parametrize("one", instruments().values(), ids=named)
def test_only_free_text_is_shipped(one: Instrument) -> None:
    may = one.embed_item_text in ("yes", "yes_with_notice", "yes_with_attribution")
    assert may or not has_text(one)


@pytest.mark.hazard("H041")
@pytest.mark.parametrize("one", instruments().values(), ids=named)
def test_what_its_owner_asks_to_be_printed_stands_with_the_text(one: Instrument) -> None:
    if one.embed_item_text in ("yes_with_notice", "yes_with_attribution"):
        assert one.has_text
        assert one.notice
    assert one.notice or one.id in ("CTCAE", "NRS") or not one.has_text


@pytest.mark.parametrize(
    "name", ["PHQ9", "GAD7", "PCL5", "AUDITC", "MOAAS", "ALDR", "NRS", "PGIC", "CSSRS", "FIQR", "MSM"]
)
def test_free_text_is_shipped_in_full(name: str) -> None:
    one = instrument(name)
    assert one.has_text


@pytest.mark.parametrize("one", SUMMED, ids=named)
def test_the_items_add_up_to_the_published_range(one: Instrument) -> None:
    low, high = (
        one.total_range.rsplit("-", 1) if " to " not in one.total_range else one.total_range.split(" to ")
    )
    ranges = [one.item(item_id).range or (0, 0) for item_id in one.ids]
    assert (sum(r[0] for r in ranges), sum(r[1] for r in ranges)) == (int(low), int(high))


@pytest.mark.parametrize("one", SCORED, ids=named)
def test_every_reference_names_an_item_it_has(one: Instrument) -> None:
    used = {item_id for part in one.parts for item_id in part.items}
    used |= {item_id for rule in one.flags for need in rule.needs for item_id in need.items}
    used |= {item_id for row in one.triage for item_id in row.any_yes} | set(one.detail)
    used |= {item_id for group in one.either for item_id in group}
    assert used <= set(one.ids)


@pytest.mark.parametrize("one", SCORED, ids=named)
def test_options_cover_the_range_they_belong_to(one: Instrument) -> None:
    for item_id in one.ids:
        item = one.item(item_id)
        if item.options:
            assert item.range == (item.options[0].value, item.options[-1].value)


@pytest.mark.parametrize("one", instruments().values(), ids=named)
def test_a_verified_instrument_has_a_source(one: Instrument) -> None:
    assert one.source or not one.verified
    assert one.licence_class


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("phq-9", "PHQ9"), ("PHQ9", "PHQ9"), ("HAMD17", "HAMD17"), ("HRSD-17", "HAMD17"), ("HDRS-17", "HAMD17"),
        ("hdrs 17", "HAMD17"), ("moaa/s", "MOAAS"), ("C-SSRS", "CSSRS"), ("qids-sr16", "QIDSSR16"), ("bpi-sf", "BPISF"),
    ],
)  # fmt: skip
def test_any_accepted_name_finds_it(given: str, name: str) -> None:
    assert instrument(given).id == name


def test_names_are_not_shared() -> None:
    spelt = [
        s.lower() for one in instruments().values() for s in {one.id.lower(), *map(str.lower, one.aliases)}
    ]
    assert len(spelt) == len(set(spelt))


def test_an_unknown_instrument_names_the_choices() -> None:
    with pytest.raises(BadInput, match="PHQ9"):
        instrument("PHQ-10")


@pytest.mark.hazard("H039")
def test_codes_that_belong_to_another_instrument_are_not_used() -> None:
    used = {code for one in instruments().values() for code in (one.loinc_panel, *one.totals)}
    assert "75624-7" not in used  # AUDIT, often taken for AUDIT-C
    assert "77564-3" not in used  # claimed for two instruments
    assert "70221-7" not in used  # PCL-C, not PCL-5
