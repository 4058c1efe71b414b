"""What the store promises to those who append and load, on either engine."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lowtide.people.models import PatientIndex
from lowtide.people.projections import patients
from lowtide.problems import BadInput, Conflict, Refused
from lowtide.record import rows, store
from lowtide.record.chain import envelope_hash
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.chair import Note, SessionSigned, Vitals
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.identity import Patient
from lowtide.record.verify import verify
from tests.conftest import said
from tests.record.histories import Step, steps

law = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def anew(stream: str) -> Chart:
    """The chart as a process that has just started reads it."""
    store.forget()
    return store.load(stream)


def elsewhere(drafts: list[Draft]) -> None:
    """An append by another process: committed, and unknown to this one's cache."""
    before = store._cache.copy()
    store.append(drafts)
    store._cache.clear()
    store._cache.update(before)


def note(stream: str, text: str = "calm", **envelope: object) -> Draft:
    return said(Note(text=text), stream, **envelope)


def mistaken(entry: Entry, body: object = None, reason: str | None = "misread") -> Draft:
    """A correction of `entry`; without a body, its retraction."""
    draft = said(body or EnteredInError(), entry.stream, reason=reason)  # type: ignore[arg-type]
    return draft.correcting(entry)


@law
@given(order=st.permutations(range(5)), again=st.lists(st.integers(0, 4), max_size=5))
def test_any_arrival_order_and_any_retries_give_the_same_chart(
    db: None, order: list[int], again: list[int]
) -> None:
    stream = f"chart:{uuid4()}"
    drafts = [note(stream, f"note {n}", at=NOW + timedelta(minutes=n // 2), counter=n % 2) for n in range(5)]
    for n in [*order, *again]:
        store.append([drafts[n]])
    assert [e.body for e in anew(stream).standing()] == [d.body for d in drafts]


@law
@given(done=st.lists(st.sampled_from(["here", "elsewhere", "load", "forget", "correct"]), max_size=12))
def test_a_cached_load_is_a_cold_load_whatever_happened_between(own_database: None, done: list[str]) -> None:
    stream = f"chart:{uuid4()}"
    for what in done:
        latest = store.load(stream).standing()[-1:] if what == "correct" else []
        if what == "forget":
            store.forget()
        elif what == "elsewhere":
            elsewhere([note(stream)])
        elif what != "load":
            store.append([mistaken(e, Note(text="sad")) for e in latest] or [note(stream)])
    warm = store.load(stream)
    assert warm == anew(stream)


@law
@given(done=st.lists(steps, max_size=6))
def test_a_projection_says_what_the_fold_says(db: None, done: list[Step]) -> None:
    stream = f"chart:{uuid4()}"
    for step in done:
        found = store.load(stream).last(Patient)
        body = Patient(family=f"Testperson {step.value}", given=step.author)
        if found is None or step.act == "new":
            store.append([said(body, stream)])
        else:
            store.append([mistaken(found[0], body if step.act == "correct" else None)])
    wanted = patients(anew(stream))
    stored = PatientIndex.objects.filter(stream=stream).values(*wanted[0]) if wanted else []
    assert list(stored) == wanted
    assert verify().ok


def test_a_retry_is_answered_with_the_stored_entry(db: None) -> None:
    draft = note("chart:a")
    first, again = store.append([draft]), store.append([draft])
    assert first == again
    assert len(store.load("chart:a")) == 1


def test_a_known_id_with_other_content_is_a_conflict_and_nothing_is_written(db: None) -> None:
    draft = note("chart:a")
    (stored,) = store.append([draft])
    other = msgspec.structs.replace(draft, body=Note(text="another"))
    with pytest.raises(Conflict) as conflict:
        store.append([note("chart:a"), other])
    assert (conflict.value.stored, conflict.value.given) == (stored, other)
    assert len(anew("chart:a")) == 1


def test_all_of_an_append_is_written_or_none(db: None) -> None:
    too_late = said(Note(text="tomorrow"), "chart:b", at=datetime.now(UTC) + timedelta(days=1))
    with pytest.raises(Refused, match="in the future"):
        store.append([note("chart:a"), too_late])
    assert store.streams() == []


def test_an_implausible_value_names_itself_and_is_not_written(db: None) -> None:
    with pytest.raises(BadInput, match="systolic is not above diastolic"):
        store.append([said(Vitals(sbp_mmhg=90, dbp_mmhg=140), "chart:a")])
    assert store.streams() == []


def test_an_entry_queued_offline_is_never_refused_for_its_time_but_put_right_and_marked(db: None) -> None:
    fast = datetime.now(UTC) + timedelta(minutes=10)
    (entry,) = store.append([note("chart:a", at=fast, device_at=fast, offset_s=-600, queued=True)])
    assert abs((entry.at - datetime.now(UTC)).total_seconds()) < 5
    assert entry.clock == "device clock off by 600 s"


def test_a_correction_names_the_latest_of_its_line(db: None) -> None:
    (first,) = store.append([note("chart:a")])
    (second,) = store.append([mistaken(first, Note(text="sad"))])
    with pytest.raises(Refused, match=str(second.id)):
        store.append([mistaken(first, Note(text="angry"))])
    assert store.load("chart:a").line(first.id) == (first, second)


@pytest.mark.parametrize(
    ("body", "reason", "said_why"),
    [
        (Vitals(sbp_mmhg=120, dbp_mmhg=80), "wrong", "keeps its kind"),
        (Note(text="sad"), None, "needs its reason"),
    ],
)
def test_a_correction_keeps_its_kind_and_has_a_reason(
    db: None, body: object, reason: str | None, said_why: str
) -> None:
    (first,) = store.append([note("chart:a")])
    with pytest.raises(BadInput, match=said_why):
        store.append([mistaken(first, body, reason)])


def test_a_retraction_takes_an_entry_back_once(db: None) -> None:
    (first,) = store.append([note("chart:a")])
    (gone,) = store.append([mistaken(first)])
    assert store.load("chart:a").standing() == []
    with pytest.raises(Refused, match="already marked"):
        store.append([mistaken(gone)])


def test_what_does_not_exist_cannot_be_corrected(db: None) -> None:
    draft = msgspec.structs.replace(note("chart:a"), corrects=uuid4(), reason="why")
    with pytest.raises(Refused, match="not in this record"):
        store.append([draft])


def test_what_follows_sign_off_is_an_addendum(db: None) -> None:
    session = uuid4()
    store.append([note("chart:a", session=session)])
    store.append([said(SessionSigned(printed_name="A. Testnurse", known={}), "chart:a", session=session)])
    (late,) = store.append([note("chart:a", "she called later", session=session)])
    assert store.load("chart:a").addenda(session) == [late]


def test_the_chart_as_it_was_known_then_can_be_read_again(db: None) -> None:
    (first,) = store.append([note("chart:a")])
    then = store.load("chart:a")
    store.append([mistaken(first, Note(text="sad")), note("chart:a")])
    assert anew("chart:a").as_of(then.seq) == then


def test_a_guard_reads_the_charts_it_asked_for_and_may_refuse(db: None) -> None:
    store.append([note("clinic:main")])

    def guard(charts: store.Charts) -> None:
        assert {name: chart.seq for name, chart in charts.items()} == {"chart:a": 0, "clinic:main": 1}
        raise Refused

    with pytest.raises(Refused):
        store.append([note("chart:a")], guard, also_lock=["clinic:main"])
    assert store.streams() == ["clinic:main"]


def test_a_record_of_a_newer_version_can_be_read_but_not_written(db: None) -> None:
    (known,) = store.append([note("chart:a")])
    _store_a_kind_of_tomorrow(known)
    chart = anew("chart:a")
    assert [e.body.tag for e in chart.unreadable] == ["hologram.3"]
    assert [body for _, body in chart.said(Note)] == [known.body]
    with pytest.raises(Refused, match=r"hologram\.3.*update Lowtide"):
        store.append([note("chart:a")])
    assert verify().ok


def _store_a_kind_of_tomorrow(after: Entry) -> None:
    """What a later version of Lowtide would have appended."""
    now = datetime.now(UTC)
    entry, row = store._seal(note("chart:a"), rows.heads(["chart:a"])["chart:a"], now)
    payload = b'{"body":{"kind":"hologram.3","depth":4}}'
    envelope = row.envelope.replace(b"note.1", b"hologram.3").replace(
        entry.body_digest.encode(), store.body_digest(row.salt or b"", payload).encode()
    )
    changed = msgspec.structs.replace(
        row, kind="hologram.3", envelope=envelope, payload=payload, hash=envelope_hash(envelope)
    )
    rows.lock(["chart:a"])
    rows.insert([changed])
    rows.move_head("chart:a", rows.Head(2, changed.hash, store.instant(now)))


def test_entries_and_streams_are_found_by_name(db: None, new_patient: Callable[..., UUID]) -> None:
    patient = new_patient()
    (entry,) = store.append([note("clinic:main")])
    assert store.find(entry.id) == entry
    assert store.find(uuid4()) is None
    assert store.streams("chart:") == [f"chart:{patient}"]


def test_a_projection_that_says_something_else_is_found_by_verify_and_mended_by_rebuild(
    db: None, new_patient: Callable[..., UUID]
) -> None:
    from lowtide.record.verify import rebuild

    new_patient()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_patientindex SET family = 'Somebody else'")
    failure = verify().first_failure
    assert failure is not None
    assert failure.what == "projection people.patients differs from its fold"
    rebuild()
    assert verify().ok
