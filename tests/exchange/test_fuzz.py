"""Whatever bytes arrive, the answer is an import or one clear refusal a file: never a crash, never half of it."""

import json
import random
from functools import cache
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lowtide.exchange.fhir.plan import Plan
from lowtide.exchange.fhir.reader import File
from tests.exchange.making import planned
from tests.exchange.report import SAMPLES

TYPES = [
    "Patient",
    "Condition",
    "MedicationStatement",
    "MedicationRequest",
    "AllergyIntolerance",
    "Observation",
    "QuestionnaireResponse",
    "Procedure",
    "Encounter",
    "Bundle",
    "Medication",
]
ODD: list[Any] = [
    None, True, 0, -1, 1.5, 1e300, 10**30, "", " ", "x", "2020-02-30", "0001-01-01T00:00:00+14:00", "9999-12-31",
    "#", "urn:uuid:", "Patient/", "http://", "\u0000", "\u202e", "a" * 5000, [], {}, [[]], [None], {"value": "x"},
    {"reference": "#x"}, {"coding": [{}]}, {"coding": [{"code": "x"}]}, {"value": 1e999},
]  # fmt: skip


@cache
def samples() -> list[bytes]:
    """Small official resources of the types Lowtide reads."""
    names = (p for p in sorted(SAMPLES.rglob("*.json")) if p.name.split("-")[0] in TYPES)
    return [p.read_bytes() for p in names if p.stat().st_size < 12_000]


def check(plan: Plan, *files: File) -> None:
    """Each file is refused once with a place and a reason, or came in whole."""
    refused = [r.file for r in plan.refused]
    assert len(refused) == len(set(refused))
    assert all(r.path and len(r.reason) > 10 and "\n" not in r.path for r in plan.refused)
    taken = {name for g in plan.groups for name in g.files}
    assert taken.isdisjoint(refused)
    assert taken | set(refused) <= {f.name for f in files}
    for group in plan.groups:
        assert len({d.id for d in group.drafts}) == len(group.drafts)
        assert not [p for d in group.drafts for p in d.body.problems()]
        assert all(d.at.tzinfo for d in group.drafts)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_bytes_changed_at_random(seed: int, changes: int) -> None:
    choose = random.Random(seed)
    data = bytearray(choose.choice(samples()))
    for _ in range(changes):
        place = choose.randrange(len(data))
        match choose.randrange(4):
            case 0:
                data[place] = choose.randrange(256)
            case 1:
                del data[place : place + choose.randrange(1, 40)]
            case 2:
                data[place:place] = choose.choice([b'"', b"{", b"]", b",", b"\\", b"\xff", b"null", b"1e999"])
            case _:
                data = data[:place] + data[place : place + 200] + data[place:]
    given_file = File("x.json", bytes(data))
    check(planned(given_file), given_file)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3))
def test_values_changed_at_random(seed: int, changes: int) -> None:
    choose = random.Random(seed)
    documents = [json.loads(choose.choice(samples())) for _ in range(choose.randrange(1, 4))]
    for _ in range(changes):
        mutate(choose.choice(documents), choose)
    data = "\n".join(map(json.dumps, documents)).encode()
    given_file = File(choose.choice(["x.ndjson", "x.json"]), data)
    check(planned(given_file), given_file)


def mutate(value: Any, choose: random.Random) -> None:
    """Walk down at random and put something odd, or something from elsewhere, in a place."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = choose.choice(keys)
        below = value[key]
        if not isinstance(below, dict | list) or not below or choose.random() < 0.2:
            break
        value = below
    if isinstance(value, dict) and choose.random() < 0.3:
        del value[key]
    else:
        value[key] = choose.choice(ODD)


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_at_all(data: bytes) -> None:
    given_file = File("x.json", data)
    check(planned(given_file), given_file)


@settings(max_examples=60, deadline=None)
@example({"resourceType": ""})
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda s: (
            st.lists(s, max_size=3)
            | st.dictionaries(
                st.sampled_from(["resourceType", "entry", "resource", "id", "code", "subject"]), s, max_size=3
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_at_all(document: Any) -> None:
    given_file = File("x.json", json.dumps(document).encode())
    check(planned(given_file), given_file)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_real_resources_in_any_company(seed: int) -> None:
    """Samples of different origin, put together at random: nothing but clashes of ids may be refused."""
    choose = random.Random(seed)
    files = [File(f"{n}.json", choose.choice(samples())) for n in range(choose.randrange(2, 9))]
    choose.shuffle(files)
    plan = planned(*files)
    check(plan, *files)
    again = planned(*reversed(files))
    assert sorted(d.id for g in plan.groups for d in g.drafts) == sorted(
        d.id for g in again.groups for d in g.drafts
    )
