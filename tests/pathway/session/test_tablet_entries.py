"""What a tablet kept without a network arrives: each entry once, in its author's name, at the time it happened."""

import json
import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lowtide.pathway.session.rules.facts import session_facts
from lowtide.people.clinic import zone
from lowtide.people.models import StaffIndex
from lowtide.people.tablets.tokens import issue
from lowtide.people.who import Person, person_from
from lowtide.record import store
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.chair import Note, RateChanged, Vitals
from lowtide.record.entries.clinic import Staff
from tests.conftest import CLINIC, said
from tests.pathway.session.conftest import Care

DEVICE = str(uuid4())
MINUTE = timedelta(minutes=1)
CLOSE = timedelta(seconds=10)  # a busy machine sends slowly
BP = {"sbp_mmhg": 143, "dbp_mmhg": 88}
FUZZ = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Chair(msgspec.Struct):
    """A session in which the dose runs, the nurse beside it, and her tablet with its own clock."""

    care: Care
    nurse: Person
    token: str
    device: str = DEVICE
    ahead: timedelta = timedelta(0)  # how far the tablet's clock is ahead
    counter: int = 0

    def made(self, kind: str, body: dict[str, Any], minutes: float = 20, **changes: Any) -> dict[str, Any]:
        """An entry made so many minutes after the start, as the tablet sends it."""
        self.counter += 1
        fields = {
            "id": str(uuid4()),
            "token": self.token,
            "patient": str(self.care.patient),
            "session": str(self.care.session),
            "kind": kind,
            "body": body,
            "at_device": (self.care.at(minutes) + self.ahead).isoformat(),
            "counter": self.counter,
        }
        return fields | changes

    def send(self, *entries: object, client: Client | None = None, **changes: Any) -> list[dict[str, Any]]:
        fields = {"device": self.device, "sent_at_device": (timezone.now() + self.ahead).isoformat()}
        body = json.dumps(fields | {"entries": entries} | changes)
        answer = (client or Client()).post("/tablet/entries", body, content_type="application/json")
        assert answer.status_code == 200, answer.content
        return list(answer.json()["entries"])

    def stored(self, made: dict[str, Any]) -> Entry:
        found = store.find(UUID(made["id"]))
        assert found
        return found


def hire(name: str, role: str = "nurse") -> Person:
    login = name.split()[0].lower()
    store.append([said(Staff(staff=uuid4(), name=name, roles=(role,), login=login), CLINIC)])
    return person_from(StaffIndex.objects.get(login=login))


@pytest.fixture
def chair(new_care: Callable[..., Care]) -> Chair:
    care = new_care(start=timezone.now() - 32 * MINUTE)
    care.prepare()
    care.begin()
    nurse = hire("Nina Holt")
    return Chair(care, nurse, issue(nurse, DEVICE, now=care.at(-20)).token)


def states(answers: Iterable[dict[str, Any]]) -> list[str]:
    return [answer["state"] for answer in answers]


@pytest.mark.hazard("H017")
def test_what_was_charted_without_a_network_is_charted_when_it_happened(chair: Chair) -> None:
    made = chair.made("vitals", BP, minutes=20.5)
    answer = chair.send(made)[0]
    entry = chair.stored(made)
    assert (answer["state"], answer["seq"]) == ("stored", entry.seq)
    assert abs(entry.at - chair.care.at(20.5)) < CLOSE
    assert (entry.by, entry.device, entry.counter) == (chair.nurse.by, DEVICE, 1)
    assert entry.source is Source.MANUAL
    assert entry.body == Vitals(sbp_mmhg=143, dbp_mmhg=88)


@pytest.mark.hazard("H008")
def test_what_is_sent_again_is_answered_with_what_is_stored(chair: Chair) -> None:
    made = chair.made("vitals", BP)
    answers = [chair.send(made)[0] for _ in range(3)]
    assert states(answers) == ["stored"] * 3
    assert len({a["seq"] for a in answers}) == 1


@pytest.mark.hazard("H008")
def test_a_form_that_arrived_and_then_waited_all_the_same_is_one_entry(chair: Chair) -> None:
    """The answer to the form was lost with the network; the tablet keeps it under the same number."""
    online = chair.care.act(20, who=chair.nurse)
    chair_entry = charted(online)
    made = chair.made("vitals", BP, id=str(chair_entry.id))
    assert chair.send(made)[0] == {**chair.send(made)[0], "state": "stored", "seq": chair_entry.seq}


