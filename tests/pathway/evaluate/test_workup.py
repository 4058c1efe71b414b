"""The work-up: each test with its own owner and limit, due again before a session it would be too old for."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.template import Context, Template
from django.test import Client

from lowtide.data import intake, rules, workup
from lowtide.data.policies import policy
from lowtide.pathway.course.due import DueItem, due
from lowtide.pathway.course.state import fold
from lowtide.pathway.evaluate.facts import Answer as Fact
from lowtide.pathway.evaluate.facts import Requested, gather, medicine
from lowtide.pathway.evaluate.workup.state import Line, State, lines
from lowtide.record import store
from lowtide.record.entries import history
from lowtide.record.entries.base import Answer, Entry
from tests.pathway.course.story import Story

NewPatient = Callable[..., UUID]
SignIn = Callable[..., Client]
ON = date(2026, 11, 20)
TRD = Requested("trd", "racemic_ketamine", "iv")


def state_of(key: str, requested: Requested = TRD, **answers: Fact) -> Line:
    given = {name.replace("__", "."): answer for name, answer in answers.items()}
    found = lines(gather(answers=given), requested, policy("default"), ON)
    return next(line for line in found if line.test.key == key)


def due_tests(story: Story) -> dict[str, DueItem]:
    chart = story.chart
    found = due(chart, fold(chart))
    return {i.task.name.removeprefix("workup_"): i for i in found if i.task.name.startswith("workup_")}


def test_every_test_names_an_item_and_a_rule_and_the_rule_s_own_list_is_covered() -> None:
    table = workup.tests().values()
    assert all(test.item in intake.items() and test.rule in rules.rules() for test in table)
    assert {f"workup.{word}" for word in rules.words("required_workup")} <= {test.item for test in table}


def test_every_test_counts_for_a_time_that_the_table_or_the_policy_names() -> None:
    assert all(bool(t.limit) != bool(t.max_age_days) for t in workup.tests().values())


@pytest.mark.parametrize(("age", "state"), [(365, State.DONE), (366, State.OLD)])
def test_a_test_counts_up_to_its_limit_and_no_day_longer(age: int, state: State) -> None:
    line = state_of("ecg", workup__ecg=Fact(True, age))
    assert (line.state, line.until) == (state, ON + timedelta(days=365 - age))


def test_what_stands_behind_a_limit_that_nobody_answers_for_is_never_called_read_in_its_source(
    clinic: Entry,
) -> None:
    row = next(
        t.limit for t in workup.tests().values() if t.limit and not rules.thresholds()[t.limit].verified
    )
    told = Template("{% load backing %}{% backing row quiet=True %}").render(Context({"row": row}))
    assert "nobody here has approved it" in told
    assert "read in its source" not in told
    assert "unver" not in told.split("popovertarget")[0]


def test_what_nobody_recorded_or_somebody_denied_is_missing() -> None:
    assert state_of("ecg").state is State.MISSING
    assert state_of("ecg", workup__ecg=Fact(False, 1)).state is State.MISSING


def test_a_test_of_which_nobody_knows_the_day_does_not_count_as_current() -> None:
    assert state_of("ecg", workup__ecg=Fact(True)).state is State.OLD


@pytest.mark.hazard("H034")
def test_a_pregnancy_test_is_asked_for_only_with_childbearing_potential_and_unknown_is_not_no() -> None:
    yes, no = Fact(True), Fact(False)
    assert state_of("pregnancy", childbearing_potential=no).state is State.NOT_NEEDED
    assert state_of("pregnancy").asks == ("childbearing_potential",)
    assert state_of("pregnancy", childbearing_potential=yes).state is State.MISSING
    eight_days = Fact("negative", 8)
    assert state_of("pregnancy", childbearing_potential=yes, hcg_result=eight_days).state is State.OLD


def test_tsh_and_moca_are_asked_for_when_indicated() -> None:
    assert state_of("moca", age_years=Fact(76)).state is State.MISSING
    facts = gather(medicines=[medicine("levothyroxine")], complete={"medicines", "problems"})
    found = lines(facts, TRD, policy("default"), ON)
    assert {line.test.key: line.state for line in found}["tsh"] is State.MISSING


def test_a_nasal_device_needs_no_weight() -> None:
    assert state_of("weight", Requested("trd", "esketamine_nasal", "in")).state is State.NOT_NEEDED


def test_each_test_is_due_on_its_own_with_its_own_owner() -> None:
    found = due_tests(Story())
    assert {"ecg", "lft", "renal", "urinalysis", "uds", "cssrs", "pdmp", "weight"} <= found.keys()
    assert (found["ecg"].rule.owner, found["pdmp"].rule.owner) == ("nurse", "prescriber")
    assert found["ecg"].rule.rule_id == "DUE-WORKUP-ECG"
    assert len({item.key for item in found.values()}) == len(found)


def planned() -> Story:
    return Story().took_history().decided().after(hours=1).planned((0,))


def test_what_is_recorded_is_not_due_and_the_rest_is_due_before_the_session() -> None:
    story = planned()
    story.say(history.Result(label="ECG", test="ecg"))
    story.say(history.HistoryItem(item="workup.lft", answer=Answer.NOT_KNOWN))
    found = due_tests(story)
    assert "ecg" not in found
    assert found["lft"].due_at == story.first_at


def test_a_result_that_will_be_too_old_on_the_day_of_the_session_is_due_a_week_before() -> None:
    story = planned()
    taken = (story.first_at - timedelta(days=92)).date().isoformat()
    story.say(history.Result(label="Liver panel", test="lft", dated=taken))
    item = due_tests(story)["lft"]
    assert (item.opens_at, item.due_at) == (story.first_at - timedelta(days=7), story.first_at)
    fresh = planned()
    taken = (fresh.first_at - timedelta(days=91)).date().isoformat()
    fresh.say(history.Result(label="Liver panel", test="lft", dated=taken))
    assert "lft" not in due_tests(fresh)


def test_nothing_is_asked_for_the_sake_of_a_treatment_that_was_refused() -> None:
    assert not due_tests(Story().took_history().decided("not_eligible"))


@pytest.mark.parametrize(
    ("key", "sent", "item", "kind"),
    [
        ("ecg", {"value": "sinus rhythm", "abnormal": "no"}, "workup.ecg", "result"),
        ("pdmp", {}, "pdmp_checked", "history_item"),
        ("weight", {"value": "73.2"}, "weight_kg", "measurement"),
        ("pregnancy", {"value": "negative"}, "hcg_result", "history_item"),
    ],
)
def test_a_test_is_recorded_where_it_is_asked_for(
    key: str, sent: dict[str, str], item: str, kind: str, new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient, nurse = new_patient(), sign_in("nurse")
    form = {"entry_id": str(uuid4()), "on": datetime.now(UTC).date().isoformat(), **sent}
    url = f"/patients/{patient}/workup/{key}"
    assert [nurse.post(url, form).status_code for _ in range(2)] == [302, 302]
    (entry,) = [e for e in store.load(f"chart:{patient}").entries.values() if e.kind.startswith(kind)]
    page = nurse.get(f"/patients/{patient}/workup").content.decode()
    assert "Done" in page if key != "pregnancy" else "Open" in page
    assert entry.by == "staff:nurse" or entry.by.startswith("staff:")


def test_a_weight_that_nobody_can_have_is_refused_beside_its_field(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient = new_patient()
    form = {"entry_id": str(uuid4()), "on": "2026", "value": str(Decimal(9000))}
    refused = sign_in("nurse").post(f"/patients/{patient}/workup/weight", form)
    assert refused.status_code == 422
    assert "outside what is possible" in refused.content.decode()
