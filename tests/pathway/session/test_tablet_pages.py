"""What a tablet takes with it, and what the browser keeps of Lowtide itself."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from lowtide.pathway.session.actions import dosing
from lowtide.pathway.session.tablet.precached import STATIC
from lowtide.record import access_log
from tests.pathway.session.conftest import Care

SignIn = Callable[..., Client]


@pytest.fixture
def running(new_care: Callable[..., Care]) -> Care:
    care = new_care(start=timezone.now() - timedelta(minutes=12))
    care.prepare()
    care.begin()
    care.measure(8, sbp_mmhg=136, dbp_mmhg=84)
    return care


def url(care: Care) -> str:
    return f"/patients/{care.patient}/sessions/{care.session}/tablet"


@pytest.mark.hazard("H017")
def test_a_tablet_takes_along_what_charting_on_asks_for(running: Care, sign_in: SignIn) -> None:
    told = sign_in("nurse").get(url(running)).json()
    assert told["patient"]["name"] == "Ines Testperson"
    assert (told["phase"], told["order"]["dose"]) == ("dosing", "36.5 mg ketamine, IV")
    assert told["infusion"]["steps"][0]["rate_ml_per_h"] == "75"
    assert {"change_rate", "pause", "stop", "chart", "note"} <= set(told["verbs"])
    assert next(last["text"] for last in told["last"] if last["row"] == "bp") == "136/84"
    assert {row["id"] for row in told["sheet"]["rows"]} >= {"bp", "sedation", "dissociation"}
    assert told["plan"]["rows"]
    assert told["readings"]


@pytest.mark.hazard("H043")
def test_nothing_that_is_for_few_is_taken_along(running: Care, sign_in: SignIn) -> None:
    """Whoever opens the tablet next reads all that it keeps."""
    client = sign_in("therapist")
    client.post(
        url(running).replace("/tablet", "/note"),
        {"entry_id": str(uuid4()), "text": "her brother's letter", "topic": "therapy"},
    )
    assert "brother" in client.get(url(running).removesuffix("/tablet")).content.decode()
    assert "brother" not in client.get(url(running)).content.decode()


def test_before_the_dose_it_takes_along_what_stands_in_the_way(
    new_care: Callable[..., Care], sign_in: SignIn
) -> None:
    care = new_care(start=timezone.now() + timedelta(minutes=20))
    care.book()
    care.order()
    told = sign_in("nurse").get(url(care)).json()
    assert any("time-out" in words for words in told["held"])


def test_taking_a_session_along_is_reading_it_and_is_logged(running: Care, sign_in: SignIn) -> None:
    sign_in("nurse").get(url(running))
    assert access_log.lines(streams=[running.stream]).filter(action__endswith="/tablet").exists()


@pytest.mark.parametrize(("role", "status"), [("front_desk", 403), ("nurse", 200), ("therapist", 200)])
def test_only_who_works_at_a_tablet_takes_a_session_along(
    running: Care, sign_in: SignIn, role: str, status: int
) -> None:
    assert sign_in(role).get(url(running)).status_code == status


def test_the_page_that_the_browser_keeps_is_the_same_for_everybody_and_names_nobody(
    running: Care, sign_in: SignIn
) -> None:
    signed_in = sign_in("nurse").get("/tablet/offline").content.decode()
    assert signed_in == Client().get("/tablet/offline").content.decode()
    assert "csrfmiddlewaretoken" not in signed_in
    assert "Testperson" not in signed_in


def test_the_worker_reaches_every_page_and_keeps_static_files_only(clinic: object) -> None:
    answer = Client().get("/tablet-worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    found = re.search(r"const FILES = (\[.*?\]);", answer.content.decode())
    assert found
    assert all(file.startswith("/static/") for file in re.findall(r'"([^"]+)"', found[1]))


def test_every_script_that_the_kept_page_asks_for_is_kept(clinic: object) -> None:
    page = Client().get("/tablet/offline").content.decode()
    asked = {file.removeprefix("/static/") for file in re.findall(r'(?:src|href)="(/static/[^"]+)"', page)}
    for name in STATIC:
        assert finders.find(name), name
        if name.startswith("session/offline/") and name.endswith(".js"):
            with open(str(finders.find(name)), encoding="utf-8") as script:  # noqa: PTH123
                asked |= {
                    f"session/offline/{each}" for each in re.findall(r'from "\./([\w.]+)"', script.read())
                }
    assert asked <= set(STATIC)


def test_a_stopped_infusion_takes_along_when_it_stopped(running: Care, sign_in: SignIn) -> None:
    dosing.stop(running.act(11), delivered_ml=Decimal(13), complete=False, reason="felt unwell")
    told = sign_in("nurse").get(url(running)).json()
    assert told["infusion"]["stopped_at"]
    assert "stop" not in told["verbs"]
