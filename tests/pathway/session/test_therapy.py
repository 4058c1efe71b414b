"""The therapist's side of a session, kept narrow wherever the record is read."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from lowtide.data.audiences import topics
from lowtide.data.therapy import prompts
from lowtide.pathway.session.actions import therapy
from lowtide.pathway.session.actions.common import Act
from lowtide.pathway.session.shown.events import prepared
from lowtide.problems import BadInput, Refused
from lowtide.record.entries.base import Entry
from lowtide.record.entries.therapy import TherapyNote
from lowtide.site.cli import main
from lowtide.site.export import export
from tests.pathway.session.conftest import Care, person

SignIn = Callable[..., Client]
SECRET, MUSIC = "Zxqv came with her brother’s death", "Zxqm quiet strings"
SAID = {"intention": SECRET, "music": MUSIC}
AT_THE_CHAIR = ("nurse", "prescriber", "therapist")


@pytest.fixture
def dosing(new_care: Callable[..., Care]) -> Care:
    care = new_care(start=datetime.now(UTC) - timedelta(minutes=32))
    care.prepare()
    care.begin()
    return care


def write(
    care: Care, stage: str = "before", said: dict[str, str] | None = None, **changes: Any
) -> list[Entry]:
    who = person("therapist", "Thea Rapist")
    fields = {"person": who, "patient_id": care.patient, "session_id": care.session, "now": care.at(-30)}
    return therapy.write(Act(**(fields | changes)), stage, said or SAID)


def base(care: Care) -> str:
    return f"/patients/{care.patient}/sessions/{care.session}"


def test_every_prompt_belongs_to_a_topic_that_is_narrower_than_the_care_team() -> None:
    assert {p.topic for p in prompts().values()} <= set(topics())
    assert all(topics()[p.topic].visible_to for p in prompts().values())


def test_what_the_chair_has_to_know_is_kept_apart_from_what_only_therapists_read(dosing: Care) -> None:
    write(dosing)
    notes = {body.topic: (entry.visible_to, body.said) for entry, body in dosing.chart.said(TherapyNote)}
    assert notes["therapy"] == (("therapist",), {"intention": SECRET})
    assert set(notes["preparation"][0]) == set(AT_THE_CHAIR)
    assert notes["preparation"][1] == {"music": MUSIC}


def test_pressing_twice_writes_it_once(dosing: Care) -> None:
    act = Act(
        person=person("therapist"), patient_id=dosing.patient, session_id=dosing.session, entry_id=uuid4(), now=dosing.at(-30)
    )  # fmt: skip
    therapy.write(act, "before", SAID)
    therapy.write(act, "before", SAID)
    assert len(dosing.chart.said(TherapyNote)) == 2


def test_only_a_therapist_writes_and_only_what_is_asked(dosing: Care) -> None:
    with pytest.raises(Refused):
        write(dosing, person=dosing.nurse)
    with pytest.raises(BadInput, match="nothing was written"):
        write(dosing, said={"intention": "  "})
    with pytest.raises(Refused, match="not asked at this stage"):
        write(dosing, stage="during", said={"intention": SECRET})


def test_the_latest_words_stand_and_integration_speaks_to_the_next_session(dosing: Care) -> None:
    write(dosing, "integration", {"team": "longer silence"})
    later = dosing.another()
    write(later, "before", {"music": "waves"}, now=dosing.at(100))
    write(later, "before", {"music": "no music"}, now=dosing.at(110))
    known = dict(prepared(later.chart, later.session))
    assert known == {"For the next session": "longer silence", "Music": "no music"}


@pytest.mark.hazard("H049")
@pytest.mark.parametrize("role", ["nurse", "prescriber", "therapist", "medical_director"])
def test_the_chair_shows_each_reader_what_is_theirs(dosing: Care, sign_in: SignIn, role: str) -> None:
    write(dosing)
    page = sign_in(role).get(base(dosing)).content.decode()
    assert (SECRET in page) is (role == "therapist")
    assert (MUSIC in page) is (role in AT_THE_CHAIR)


@pytest.mark.hazard("H049")
@pytest.mark.parametrize("role", ["nurse", "prescriber", "medical_director"])
def test_record_flowsheet_and_sign_off_do_not_tell_it(dosing: Care, sign_in: SignIn, role: str) -> None:
    (private, _) = write(dosing)
    client = sign_in(role)
    client.raise_request_exception = False
    pages = [
        f"/patients/{dosing.patient}/record",
        f"/patients/{dosing.patient}/record?kind=therapy_note",
        f"/patients/{dosing.patient}",
        f"{base(dosing)}/flowsheet",
        f"{base(dosing)}/sign",
        f"{base(dosing)}/live",
        f"/patients/{dosing.patient}/entries/{private.id}",
    ]
    assert not [page for page in pages if SECRET in client.get(page, follow=True).content.decode()]


@pytest.mark.hazard("H049")
def test_no_search_finds_a_patient_by_what_was_told_the_therapist(dosing: Care, sign_in: SignIn) -> None:
    write(dosing)
    for role in ("nurse", "therapist", "front_desk"):
        page = sign_in(role).get("/patients", {"q": "Zxqv"}, follow=True).content.decode()
        assert "Testperson" not in page


@pytest.mark.hazard("H049")
def test_an_export_keeps_it_apart_in_entries_tables_and_documents(dosing: Care, tmp_path: Path) -> None:
    write(dosing)
    out = tmp_path / "out"
    export(out, dosing.stream, with_pdf=False)
    told = [p.relative_to(out) for p in out.rglob("*") if p.is_file() and b"Zxqv" in p.read_bytes()]
    assert told
    assert {path.parts[:2] for path in told} == {("narrow", "therapist")}
    music = [p.relative_to(out) for p in out.rglob("*") if p.is_file() and b"Zxqm" in p.read_bytes()]
    assert {path.parts[0] for path in music} == {"narrow"}


@pytest.mark.hazard("H049")
def test_the_command_that_prints_a_chart_counts_it_and_says_nothing(
    care: Care, capsys: pytest.CaptureFixture[str]
) -> None:
    write(care)
    assert main(["show", str(care.patient), "--json"]) == 0
    out = capsys.readouterr().out
    assert "Zxq" not in out
    assert json.loads(out)["narrow"] == 2


def test_the_therapist_writes_on_a_page_that_says_who_reads_each_answer(
    dosing: Care, sign_in: SignIn
) -> None:
    client = sign_in("therapist")
    page = client.get(f"{base(dosing)}/therapy/before").content.decode()
    assert "Read by: therapist, nurse, prescriber" in page
    entry_id = page.partition('name="entry_id" value="')[2].partition('"')[0]
    answer = client.post(f"{base(dosing)}/therapy/before", {"entry_id": entry_id, **SAID}, follow=True)
    assert SECRET in answer.content.decode()
    during = client.get(f"{base(dosing)}/therapy").content.decode()
    assert "One tap, stamped now" in during
    assert SECRET in during
