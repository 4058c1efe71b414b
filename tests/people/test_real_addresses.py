"""Every address with ids that are real: a running session, a booked one, an order, results, a form that calls for a clinician.

What names nothing is tried in `test_every_address`; here each role opens what is there, is refused what its role does not
include, and finds no link or button on its pages that would be refused.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from lowtide.data.instruments import version
from lowtide.documents import pdf
from lowtide.pathway.session.rules.label_code import code
from lowtide.people.models import Tablet
from lowtide.people.roles import ROLES, Permission
from lowtide.record import store
from lowtide.record.entries import care as care_bodies
from lowtide.record.entries.authorising import AuthorisationAsked
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.chair import Discharged, Note
from lowtide.record.entries.clinic import FhirResource, Staff
from lowtide.record.entries.consent import Consent
from lowtide.record.entries.events import AdverseEvent, EmergencyOpened, RescueGiven
from lowtide.record.entries.goals import GoalSet
from lowtide.record.entries.history import Diagnosis, Medicine, ProblemStatus, Result, TreatmentTrial
from lowtide.record.entries.longrun import ContainerPrepared
from lowtide.record.entries.referral import Referral
from lowtide.record.entries.safe import SafeOpened
from lowtide.record.entries.therapy import TherapyNote
from lowtide.safe.actions import session as safe_session
from lowtide.safe.actions import stock
from tests.conftest import CLINIC, said
from tests.pathway.session.conftest import Care, register
from tests.pathway.session.test_pages import clinic_zone
from tests.people.test_every_address import OURS, Address
from tests.people.walking import SECRET, Step, Walks, refused_from, walk
from tests.safe.conftest import KEY, Bench

__all__ = ["clinic_zone"]  # where it is noon: a session that runs now lies within one day
OWN_UPLOAD = ("exchange:preview", "exchange:done", "exchange:leave")
"""Named by a token that only its own upload has: tests/exchange/test_pages.py."""
CHANGES_AN_ENTRY = ("people:correct_entry", "people:retract_entry", "people:move_entry")
"""Open to all who may write something; an entry that somebody else changes is not found there."""
NEEDS_HIDDEN_WORDS = (
    *("evaluate:decide", "evaluate:review_results", "evaluate:save_section", "evaluate:whole_list"),
    *("portal:questions", "portal:goals"),
)
"""Their pages send what they are about, or an id; a form without it is about nothing."""
OF_THE_EVIDENCE: dict[str, dict[str, Any]] = {
    "site:evidence_study": {"key": "Fava2018"},
    "site:evidence_review": {"key": "DEAN-SAL-RESP"},
    "site:evidence_indication": {"name": "trd"},
}
OF_A_CONSENT = ("consent_copy", "consent_copied", "consent_withdraw", "consent_confirmed", "withdraw_consent")
OF_A_PATIENT = (
    *("session", "later", "entry", "about", "form", "resource"),
    *("consent", "event", "left", "run", "rescue", "chosen"),
)
Ids = dict[str, Any]


def _result(care: Care) -> Entry:
    return care.write(Result(label="ALT", test="alt", value=Decimal(41), unit="U/L"), -300)


def _answers(care: Care) -> Entry:
    items = dict.fromkeys(map(str, range(1, 9)), 1) | {"9": 2}
    body = care_bodies.Answers(
        instrument="PHQ9", version=version("PHQ9"), items=items, mode="tablet", complete=True
    )
    return care.write(body, -200)


def _resource(care: Care) -> Entry:
    body = FhirResource(resource_type="Basic", resource_id="1", system="elsewhere", json="{}", kept_because="it is not read")  # fmt: skip
    return care.write(body, -400)


def _told_apart(care: Care) -> Entry:
    """What only a therapist may read, said in the session itself, as a note and as its preparation."""
    care.write(
        TherapyNote(stage="before", topic="therapy", said={"intention": SECRET}),
        -20,
        session=care.session,
        visible_to=("therapist",),
    )
    return care.write(Note(text=SECRET, topic="therapy"), 3, session=care.session, visible_to=("therapist",))


def _went_wrong(care: Care) -> Ids:
    """A serious event with a report to send, and somebody who left against advice long ago."""
    event = AdverseEvent(
        term="headache", grade=3, serious=Answer.YES, criteria=("hospital",), reports=("bfarm",)
    )
    left = Discharged(criteria=(), against_advice=True)
    given = RescueGiven(
        medicine="oxygen", dose=Decimal(2), unit="L/min", route="inh", ordered_by="Petra Scribe"
    )
    return {
        "event": care.write(event, 2, session=care.session).id,
        "left": care.write(left, -5_000, session=uuid4()).id,
        "report": "bfarm",
        "run": care.write(EmergencyOpened(checklist="vomiting", version="1"), 2.2, session=care.session).id,
        "tick": "side",
        "medicine": "ondansetron",
        "rescue": care.write(given, 2.4, session=care.session).id,
        "stage": "before",
    }


def _treated(family: str, chairs: tuple[str, str]) -> Ids:
    """A patient in the chair since ten minutes, with another session booked and everything else an address may name."""
    care = register(datetime.now(UTC) - timedelta(minutes=10), family=family)
    form, resource, _ = _answers(care), _resource(care), _result(care)
    trial = care.write(TreatmentTrial(agent="sertraline"), -250)
    problem = care.write(Diagnosis(label="Zxqw disease", status=ProblemStatus.ACTIVE), -250)
    care.write(Medicine(name="lorazepam", status=ProblemStatus.ACTIVE), -250)
    later = care.another()
    later.book(-50, number=2, planned_at=care.start + timedelta(days=3), chair=chairs[1])
    care.book(chair=chairs[0])
    care.weigh()
    care.order()
    care.measure(-8)
    care.time_out(-5, chair=chairs[0])
    care.check()
    care.begin()
    (high,) = care.measure(5, sbp_mmhg=190, dbp_mmhg=100)
    _told_apart(care)
    chosen = care.write(care_bodies.NextSessionDecided(choice="next"), 4, reason="as proposed")
    asked = AuthorisationAsked(payer="Harbour Mutual", product="racemic_ketamine")
    agreed = care.chart.last(Consent)
    assert agreed
    return (
        _stocked(care)
        | _went_wrong(care)
        | {
            "patient": care.patient,
            "session": care.session,
            "later": later.session,
            "entry": high.id,
            "about": high.id,
            "form": form.id,
            "resource": resource.id,
            "consent": agreed[0].id,
            "trial": trial.id,
            "chosen": chosen.id,
            "problem": problem.id,
            "parameter": "bp",
            "rule": "M14",
            "line": "lorazepam",
            "step": "gates",
            "section": "heart",
            "which": "allergies",
            "key": "ecg",
            "check": "bladder",
            "document": "flowsheet",
            "asked": care.write(asked, -300).id,
            "answer": "agreed",
            "container": _next_bag(care).id,
            "goal": care.write(GoalSet(text="to walk the dog"), -300).id,
        }
    )


def _next_bag(care: Care) -> Entry:
    """The bag that will hang next, made up and labelled."""
    order = care.chart.last(care_bodies.OrderSigned)
    assert order
    made = ContainerPrepared(
        order=order[0].id,
        number=1,
        container="bag",
        drug="ketamine",
        vial_mg_per_ml=Decimal(50),
        vial_volume_ml=Decimal("0.73"),
        final_volume_ml=Decimal(50),
        lot="6K221",
        use_by=care.at(600),
        preparer=care.nurse.by,
        code=code(care.session, 1),
    )
    return care.write(made, 4, session=care.session)


def _stocked(care: Care) -> Ids:
    """A safe in use with something in hand for this session, and a case that waits."""
    bench = Bench()
    if not store.load("safe:main").last(SafeOpened):
        bench.open()
    received = bench.receive(3)
    (draw,) = safe_session.draw(bench.act(), key=KEY, quantity=Decimal(1), patient=care.patient, session=care.session)  # fmt: skip
    lost = stock.lose(bench.act(), key=KEY, how="missing", circumstances="not found", containers=1)
    return {"place": "main", "draw": draw.id, "case": lost[1].id, "struck": received.id}


@pytest.fixture
def ids(clinic: Entry) -> Ids:
    nora = Staff(staff=uuid4(), name="Nora Nurse", roles=("nurse",), login="nora")
    store.append([said(nora, CLINIC, by="system:setup")])
    return _treated("Halvorsen", ("3", "1")) | {
        "item": _lost().id,
        "referral": _referral().id,
        "staff": nora.staff,
        "device": _tablet(),
        "what": "rename",
        "scale": "wsas",
    }


def _lost() -> Entry:
    body = FhirResource(resource_type="Observation", resource_id="9", system="elsewhere", json="{}", kept_because="no patient")  # fmt: skip
    return store.append([said(body, "inbox:main")])[0]


def _tablet() -> UUID:
    """A shared tablet at which somebody has signed in."""
    device, now = uuid4(), datetime.now(UTC)
    Tablet.objects.create(
        device=str(device), first_at=now, first_by="staff:x", seen_at=now, seen_by="staff:x"
    )
    return device


def _referral() -> Entry:
    body = Referral(family="New", given="Ada", birth_date="1990", condition="trd", answers=(), urgent=True, consent="yes", version="1", phone="555")  # fmt: skip
    return store.append([said(body, "inbox:main")])[0]


def of(address: Address, ids: Ids) -> Ids:
    """What this address asks for: the same word names another kind of thing on another page."""
    named = dict(ids)
    if address.name == "exchange:resource":
        named["entry"] = ids["resource"]
    if address.name.partition(":")[2] in OF_A_CONSENT:
        named["entry"] = ids["consent"]
    if address.name == "documents:step":
        named |= {"document": "letter", "step": "sent"}
    if address.name == "documents:desk":
        named["document"] = "bill"
    if address.name in OF_THE_EVIDENCE:
        named |= OF_THE_EVIDENCE[address.name]
    if address.name.startswith("referrals:"):
        named["item"] = ids["referral"]
    if address.name in ("evaluate:correct_trial", "evaluate:judge_trial"):
        named["entry"] = ids["trial"]
    if address.name in ("maintenance:correct", "maintenance:take_back"):
        named["entry"] = ids["chosen"]
    if address.name == "outcomes:correct":
        named["entry"] = ids["form"]
    if address.name in ("session:book", "session:cancel", "session:time_out", "session:start"):
        named["session"] = ids["later"]
    return named


def urls(ids: Ids, besides: Ids | None = None) -> Iterator[tuple[Address, str]]:
    """Every address with these ids; with others `besides`, those alone that are then another."""
    for address in OURS:
        named = of(address, ids)
        is_another = besides is None or any(named.get(n) != of(address, besides).get(n) for n in address.asks)
        if is_another and address.name not in OWN_UPLOAD:
            yield address, address.url(named)


WALKS = Walks()


@pytest.fixture
def steps(
    db: None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Step, ...]]:
    """What a role is answered on every address; for a paper the page it is printed from, whose words can be read."""

    def unprinted(html: str) -> bytes:
        raise pdf.NoPango

    def make(role: str) -> Iterator[tuple[str, tuple[Step, ...]]]:
        monkeypatch.setattr(pdf, "from_html", unprinted)
        ids = request.getfixturevalue("ids")
        client = request.getfixturevalue("sign_in")(role, patient=ids["patient"])
        yield "running", tuple(walk(client, "get", urls(ids)))
        yield "booked", tuple(walk(client, "get", urls(ids | {"session": ids["later"]}, ids)))
        planned = register(datetime.now(UTC) + timedelta(days=1), family="Planned")
        named = {"patient": planned.patient, "session": planned.session, "later": planned.session}
        yield "planned", tuple(walk(client, "get", urls(ids | named, ids)))

    return lambda role, stage="running": dict(WALKS((role,), lambda: make(role)))[stage]


Steps = Callable[..., tuple[Step, ...]]


@pytest.mark.hazard("H043")
@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_is_there_and_is_refused_the_rest(role: str, steps: Steps) -> None:
    assert not _unexpected(steps(role), role, (200, 302, 405))


def test_every_paper_is_printed(ids: Ids, sign_in: Callable[..., Client]) -> None:
    client = sign_in("medical_director")
    printed = [client.get(url) for address, url in urls(ids) if url.endswith(".pdf")]
    made = [answer for answer in printed if answer.status_code == 200]
    assert len(made) > 8
    assert {answer.get("Content-Type") for answer in made} == {"application/pdf"}


@pytest.mark.hazard("H043")
@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_sends_an_empty_form_is_answered_or_refused(
    role: str, ids: Ids, sign_in: Callable[..., Client]
) -> None:
    answered = walk(sign_in(role, patient=ids["patient"]), "post", urls(ids))
    assert not _unexpected(answered, role, (200, 302, 400, 405, 422), about_nothing=NEEDS_HIDDEN_WORDS)


def _unexpected(
    steps: Iterable[Step], role: str, allowed: tuple[int, ...], about_nothing: tuple[str, ...] = ()
) -> dict[str, int]:
    return {
        step.name: step.status
        for step in steps
        if step.status not in expected(step, role, (*allowed, *([404] if step.name in about_nothing else [])))
    }


def expected(step: Step, role: str, allowed: tuple[int, ...]) -> tuple[int, ...]:
    """The entry of these ids was charted at the chair, so that its own page lets those change it who chart there."""
    held = ROLES[role].permissions
    if step.permission not in held:
        return (403,)
    if step.name in CHANGES_AN_ENTRY and Permission.CHART_SESSION not in held:
        return (404,)
    return allowed


@pytest.mark.hazard("H001")
def test_what_belongs_to_one_patient_is_not_found_through_another(
    ids: Ids, sign_in: Callable[..., Client]
) -> None:
    director, therapist, other = (
        sign_in("medical_director"),
        sign_in("therapist"),
        _treated("Okafor", ("4", "2")),
    )
    director.raise_request_exception = False
    opened = {}
    for named, address in product(OF_A_PATIENT, OURS):
        mine, mixed = of(address, ids), of(address, ids | {named: other[named]})
        asked = {name: mixed[name] for name in address.asks if name in mixed}
        if "patient" in address.asks and asked != {n: mine[n] for n in asked}:
            client = therapist if address.permission is Permission.WRITE_THERAPY else director
            answer = client.get(address.url(mixed))
            back = answer.get("Location") == reverse("plan:plan", args=[mixed["patient"]])
            if answer.status_code not in (404, 405) and not back:
                opened[named, address.name] = answer.status_code
    assert not opened


@pytest.mark.hazard("H049")
@pytest.mark.parametrize("role", [r for r in ROLES if r != "therapist"])
def test_what_was_said_to_the_therapist_in_a_session_is_on_no_page_of_anybody_else(
    role: str, steps: Steps
) -> None:
    assert not [step.name for step in steps(role) if step.tells]


def test_the_therapist_finds_it_on_the_sessions_pages(steps: Steps) -> None:
    assert "session:session" in {step.name for step in steps("therapist") if step.tells}


@pytest.mark.parametrize("stage", ["running", "booked", "planned"])
@pytest.mark.parametrize("role", ROLES)
def test_no_page_leads_somewhere_that_would_be_refused(role: str, stage: str, steps: Steps) -> None:
    assert not {(step.name, name) for step in steps(role, stage) for name in refused_from(step.leads, role)}
