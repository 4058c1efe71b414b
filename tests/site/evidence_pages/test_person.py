"""Evidence for one person: their own way of treatment, and plainly where the trials do not speak of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from lowtide.record.entries.care import CandidacyDecided
from lowtide.record.entries.history import Diagnosis, ProblemStatus
from lowtide.record.entries.identity import Patient, Sex
from tests.pathway.course.story import Story

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


def told(*, born: str = "1980-05-17") -> Story:
    story = Story(at=datetime.now(UTC) - timedelta(days=3), register=False)
    story.say(Patient(family="Testperson", given="Ada", birth_date=born, sex=Sex.FEMALE))
    return story.took_history()


def page(sign_in: SignIn, story: Story) -> str:
    response = sign_in("prescriber").get(f"/patients/{story.patient}/evidence")
    assert response.status_code == 200
    return unescape(response.content.decode())


def decided(story: Story, indication: str, product: str, route: str) -> Story:
    story.say(
        CandidacyDecided(
            decision="eligible",
            suggested="eligible",
            indication=indication,
            product=product,
            route=route,
            policy="default",
            rules_version="1",
            findings=(),
            known={},
        )
    )
    return story


def test_the_planned_way_of_treatment_brings_its_own_trials(sign_in: SignIn) -> None:
    text = page(sign_in, told().decided().planned().tell())
    assert "Treatment-resistant depression; racemic ketamine, intravenous, from the planned course" in text
    assert "ELEKTD2023" in text
    assert "placebo spray" not in text.split("Side effects")[0]


def test_a_way_that_no_trial_gave_is_said_to_be_outside(sign_in: SignIn) -> None:
    text = page(sign_in, decided(told(), "fibromyalgia", "racemic_ketamine", "sl").tell())
    assert "No randomised trial in the table gave racemic ketamine, sublingual in fibromyalgia." in text
    assert "No number" in text


@pytest.mark.hazard("H028")
def test_what_the_chart_does_not_say_is_not_read_as_no(sign_in: SignIn) -> None:
    text = page(sign_in, told().decided().tell())
    assert "Psychosis: not asked or not settled." in text
    assert "How many adequate antidepressant trials failed is not known." in text


def test_psychosis_and_great_age_set_a_person_outside(sign_in: SignIn) -> None:
    story = told(born="1940-01-01").decided()
    story.say(Diagnosis(label="psychosis", keys=("psychosis",), status=ProblemStatus.ACTIVE))
    text = page(sign_in, story.tell())
    assert "Psychosis now: excluded nearly everywhere." in text
    assert "Over 75: most trials stopped at 75 or 80." in text


def test_before_anything_is_planned_the_page_says_what_comes_next(sign_in: SignIn) -> None:
    assert "Nothing is planned or decided yet" in page(sign_in, told().tell())


def test_the_plan_leads_to_it(sign_in: SignIn) -> None:
    story = told().decided().planned().tell()
    plan = sign_in("prescriber").get(f"/patients/{story.patient}/plan").content.decode()
    assert f"/patients/{story.patient}/evidence" in plan


def test_the_front_desk_sees_none_of_it(sign_in: SignIn) -> None:
    story = told().decided().tell()
    assert sign_in("front_desk").get(f"/patients/{story.patient}/evidence").status_code == 403
