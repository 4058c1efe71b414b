"""Networks of others: every printed number is compared, every difference is explained, and the comparison can be redone."""

import pytest

from lowtide.data import evidence_checks
from tests.science.evidence import pooled
from tests.science.evidence.page import compared, page
from tests.science.evidence.public import computed, datasets, folder, recorded, references


def test_every_row_of_the_reference_table_is_compared() -> None:
    asked = {row for one in datasets() for row in references(one)}
    assert asked == set(evidence_checks.tables().nma_reference)
    assert len(compared()) >= len(asked)


def test_every_number_is_the_same_as_far_as_it_was_printed() -> None:
    assert [found for found in compared() if not found.same] == []


def test_a_recorded_comparison_names_its_rows_and_its_day() -> None:
    assert recorded()["on"]
    assert set(recorded()["datasets"]) == {one.key for one in datasets()}
    assert all(len(made["fingerprint"]) == 64 for made in recorded()["datasets"].values())


@pytest.mark.skipif(folder() is None, reason="LOWTIDE_NMA_DATA names no folder with the public datasets")
@pytest.mark.parametrize("one", datasets(), ids=lambda one: one.key)
def test_the_datasets_say_again_what_was_recorded(one) -> None:  # type: ignore[no-untyped-def]
    where = folder()
    assert where is not None
    found, kept = computed(one, where), recorded()["datasets"][one.key]
    assert found["fingerprint"] == kept["fingerprint"]
    assert found["numbers"] == pytest.approx(kept["numbers"], rel=1e-5)
    for name, numbers in kept["effects"].items():
        assert found["effects"][name] == pytest.approx(numbers, rel=1e-5, abs=1e-6)


def test_every_pooled_result_is_made_again_or_says_why_not() -> None:
    for row in evidence_checks.tables().pooled:
        assert pooled.made_of(row)[0] or pooled.why_not(row), row.pooled_id


def test_a_recalled_count_takes_no_part() -> None:
    verified = {o.study_id for o in evidence_checks.tables().outcomes if o.verified and o.events is not None}
    for row in evidence_checks.tables().pooled:
        assert {one.study for one in pooled.made_of(row)[0]} <= verified


def test_what_a_trial_printed_comes_from_its_arms_or_the_difference_is_explained() -> None:
    found = pooled.trials()
    assert len(found) >= 5
    assert {one.study for one in found if not one.same} <= set(pooled.said().differs)


def test_the_page_can_be_made_and_its_tables_hold_together() -> None:
    lines = list(page())
    assert sum(line.startswith("## ") for line in lines) == 2
    width = 0
    for line in lines:
        if line.startswith("|---"):
            width = line.count("|")
        elif line.startswith("|") and width:
            assert line.count("|") == width, line
        elif not line:
            width = 0