def charted(act: Any) -> Entry:
    from lowtide.pathway.session.actions import charting

    return charting.vitals(act, Vitals(**BP))[0]


def test_the_same_number_with_other_content_shows_both_and_writes_nothing(chair: Chair) -> None:
    made = chair.made("vitals", BP)
    chair.send(made)
    answer = chair.send({**made, "body": {"sbp_mmhg": 150, "dbp_mmhg": 90}})[0]
    assert answer["state"] == "conflict"
    assert "143/88" in answer["stored"]
    assert chair.stored(made).body.sbp_mmhg == 143


@pytest.mark.hazard("H017")
def test_one_that_is_refused_keeps_no_other_back_and_says_why(chair: Chair) -> None:
    wrong = chair.made("vitals", {"sbp_mmhg": 88, "dbp_mmhg": 143})
    right = chair.made("vitals", BP)
    refused, taken = chair.send(wrong, right)
    assert (refused["state"], taken["state"]) == ("refused", "stored")
    assert refused["problems"][0]["where"] == "sbp_mmhg"
    assert refused["problems"][0]["mend"]


def test_two_people_at_one_tablet_each_keep_their_own(chair: Chair, sign_in: Callable[..., Client]) -> None:
    tomasz = hire("Tomasz Lind")
    hers = chair.made("vitals", BP)
    his = chair.made("note", {"text": "calm"}, token=issue(tomasz, DEVICE, now=chair.care.at(5)).token)
    chair.send(hers, his, client=sign_in("nurse"))  # somebody else is signed in while they are sent
    assert [chair.stored(m).by for m in (hers, his)] == [chair.nurse.by, tomasz.by]


@pytest.mark.parametrize("token", ["", "made-up", "x" * 200])
def test_a_token_of_nobody_writes_nothing(chair: Chair, token: str) -> None:
    made = chair.made("vitals", BP, token=token)
    answer = chair.send(made)[0]
    assert (answer["state"], answer["why"]) == ("refused", "unknown")
    assert store.find(UUID(made["id"])) is None


def test_a_token_of_another_tablet_writes_nothing(chair: Chair) -> None:
    made = chair.made("vitals", BP)
    assert chair.send(made, device=str(uuid4()))[0]["why"] == "other_tablet"


def test_a_role_that_does_not_chart_charts_nothing_through_a_tablet(chair: Chair) -> None:
    desk = hire("Dana Front", "front_desk")
    token = issue(desk, DEVICE, now=chair.care.at(-5)).token
    answer = chair.send(chair.made("vitals", BP, token=token))[0]
    assert answer["state"] == "refused"
    assert "may not" in answer["problems"][0]["what"]


def test_a_session_of_somebody_else_is_refused(chair: Chair, new_care: Callable[..., Care]) -> None:
    other = new_care(start=chair.care.start, family="Otherperson")
    other.book(chair="4")
    swapped = chair.made("vitals", BP, session=str(other.session))
    nobody = chair.made("vitals", BP, patient=str(uuid4()))
    assert [a["problems"][0]["where"] for a in chair.send(swapped, nobody)] == ["session", "patient"]


@pytest.mark.parametrize(
    "kind", ["sign", "session_signed", "draw", "waste", "time_out", "check", "leave", ""]
)
def test_what_needs_the_line_is_not_taken_from_a_queue(chair: Chair, kind: str) -> None:
    assert states(chair.send(chair.made(kind, {}))) == ["refused"]


@pytest.mark.hazard("H023")
@pytest.mark.parametrize("ahead_s", [-7200, -600, 0, 600, 90_000])
def test_a_wrong_clock_is_corrected_and_marked(chair: Chair, ahead_s: int) -> None:
    chair.ahead = timedelta(seconds=ahead_s)
    made = chair.made("vitals", BP, minutes=21)
    chair.send(made)
    entry = chair.stored(made)
    assert abs(entry.at - chair.care.at(21)) < CLOSE
    assert entry.device_at == chair.care.at(21) + chair.ahead
    assert bool(entry.clock) is bool(ahead_s)


