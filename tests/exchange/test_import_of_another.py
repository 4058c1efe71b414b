"""What was somebody else's: a resource that moves, a result of nobody, who somebody is by hand."""

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from lowtide.exchange.fhir.placement import INBOX
from lowtide.exchange.inbox import file_into
from lowtide.exchange.models import ResourceIndex
from lowtide.problems import Conflict
from lowtide.record import store
from lowtide.record.entries.clinic import EnteredInError, FhirResource
from lowtide.record.entries.history import Allergy, Diagnosis, ProblemStatus, Result
from lowtide.record.entries.identity import Identifier, Patient
from lowtide.record.verify import verify
from tests.conftest import said
from tests.exchange.making import (
    HOSPITAL,
    NOW,
    condition,
    observation,
    patient,
    quantity,
)
from tests.exchange.test_import import TWO, bring, chart, everything, only

pytestmark = pytest.mark.django_db


@pytest.mark.hazard("H001")
def test_a_resource_that_moves_is_taken_back_here_and_written_there() -> None:
    bring(TWO, condition(), source="north")
    (first,) = [s for s in store.streams("chart:") if store.load(s).said(Diagnosis)]
    found = bring(condition("Depression", "c1", "Patient/2"), later=True, source="north")
    (second,) = [s for s in store.streams("chart:") if store.load(s).said(Diagnosis)]
    assert first != second
    assert found.updated == 1
    gone = [e for e in store.load(first).entries.values() if isinstance(e.body, EnteredInError)]
    assert {e.body.now_in for e in gone} == {second}
    assert len(gone) == 2


@pytest.mark.hazard("H001")
def test_an_unnamed_source_cannot_move_a_history() -> None:
    bring(TWO, condition())
    before = everything()
    found = bring(condition("Depression", "c1", "Patient/2"), later=True)
    assert "another patient's here" in found.refused[0].reason
    assert everything() == before


@pytest.mark.hazard("H038")
def test_a_result_waits_in_the_inbox_until_its_patient_is_known() -> None:
    result = observation("1742-6", valueQuantity=quantity(300, "U/L"))
    assert bring(result).inbox[0].resource_id == "o1"
    assert store.streams("chart:") == []
    found = bring(patient(), result, later=True)
    assert (found.imported, found.updated) == (1, 1)
    assert chart().said(FhirResource)
    assert ResourceIndex.objects.filter(stream=INBOX).count() == 0
    assert bring(patient(), result, later=True).unchanged == 2


def test_an_entry_of_the_same_id_and_another_content_is_never_overwritten() -> None:
    bring(patient())
    ((entry, _),) = chart().said(FhirResource)
    forged = said(Allergy(substance="x", status=ProblemStatus.ACTIVE), chart().stream, id=entry.id)
    with pytest.raises(Conflict):
        store.append([forged])


def test_what_a_person_filed_stays_where_they_filed_it(new_patient: Callable[..., UUID]) -> None:
    result = observation("1742-6", "o1", "Patient/nobody", valueQuantity=quantity(300, "U/L"))
    bring(result)
    ((entry, _),) = store.load(INBOX).said(FhirResource)
    stream = f"chart:{new_patient()}"
    file_into(entry.id, stream, "staff:x", now=NOW)
    assert bring(result, later=True).unchanged == 1
    bring(result | {"valueQuantity": quantity(310, "U/L")}, later=True)
    ((_, body),) = store.load(stream).said(Result)
    assert body.value == Decimal(310)
    assert verify().ok


def test_who_somebody_is_by_hand_is_not_overruled_by_their_own_source() -> None:
    bring(patient())
    ((entry, who),) = chart().said(Patient)
    by_hand = msgspec.structs.replace(who, given="Ada Maria")
    store.append([said(by_hand, chart().stream, reason="her passport").correcting(entry)])
    more = [{"system": HOSPITAL, "value": "MRN-1"}, {"system": "urn:x", "value": "77"}]
    found = bring(patient(identifier=more, name=[{"family": "Testperson", "given": ["Adda"]}]), later=True)
    kept = only(Patient)
    assert isinstance(kept, Patient)
    assert (kept.given, Identifier("urn:x", "77") in kept.identifiers) == ("Ada Maria", True)
    assert found.patients[0].name == "Ada Maria Testperson"
    assert found.patients[0].overruled
