"""Who looks on and how far things may differ is the clinic's policy: signed by its clinical lead, in force at once."""

from decimal import Decimal
from uuid import uuid4

import pytest

from lowtide.data.safe import limits, numbers, safe, unanswered, witness_needed
from lowtide.pathway.course.in_force import laid
from lowtide.pathway.evaluate.ruling import actions
from lowtide.pathway.evaluate.ruling.actions import Pick, Signing
from lowtide.pathway.evaluate.ruling.tables import lines
from lowtide.people.clinic import CLINIC
from lowtide.problems import BadInput
from lowtide.record import store
from lowtide.safe.actions import session
from tests.safe.conftest import KEY, NOW, Bench


def pick(name: str) -> Pick:
    line = next(one for one in lines(store.load(CLINIC)) if one.key == f"safe:{name}")
    return Pick(line.key, line.value, "")


def signing(bench: Bench) -> Signing:
    return Signing(person=bench.director, entry_id=uuid4(), now=NOW, reason="as our state asks")


@pytest.mark.hazard("H036")
def test_a_clinic_may_ask_for_a_witness_where_the_default_does_not(bench: Bench) -> None:
    assert not witness_needed("draw")
    actions.change(signing(bench), pick("witness_draw"), "1")
    with laid(store.load(CLINIC)), pytest.raises(BadInput, match="a second person looks on"):
        session.draw(
            bench.act(witness=None),
            key=KEY,
            quantity=Decimal(1),
            patient=bench.patient,
            session=bench.session,
        )


def test_an_own_tolerance_is_in_force_and_answered_for(bench: Bench) -> None:
    assert unanswered("pump_mg")
    actions.change(signing(bench), pick("pump_mg"), "0.5")
    with laid(store.load(CLINIC)):
        assert limits().pump_mg == Decimal("0.5")
        assert not unanswered("pump_mg")


def test_a_default_that_was_approved_carries_no_mark(bench: Bench) -> None:
    actions.accept(signing(bench), [pick("count_every_h")])
    with laid(store.load(CLINIC)):
        assert not unanswered("count_every_h")
        assert unanswered("count_every_h", "case_due_h")


def test_a_value_that_cannot_be_meant_is_refused(bench: Bench) -> None:
    with pytest.raises(BadInput, match="cannot be meant"):
        actions.change(signing(bench), pick("pump_mg"), "50")


def test_every_number_says_why_and_every_verified_one_names_its_source() -> None:
    assert all(n.why for n in numbers().values())
    assert all(n.source for n in numbers().values() if n.verified)
    assert all(p.source for p in safe().product if p.verified)
