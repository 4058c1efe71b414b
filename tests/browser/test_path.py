"""A first patient carried all the way, by two people, guided by nothing but the screen."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import Demo

RECORD = (
    Path(__file__).parents[1]
    / "exchange/samples/synthea-r4-bundles/Quintin_Parker_04bdc45c-c137-46f6-9d04-fce961e09c7a.json"
)
BORN = "26 Feb 1971"
BASELINE = [2, 3, 2, 2, 2, 3, 2, 1, 0]
AFTER = [1, 1, 1, 1, 0, 1, 1, 0, 1]
Visit = Callable[..., Page]


@pytest.mark.timeout(240)
def test_a_patient_arrives_as_a_file_and_leaves_with_a_next_date(visit: Visit, demo: Demo) -> None:
    desk = visit("prescriber")
    home = steps.import_record(desk, RECORD, "Quintin Parker")
    history_evaluation_and_decision(desk)
    baseline_and_plan(desk, home)
    consent_on_the_tablet(visit("nurse", size="tablet"), home)
    book_and_sign(desk, demo)
    chair = visit("nurse", size="tablet", dark=True)
    prepare_and_start(chair, home, demo)
    chart_the_infusion(chair)
    stop_and_recover(chair)
    discharge_and_sign(desk, chair)
    score_with_item_nine_raised(desk, chair, home)
    see_the_next_date(desk, home)


def history_evaluation_and_decision(desk: Page) -> None:
    steps.next_button(desk).click()
    steps.take_history(desk)
    for agent, dose in (("escitalopram", "20 mg"), ("venlafaxine", "150 mg")):
        steps.add_trial(desk, agent, dose)
    settle_the_overdose(desk)
    for section in ("Problems", "Medicines", "Allergies", "Earlier treatments"):
        steps.say_whole(desk, section)
    desk.get_by_role("navigation", name="Pathway").get_by_role("link", name="Evaluate").click()
    for label, choice in (
        ("For", "treatment-resistant depression"),
        ("With", "racemic ketamine"),
        ("By", "intravenous"),
    ):
        desk.get_by_role("combobox", name=label, exact=True).select_option(label=choice)
    desk.get_by_role("button", name="Evaluate").click()
    expect(desk.get_by_role("heading", name="Eligible")).to_be_visible()
    decision = desk.get_by_role("region", name="Your decision")
    decision.get_by_text("Eligible", exact=True).click()
    decision.get_by_label("Reason, in your words").fill("two adequate trials failed")
    decision.get_by_role("button", name="Record decision").click()
    expect(desk.get_by_role("complementary", name="Decision and policy")).to_contain_text(
        "two adequate trials failed"
    )


def settle_the_overdose(desk: Page) -> None:
    """The imported list has an overdose whose intent nobody wrote down: it waits until it is said that it was no attempt."""
    expect(desk.get_by_role("region", name="Problems", exact=True)).to_contain_text("may be suicide attempt")
    steps.add_line(
        desk,
        "Problems",
        {"Problem": "suicide attempt or other suicidal behaviour"},
        {"Is it there?": "Ruled out"},
    )


def baseline_and_plan(desk: Page, home: str) -> None:
    desk.goto(home)
    steps.next_button(desk).click()
    steps.score_phq9(desk, BASELINE)
    expect(desk.get_by_text("Baseline 17").first).to_be_visible()
    desk.goto(home)
    steps.next_button(desk).click()
    desk.get_by_role("group", name="Protocol").locator("label", has_text="P05").click()
    desk.get_by_label("First session on").fill(steps.clinic_time(desk)[:10])
    desk.get_by_label("What the person wants").fill("to sleep through")
    desk.get_by_role("button", name="Plan the course").click()
    expect(desk.get_by_role("heading", name="Course: P05, 6 sessions")).to_be_visible()


def consent_on_the_tablet(tablet: Page, home: str) -> None:
    """The nurse hands the tablet over; every element is ticked by itself, then the name is typed."""
    tablet.goto(f"{home}consent")
    steps.next_button(tablet).click()
    for box in tablet.locator(".tickbox").all():
        box.click()
    tablet.get_by_role("group", name="May the clinic use my data so?").get_by_text("No", exact=True).click()
    tablet.get_by_label("First and family name, as signature").fill("Quintin Parker")
    tablet.get_by_role("group", name="can decide it today").get_by_text("Yes", exact=True).click()
    tablet.get_by_role("button", name="Sign").click()
    steps.told(tablet, "The consent is signed.")
    tablet.get_by_role("button", name="Given on paper").click()
    expect(tablet.get_by_role("region", name="Consents, table")).to_contain_text("copy given on paper")


def book_and_sign(desk: Page, demo: Demo) -> None:
    desk.get_by_role("link", name="Book the chairs").click()
    steps.next_button(desk).click()
    desk.get_by_label("Day").fill(steps.clinic_time(desk)[:10])
    desk.get_by_label("Dose at").fill(steps.clinic_time(desk)[11:16])
    desk.get_by_label("Outside opening hours, because").fill("the walk is taken at any hour")
    desk.get_by_role("group", name="Chair").get_by_text("Chair 5").click()
    desk.get_by_label("Escort, with telephone").fill("brother, 555 0123")
    desk.get_by_label("Last ate").fill("breakfast, long ago")
    desk.get_by_role("button", name="Book it").click()
    desk.get_by_role("navigation", name="Pathway").get_by_role("link", name="Plan").click()
    steps.next_button(desk).click()
    if desk.get_by_role("link", name="Record the weight").count():
        desk.get_by_role("link", name="Record the weight").click()
        desk.get_by_label("Weight today").fill("94.2")
        desk.get_by_role("group", name="Unit").get_by_text("kg").click()
        desk.get_by_role("button", name="Record the weight").click()
    desk.get_by_role("group", name="Vial in hand").get_by_text("50 mg/mL").click()
    desk.get_by_label("Made up to").fill("50")
    desk.get_by_role("button", name="Work out the sheet").click()
    desk.get_by_label("Your name, as signature").fill("Dr Hanne Voss")
    desk.get_by_role("button", name="Sign the dose").click()
    steps.told(desk, "Signed: 47 mg")  # 47.1 mg would lie between two marks of the syringe


def prepare_and_start(chair: Page, home: str, demo: Demo) -> None:
    chair.goto(home)
    chair.get_by_role("navigation", name="Pathway").get_by_role("link", name="Session").click()
    steps.next_button(chair).click()
    chair.get_by_role("link", name="Take the time-out").first.click()
    chair.get_by_label("Birth date or number, as the patient says it").fill(BORN)
    steps.choose(chair, "Chair", "Chair 5")
    steps.answer(chair, {"still agree": "Yes", "eaten": "Yes", "drunk": "Yes", "Escort named": "Yes"})
    steps.answer(chair, {"suicidal": "No", "alcohol": "No", "airway": "Yes"})
    chair.get_by_role("button", name="Record the time-out").click()
    steps.do(chair, "Measure")
    steps.record_vitals(chair, sbp_mmhg="126", dbp_mmhg="78", heart_rate_bpm="72", spo2_pct="97")
    check_the_preparation(chair, demo)
    expect(chair.get_by_role("heading", name="Start the infusion")).to_be_visible()
    steps.do(chair, "Start")
    chair.get_by_label("Rate, mL/h").fill("75")
    chair.get_by_label("Volume to be infused, mL").fill("50")
    chair.get_by_role("button", name="Start the infusion").click()
    expect(chair.get_by_text("since start")).to_be_visible()


def check_the_preparation(chair: Page, demo: Demo) -> None:
    """A second nurse reads the syringe and the pump; the first look finds another vial."""
    steps.do(chair, "Check the preparation")
    for vial in ("100", "50"):
        chair.get_by_role("group", name="Who made it up").get_by_text("the other person checks").click()
        chair.get_by_label("Birth date or number on the label").fill(BORN)
        steps.choose(chair, "Drug on the vial", "racemic ketamine")
        chair.get_by_label("Strength on the vial").fill(vial)
        chair.get_by_label("Drawn from the vial").fill("0.94")
        chair.get_by_label("Made up to").fill("50")
        chair.get_by_label("Rate set on the pump").fill("75")
        chair.get_by_label("Volume to be infused").fill("50")
        chair.get_by_label("Expiry date on the vial").fill("2031-01-31")
        chair.get_by_label("Lot on the vial").fill("V-1")
        chair.get_by_label("sign-in name").fill("nurse2")
        chair.get_by_label("The other person: password").fill(demo.password)
        chair.get_by_role("button", name="Compare with the order").click()
        if vial == "100":
            expect(chair.locator(".one .banner--stop")).to_contain_text("strength on the vial")
    steps.told(chair, "The preparation agrees with the order")


def chart_the_infusion(chair: Page) -> None:
    steps.more(chair, "Read or change the pump’s rate")
    chair.get_by_label("Rate, mL/h").fill("60")
    chair.get_by_label("Reason").fill("dizzy")
    steps.press_record(chair)
    steps.logged(chair, "Pump, 60 mL/h, dizzy")
    steps.more(chair, "Blood pressure")
    steps.record_vitals(chair, sbp_mmhg="138", dbp_mmhg="84")
    steps.logged(chair, "138/84")
    steps.more(chair, "Dissociation")
    chair.get_by_role("dialog").get_by_text("4", exact=True).click()
    steps.press_record(chair)
    steps.logged(chair, "Dissociation 4")


def stop_and_recover(chair: Page) -> None:
    chair.get_by_role("link", name="Stop", exact=True).click()
    chair.locator("form.kp .entry input").first.fill("2")
    chair.get_by_label(re.compile("^Reason|because")).first.fill("the patient asked")
    steps.press_record(chair)
    steps.told(chair, "The observation has begun.")
    steps.more(chair, "Blood pressure")
    steps.record_vitals(chair, sbp_mmhg="128", dbp_mmhg="80")
    steps.logged(chair, "128/80")


def discharge_and_sign(desk: Page, chair: Page) -> None:
    desk.goto(chair.url)
    desk.get_by_role("link", name="Leave checks").click()
    asked = ("Knows who", "Walks", "Nausea", "usual self", "suicidal", "Escort is here", "Advice given")
    steps.answer(desk, dict.fromkeys(asked, "Yes"))
    desk.get_by_role("button", name="as planned").click()
    desk.get_by_label("Reason, where something is not met").fill("2 mL went in; well")
    desk.get_by_role("button", name="Record that the patient left").click()
    steps.told(desk, "left")
    chair.reload()
    chair.get_by_role("link", name="Read and sign").first.click()
    chair.get_by_label("Your name").fill("Silvia Ortega")
    chair.get_by_role("button", name="Sign the session").click()
    expect(chair.get_by_text("signed").first).to_be_visible()


def score_with_item_nine_raised(desk: Page, chair: Page, home: str) -> None:
    chair.goto(home)
    chair.get_by_role("navigation", name="Pathway").get_by_role("link", name="Outcomes").click()
    chair.get_by_role("link", name="Score a PHQ-9").click()
    steps.score_phq9(chair, AFTER, ends="**/risk")
    expect(chair.get_by_text("item 9").first).to_be_visible()
    desk.goto(f"{home}outcomes")
    forms = desk.get_by_role("region", name="Forms")
    expect(forms.get_by_role("row").filter(has_text="asked aloud")).to_have_count(2)
    desk.goto("/today")
    expect(desk.get_by_role("link", name="Open and call , Quintin Parker")).to_be_visible()
    desk.goto(f"{home}record")
    expect(desk.get_by_role("region", name="Alerts")).to_contain_text("Item 9 is above 0")


def see_the_next_date(desk: Page, home: str) -> None:
    desk.goto(home)
    desk.get_by_role("navigation", name="Pathway").get_by_role("link", name="Maintain").click()
    expect(desk.get_by_role("heading", name="Next session, by the protocol")).to_be_visible()
    expect(desk.get_by_role("region", name="Next session, by the protocol")).to_contain_text("Not before")
    expect(desk.get_by_role("region", name="Ahead")).to_contain_text("Session 2")
