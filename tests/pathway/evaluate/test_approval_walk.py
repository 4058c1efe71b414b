"""The walk of a clinical lead through the numbers that no source backs, and what becomes of the marks."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.test import Client

from lowtide.data import dosing, monitoring, protocols, rules, schedules
from lowtide.pathway.course.approved import (
    approvals,
    as_approved,
    dosing_in_force,
    due_key,
    field_key,
    item_key,
    monitored,
    open_fields,
    settled_due,
)
from lowtide.pathway.evaluate.ruling.adopted import own_numbers, policy_in_force
from lowtide.pathway.evaluate.ruling.walk import Row, stops, totals
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.clinic import NumberApproved, NumberChanged, NumberPostponed, PolicyAdopted
from tests.conftest import CLINIC, said

SignIn = Callable[..., Client]
WEIGHT = "weight_max_age_days"


def here() -> Chart:
    return store.load(CLINIC)


def rows() -> dict[str, Row]:
    return {row.line.key: row for stop in stops(here()) for row in stop.rows}


def pick(key: str) -> str:
    return told(rows()[key])


def told(row: Row) -> str:
    return msgspec.json.encode([row.line.key, row.line.value, row.seen]).decode()


def sign(client: Client, choice: str, *picks: str, step: str = "gates", **more: Any) -> Any:
    given = {"entry_id": str(uuid4()), "choice": choice, "pick": list(picks), **more}
    return client.post(f"/rules/walk/{step}/sign", given)


def lead(sign_in: SignIn) -> Client:
    return sign_in("prescriber", clinical_lead=True)


def bodies(kind: type) -> list[Any]:
    return [body for _, body in here().said(kind)]


# -- the walk --------------------------------------------------------------------------------------------------


@pytest.mark.hazard("H030")
def test_every_unverified_number_of_the_tables_stands_in_one_step(clinic: Any) -> None:
    found = [row.line.key for stop in stops(store.load(CLINIC)) for row in stop.rows]
    assert len(found) == len(set(found))
    wanted = {name for name, t in rules.thresholds().items() if not t.verified}
    wanted |= {f"rule:{r.id}" for r in rules.rules().values() if not r.verified}
    wanted |= {
        f"interaction:{i.id}" for i in rules.interactions().values() if not i.verified or i.unverified_fields
    }
    wanted |= {f"dosing:{name}" for name, n in dosing.numbers().items() if not n.verified}
    wanted |= {item_key(i)[0] for i in monitoring.items().values() if not i.verified or i.unverified}
    wanted |= {due_key(r)[0] for r in schedules.rules().values() if not r.verified}
    wanted |= {f"limit:{name}" for name, t in schedules.thresholds().items() if not t.verified}
    wanted |= {field_key(p, f)[0] for p in protocols.protocols().values() for f in open_fields(p)}
    assert wanted <= set(found)


def test_accepting_signs_one_entry_with_name_and_meaning(sign_in: SignIn) -> None:
    assert sign(lead(sign_in), "accept", pick(WEIGHT)).status_code == 302
    (body,) = bodies(NumberApproved)
    assert (body.number, body.value, body.printed_name) == (WEIGHT, "30", "Test Prescriber")
    assert "I answer for it" in body.meaning
    assert body.told == "weight current for 30 days"


def test_a_group_is_accepted_in_one_press_with_an_entry_for_each(sign_in: SignIn) -> None:
    keys = [row.line.key for stop in stops(here()) if stop.step.id == "dosing" for row in stop.rows]
    sign(lead(sign_in), "accept", *map(pick, keys), step="dosing")
    assert sorted(body.number for body in bodies(NumberApproved)) == sorted(keys)


def test_a_second_press_says_nothing_twice(sign_in: SignIn) -> None:
    client, chosen, form = lead(sign_in), pick(WEIGHT), str(uuid4())
    for _ in range(2):
        answer = client.post(
            "/rules/walk/gates/sign", {"entry_id": form, "choice": "accept", "pick": [chosen]}
        )
        assert answer.status_code == 302
    assert len(bodies(NumberApproved)) == 1


def test_an_own_value_rules_from_now_on_and_names_its_reason(sign_in: SignIn) -> None:
    sign(lead(sign_in), "change", pick(WEIGHT), own="14", reason="weights drift")
    assert policy_in_force(here()).numbers()[WEIGHT].value == 14
    ((entry, body),) = here().said(NumberChanged)
    assert (body.was, body.value, entry.reason) == ("30", "14", "weights drift")
    assert rows()[WEIGHT].state == "settled"


def test_changing_one_number_leaves_the_other_own_values(sign_in: SignIn) -> None:
    client = lead(sign_in)
    sign(client, "change", pick(WEIGHT), own="14", reason="weights drift")
    sign(client, "change", pick("weight_change_limit_pct"), own="5", reason="and more so")
    assert own_numbers(here()) == {WEIGHT: "14", "weight_change_limit_pct": "5"}


def test_adopting_a_policy_keeps_the_own_values_it_takes_over(sign_in: SignIn) -> None:
    client = sign_in("medical_director")
    sign(client, "change", pick(WEIGHT), own="14", reason="weights drift")
    client.post("/rules/policy", {"entry_id": str(uuid4()), "policy": "strict", "reason": "board"})
    assert policy_in_force(here()).name == "strict"
    assert own_numbers(here()) == {WEIGHT: "14"}


@pytest.mark.hazard("H030")
@pytest.mark.parametrize("own", ["300", "-1", "nan", "about two weeks", ""])
def test_a_value_that_cannot_be_meant_is_refused_with_its_range(own: str, sign_in: SignIn) -> None:
    answer = sign(lead(sign_in), "change", pick(WEIGHT), own=own, reason="why not")
    assert answer.status_code == 422
    assert "between 0 and 90 days" in answer.content.decode()
    assert bodies(NumberChanged) == []


@pytest.mark.parametrize("choice", ["change", "postpone"])
def test_a_change_and_a_delay_need_a_reason(choice: str, sign_in: SignIn) -> None:
    answer = sign(lead(sign_in), choice, pick(WEIGHT), own="14")
    assert answer.status_code == 422
    assert "A reason is needed" in answer.content.decode()


def test_a_typed_value_is_never_lost_to_the_accept_button(sign_in: SignIn) -> None:
    answer = sign(lead(sign_in), "accept", pick(WEIGHT), own="14", reason="weights drift")
    assert "Press Change to set it" in answer.content.decode()
    assert bodies(NumberApproved) == []


def test_a_rule_can_be_accepted_and_not_changed_here(sign_in: SignIn) -> None:
    answer = sign(lead(sign_in), "change", pick("rule:C057"), own="14", reason="why not")
    assert "cannot be changed here" in answer.content.decode()


def test_what_is_postponed_stays_unapproved_and_comes_last(sign_in: SignIn) -> None:
    client = lead(sign_in)
    sign(client, "postpone", pick(WEIGHT), reason="ask the dietician")
    assert len(bodies(NumberPostponed)) == 1
    assert rows()[WEIGHT].state == "postponed"
    assert (WEIGHT, "30") not in approvals(here())
    html = client.get("/rules/walk/gates").content.decode()
    assert html.index("weight_change_limit_pct") < html.index(f'id="{WEIGHT}"')


@pytest.mark.hazard("H030")
@pytest.mark.parametrize("second", ["accept", "change", "postpone"])
def test_two_leads_at_once_do_not_overwrite_each_other(second: str, sign_in: SignIn) -> None:
    seen = pick(WEIGHT)
    sign(lead(sign_in), "change", seen, own="14", reason="weights drift")
    typed = {"own": "7"} if second == "change" else {}
    answer = sign(lead(sign_in), second, seen, **typed, reason="no, less")
    assert answer.status_code == 422
    assert "is another one than the page showed" in answer.content.decode()
    assert own_numbers(here()) == {WEIGHT: "14"}


def test_what_a_colleague_has_just_accepted_is_not_changed_unseen(sign_in: SignIn) -> None:
    seen = pick(WEIGHT)
    sign(lead(sign_in), "accept", seen)
    answer = sign(lead(sign_in), "change", seen, own="7", reason="less")
    assert "somebody has signed" in answer.content.decode().lower()


def test_a_policy_that_moved_meanwhile_is_not_adopted_over(sign_in: SignIn) -> None:
    client = sign_in("medical_director")
    sign(client, "change", pick(WEIGHT), own="14", reason="weights drift")
    said_ = {"entry_id": str(uuid4()), "policy": "strict", "reason": "board", "seen": ""}
    assert client.post("/rules/policy", said_).status_code == 422
    assert bodies(PolicyAdopted) == []


def test_the_walk_leads_from_step_to_step_until_nothing_waits(sign_in: SignIn) -> None:
    client, visited = lead(sign_in), []
    while (stop := next((s for s in stops(here()) if s.open), None)) and len(visited) < 20:
        visited.append(stop.step.id)
        assert client.get(f"/rules/walk/{stop.step.id}").status_code == 200
        for group in stop.groups("open"):
            sign(client, "accept", *map(told, group.rows), step=stop.step.id)
    assert totals(stops(here()))["open"] == 0
    assert "Every number is answered for" in client.get("/rules/walk/").content.decode()
    assert "Numbers to approve" not in client.get("/today").content.decode()


def test_the_worklist_sends_the_lead_to_the_walk_and_nobody_else(sign_in: SignIn) -> None:
    assert "Numbers to approve" in lead(sign_in).get("/today").content.decode()
    assert "Numbers to approve" not in sign_in("prescriber").get("/today").content.decode()


# -- what an approval does ----------------------------------------------------------------------------------------


def approve(*keys: tuple[str, str]) -> Chart:
    now = datetime.now(UTC)
    store.append([said(NumberApproved(number=k, value=v), CLINIC, by="staff:x", at=now) for k, v in keys])
    return here()


@pytest.mark.hazard("H030")
def test_a_number_that_a_later_version_changes_is_unapproved_again(clinic: Any) -> None:
    item = monitoring.items()["M13"]
    approved = approvals(approve(item_key(item)))
    assert monitored(approved)["M13"].verified
    changed = msgspec.structs.replace(item, level="inform")
    assert item_key(changed) not in approved


def test_a_protocol_is_marked_for_what_is_left(clinic: Any) -> None:
    p05 = protocols.protocols()["P05"]
    approved = approvals(approve(field_key(p05, "max_mg"), field_key(p05, "observation_min")))
    assert as_approved(p05, approved).unverified == ("dose_basis", "min_interval_h", "max_mg_per_kg")


def test_a_due_time_loses_its_mark(clinic: Any) -> None:
    rule = schedules.rules()["plan"]
    assert rule.rule_id not in settled_due(approvals(store.load(CLINIC)))
    assert rule.rule_id in settled_due(approvals(approve(due_key(rule))))


def test_an_own_dosing_number_gates_the_order(sign_in: SignIn) -> None:
    key = "dosing:order_weight_max_age_days"
    sign(lead(sign_in), "change", pick(key), step="dosing", own="7", reason="stable weights")
    limits = dosing_in_force(here())
    assert limits.order_weight_max_age_days == 7
    assert "order_weight_max_age_days" not in limits.unverified
    assert "review_weight_kg" in limits.unverified


def test_the_policy_page_shows_conflicts_side_by_side_and_its_history(sign_in: SignIn) -> None:
    client = sign_in("medical_director")
    sign(client, "change", pick(WEIGHT), own="14", reason="weights drift")
    sign(client, "change", pick(WEIGHT), own="21", reason="too strict")
    html = client.get("/rules/policy").content.decode()
    assert html.index("sbp_gate_older_mmhg") < html.index("strict policy")
    for words in ("weights drift", "too strict", "replaced since", "Test Medical director"):
        assert words in html


def test_the_command_says_who_approved_what(sign_in: SignIn) -> None:
    from lowtide.site.commands.rules import tables

    sign(lead(sign_in), "accept", pick(WEIGHT))
    row = next(t for t in tables(here())["thresholds"] if t["name"] == WEIGHT)
    assert (row["approved"], row["approved_by"]) == (True, "Test Prescriber")
    assert datetime.fromisoformat(row["approved_at"]).tzinfo
