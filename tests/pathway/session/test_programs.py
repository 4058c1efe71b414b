"""A risk programme before the dose: where the country asks for it, no certification or enrolment, no session."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lowtide.data.programs import required
from lowtide.data.protocols import protocols
from lowtide.pathway.course.due_papers import ENROL
from lowtide.pathway.course.models import DueRow
from lowtide.pathway.course.programs import lacking
from lowtide.pathway.session.actions.enrolment import held_by_programs
from lowtide.problems import Refused
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.care import CoursePlanned, PlannedSession, ProgramEnrolled
from lowtide.record.entries.chair import TimeOut
from lowtide.record.entries.clinic import Clinic, SiteCertified
from tests.conftest import CLINIC, said
from tests.pathway.session.conftest import Care
from tests.pathway.session.making import COURSE, T0, consent

REMS, NASAL, ON = "spravato_rems", "esketamine_nasal", T0.date()
SITE = SiteCertified(program=REMS, certificate="HCS-0042", certified_on="2026-01-10")
PATIENT = ProgramEnrolled(program=REMS, enrolment="E-77", enrolled_on="2026-11-01")


def in_country(country: str) -> None:
    body = Clinic(
        name="Test Clinic", zone="Europe/Berlin", country=country, crisis_line="555 0100", demo=True
    )
    store.append([said(body, CLINIC)])


def certify(body: Body = SITE) -> None:
    store.append([said(body, CLINIC)])


@pytest.fixture
def nasal(new_care: Callable[..., Care]) -> Care:
    """A person on the labelled course of the nasal spray, booked, in a country that asks for the programme."""
    in_country("US")
    care = new_care(consented=False)
    care.write(consent(NASAL, "in"), -8_000)
    planned = PlannedSession(session=care.session, number=1, planned_at=care.start)
    care.write(
        CoursePlanned(
            course=COURSE,
            indication="trd",
            protocol="P01",
            protocol_version="test",
            phase="induction",
            sessions=(planned,),
            programs=required("US", protocols()["P01"].product),
        ),
        -8_000,
    )
    care.write(consent(product=NASAL, route="in", standing="label"), -7_900)
    care.book()
    return care


def test_the_session_waits_for_the_certification_and_the_enrolment(nasal: Care) -> None:
    with pytest.raises(Refused) as refused:
        nasal.time_out()
    assert [p.what for p in refused.value.problems] == [
        "the site’s certification in the Spravato REMS is not recorded",
        "the patient’s enrolment in the Spravato REMS is not recorded",
    ]
    certify()
    with pytest.raises(Refused, match="enrolment"):
        nasal.time_out()
    nasal.write(PATIENT, -100)
    nasal.time_out()
    assert nasal.chart.last(TimeOut)


def test_the_dose_waits_too_when_the_enrolment_is_taken_back_after_the_time_out(nasal: Care) -> None:
    certify()
    nasal.write(PATIENT, -100)
    nasal.weigh()
    nasal.order(protocol="P01")
    nasal.measure(-8)
    nasal.time_out(-5)
    ended = ProgramEnrolled(program=REMS, enrolment="E-77", enrolled_on="2026-11-01", ended_on="2026-11-20")
    nasal.write(ended, -2)
    with pytest.raises(Refused, match="enrolment in the Spravato REMS ended"):
        nasal.begin()


def test_an_infusion_of_another_product_waits_for_nothing(new_care: Callable[..., Care]) -> None:
    in_country("US")
    care = new_care()
    care.prepare()
    assert held_by_programs(care.chart, care.session, care.start) == []


@pytest.mark.parametrize(
    ("written", "asked"),
    [("US", 2), ("United States", 2), ("U.S.A.", 2), ("DE", 0), ("Wonderland", 0), ("", 2)],
)
def test_the_country_decides_and_an_unnamed_one_is_the_strictest(written: str, asked: int) -> None:
    empty = Chart.of("chart:p", ())
    assert len(lacking(empty, Chart.of(CLINIC, ()), written, NASAL, ON)) == asked


@pytest.mark.parametrize(
    ("certified_on", "expires_on", "lacks"),
    [
        ("2026-11-22", None, 0),
        ("2026-11-23", None, 1),
        ("2026", None, 1),
        ("2026-01", "2026-11-22", 0),
        ("2026-01", "2026-11-21", 1),
        ("2026-01", "2026-11", 1),
    ],
)
@pytest.mark.hazard("H029")
def test_a_certification_holds_from_its_day_to_its_last(
    clinic: Entry, certified_on: str, expires_on: str | None, lacks: int
) -> None:
    certify(SiteCertified(program=REMS, certificate="C", certified_on=certified_on, expires_on=expires_on))
    chart = Chart.of("chart:p", ())
    found = lacking(chart, store.load(CLINIC), "US", NASAL, ON)
    assert len([x for x in found if x.whose == "site"]) == lacks


def test_the_front_desk_has_the_enrolment_on_its_list_until_it_is_recorded(nasal: Care) -> None:
    rows = DueRow.objects.filter(stream=nasal.stream, task=ENROL.name)
    (row,) = rows
    assert (row.owner, row.needs, row.due_at) == ("front_desk", "BOOK", nasal.start - timedelta(days=2))
    nasal.write(PATIENT, -100)
    assert not rows.all()


# -- the pages ------------------------------------------------------------------------------------------------


def enrolment(**more: str) -> dict[str, str]:
    given = {"program": REMS, "enrolment": "E-77", "enrolled_on": "1 Nov 2025", "entry_id": str(uuid4())}
    return given | more


def test_the_front_desk_records_the_enrolment_without_seeing_the_care(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient, desk = new_patient(), sign_in("front_desk")
    url, form = f"/patients/{patient}/enrolment", enrolment()
    for _ in range(2):
        assert desk.post(url, form).status_code == 302
    ((entry, body),) = store.load(f"chart:{patient}").said(ProgramEnrolled)
    assert (body.enrolment, body.enrolled_on) == ("E-77", "2025-11-01")
    assert "E-77" in desk.get(url).content.decode()
    corrected = enrolment(enrolment="E-78", corrects=str(entry.id))
    assert desk.post(f"{url}?correct=1", corrected).status_code == 422
    assert desk.post(f"{url}?correct=1", corrected | {"reason": "typing"}).status_code == 302
    assert store.load(f"chart:{patient}").said(ProgramEnrolled)[0][1].enrolment == "E-78"


@pytest.mark.hazard("H043")
def test_the_site_is_certified_by_whoever_manages_the_clinic(sign_in: Callable[..., Client]) -> None:
    url = "/clinic/programmes"
    form = {"program": REMS, "certificate": "HCS-1", "certified_on": "3 Mar 2025", "entry_id": str(uuid4())}
    assert sign_in("nurse").post(url, form).status_code == 403
    director = sign_in("medical_director")
    assert director.post(url, form | {"certificate": " "}).status_code == 422
    assert director.post(url, form).status_code == 302
    assert store.load(CLINIC).said(SiteCertified)[0][1].certified_on == "2025-03-03"
    assert "HCS-1" in director.get(url).content.decode()


def test_the_plan_and_the_chair_say_what_is_missing_and_where_to_mend_it(
    nasal: Care, sign_in: Callable[..., Client]
) -> None:
    nurse = sign_in("nurse")
    plan = nurse.get(f"/patients/{nasal.patient}/plan").content.decode()
    chair = nurse.get(f"/patients/{nasal.patient}/sessions/{nasal.session}/time-out").content.decode()
    for html in (plan, chair):
        assert "enrolment in the Spravato REMS is not recorded" in html
        assert f"/patients/{nasal.patient}/enrolment" in html
