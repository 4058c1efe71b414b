"""The evaluation and the decision: reasons first, nothing chosen, and no decision on facts that moved unseen."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lowtide.data.rules import thresholds, version
from lowtide.data.sources import told
from lowtide.pathway.evaluate.models import KeptEvaluation
from lowtide.record import store
from lowtide.record.entries.base import Answer, Body
from lowtide.record.entries.care import CandidacyDecided
from lowtide.record.entries.chair import Note
from lowtide.record.entries.clinic import NumberApproved, PolicyAdopted
from lowtide.record.entries.history import HistoryItem, Medicine, ProblemStatus
from lowtide.record.entries.identity import Linked
from tests.conftest import CLINIC, said
from tests.pathway.evaluate.charts import whole_history

NewPatient = Callable[..., UUID]
SignIn = Callable[..., Client]
TRD = "indication=trd&product=racemic_ketamine&route=iv"
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def treatable(new_patient: NewPatient) -> UUID:
    """A patient whose history leaves nothing open and speaks for treatment."""
    patient = new_patient()
    hcg = HistoryItem(
        item="hcg_result", answer=Answer.YES, value="negative", date=YESTERDAY.date().isoformat()
    )
    history = whole_history(hcg_result=hcg)
    tell(patient, *(e.body for e in history if e.body.kind_name() != "patient"), days=2)
    return patient


def tell(patient: UUID, *bodies: Body, days: int = 1) -> None:
    at = datetime.now(UTC) - timedelta(days=days)
    store.append([said(body, f"chart:{patient}", at=at) for body in bodies])


def item(name: str, answer: Answer, value: str | None = None) -> HistoryItem:
    return HistoryItem(item=name, answer=answer, value=value)


LETTER = {"o-C010": "Cleared for treatment.", "w-C010": "Dr Neuro", "d-C010": "14 Mar 2026"}
TIA = item("dx.tia", Answer.YES, "past")


def page(client: Client, patient: UUID, query: str = TRD) -> str:
    return client.get(f"/patients/{patient}/evaluate?{query}").content.decode()


def form_of(html: str) -> dict[str, str]:
    """The hidden fields of the decision, as a browser sends them."""
    names = ("entry_id", "seen", "suggested")
    found = {n: re.search(rf'name="{n}" value="([^"]*)"', html) for n in names}
    return {n: m[1].replace("&quot;", '"') for n, m in found.items() if m}


def decide(client: Client, patient: UUID, form: dict[str, str], **said_: str) -> Any:
    given = {"decision": "eligible", "reason": "Two adequate trials, nothing against.", **form, **said_}
    return client.post(f"/patients/{patient}/evaluate/decide?{TRD}", given)


def decisions(patient: UUID) -> list[CandidacyDecided]:
    return [body for _, body in store.load(f"chart:{patient}").said(CandidacyDecided)]


# -- the page ---------------------------------------------------------------------------------------------------


def test_nothing_is_asked_for_until_somebody_chose(new_patient: NewPatient, sign_in: SignIn) -> None:
    html = page(sign_in("prescriber"), new_patient(), "")
    assert "Choose what is asked for" in html
    assert not re.findall(r"<option[^>]*value=\"(?:trd|iv|racemic_ketamine)\"[^>]* selected", html)


def test_a_word_that_is_no_choice_is_not_guessed_at(new_patient: NewPatient, sign_in: SignIn) -> None:
    html = page(sign_in("prescriber"), new_patient(), "indication=gout&product=racemic_ketamine&route=iv")
    assert "Choose what is asked for" in html


def test_a_blank_chart_is_deferred_and_says_where_each_answer_is_given(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient = new_patient()
    html = page(sign_in("prescriber"), patient)
    assert "Defer, for now" in html
    assert f'href="/patients/{patient}/history#q-dx.psychosis"' in html
    assert "counts as a reason to wait, never as “no”" in html


def test_a_finding_shows_its_rule_its_value_and_its_age(treatable: UUID, sign_in: SignIn) -> None:
    tell(treatable, TIA)
    html = page(sign_in("prescriber"), treatable)
    assert "transient ischaemic attack: past" in html
    assert "history, yesterday" in html
    assert 'href="/rules/#C010"' in html


def test_a_finding_opens_to_its_condition_its_inputs_its_sources_and_who_may_set_it_aside(
    treatable: UUID, sign_in: SignIn
) -> None:
    tell(treatable, TIA)
    html = page(sign_in("prescriber"), treatable)
    opened = html[html.index('id="f-C010"') :].split("</details>")[0]
    assert "dx_ever(&#x27;ischaemic_stroke&#x27;, &#x27;tia&#x27;)" in opened
    assert "What the neurologist&#x27;s letter says" in opened
    assert 'href="https://' in opened


def test_the_same_facts_stand_under_three_policies(treatable: UUID, sign_in: SignIn) -> None:
    tell(treatable, TIA)
    html = page(sign_in("prescriber"), treatable)
    marked = re.findall(r'class="at at--(\w+)"', html)
    assert marked == ["hold", "stop", "hold"]
    assert "C010 not eligible" in html


@pytest.mark.hazard("H033")
def test_a_grave_interaction_stands_in_full_before_twenty_minor_ones(
    treatable: UUID, sign_in: SignIn
) -> None:
    names = (
        "sertraline fluoxetine lorazepam quetiapine lithium lamotrigine metoprolol amlodipine ramipril atorvastatin"
        " omeprazole metformin levothyroxine ibuprofen paracetamol clonidine prazosin bupropion mirtazapine phenelzine"
    )
    tell(treatable, *(Medicine(name=n, status=ProblemStatus.ACTIVE) for n in names.split()))
    html = page(sign_in("prescriber"), treatable)
    listed = html[html.index('id="i"') :]
    assert listed.index("phenelzine") < listed.index("moderate or minor")
    assert re.search(r"moderate or minor.*sertraline", listed, re.S)


@pytest.mark.hazard("H032")
def test_a_medicine_nobody_recognises_is_a_reason_to_wait_on_the_page(
    treatable: UUID, sign_in: SignIn
) -> None:
    tell(treatable, Medicine(name="Tranquilon", status=ProblemStatus.ACTIVE))
    html = page(sign_in("prescriber"), treatable)
    assert "Tranquilon is not recognised" in html
    assert "Defer, for now" in html


@pytest.mark.hazard("H026")
def test_a_suicide_risk_answer_stands_on_top_whatever_is_asked_for(
    new_patient: NewPatient, sign_in: SignIn
) -> None:
    patient = new_patient()
    tell(patient, item("cssrs_q4", Answer.YES))
    for query in ("", TRD):
        html = page(sign_in("nurse"), patient, query)
        assert html.index("Act now: suicide risk") < html.index("What is asked for")
        assert "555 0100" in html


def test_who_may_not_decide_reads_the_findings_and_finds_no_form(treatable: UUID, sign_in: SignIn) -> None:
    for role in ("nurse", "therapist"):
        client = sign_in(role)
        html = page(client, treatable)
        assert "Findings" in html
        assert "Record decision" not in html
        assert decide(client, treatable, form_of(page(sign_in("prescriber"), treatable))).status_code == 403


@pytest.mark.parametrize("role", ["front_desk", "researcher", "administrator"])
def test_who_may_not_see_a_chart_sees_no_evaluation(role: str, treatable: UUID, sign_in: SignIn) -> None:
    assert sign_in(role).get(f"/patients/{treatable}/evaluate?{TRD}").status_code == 403


# -- the decision -----------------------------------------------------------------------------------------------


@pytest.mark.hazard("H031")
def test_no_decision_is_chosen_for_the_prescriber_and_none_goes_without_a_reason(
    treatable: UUID, sign_in: SignIn
) -> None:
    prescriber = sign_in("prescriber")
    html = page(prescriber, treatable)
    assert not re.findall(r"<input[^>]*name=\"decision\"[^>]* checked", html)
    for missing in ({"decision": ""}, {"reason": ""}, {"reason": "   "}):
        assert decide(prescriber, treatable, form_of(html), **missing).status_code == 422
    assert decisions(treatable) == []


@pytest.mark.hazard("H030")
def test_a_decision_keeps_what_it_was_made_on(treatable: UUID, sign_in: SignIn) -> None:
    tell(treatable, TIA)
    prescriber = sign_in("prescriber")
    known = store.load(f"chart:{treatable}").seq
    decide(prescriber, treatable, form_of(page(prescriber, treatable)), decision="conditional", **LETTER)
    (body,) = decisions(treatable)
    assert (body.decision, body.suggested, body.policy, body.rules_version) == (
        "conditional",
        "defer",
        "default 1",
        version(),
    )
    assert {f.rule_id: f.decision for f in body.findings}["C010"] == "defer"
    assert (body.known, body.missing) == ({f"chart:{treatable}": known}, ())
    html = page(prescriber, treatable)
    assert "the rules suggested “Defer, for now”" in html
    assert "nothing has moved since" in html


def test_the_last_request_is_remembered(treatable: UUID, sign_in: SignIn) -> None:
    prescriber = sign_in("prescriber")
    decide(prescriber, treatable, form_of(page(prescriber, treatable)))
    assert re.search(r'value="trd" selected', page(prescriber, treatable, ""))


def test_a_decision_sent_twice_is_one(treatable: UUID, sign_in: SignIn) -> None:
    prescriber = sign_in("prescriber")
    form = form_of(page(prescriber, treatable))
    assert [decide(prescriber, treatable, form).status_code for _ in range(2)] == [302, 302]
    assert len(decisions(treatable)) == 1


@pytest.mark.hazard("H031")
def test_facts_that_moved_while_the_page_was_open_are_shown_before_anything_is_recorded(
    treatable: UUID, sign_in: SignIn
) -> None:
    prescriber = sign_in("prescriber")
    form = form_of(page(prescriber, treatable))
    tell(treatable, TIA)
    refused = decide(prescriber, treatable, form, reason="Typed before the news")
    html = refused.content.decode()
    assert (refused.status_code, decisions(treatable)) == (409, [])
    assert "the record moved while this page was open" in html
    assert "dx.tia: yes, past" in html
    assert "Typed before the news" in html
    assert decide(prescriber, treatable, form_of(html), decision="defer").status_code == 302


def test_a_fact_that_changes_nothing_is_shown_all_the_same(treatable: UUID, sign_in: SignIn) -> None:
    prescriber = sign_in("prescriber")
    form = form_of(page(prescriber, treatable))
    tell(treatable, item("gad7", Answer.YES, "9"))
    assert decide(prescriber, treatable, form).status_code == 409


def test_a_note_written_meanwhile_holds_nobody_up(treatable: UUID, sign_in: SignIn) -> None:
    prescriber = sign_in("prescriber")
    form = form_of(page(prescriber, treatable))
    tell(treatable, Note(text="called the sister", topic="progress"))
    assert decide(prescriber, treatable, form).status_code == 302


def test_two_prescribers_at_once_the_second_sees_the_first(treatable: UUID, sign_in: SignIn) -> None:
    one, other = sign_in("prescriber"), sign_in("medical_director")
    form = form_of(page(other, treatable))
    decide(one, treatable, form_of(page(one, treatable)))
    refused = decide(other, treatable, form, decision="defer")
    assert refused.status_code == 409
    assert "racemic ketamine, intravenous" in refused.content.decode()
    assert len(decisions(treatable)) == 1


def test_a_chart_joined_meanwhile_is_looked_at_first(
    treatable: UUID, new_patient: NewPatient, sign_in: SignIn
) -> None:
    prescriber, other = sign_in("prescriber"), new_patient("Otherperson")
    form = form_of(page(prescriber, treatable))
    pair = ((treatable, other), (other, treatable))
    store.append([said(Linked(other=f"chart:{b}"), f"chart:{a}", reason="same person") for a, b in pair])
    assert decide(prescriber, treatable, form).status_code in (409, 422)
    assert decisions(treatable) == []


def test_a_policy_adopted_meanwhile_is_looked_at_first(treatable: UUID, sign_in: SignIn) -> None:
    prescriber = sign_in("prescriber")
    form = form_of(page(prescriber, treatable))
    store.append([said(PolicyAdopted(policy="strict", version="1"), CLINIC)])
    assert decide(prescriber, treatable, form).status_code == 422
    assert decisions(treatable) == []


def test_a_page_says_when_the_standing_decision_would_now_be_another(
    treatable: UUID, sign_in: SignIn
) -> None:
    prescriber = sign_in("prescriber")
    decide(prescriber, treatable, form_of(page(prescriber, treatable)))
    tell(treatable, TIA)
    html = page(prescriber, treatable)
    assert "rests on older facts" in html
    assert "now they suggest “Defer, for now”" in html
    assert "C010" in html[html.index("New:") : html.index("New:") + 60]


# -- policies and approvals -------------------------------------------------------------------------------------


def test_the_policy_the_clinic_adopted_is_the_one_in_force(treatable: UUID, sign_in: SignIn) -> None:
    tell(treatable, TIA)
    store.append([said(PolicyAdopted(policy="strict", version="1"), CLINIC)])
    html = page(sign_in("prescriber"), treatable)
    assert "Not eligible</h2>" in html
    assert "adopted by" in html


def test_a_number_of_the_clinics_own_decides_and_names_the_entry_that_set_it(
    treatable: UUID, sign_in: SignIn
) -> None:
    adopted = PolicyAdopted(policy="default", version="1", overrides={"trials_required": "3"})
    (entry,) = store.append([said(adopted, CLINIC)])
    html = page(sign_in("prescriber"), treatable)
    assert "Not eligible</h2>" in html
    assert f"own numbers of entry {entry.seq}" in html


def test_an_unverified_number_is_marked_until_the_clinical_lead_approves_it(
    treatable: UUID, sign_in: SignIn
) -> None:
    tell(treatable, item("alt_x_uln", Answer.YES, "4"))
    prescriber = sign_in("prescriber")
    marked = f"3 x ULN, {told(thresholds()['liver_enzyme_limit_x_uln'].sources)}, unverified"
    assert marked in page(prescriber, treatable)
    approve(NumberApproved(number="liver_enzyme_limit_x_uln", value="5"))
    assert marked in page(prescriber, treatable)  # another value was approved
    approve(NumberApproved(number="liver_enzyme_limit_x_uln", value="3"))
    html = page(prescriber, treatable)
    assert marked not in html
    assert marked.replace("unverified", "approved by staff:lead on") in html


def approve(body: NumberApproved) -> None:
    store.append([said(body, CLINIC, by="staff:lead")])


# -- kept evaluations, and what a page costs --------------------------------------------------------------------


def test_an_evaluation_is_kept_until_the_record_moves(treatable: UUID, sign_in: SignIn) -> None:
    prescriber = sign_in("prescriber")
    page(prescriber, treatable)
    first = {row.key: row.known for row in KeptEvaluation.objects.all()}
    page(prescriber, treatable)
    assert {row.key: row.known for row in KeptEvaluation.objects.all()} == first
    tell(treatable, TIA)
    page(prescriber, treatable)
    rows = {row.key: row for row in KeptEvaluation.objects.all()}
    assert rows.keys() == first.keys()
    assert {row.decision for row in rows.values()} == {"defer", "not_eligible"}
    assert all(
        json.loads(row.known) == {f"chart:{treatable}": store.load(f"chart:{treatable}").seq}
        for row in rows.values()
    )


def test_the_page_asks_the_database_little(treatable: UUID, sign_in: SignIn) -> None:
    prescriber = sign_in("prescriber")
    page(prescriber, treatable)
    with CaptureQueriesContext(connection) as asked:
        page(prescriber, treatable)
    assert len(asked) <= 12, "\n".join(q["sql"][:150] for q in asked.captured_queries)
