"""An append knows what the last one of this process projected, and forgets it whenever somebody else may have written."""

from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from lowtide.pathway.session.models import Session
from lowtide.people.models import PatientIndex
from lowtide.record import projections, store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Note, SessionSigned, Vitals
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.identity import Patient
from lowtide.record.verify import verify
from tests.conftest import said
from tests.pathway.session.conftest import register

pytestmark = pytest.mark.usefixtures("own_database")
STREAM = "chart:a"


def write(given: str) -> Entry:
    return store.append([said(Patient(family="Testperson", given=given), STREAM)])[0]


def indexed() -> str:
    return PatientIndex.objects.get(stream=STREAM).given


def test_an_append_does_not_read_again_what_the_last_one_projected() -> None:
    write("Ada")
    with CaptureQueriesContext(connection) as queries:
        write("Eve")
    assert not [q["sql"] for q in queries if q["sql"].startswith('SELECT "people_')]
    assert indexed() == "Eve"
    assert verify().ok


def test_what_another_process_appended_is_read() -> None:
    write("Ada")
    before = store._cache.copy()
    write("Eve")
    store._cache.clear()
    store._cache.update(before)
    write("Ada")
    assert indexed() == "Ada"
    assert verify().ok


def test_a_transaction_that_is_undone_leaves_nothing_known() -> None:
    write("Ada")
    with transaction.atomic():
        write("Eve")
        transaction.set_rollback(True)
    assert indexed() == "Ada"
    write("Eve")
    assert indexed() == "Eve"
    assert verify().ok


def test_what_was_postponed_is_not_known() -> None:
    write("Ada")
    with projections.postponed(keep="nothing"):
        write("Eve")
    write("Ada")
    assert indexed() == "Ada"


def test_two_appends_of_one_transaction_project_both() -> None:
    write("Ada")
    with transaction.atomic():
        write("Eve")
        write("Ida")
    assert indexed() == "Ida"
    write("Ada")
    assert indexed() == "Ada"
    assert verify().ok


# -- what a chart keeps of a session ---------------------------------------------------------------------------


def test_a_chart_keeps_what_was_worked_out_of_a_session_until_the_session_has_a_further_entry() -> None:
    one, other = uuid4(), uuid4()
    (first,) = store.append([said(Vitals(sbp_mmhg=120, dbp_mmhg=80), STREAM, session=one)])
    store.append([said(Note(text="calm"), STREAM, session=other)])
    chart = store.load(STREAM)
    chart.keep(one, "word", "120/80")
    assert _grown(chart, session=other).kept(one, "word") == "120/80"
    assert _grown(chart, session=one).kept(one, "word") is None
    (taken_back,) = store.append([said(EnteredInError(), STREAM, reason="x").correcting(first)])
    assert chart.extended([taken_back]).kept(one, "word") is None


def _grown(chart: Chart, session: UUID) -> Chart:
    return chart.extended(store.append([said(Note(text="more"), STREAM, session=session)]))


def test_an_addendum_to_a_signed_session_changes_its_row() -> None:
    care = register()
    care.prepare()
    care.begin()
    care.write(SessionSigned(printed_name="Nora Nurse", known={}), 200, session=care.session)
    for sbp in (120, 135):
        care.write(Vitals(sbp_mmhg=sbp, dbp_mmhg=80), 201 + sbp, session=care.session)
        assert Session.objects.get(key=str(care.session)).bp == f"{sbp}/80"
    assert verify().ok
