"""The shift changes at a running infusion; due items go on by the clock, through midnight and a change of the clocks."""

import itertools
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from lowtide.data import monitoring
from lowtide.documents.loading import sources_of
from lowtide.pathway.session.actions import handover
from lowtide.pathway.session.models import Session
from lowtide.pathway.session.rules.due import due_items
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.shown.lines import lines, signed_by
from lowtide.people.clinic import zone
from lowtide.people.models import User
from lowtide.people.who import names_of
from lowtide.problems import BadInput, Refused
from lowtide.record.entries.base import Entry
from lowtide.record.entries.longrun import HandedOver
from tests.pathway.session.conftest import Care, person
from tests.pathway.session.test_containers import begin, checked, long_care
from tests.pathway.session.test_pages import SignIn, url

SAM = person("nurse", "Sam Second")


@pytest.fixture
def care(clinic: Entry) -> Care:
    care = long_care()
    begin(care, checked(care, -4))
    return care


def facts(care: Care) -> Facts:
    return session_facts(care.chart, care.session)


def test_who_takes_over_is_the_nurse_at_the_chair_from_then_on(care: Care) -> None:
    assert facts(care).nurse == care.nurse.by
    handover.hand_over(care.act(30), incoming=SAM, counted=0, said="pressure every 10 min")
    assert facts(care).nurse == SAM.by
    assert Session.objects.get(key=str(care.session)).nurse == SAM.by


def test_how_everything_stood_is_kept_with_both_names(care: Care) -> None:
    checked(care, 20)
    handover.hand_over(care.act(60), incoming=SAM, counted=1)
    entry, said = care.chart.said(HandedOver)[0]
    assert (said.outgoing, said.incoming, entry.by) == (care.nurse.by, SAM.by, care.nurse.by)
    assert (said.rate_ml_per_h, said.delivered_ml, said.left_ml) == (Decimal(25), Decimal(25), Decimal(25))
    assert (said.ready, said.counted) == (1, 1)
    assert "blood pressure" in said.due


@pytest.mark.hazard("H036")
def test_a_count_that_differs_from_the_record_needs_its_reason(care: Care) -> None:
    checked(care, 20)
    with pytest.raises(BadInput, match="the record knows of 1 made up and not begun, you counted 0"):
        handover.hand_over(care.act(60), incoming=SAM, counted=0)
    handover.hand_over(care.act(60), incoming=SAM, counted=0, reason="it fell, it is being wasted")
    assert not care.chart.said(HandedOver)[0][1].agrees


def test_nobody_hands_over_to_themselves_or_to_the_front_desk(care: Care) -> None:
    for nobody in (care.nurse, person("front_desk", "Dana Desk")):
        with pytest.raises(Refused):
            handover.hand_over(care.act(60), incoming=nobody, counted=0)
    assert not care.chart.said(HandedOver)


def test_the_one_who_takes_over_signs_in_on_the_page(care: Care, sign_in: SignIn) -> None:
    other = sign_in("nurse")
    login = User.objects.get(pk=other.session["_auth_user_id"]).username
    user = User.objects.get(username=login)
    user.set_password("quiet-harbour-42")
    user.save()
    nurse = sign_in("nurse")
    given = {"entry_id": uuid4(), "counted": "0", "second_login": login, "second_password": "wrong"}
    refused = nurse.post(url(care, "hand-over"), given)
    assert refused.status_code == 422
    assert "This name and password do not fit together" in refused.content.decode()
    assert "this sign-in is not known" not in refused.content.decode().lower()
    assert not care.chart.said(HandedOver)
    nurse.post(url(care, "hand-over"), given | {"second_password": "quiet-harbour-42"})
    assert len(care.chart.said(HandedOver)) == 1


def test_due_items_are_laid_through_midnight_and_a_change_of_the_clocks(clinic: Entry) -> None:
    night = datetime(2026, 10, 24, 21, 30, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    care = long_care(start=night)
    begin(care, checked(care, -4))
    found = [
        d.due_at
        for d in due_items(facts(care), monitoring.items(), night + timedelta(hours=8))
        if d.parameter.id == "bp"
    ]
    during = [at for at in found if night + timedelta(hours=1) <= at <= night + timedelta(hours=4)]
    assert len({(b - a) for a, b in itertools.pairwise(during)}) == 1
    assert any(at.astimezone(ZoneInfo("Europe/Berlin")).date() > night.date() for at in during)
    assert len(set(found)) == len(found)


def test_the_shift_is_handed_over_on_paper_by_both_names(care: Care, sign_in: SignIn) -> None:
    nurse = sign_in("nurse")
    handover.hand_over(care.act(60), incoming=SAM, counted=0)
    (entry, _), names = care.chart.said(HandedOver)[0], sources_of(care.chart, care.session, zone()).names
    assert signed_by(entry) == (care.nurse.by, SAM.by)
    assert {care.nurse.by, SAM.by, care.prescriber.by} <= names.keys()
    page = nurse.get(url(care, "flowsheet")).content.decode()
    by = re.findall(r"Handed over.*?</td><td>(.*?)</td>", page, re.S)
    assert by == [", ".join(names_of({care.nurse.by, SAM.by})[who] for who in (care.nurse.by, SAM.by))]


@pytest.mark.hazard("H024")
@pytest.mark.parametrize("clinic_zone", ["Europe/Berlin"])
def test_a_session_over_midnight_names_the_day_of_each_line_and_paper_never_says_yesterday(
    new_care: Callable[..., Care], sign_in: SignIn
) -> None:
    care = new_care(datetime(2026, 11, 24, 22, 30, tzinfo=UTC))
    care.prepare()
    care.begin()
    care.measure(30)
    care.measure(45)
    times = [line.time for line in lines(care.chart, facts(care), zone())]
    assert (times[0], times[1], times[-1]) == ("25 Nov, 00:15", "25 Nov, 00:00", "22:30")
    page = sign_in("nurse").get(url(care, "flowsheet")).content.decode()
    assert "dose started 24 Nov 2026, 23:30" in page
    assert "yesterday" not in page
