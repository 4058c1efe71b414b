"""Evidence for one person: their own way of treatment, and plainly where the trials do not speak of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from lowtide.record.entries.care import CandidacyDecided
from lowtide.record.entries.history import Diagnosis, HistoryTaken, ProblemStatus
from lowtide.record.entries.identity import Patient, Sex
from lowtide.site.evidence_pages import person
from tests.pathway.course.story import Story
from tests.pathway.evaluate.test_ledger import told as trial
from tests.science.evidence.test_named import altered, swapped

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


def told(*, born: str = "1980-05-17", sex: Sex = Sex.FEMALE) -> Story:
    story = Story(at=datetime.now(UTC) - timedelta(days=3), register=False)
    story.say(Patient(family="Testperson", given="Ada", birth_date=born, sex=sex))
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


AGENTS = ("escitalopram", "sertraline", "venlafaxine", "mirtazapine", "bupropion", "fluoxetine")


def failed(story: Story, number: int) -> Story:
    """So many adequate trials of different antidepressants, and the list is whole."""
    doses = {"venlafaxine": 150, "mirtazapine": 30, "bupropion": 300, "escitalopram": 20, "fluoxetine": 40}
    for agent in AGENTS[:number]:
        story.say(trial(agent, doses.get(agent, 100)))
    story.say(HistoryTaken(items=("trials",)))
    return story


def test_a_null_trial_of_the_planned_way_is_shown_to_the_person(sign_in: SignIn) -> None:
    text = page(sign_in, told().decided().planned().tell())
    short = text.split("In short, for this way of giving it")[1].split("</section>")[0]
    assert "KARMADep2" in short
    assert "OR 1.76 (0.63 to 4.94)" in short


def test_a_course_shows_how_long_a_course_lasts_and_how_each_study_was_made(sign_in: SignIn) -> None:
    lasting = page(sign_in, told().decided().planned().tell()).split("How long it lasts")[1]
    assert lasting.index("A course of ketamine infusions") < lasting.index("One ketamine infusion")
    assert "18 days after last infusion" in lasting
    assert "responders to induction (retrospective cohort)" in lasting
    assert "open-label" in lasting


def test_side_effects_are_ordered_by_weight_and_not_by_the_alphabet(sign_in: SignIn) -> None:
    harms = page(sign_in, told().decided().planned().tell()).split('id="pe-harms"')[1]
    assert harms.index("Ekstrand 2022: racemic") < harms.index("Abbar 2022: racemic")
    spray = page(sign_in, decided(told(), "trd", "esketamine_nasal", "in").tell()).split('id="pe-harms"')[1]
    first = spray.split("From other studies and periods")[0]
    assert "Label: Spravato" in first
    assert "any serious or severe common adverse reaction" in first
    assert "61–84 against 5–16" in spray


def test_somebody_with_pain_reads_the_harms_of_pain_trials_and_that_the_regimen_differs(
    sign_in: SignIn,
) -> None:
    text = page(sign_in, decided(told(), "crps", "racemic_ketamine", "iv").tell())
    harms = text.split('id="pe-harms"')[1]
    assert "76 against 18 of 100" in harms
    assert "2.68 against 5.45" in text
    assert "Schwartzman 2009" in text
    elsewhere = harms.index("Of the same product in other conditions")
    assert harms.index("Sigtermans 2009") < elsewhere < harms.index("suicide attempt within 6 weeks")
    assert "Neither the numbers nor the kinds carry over." in harms
    assert "ketamine 0.5 mg/kg 3/week, up to 12 over 40 min" in harms
    assert "adequate antidepressant trial" not in text


def test_what_a_trial_printed_is_shown_although_it_is_not_counted(sign_in: SignIn) -> None:
    text = page(sign_in, decided(told(), "trd", "racemic_ketamine", "po").tell())
    assert "LSMD -6.10 (-11.16 to -1.00)" in text
    assert "relapse: it prints percentages" in text
    assert "can be counted as a comparison" in text


def test_many_failed_trials_bring_the_people_who_are_nearest(sign_in: SignIn) -> None:
    few = page(sign_in, failed(told().decided(), 2).planned().tell())
    assert "Pfeiffer 2024" not in few.split("In short")[0]
    three = page(sign_in, failed(told().decided(), 3).planned().tell()).split("In short")[0]
    assert "In ordinary clinics the more resistant became well less often" in three
    assert "remission after a course in ordinary clinics" in three
    assert "veterans" not in three
    many = page(sign_in, failed(told().decided(), 6).planned().tell()).split("In short")[0]
    assert "6 adequate antidepressant trials on the chart." in many
    assert "response at six weeks, veterans with about six failed trials" in many


def test_outside_every_trial_nobody_is_told_that_nothing_sets_them_apart(sign_in: SignIn) -> None:
    text = page(sign_in, decided(told(), "gad", "racemic_ketamine", "im").tell())
    assert "No randomised trial in the table gave" in text
    assert "Nothing on the chart sets this person apart" not in text


def test_where_no_row_was_read_the_page_says_so(sign_in: SignIn) -> None:
    text = page(sign_in, decided(told(), "gad", "racemic_ketamine", "im").tell())
    assert "No row on how long racemic ketamine, intramuscular lasts in anxiety was read." in text
    assert "No row on side effects of racemic ketamine, intramuscular in anxiety was read." in text


def test_the_name_is_the_only_first_heading_of_the_page(sign_in: SignIn) -> None:
    for story in (told(), told().decided().planned()):
        assert page(sign_in, story.tell()).count("<h1") == 1


@pytest.mark.hazard("H028")
def test_a_list_of_trials_that_is_not_whole_says_at_least(sign_in: SignIn) -> None:
    story = told().decided().planned()
    story.say(trial("sertraline", 100))
    assert "At least 1 adequate antidepressant trial on the chart" in page(sign_in, story.tell())


def like(sign_in: SignIn, story: Story) -> str:
    """What stands under “Is this person in the trials?”."""
    return page(sign_in, story).split('id="pe-like"')[1].split("</section>")[0]


def test_a_man_planned_for_the_spray_reads_what_men_apart_gained_and_that_it_may_be_chance(
    sign_in: SignIn,
) -> None:
    man = like(sign_in, decided(told(sex=Sex.MALE), "trd", "esketamine_nasal", "in").tell())
    assert "the gain was clear in women and not in men apart" in man
    assert "it may be chance" in man
    assert "LSMD -1.60 (-5.60 to 2.41)" in man
    assert "LSMD -4.50 (-7.26 to -1.70)" in man
    assert "Nothing on the chart sets this person apart" not in man
    others = (
        decided(told(), "trd", "esketamine_nasal", "in"),
        decided(told(sex=Sex.MALE), "trd", "racemic_ketamine", "iv"),
    )
    for story in others:
        assert "men apart" not in like(sign_in, story.tell())


def test_what_is_said_of_men_goes_when_the_rows_no_longer_have_it_so_and_their_rows_stay(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = altered(outcomes=swapped("PBO_all,LSMD,-1.6,-5.6,2.41", "PBO_all,LSMD,-3.6,-5.6,-1.41"))
    monkeypatch.setattr(person, "standing", lambda: now)
    man = like(sign_in, decided(told(sex=Sex.MALE), "trd", "esketamine_nasal", "in").tell())
    assert "not in men apart" not in man
    assert "What the trials counted of people like this one:" in man


def test_somebody_old_planned_for_the_spray_reads_the_trial_of_people_of_that_age(sign_in: SignIn) -> None:
    old = like(sign_in, decided(told(born="1950-01-01"), "trd", "esketamine_nasal", "in").tell())
    assert "did not show what it was made to show" in old
    assert "LSMD -3.60 (-7.20 to 0.07)" in old
    assert "LSMD -0.40 (-10.38 to 9.50)" in old


def test_trials_of_the_spray_that_found_nothing_stand_beside_those_that_did(sign_in: SignIn) -> None:
    text = page(sign_in, decided(told(), "trd", "esketamine_nasal", "in").tell())
    short = text.split("In short, for this way of giving it")[1].split("</section>")[0]
    for said in ("-15.1 against -15.3 points, MADRS", "LSMD -6.80, p <0.001", "LSMD -3.60 (-7.20 to 0.07)"):
        assert said in short
