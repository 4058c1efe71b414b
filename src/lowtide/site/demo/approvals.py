"""The demonstration's clinical lead has begun to answer for the numbers that no source backs, and has not finished."""

from datetime import datetime, timedelta
from uuid import uuid5

from lowtide.data.policies import policies
from lowtide.pathway.course.approved import own_values
from lowtide.pathway.evaluate.everybody import keeping, running
from lowtide.pathway.evaluate.ruling import actions
from lowtide.pathway.evaluate.ruling.actions import Pick, Signing
from lowtide.pathway.evaluate.ruling.walk import Row, stops
from lowtide.people.clinic import CLINIC
from lowtide.people.roles import permissions
from lowtide.people.who import Person
from lowtide.record import store
from lowtide.record.entries.base import Draft
from lowtide.record.entries.clinic import PolicyAdopted
from lowtide.site.demo.staff import NAMESPACE, PEOPLE

ANSWERED = ("person", "heart", "discharge")
STRICTER = {"sbp_gate_mmhg": "130"}
OWN, PUT_OFF = ("weight_max_age_days", "14"), "osa_bmi_limit"
AT_THE_CHAIR = ("monitoring:M13", "170", "monitoring:M13/trigger/when/0/0/at_least")
OBSERVED = ("protocol:P05:observation_min", "90")


def answer_for_numbers(now: datetime) -> None:
    """Three steps accepted, three numbers changed, one put off: every state of the walk can be seen."""
    who, when = _director(), now - timedelta(days=20)
    rows = {row.line.key: row for stop in stops(store.load(CLINIC)) for row in stop.rows}
    for stop in stops(store.load(CLINIC)):
        if stop.step.id in ANSWERED:
            signing = _signing(who, when, stop.step.id, "Discussed with the team; as other clinics do.")
            actions.accept(signing, [_pick(row) for row in stop.rows])
    changing = _signing(who, when, "own", "Weights drift quickly in our patients.")
    actions.change(changing, _pick(rows[OWN[0]]), OWN[1])
    chair = _signing(who, when, "chair", "We call the prescriber a little sooner.")
    actions.change(chair, _pick(rows[AT_THE_CHAIR[0]]), *AT_THE_CHAIR[1:])
    observed = _signing(
        who, when, "observed", "Nobody of ours needed longer, and leaving has its own conditions."
    )
    actions.change(observed, _pick(rows[OBSERVED[0]]), OBSERVED[1])
    postponing = _signing(who, when, "later", "Waiting for the sleep clinic’s advice.")
    actions.postpone(postponing, _pick(rows[PUT_OFF]))


def go_stricter(now: datetime) -> None:
    """Since yesterday the clinic asks for a lower pressure: whose outcome moved can be seen at once."""
    clinic = store.load(CLINIC)
    own = {name: value for name, (value, _) in own_values(clinic).items() if ":" not in name}
    body = PolicyAdopted(policy="default", version=policies()["default"].version, overrides=own | STRICTER)
    draft = Draft(
        id=uuid5(NAMESPACE, "approvals:stricter"),
        stream=CLINIC,
        body=body,
        by=_director().by,
        at=now - timedelta(hours=20),
        reason="After a pressure over 200 in October we begin lower.",
    )
    store.append([draft], now=now)
    what, people = running.basis(now), keeping.everybody()
    keeping.bring_up_to_date(people, what)


def _director() -> Person:
    login, name, role, lead = next(one for one in PEOPLE if one[2] == "medical_director")
    by = f"staff:{uuid5(NAMESPACE, login)}"
    return Person(by, name, (role,), permissions((role,), clinical_lead=lead), lead)


def _signing(who: Person, when: datetime, what: str, reason: str) -> Signing:
    return Signing(person=who, entry_id=uuid5(NAMESPACE, f"approvals:{what}"), now=when, reason=reason)


def _pick(row: Row) -> Pick:
    return Pick(row.line.key, row.line.value, row.seen)
