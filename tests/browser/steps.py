"""What a person does on the pages before a session, by the labels that they see."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page

ANSWERS = {
    "Where will treatment be given?": "outpatient",
    "Does the patient have a major depressive disorder?": "Now",
    "Has the prescription monitoring programme been checked": "Yes",
    "Which Child-Pugh class": "none",
    "How severe is any substance or alcohol use disorder": "none",
    "What did the latest pregnancy test show": "Not known",
}
NUMBERS = {
    "measured weight": "94.2",
    "How tall": "177",
    "systolic": "124",
    "diastolic": "78",
    "ALT": "0.8",
    "AST": "0.7",
    "BPIC-SS": "2",
    "TSH": "1.8",
    "oxygen saturation": "98",
    "MADRS": "31",
    "YMRS": "2",
    "MoCA": "28",
    "AUDIT-C": "1",
    "lorazepam": "0",
    "morphine": "0",
    "first-line treatments": "2",
}
ALL_YES = ("workup", "consent")


def import_record(page: Page, file: Path, name: str) -> str:
    """Bring a file in and open the chart it made; answers the chart's address."""
    page.get_by_role("link", name="Import").click()
    page.get_by_label("Files", exact=True).set_input_files(file)
    page.get_by_role("button", name="See what will come in").click()
    page.get_by_role("button", name="Bring in").click()
    page.get_by_role("link", name="Open the chart").click()
    page.get_by_role("heading", name=name).wait_for()
    return page.url


def next_button(page: Page) -> Locator:
    """The filled button of the page's next thing."""
    return page.get_by_role("region", name="Next").locator(".btn--go").first


def told(page: Page, words: str) -> None:
    """Wait until the page says so."""
    page.get_by_role("region", name="Messages").get_by_text(words).first.wait_for()


def take_history(page: Page) -> None:
    """Answer every section as somebody with depression and nothing that stands in the way would."""
    page.locator("form.sheet[id]").first.wait_for()
    for key in [str(form.get_attribute("id")) for form in page.locator("form.sheet[id]").all()]:
        form = page.locator(f"form#{key}")
        for row in form.locator("fieldset.q-row").all():
            _answer(row, yes=key in ALL_YES)
        form.get_by_role("button", name="Save").click()
        told(page, "saved.")


def _answer(row: Locator, *, yes: bool) -> None:
    question = row.locator("legend").inner_text()
    for asked, value in NUMBERS.items():
        if asked in question and row.locator("input[name^=value-]").count():
            row.locator("input[name^=value-]").fill(value)
            return
    said = next((a for q, a in ANSWERS.items() if question.startswith(q)), None)
    options = row.locator(".pick").all_inner_texts()
    wanted = said or next(o for o in ("Yes" if yes else "No", "Never", "None", "Not known") if o in options)
    row.locator(".pick").get_by_text(wanted, exact=True).click()


def add_line(
    page: Page,
    section: str,
    filled: dict[str, str],
    chosen: dict[str, str],
    picked: dict[str, str] | None = None,
) -> None:
    """Add a line to a list of the history: fields filled, then choices made, then picked from lists."""
    sheet = page.get_by_role("region", name=section, exact=True)
    if not sheet.locator("details[open]").count():
        sheet.locator("summary", has_text="Add a").click()
    for label, value in filled.items():
        sheet.get_by_label(re.compile(f"^{label}")).first.fill(value)
    for legend, choice in chosen.items():
        sheet.get_by_role("group", name=legend).get_by_text(choice, exact=True).click()
    for label, option in (picked or {}).items():
        sheet.get_by_role("combobox", name=re.compile(f"^{re.escape(label)}")).select_option(label=option)
    sheet.get_by_role("button", name="Add the").click()
    told(page, "Added: ")


def say_whole(page: Page, section: str) -> None:
    page.get_by_role("region", name=section, exact=True).locator('form[action*="/whole"] button').click()
    told(page, "Recorded, with your name")


def score_phq9(page: Page, answers: list[int], ends: str = "**/outcomes") -> None:
    """Answer the nine questions at the desk and record them."""
    page.get_by_role("group", name="How were they given?").get_by_text("Asked aloud").click()
    for question, value in zip(page.locator(".question").all(), answers, strict=True):
        question.locator(".answer").nth(value).click()
    page.get_by_role("button", name="Record the answers").click()
    page.wait_for_url(ends)


def add_trial(page: Page, agent: str, dose: str) -> None:
    """An adequate antidepressant trial of this episode."""
    chosen = {"At least the minimum effective dose?": "Yes", "In the present episode?": "Yes"}
    filled = {"Treatment": agent, "Highest dose": dose, "Weeks at that dose": "8"}
    picked = {"Taken as prescribed?": "As prescribed", "Result": "No response"}
    add_line(page, "Earlier treatments", filled, chosen, picked)


def clinic_time(page: Page) -> str:
    """Now, as the clinic's clock says it: 2026-11-27T03:41:01+01:00."""
    return str(page.locator("body").get_attribute("data-server-now"))


def choose(page: Page, group: str, option: str) -> None:
    page.get_by_role("group", name=re.compile(group)).get_by_text(option, exact=True).click()


def answer(page: Page, answers: dict[str, str]) -> None:
    for question, option in answers.items():
        choose(page, question, option)


def do(page: Page, verb: str) -> None:
    """Press the large button at the chair."""
    page.get_by_role("region", name="Next").get_by_role("link", name=verb).click()


def more(page: Page, entry: str) -> None:
    """Open one of the things under More."""
    page.locator("details.more summary").click()
    page.locator("details.more").get_by_role("link", name=entry).first.click()
    page.locator("form.kp").wait_for()


def press_record(page: Page) -> None:
    page.locator("form.kp button[type=submit]").click()
    page.locator("form.kp").wait_for(state="detached")


def record_vitals(page: Page, **values: str) -> None:
    """Fill the pad by the names of its fields, such as sbp_mmhg, and record."""
    for name, value in values.items():
        page.locator(f"form.kp [name={name}]").fill(value)
    press_record(page)


def logged(page: Page, words: str) -> None:
    """Wait until the session's log says so."""
    page.locator(".tl", has_text=words).first.wait_for()
