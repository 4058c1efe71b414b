"""The numbers that gate a dose carry their reason, and where one is verified, its source."""

import pytest

from lowtide.data.dosing import dosing, numbers
from lowtide.data.vocabulary import words
from lowtide.problems import BadInput


def test_a_verified_number_has_a_source_and_the_others_are_marked() -> None:
    assert all(number.source or not number.verified for number in numbers().values())
    assert all(number.why and number.unit for number in numbers().values())


@pytest.mark.parametrize("policy", words()["policy"])
def test_every_policy_of_the_vocabulary_has_its_numbers(policy: str) -> None:
    assert dosing(policy).policy == policy


def test_the_strict_policy_is_nowhere_looser() -> None:
    default, strict = dosing("default"), dosing("strict")
    assert strict.infusion_min_minutes >= default.infusion_min_minutes
    assert strict.undiluted_iv_max_mg_per_ml <= default.undiluted_iv_max_mg_per_ml


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(BadInput, match="default"):
        dosing("relaxed")