@pytest.mark.hazard("H023")
def test_a_clock_that_was_set_while_entries_waited_moves_none_of_them(chair: Chair) -> None:
    """Ten minutes fast when it was charted and when the clocks were compared, right when it is sent."""
    made = chair.made("vitals", BP, minutes=21)
    made["at_device"] = (chair.care.at(31)).isoformat()
    chair.send({**made, "offset_ms": -600_000})
    assert abs(chair.stored(made).at - chair.care.at(21)) < CLOSE


def test_nothing_was_made_later_than_it_arrives(chair: Chair) -> None:
    made = chair.made("vitals", BP, minutes=20, offset_ms=3_600_000)
    chair.send(made)
    assert chair.stored(made).at <= datetime.now(UTC)


def test_a_time_that_was_typed_stands_as_it_was_typed(chair: Chair) -> None:
    taken = chair.care.at(11).astimezone(timezone.get_default_timezone())
    made = chair.made("vitals", BP, minutes=20, taken=f"{taken.astimezone(zone()):%H:%M}")
    assert states(chair.send(made, made)) == ["stored", "stored"]
    assert chair.stored(made).at == chair.care.at(11).replace(second=0, microsecond=0)


def test_a_rate_of_before_the_end_is_taken_after_the_end_was_recorded(chair: Chair) -> None:
    """Another tablet recorded the end meanwhile; how the session stood at the time is what counts."""
    from decimal import Decimal

    from lowtide.pathway.session.actions import dosing

    dosing.stop(chair.care.act(30), delivered_ml=Decimal(38), complete=False, reason="felt unwell")
    pause, rate = chair.made("pause", {}, 20), chair.made("rate", {"rate_ml_per_h": "75"}, 31)
    resume = chair.made("resume", {"rate_ml_per_h": "75"}, 22)
    assert states(chair.send(pause, resume, rate)) == ["stored", "stored", "refused"]
    facts = session_facts(chair.care.chart, chair.care.session)
    assert facts.infusion
    assert [step.rate_ml_per_h for step in facts.infusion.steps] == [75, 0, 75]


@pytest.mark.hazard("H023")
def test_a_time_that_was_typed_ahead_is_moved_to_when_it_was_made_and_marked(chair: Chair) -> None:
    ahead = chair.care.at(20) + 9 * MINUTE
    made = chair.made("vitals", BP, taken=f"{ahead.astimezone(zone()):%H:%M}")
    chair.send(made)
    entry = chair.stored(made)
    assert abs(entry.at - chair.care.at(20)) < MINUTE
    assert "which lay ahead" in (entry.clock or "")


@pytest.mark.hazard("H008")
def test_what_happens_once_is_recorded_once_by_two_tablets(chair: Chair) -> None:
    other = Chair(chair.care, chair.nurse, issue(chair.nurse, "tablet 2", now=chair.care.at(-9)).token)
    other.device = str(uuid4())
    other.token = issue(chair.nurse, other.device, now=chair.care.at(-9)).token
    stop = {"delivered_ml": "38", "reason": "felt unwell"}
    first, second = chair.made("stop", stop, 30), other.made("stop", stop, 29.9)
    start = other.made("start", {"rate_ml_per_h": "75", "volume_ml": "50"}, -1)
    assert states(chair.send(first)) == ["stored"]
    refused = other.send(start, second)
    assert states(refused) == ["refused", "refused"]
    assert "ended" in refused[1]["problems"][0]["what"]


def test_a_whole_infusion_may_be_recorded_from_a_queue(new_care: Callable[..., Care]) -> None:
    care = new_care(start=timezone.now() - 50 * MINUTE)
    care.prepare()
    nurse = hire("Nina Holt")
    chair = Chair(care, nurse, issue(nurse, DEVICE, now=care.at(-20)).token)
    story = [
        chair.made("start", {"rate_ml_per_h": "75", "volume_ml": "50"}, 0),
        chair.made("rating", {"scale": "dissociation", "value": "6"}, 15),
        chair.made("event", {"what": "other", "detail": "asks for the blanket"}, 16),
        chair.made("pause", {"reason": "moved the arm"}, 20),
        chair.made("resume", {"rate_ml_per_h": "75"}, 22),
        chair.made("not_done", {"item": "bp", "why": "asleep"}, 30),
        chair.made("stop", {"delivered_ml": "50", "complete": True}, 42),
    ]
    assert states(chair.send(*story)) == ["stored"] * 7
    facts = session_facts(care.chart, care.session)
    assert (facts.given_mg, str(facts.given_ml)) == (36.5, "50")


