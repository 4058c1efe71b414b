"""Registering: a number each, look-alikes asked about first, and a form sent twice is one patient."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from lowtide.people.models import IdentifierIndex, PatientIndex
from lowtide.people.patients import actions
from lowtide.people.patients.search import look_alikes, reviewed
from lowtide.people.projections import number_of
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.problems import Conflict, Refused
from lowtide.record import store
from lowtide.record.entries.identity import Identifier, NotLinked, Patient

DESK = Person("staff:desk", "Desk", ("front_desk",), permissions(("front_desk",)))
NOW = datetime.now(UTC)


def fill(**said: object) -> dict[str, object]:
    return {
        "entry_id": str(uuid4()),
        "patient_id": str(uuid4()),
        "family": "Testperson",
        "given": "Ada",
        "birth_date": "17 May 1980",
        "sex": "female",
        **said,
    }


def register(client: Client, form: dict[str, object]) -> HttpResponse:
    return client.post("/patients/new", form)  # type: ignore[return-value]


def patients() -> list[Patient]:
    return [found[1] for s in store.streams("chart:") if (found := store.load(s).last(Patient))]


def test_a_patient_is_registered_with_the_next_number(db: None, sign_in: Callable[..., Client]) -> None:
    client = sign_in("front_desk")
    register(client, fill(family="Okafor", birth_date="", value_0="A1", system_0="insurer"))
    answer = register(client, fill(family="Brandt", birth_date="1983"))
    assert answer.status_code == 302
    assert sorted(number_of(p) for p in patients()) == ["LT-0001", "LT-0002"]
    okafor = next(p for p in patients() if p.family == "Okafor")
    assert okafor.birth_date is None
    assert okafor.identifiers == (Identifier("lowtide", "LT-0001"), Identifier("insurer", "A1"))


def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_is_kept(
    db: None, sign_in: Callable[..., Client]
) -> None:
    answer = register(sign_in("front_desk"), fill(birth_date="3/4/1983", phone="0151 99"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "3 Apr 1983 or 4 Mar 1983?" in page
    assert "0151 99" in page
    assert patients() == []


@pytest.mark.hazard("H025")
def test_a_birth_date_in_the_future_is_refused(db: None, sign_in: Callable[..., Client]) -> None:
    assert "lies in the future" in register(sign_in("nurse"), fill(birth_date="1.1.2999")).content.decode()


@pytest.mark.hazard("H002")
def test_a_look_alike_is_shown_before_anything_is_saved(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    other = new_patient("Halvorsen", "Ines", "1983-03-14")
    form = fill(family="Halvorson", given="Inez", birth_date="15 Mar 1983")
    client = sign_in("front_desk")
    answer = register(client, form)
    assert answer.status_code == 422
    assert "Somebody like this has a chart already" in answer.content.decode()
    assert f"/patients/{other}/who" in answer.content.decode()
    assert len(patients()) == 1
    assert register(client, {**form, "others": [f"chart:{other}"]}).status_code == 302
    assert len(patients()) == 2


@pytest.mark.hazard("H002")
def test_that_it_is_another_person_is_recorded_in_both_charts(new_patient: Callable[..., UUID]) -> None:
    other = f"chart:{new_patient('Halvorsen', 'Ines', '1983-03-14')}"
    patient = Patient(family="Halvorsen", given="Ingrid", birth_date="1983-03-15")
    entry = actions.register(DESK, uuid4(), uuid4(), patient, now=NOW, others=[other])
    assert reviewed(store.load(entry.stream)) == {other}
    assert reviewed(store.load(other)) == {entry.stream}
    (alike,) = look_alikes(patient, store.load(entry.stream))
    assert alike.reviewed
    assert store.load(other).said(NotLinked)[0][0].by == DESK.by


def test_the_rule_holds_under_the_lock_too(new_patient: Callable[..., UUID]) -> None:
    new_patient("Halvorsen", "Ines", "1983-03-14")
    patient = Patient(family="Halvorsen", given="Ingrid", birth_date="1983-03-15")
    with pytest.raises(Refused, match="may be the same person"):
        actions.register(DESK, uuid4(), uuid4(), patient, now=NOW)


def test_a_form_sent_twice_is_one_patient(db: None, sign_in: Callable[..., Client]) -> None:
    client, form = sign_in("front_desk"), fill()
    assert register(client, form)["Location"] == register(client, form)["Location"]
    assert len(patients()) == 1


def test_the_same_form_with_other_content_is_a_conflict(db: None) -> None:
    patient_id, entry_id = uuid4(), uuid4()
    actions.register(DESK, patient_id, entry_id, Patient(family="Okafor"), now=NOW)
    with pytest.raises(Conflict):
        actions.register(DESK, patient_id, entry_id, Patient(family="Brandt"), now=NOW)


def test_nobody_is_registered_into_somebody_elses_chart(new_patient: Callable[..., UUID]) -> None:
    taken = new_patient()
    with pytest.raises(Refused, match="already somebody"):
        actions.register(DESK, taken, uuid4(), Patient(family="Brandt", given="Zoe"), now=NOW)


def test_a_number_is_never_given_again(db: None) -> None:
    first = actions.register(DESK, uuid4(), uuid4(), Patient(family="Okafor"), now=NOW)
    bare = Patient(family="Okafor", given="Emeka")
    actions.correct_identity(DESK, UUID(first.stream[6:]), uuid4(), first.id, bare, "given name", now=NOW)
    assert number_of(store.load(first.stream).last(Patient)[1]) == "LT-0001"  # type: ignore[index]
    second = actions.register(DESK, uuid4(), uuid4(), Patient(family="Brandt"), now=NOW)
    assert number_of(second.body) == "LT-0002"


def test_registrations_at_once_leave_no_gap_and_no_double(own_database: None) -> None:
    names = ["Okafor", "Brandt", "Castellano", "Dvorak", "Eriksen", "Fontaine"]
    faults: list[BaseException] = []

    def one(name: str) -> None:
        try:
            actions.register(DESK, uuid4(), uuid4(), Patient(family=name), now=NOW)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    numbers = IdentifierIndex.objects.filter(system="lowtide").values_list("value", flat=True)
    assert sorted(numbers) == [f"LT-{n:04d}" for n in range(1, len(names) + 1)]


def test_a_correction_keeps_the_old_name_readable_and_findable_by_the_new(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient, client = new_patient("Halvorsen", "Ines"), sign_in("front_desk")
    page = client.get(f"/patients/{patient}/who/correct")
    form = page.context["form"]
    said = {
        **fill(family="Halvorsson", given="Ines", reason="misspelt"),
        "corrects": form["corrects"].value(),
    }
    assert client.post(f"/patients/{patient}/who/correct", said).status_code == 302
    line = store.load(f"chart:{patient}").line(UUID(str(form["corrects"].value())))
    assert [e.body.family for e in line] == ["Halvorsen", "Halvorsson"]
    assert line[-1].reason == "misspelt"
    assert PatientIndex.objects.get(stream=f"chart:{patient}").family == "Halvorsson"


def test_correcting_what_somebody_else_just_corrected_is_refused(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient, client = new_patient("Halvorsen", "Ines"), sign_in("front_desk")
    seen = client.get(f"/patients/{patient}/who/correct").context["form"]["corrects"].value()
    for family, status in (("Halvorsson", 302), ("Halvorsonn", 422)):
        answer = client.post(
            f"/patients/{patient}/who/correct", {**fill(family=family, reason="misspelt"), "corrects": seen}
        )
        assert answer.status_code == status
    assert "already corrected" in answer.content.decode()
