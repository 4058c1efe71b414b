"""Two charts of one person are read as one, by a named reviewer, and parted again."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.people.charts import linked, whole_chart
from lowtide.people.patients import actions
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.problems import Refused
from lowtide.record import access_log, store
from lowtide.record.entries.history import Diagnosis, ProblemStatus
from lowtide.record.entries.identity import Linked, Unlinked
from tests.conftest import said

REVIEWER = Person("staff:reviewer", "Reviewer", ("prescriber",), permissions(("prescriber",)))
NOW = datetime.now(UTC)
UROPATHY = Diagnosis(label="ketamine-associated uropathy", status=ProblemStatus.PAST, keys=("uropathy",))


@pytest.fixture
def two(new_patient: Callable[..., UUID]) -> tuple[UUID, UUID]:
    one = new_patient("Halvorsen", "Ines", "1983-03-14")
    other = new_patient("Halvorson", "Ines", "1983-03-14")
    store.append([said(UROPATHY, f"chart:{other}")])
    return one, other


def problems(patient: UUID) -> list[str]:
    return [body.label for _, body in whole_chart(f"chart:{patient}").said(Diagnosis)]


@pytest.mark.hazard("H002")
def test_joining_brings_a_prior_uropathy_into_what_rules_see(two: tuple[UUID, UUID]) -> None:
    one, other = two
    assert problems(one) == []
    actions.link(REVIEWER, one, other, uuid4(), "same insurer number", now=NOW)
    assert problems(one) == ["ketamine-associated uropathy"]
    assert problems(other) == problems(one)


@pytest.mark.hazard("H002")
def test_parting_takes_it_back_and_moves_nothing(two: tuple[UUID, UUID]) -> None:
    one, other = two
    before = len(store.load(f"chart:{other}"))
    actions.link(REVIEWER, one, other, uuid4(), "same insurer number", now=NOW)
    actions.unlink(REVIEWER, one, other, uuid4(), "different photo", now=NOW)
    assert problems(one) == []
    assert problems(other) == ["ketamine-associated uropathy"]
    assert len(store.load(f"chart:{other}")) == before + 2


def test_the_word_stands_in_both_charts_with_reviewer_and_reason(two: tuple[UUID, UUID]) -> None:
    one, other = two
    actions.link(REVIEWER, one, other, uuid4(), "same insurer number", now=NOW)
    for here, there in ((one, other), (other, one)):
        entry, body = store.load(f"chart:{here}").said(Linked)[0]
        assert (body.other, entry.by, entry.reason) == (
            f"chart:{there}",
            "staff:reviewer",
            "same insurer number",
        )


def test_three_charts_joined_in_a_row_are_one_person(new_patient: Callable[..., UUID]) -> None:
    a, b, c = (new_patient(f"Halvorsen{n}") for n in range(3))
    actions.link(REVIEWER, a, b, uuid4(), "same", now=NOW)
    actions.link(REVIEWER, b, c, uuid4(), "same", now=NOW)
    assert set(linked(f"chart:{a}")) == {f"chart:{p}" for p in (a, b, c)}


def test_joining_twice_and_parting_what_is_not_joined_are_refused(two: tuple[UUID, UUID]) -> None:
    one, other = two
    with pytest.raises(Refused, match="not joined"):
        actions.unlink(REVIEWER, one, other, uuid4(), "?", now=NOW)
    actions.link(REVIEWER, one, other, uuid4(), "same", now=NOW)
    with pytest.raises(Refused, match="joined already"):
        actions.link(REVIEWER, other, one, uuid4(), "same", now=NOW)


def test_a_form_sent_twice_joins_once(two: tuple[UUID, UUID]) -> None:
    one, other = two
    entry_id = uuid4()
    first = actions.link(REVIEWER, one, other, entry_id, "same", now=NOW)
    assert actions.link(REVIEWER, one, other, entry_id, "same", now=datetime.now(UTC)) == first


def test_the_page_joins_and_parts(two: tuple[UUID, UUID], sign_in: Callable[..., Client]) -> None:
    one, other = two
    client = sign_in("prescriber")
    page = client.get(f"/patients/{one}/same-person").content.decode()
    assert "the family name sounds the same and the birth date is the same" in page.lower()
    form = {"entry_id": str(uuid4()), "other": str(other), "reason": "same insurer number"}
    assert client.post(f"/patients/{one}/same-person/link", form).status_code == 302
    assert "Part these charts" in client.get(f"/patients/{one}/same-person").content.decode()
    assert "also charted as" in client.get(f"/patients/{one}/record").content.decode()
    form |= {"entry_id": str(uuid4())}
    assert client.post(f"/patients/{one}/same-person/unlink", form).status_code == 302
    assert store.load(f"chart:{other}").said(Unlinked)


def test_a_join_without_a_reason_is_refused_with_the_page(
    two: tuple[UUID, UUID], sign_in: Callable[..., Client]
) -> None:
    form = {"entry_id": str(uuid4()), "other": str(two[1]), "reason": " "}
    answer = sign_in("prescriber").post(f"/patients/{two[0]}/same-person/link", form)
    assert answer.status_code == 422
    assert "Nothing was recorded" in answer.content.decode()


def test_the_front_desk_may_tell_apart_but_not_join(
    two: tuple[UUID, UUID], sign_in: Callable[..., Client]
) -> None:
    one, other = two
    desk = sign_in("front_desk")
    form = {"entry_id": str(uuid4()), "other": str(other), "reason": "two people at the desk"}
    assert desk.post(f"/patients/{one}/same-person/link", form).status_code == 403
    assert desk.post(f"/patients/{one}/same-person/another", form).status_code == 302
    assert "Not to be confused with" in desk.get(f"/patients/{one}/who").content.decode()


def test_reading_joined_charts_is_logged_for_each(
    two: tuple[UUID, UUID], sign_in: Callable[..., Client]
) -> None:
    one, other = two
    actions.link(REVIEWER, one, other, uuid4(), "same", now=NOW)
    sign_in("nurse").get(f"/patients/{one}/record")
    assert access_log.recent(stream=f"chart:{other}")[0].action == f"GET /patients/{one}/record"