def test_a_note_keeps_its_audience(chair: Chair) -> None:
    therapist = hire("Tara Quill", "therapist")
    token = issue(therapist, DEVICE, now=chair.care.at(-5)).token
    made = chair.made("note", {"text": "spoke of the sea", "topic": "therapy"}, token=token)
    hers = chair.made("note", {"text": "no", "topic": "therapy"})
    assert states(chair.send(made, hers)) == ["stored", "refused"]
    assert chair.stored(made).visible_to
    assert isinstance(chair.stored(made).body, Note)


ABSURD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@FUZZ
@given(
    absurd=ABSURD,
    key=st.sampled_from(
        ["id", "token", "patient", "kind", "body", "at_device", "counter", "offset_ms", "taken"]
    ),
)
def test_absurd_entries_are_answered_and_keep_no_other_back(chair: Chair, absurd: Any, key: str) -> None:
    broken, right = {**chair.made("vitals", BP), key: absurd}, chair.made("vitals", BP)
    answers = chair.send(absurd, broken, right)
    assert states(answers)[0] == "refused"
    assert states(answers)[2] == "stored"


@pytest.mark.parametrize(
    "value", ["1e999999999", "NaN", "Infinity", "-1e-400", "", [], {}, 10**400, "75; drop", True, None]
)
def test_an_absurd_number_is_refused_in_words(chair: Chair, value: object) -> None:
    made = chair.made("rate", {"rate_ml_per_h": value, "reason": "x"})
    answer = chair.send(made)[0]
    assert answer["state"] == "refused"
    assert answer["problems"][0]["what"]
    assert not isinstance(getattr(store.find(UUID(made["id"])), "body", None), RateChanged)


def test_a_body_of_ten_megabytes_is_not_read(chair: Chair) -> None:
    body = json.dumps({"device": DEVICE, "entries": ["x" * 10_000_000]})
    answer = Client().post("/tablet/entries", body, content_type="application/json")
    assert answer.status_code == 413


@pytest.mark.parametrize("body", ["[]", "{", '{"device": "x"}', '{"entries": []}'])
def test_what_is_no_queue_is_told_so(clinic: Entry, body: str) -> None:
    assert Client().post("/tablet/entries", body, content_type="application/json").status_code == 422


def test_too_many_at_once_are_told_so(chair: Chair) -> None:
    fields = {"device": DEVICE, "sent_at_device": timezone.now().isoformat(), "entries": [{}] * 101}
    answer = Client().post("/tablet/entries", json.dumps(fields), content_type="application/json")
    assert answer.status_code == 413


@FUZZ
@given(seed=st.integers(0, 10_000))
def test_however_it_is_cut_doubled_and_shuffled_the_chart_ends_the_same(chair: Chair, seed: int) -> None:
    """Portions, repeats and any order of arrival: every entry once, in the order in which it happened (hazard H017)."""
    chance = random.Random(seed)
    story = [chair.made("vitals", {"heart_rate_bpm": 60 + n}, 10 + n) for n in range(6)]
    arriving = [*story, *chance.sample(story, 3)]
    chance.shuffle(arriving)
    while arriving:
        cut = chance.randint(1, 4)
        chair.send(*arriving[:cut])
        arriving = arriving[cut:]
    ours = {UUID(m["id"]) for m in story}
    found = [e for e in session_facts(chair.care.chart, chair.care.session).entries if e.id in ours]
    assert [e.body.heart_rate_bpm for e in found] == [60, 61, 62, 63, 64, 65]


@pytest.mark.hazard("H023")
def test_the_page_says_what_waited_and_which_clock_was_wrong(
    chair: Chair, sign_in: Callable[..., Client]
) -> None:
    chair.ahead = timedelta(minutes=10)
    chair.send(chair.made("vitals", BP, minutes=20.2))
    page = (
        sign_in("nurse").get(f"/patients/{chair.care.patient}/sessions/{chair.care.session}").content.decode()
    )
    assert "made without network" in page
    assert "device clock off by" in page
    assert "written late" not in page
