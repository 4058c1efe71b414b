"""The look-up tables always say what the fold says, and can be made again from nothing."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lowtide.people.models import IdentifierIndex, LinkIndex, PatientIndex, StaffIndex
from lowtide.record import projections, store, verify
from lowtide.record.entries.clinic import EnteredInError, Staff
from lowtide.record.entries.identity import Contact, Identifier, Linked, NotLinked, Patient, Unlinked
from tests.conftest import CLINIC, said

TABLES = (PatientIndex, IdentifierIndex, LinkIndex, StaffIndex)
NAMES = st.sampled_from(["Müller", "Maier", "O’Neil", "Иванова"])
PATIENTS = st.builds(
    Patient,
    family=NAMES,
    given=NAMES,
    former_names=st.lists(NAMES, max_size=2).map(tuple),
    birth_date=st.none() | st.sampled_from(["1983", "1983-03", "1983-03-14"]),
    identifiers=st.lists(st.builds(Identifier, st.just("insurer"), NAMES), max_size=2).map(tuple),
    contact=st.builds(Contact, phone=st.none() | st.just("0151 2345678")),
)
STREAMS = ("chart:a", "chart:b", "chart:c")
WORDS = st.builds(
    lambda kind, other: kind(other=other),
    st.sampled_from([Linked, Unlinked, NotLinked]),
    st.sampled_from(STREAMS),
)
STEPS = st.lists(st.tuples(st.sampled_from(STREAMS), PATIENTS | WORDS | st.just("retract")), max_size=12)


def rows() -> list[list[dict[str, Any]]]:
    return [list(table.objects.order_by("key").values()) for table in TABLES]  # type: ignore[attr-defined]


def walk(steps: list[tuple[str, Any]]) -> None:
    """Write the steps: a second patient body corrects the first, `retract` takes the latest entry back."""
    for stream, step in steps:
        chart = store.load(stream)
        latest = chart.standing()[-1] if chart.standing() else None
        if step == "retract":
            if latest:
                draft = said(EnteredInError(), stream, at=latest.at, reason="test")
                store.append([draft.correcting(latest)])
        elif isinstance(step, Patient) and (known := chart.last(Patient)):
            store.append([said(step, stream, at=known[0].at, reason="test").correcting(known[0])])
        else:
            store.append([said(step, stream)])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_is_written_the_tables_say_what_the_fold_says(
    db: None, steps: list[tuple[str, Any]]
) -> None:
    from django.db import transaction

    with transaction.atomic():
        walk(steps)
        for stream in STREAMS:
            chart = store.load(stream)
            assert not [p.name for p in projections.REGISTERED.values() if projections.differs(p, chart)]
        before = rows()
        verify.rebuild()
        assert rows() == before
        transaction.set_rollback(True)
    store.forget()


def test_staff_is_the_latest_word_on_each(db: None) -> None:
    staff = uuid4()
    for roles in (("nurse",), ("nurse", "therapist")):
        store.append(
            [said(Staff(staff=staff, name="Sam", roles=roles, login="sam"), CLINIC, at=datetime.now(UTC))]
        )
    assert [row.roles for row in StaffIndex.objects.all()] == ["nurse therapist"]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_was_bent_is_noticed_and_mended(db: None, table: Any) -> None:
    store.append([said(Patient(family="Okafor", identifiers=(Identifier("insurer", "A1"),)), "chart:a")])
    store.append([said(Linked(other="chart:b"), "chart:a")])
    store.append([said(Staff(staff=uuid4(), name="Sam", roles=("nurse",), login="sam"), CLINIC)])
    assert verify.verify().ok
    table.objects.all().delete()
    assert not verify.verify().ok
    verify.rebuild()
    assert verify.verify().ok
