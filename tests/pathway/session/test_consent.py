"""A dose needs a consent to this very series, product, route and form; the time-out asks the patient again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data import consent as data
from lowtide.data.vocabulary import words
from lowtide.pathway.course.consent import course_of, missing, signed
from lowtide.people.clinic import zone
from lowtide.problems import Refused
from lowtide.record.entries.base import Answer
from lowtide.record.entries.care import CoursePlanned
from lowtide.record.entries.chair import TimeOut
from lowtide.record.entries.consent import ConsentWithdrawn
from tests.pathway.session.conftest import GOOD, Care
from tests.pathway.session.making import COURSE, consent

UNFIT = {
    "another route": {"route": "im"},
    "another product": {"product": "esketamine_nasal"},
    "another condition": {"indication": "ptsd"},
    "another series": {"course": uuid4()},
    "an older form": {"version": "0"},
    "words for a label": {"standing": "label"},
}


def why(care: Care) -> str:
    course = course_of(care.chart, COURSE)
    assert course
    return missing(care.chart, course, care.start, zone())


@pytest.mark.hazard("H042")
@pytest.mark.parametrize("changes", UNFIT.values(), ids=UNFIT)
def test_a_consent_to_something_else_starts_no_dose(new_care: Callable[..., Care], changes: dict) -> None:
    care = new_care(consented=False)
    care.write(consent(**changes), -8_000)
    with pytest.raises(Refused, match="it cannot be re-affirmed"):
        care.prepare()
    care.time_out(-5, answers=GOOD | {"consent_valid": Answer.NOT_KNOWN})
    with pytest.raises(Refused, match="consent"):
        care.begin()


@pytest.mark.hazard("H042")
def test_without_any_consent_the_time_out_says_where_to_mend(new_care: Callable[..., Care]) -> None:
    care = new_care(consented=False)
    with pytest.raises(Refused) as refused:
        care.prepare()
    assert refused.value.problems[0].where == "ask_consent_valid"
    assert "plan’s page" in refused.value.problems[0].mend


def test_a_consent_that_covers_it_is_re_affirmed(care: Care) -> None:
    care.prepare()
    care.begin()
    found = care.chart.last(TimeOut)
    assert found
    assert {i.item: i.answer for i in found[1].items}["consent_valid"] is Answer.YES


@pytest.mark.hazard("H042")
def test_a_consent_withdrawn_after_the_time_out_stops_the_start(care: Care) -> None:
    care.prepare()
    care.write(ConsentWithdrawn(consent=signed(care.chart, care.start, zone())[0].entry.id), -2)
    with pytest.raises(Refused, match="withdrawn"):
        care.begin()


@pytest.mark.hazard("H024")
def test_it_holds_to_the_day_before_six_months_are_over_by_the_clinics_calendar(
    new_care: Callable[..., Care],
) -> None:
    care = new_care(consented=False)
    care.write(consent(), 0)
    here, course = zone(), course_of(care.chart, COURSE)
    assert course
    until = signed(care.chart, care.start, here)[0].holds_until
    last = datetime(until.year, until.month, until.day, tzinfo=here) - timedelta(minutes=1)
    assert missing(care.chart, course, last, here) == ""
    assert "older than" in missing(care.chart, course, last + timedelta(minutes=1), here)


def test_a_consent_before_planning_covers_the_first_series_after_it(new_care: Callable[..., Care]) -> None:
    care = new_care(consented=False)
    care.write(consent(course=None), -9_500)
    assert why(care) == ""
    later = CoursePlanned(
        course=uuid4(),
        indication="trd",
        protocol="P05",
        protocol_version="t",
        phase="maintenance",
        sessions=(),
    )
    care.write(later, -100)
    assert (
        missing(care.chart, later, care.start, zone())
        == "the consent does not hold: it is for another series"
    )


@given(
    st.sampled_from(list(words()["product"])),
    st.sampled_from(list(words()["route"])),
    st.sampled_from(list(words()["indication"])),
)
def test_every_form_says_approval_evidence_alternatives_and_the_right_to_stop(
    product: str, route: str, indication: str
) -> None:
    form = data.form(data.scope(product, route, indication))
    ids = [e.id for e in form.elements]
    assert len(ids) == len(set(ids))
    assert {"what", "standing", "evidence", "serious", "pregnancy", "alternatives", "stop"} <= set(ids)
    assert not any("{" in e.text for e in form.elements)
    assert ("compounded" in ids) is form.scope.compounded


def test_the_words_of_a_form_do_not_change_without_its_version() -> None:
    form = data.form(data.scope("racemic_ketamine", "iv", "trd"))
    assert (form.version, form.digest[:12]) == ("2", "5987b26222c8")
