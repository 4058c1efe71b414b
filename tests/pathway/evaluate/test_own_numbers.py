"""A clinic's own number is read by every step of care that uses it, can be taken back, and never by halves."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lowtide.data import (
    chair,
    consent,
    monitoring,
    opening,
    protocols,
    schedules,
    titration,
    trials,
    workup,
)
from lowtide.data.own import Own
from lowtide.pathway.course import refolding
from lowtide.pathway.course.approved import approvals, item_key
from lowtide.pathway.course.in_force import in_force, laid
from lowtide.pathway.course.models import DueRow
from lowtide.pathway.evaluate.ruling import actions
from lowtide.pathway.evaluate.ruling.actions import Pick, Signing
from lowtide.pathway.evaluate.ruling.adopted import policy_in_force
from lowtide.pathway.evaluate.ruling.walk import Row, stops
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.problems import BadInput, Refused
from lowtide.record import store, verify
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry
from lowtide.record.entries.clinic import NumberApproved, NumberChanged
from tests.conftest import CLINIC

SignIn = Callable[..., Client]
LEAD = Person(
    "staff:lead", "Dr Ada Voss", ("prescriber",), permissions(("prescriber",), clinical_lead=True), True
)
M13 = "monitoring:M13"
SYSTOLIC = "monitoring:M13/trigger/when/0/0/at_least"


def here() -> Chart:
    return store.load(CLINIC)


def rows() -> dict[str, Row]:
    return {row.line.key: row for stop in stops(here()) for row in stop.rows}


def signing(reason: str = "our own experience") -> Signing:
    return Signing(person=LEAD, entry_id=uuid4(), now=datetime.now(UTC), reason=reason)


def pick(key: str) -> Pick:
    row = rows()[key]
    return Pick(row.line.key, row.line.value, row.seen)


def change(key: str, value: str, which: str = "") -> Entry:
    return actions.change(signing(), pick(key), value, which)[0]


@contextmanager
def in_this_clinic() -> Iterator[None]:
    with laid(here()):
        yield


# -- every table ---------------------------------------------------------------------------------------------------


def read_back(key: str) -> Any:
    """The number as the step of care that uses it reads it."""
    return {
        "chair:late_after_min": lambda: chair.numbers().late_after_min,
        "due:RISK-URGENT": lambda: schedules.rules()["risk_urgent"].hours,
        "limit:drift_points": lambda: schedules.thresholds()["drift_points"].value,
        "protocol:P05:max_mg": lambda: protocols.protocols()["P05"].max_mg,
        "protocol:P05:observation_min": lambda: protocols.protocols()["P05"].observation_min,
        "protocol:P05:min_interval_h": lambda: protocols.protocols()["P05"].min_interval_h,
        "workup:ecg": lambda: workup.tests()["ecg"].max_age_days,
        "workup:lead_days": lambda: workup.times().lead_days,
        "minimum_dose:antidepressant|citalopram": lambda: trials.minimum_doses()["antidepressant", "citalopram"].mg_day,
        "trial:ect": lambda: trials.tables().kind["ect"].min_sessions,
        "trial:response": lambda: trials.tables().response_from_pct.value,
        "tolerability:nausea_0_10": lambda: titration.bearing().limits[1].at_least,
        "consent:max_age": lambda: consent.max_age().value,
        "booking:step_min": lambda: opening.defaults().step_min,
    }[key]()  # fmt: skip


@pytest.mark.hazard("H030")
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("chair:late_after_min", "3"),
        ("due:RISK-URGENT", "2"),
        ("limit:drift_points", "4"),
        ("protocol:P05:max_mg", "60"),
        ("protocol:P05:observation_min", "90"),
        ("protocol:P05:min_interval_h", "72"),
        ("workup:ecg", "180"),
        ("workup:lead_days", "10"),
        ("minimum_dose:antidepressant|citalopram", "30"),
        ("trial:ect", "8"),
        ("trial:response", "40"),
        ("tolerability:nausea_0_10", "6"),
        ("consent:max_age", "3"),
        ("booking:step_min", "10"),
    ],
)
def test_an_own_number_is_what_its_step_of_care_reads(key: str, value: str, clinic: Any) -> None:
    before = read_back(key)
    change(key, value)
    with in_this_clinic():
        assert read_back(key) == Decimal(value)
    assert read_back(key) == before
    assert rows()[key].state == "settled"


@pytest.mark.hazard("H030")
def test_a_threshold_at_the_chair_is_told_by_its_own_number(clinic: Any) -> None:
    change(M13, "170", SYSTOLIC)
    with in_this_clinic():
        item = monitoring.items()["M13"]
        assert item.trigger_text == "systolic from 170 or diastolic from 110, 2 times 5 min apart"
        assert item.verified
    assert "180/110" in monitoring.items()["M13"].trigger_text


def test_whoever_changes_one_number_answers_for_the_row_as_it_then_stands(clinic: Any) -> None:
    change(M13, "170", SYSTOLIC)
    assert rows()[M13].state == "settled"
    change(M13, "100", "monitoring:M13/trigger/when/1/0/at_least")
    assert rows()[M13].state == "settled"
    ((_, first), (_, second)) = here().said(NumberChanged)
    assert (first.row, second.row) == (M13, M13)
    assert first.stands != second.stands


@pytest.mark.hazard("H010")
def test_a_protocol_with_an_own_number_is_another_version(clinic: Any) -> None:
    before = protocols.version("P05")
    change("protocol:P05:max_mg", "60")
    with in_this_clinic():
        assert protocols.version("P05") != before
        assert protocols.version("P07") == protocols.version("P07")


@pytest.mark.hazard("H030")
@pytest.mark.parametrize(
    ("key", "value", "which", "words"),
    [
        (M13, "18", SYSTOLIC, "between 90 and 240 mmHg"),
        (M13, "170", "", "Choose the one"),
        ("due:RISK-URGENT", "1.5", "", "whole number"),
        ("protocol:P05:max_mg", "7500", "", "between 5 and 300 mg"),
        ("workup:ecg", "about a year", "", "days"),
        ("monitoring:M12", "185", "monitoring:M12/trigger/when/0/0/at_least", "at once"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_half_saved(
    key: str, value: str, which: str, words: str, clinic: Any
) -> None:
    with pytest.raises(BadInput, match=words):
        change(key, value, which)
    assert here().said(NumberChanged) == []


@pytest.mark.hazard("H030")
def test_a_later_version_of_a_changed_row_is_unapproved_again(clinic: Any) -> None:
    change(M13, "170", SYSTOLIC)
    with in_this_clinic():
        item = monitoring.items()["M13"]
    assert item_key(item) in approvals(here())
    assert item_key(msgspec.structs.replace(item, level="inform")) not in approvals(here())


# -- what was folded -------------------------------------------------------------------------------------------------


@pytest.mark.hazard("H015")
def test_what_is_due_follows_a_changed_time_and_back(clinic: Any, new_patient: Callable[..., UUID]) -> None:
    new_patient()
    before = DueRow.objects.get(rule_id="DUE-HISTORY").due_at
    entry = change("due:DUE-HISTORY", "48")
    moved = DueRow.objects.get(rule_id="DUE-HISTORY")
    assert moved.due_at < before
    assert "2 days" in moved.rule_text
    assert not refolding.is_needed()
    actions.take_back(signing("typed by mistake"), entry.id)
    assert DueRow.objects.get(rule_id="DUE-HISTORY").due_at == before


def test_a_chart_written_after_the_change_is_folded_with_it(
    clinic: Any, new_patient: Callable[..., UUID]
) -> None:
    change("due:DUE-HISTORY", "48")
    new_patient()
    assert "2 days" in DueRow.objects.get(rule_id="DUE-HISTORY").rule_text
    assert verify.verify().ok


def test_an_evaluation_is_stale_once_what_it_rests_on_was_changed(clinic: Any) -> None:
    before = policy_in_force(here()).version
    change("minimum_dose:antidepressant|citalopram", "30")
    assert policy_in_force(here()).version != before


# -- taking back, two at once, who may ---------------------------------------------------------------------------------


def test_taking_back_an_approval_marks_the_number_again(clinic: Any) -> None:
    (entry,) = actions.accept(signing(), [pick("chair:early_min")])
    actions.take_back(signing("not yet discussed"), entry.id)
    assert rows()["chair:early_min"].state == "open"
    assert here().said(NumberApproved) == []


def test_only_the_last_word_on_a_number_is_taken_back(clinic: Any) -> None:
    first = change("chair:early_min", "4")
    change("chair:early_min", "2")
    with pytest.raises(Refused, match="signed this number meanwhile"):
        actions.take_back(signing(), first.id)


def test_taking_back_twice_says_it_once(clinic: Any) -> None:
    entry, again = change("chair:early_min", "4"), signing("slip")
    assert actions.take_back(again, entry.id) == actions.take_back(again, entry.id)


def test_a_tab_that_showed_another_number_of_the_row_is_refused(clinic: Any) -> None:
    seen = pick(M13)
    change(M13, "170", SYSTOLIC)
    with pytest.raises(Refused, match="another one than the page showed"):
        actions.change(signing(), seen, "100", "monitoring:M13/trigger/when/1/0/at_least")


@pytest.mark.parametrize("role", ["nurse", "prescriber", "front_desk"])
def test_whoever_may_not_approve_is_refused_and_nothing_is_written(role: str, sign_in: SignIn) -> None:
    client, entry = sign_in(role), change("chair:early_min", "4")
    told = {"entry_id": str(uuid4()), "word": str(entry.id), "reason": "why not"}
    assert client.post("/rules/walk/session/take-back", told).status_code == 403
    assert client.get("/rules/walk/session").status_code == 403
    assert len(here().said(NumberChanged)) == 1


def test_the_name_under_an_approval_outlives_its_staff(sign_in: SignIn) -> None:
    actions.accept(
        signing(), [pick("chair:early_min")]
    )  # by somebody whose entry is not in this clinic any more
    assert "approved by Dr Ada Voss" in sign_in("nurse").get("/rules/?q=early_min").content.decode()


def test_a_long_step_is_searched_and_says_what_one_press_will_do(sign_in: SignIn) -> None:
    client = sign_in("prescriber", clinical_lead=True)
    whole = client.get("/rules/walk/ledger").content.decode()
    assert "signed entries in your name" in whole
    html = client.get("/rules/walk/ledger?q=citalopram").content.decode()
    assert html.count('class="rule walk-row"') == 2  # citalopram and escitalopram
    assert "Nothing here names that" in client.get("/rules/walk/ledger?q=zebra").content.decode()


# -- laws ----------------------------------------------------------------------------------------------------------

KEYS = ("chair:early_min", "protocol:P05:max_mg", "workup:ecg")
VALUES = {"chair:early_min": ("2", "4"), "protocol:P05:max_mg": ("60", "90"), "workup:ecg": ("180", "200")}
steps = st.lists(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(["accept", "0", "1", "postpone", "take back"])),
    max_size=7,
)


def effective() -> tuple[dict[str, str], frozenset[str]]:
    """What rules in this clinic: own values, and which of the numbers carry no mark."""
    found: Own = in_force(here())
    return dict(found.values), found.settled & frozenset(KEYS)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    store.forget()


def do(key: str, what: str) -> None:
    if what == "accept":
        actions.accept(signing(), [pick(key)])
    elif what == "postpone":
        actions.postpone(signing(), pick(key))
    elif what == "take back":
        if seen := pick(key).seen:
            actions.take_back(signing(), UUID(seen))
    elif rows()[key].line.parts[0].value != VALUES[key][int(what)]:
        change(key, VALUES[key][int(what)])


def expected(said: Sequence[tuple[str, str]]) -> tuple[dict[str, str], frozenset[str]]:
    """The last word on each number, told without the record: a stack of words for each."""
    words: dict[str, list[str]] = {key: [] for key in KEYS}
    for key, what in said:
        values = [w for w in words[key] if w in "01"]
        if what == "take back":
            words[key] = words[key][:-1]
        elif not (what in "01" and values and values[-1] == what):
            words[key].append(what)
    own_ = {key: VALUES[key][int(v[-1])] for key, ws in words.items() if (v := [w for w in ws if w in "01"])}
    accepted = {key for key, ws in words.items() if "accept" in ws and key not in own_}
    return own_, frozenset({*own_, *accepted})


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=steps)
def test_the_last_word_on_each_number_rules(clinic: Any, said: list[tuple[str, str]]) -> None:
    with undone():
        for key, what in said:
            do(key, what)
        values, settled = effective()
        wanted, answered = expected(said)
        assert values == wanted
        assert settled == answered


def test_the_order_of_words_on_different_numbers_does_not_matter(clinic: Any) -> None:
    said = [("chair:early_min", "1"), ("protocol:P05:max_mg", "accept"), ("workup:ecg", "0")]
    found = []
    for order in permutations(said):
        with undone():
            for key, what in order:
                do(key, what)
            found.append(effective())
    assert all(one == found[0] for one in found)
