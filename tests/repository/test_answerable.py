"""Every number without a seen source that gates care stands in the walk of the clinical lead, or says why it does not."""

import tomllib
from collections.abc import Callable, Iterator
from csv import DictReader
from pathlib import Path
from typing import Any

import pytest

from lowtide.data import approving
from lowtide.data.protocols import every as every_plan
from lowtide.data.protocols import open_fields
from lowtide.data.safe import safe
from lowtide.pathway.course.answerable import answerables, named_numbers
from lowtide.pathway.evaluate.ruling.parts import parts

DATA = Path(__file__).parents[2] / "src" / "lowtide" / "data"

KEY: dict[str, Callable[[str], str]] = {
    "dosing.toml": lambda name: f"dosing:{name}",
    "monitoring.toml": lambda name: f"monitoring:{name}",
    "workup.toml": lambda name: f"workup:{name}",
    "programs.toml": lambda name: f"program:{name}",
    "longterm.toml": lambda name: f"longterm:{name}",
    "minimum_doses.csv": lambda name: f"minimum_dose:{name}",
}
"""File -> the key that a row of it has in the walk, by the row's name."""
SINGLE = {
    "trials.toml": {
        "response_from_pct": "trial:response",
        "kinds": "trial:psychotherapy",
        "minimum_doses": "minimum_dose:antidepressant|citalopram",
        "maudsley": "trial:failures",
    },
    "prescreen.toml": {"limits": "prescreen:from_one_address"},
    "reconciling.toml": {"stale_after_days": "reconciling:stale_after_days"},
    "consent/en.toml": {"max_age": "consent:max_age", "compounding": "consent:compounding"},
}
NOT_THERE = {
    "crisis_words.toml": "words that raise a task and show help; help is on every page without them, and none lowers an alarm",
    "portal_pages.toml": "texts for patients, each with its source or the words that it has none; no number gates care",
    "answers.toml": "wordings that a nurse taps to answer a reminder, no number",
    "audiences.toml": "who reads a note is decided by roles and audience, no number",
    "hazards.csv": "the hazard log is read by people, not by the pathway",
    "emergencies.toml": "steps read aloud at the chair, no number; each shows its own mark, and nothing waits for them",
    "events.toml": "words for what happened; no number but the grade, which a person gives",
    "laboratory.toml": "a second look at what was typed; nothing is refused or let through by it",
    "leaving.toml": "words that are said to somebody who leaves",
    "reports.toml": "who is told; by when is said by schedules.toml, whose times are in the walk",
    "rescue.toml": "names of medicines that are given by order; no dose is proposed, and a warning never refuses",
    "result_words.toml": "words that leave a result to a clinician or hold; none clears what somebody called out of range",
    "risk.toml": "ways of contact, reasons for closing and whom an answer left out is urgent for, no number; a person gives them, and none gates care",
    "trajectory.toml": "from which fall a day of relief is told on a page; it gates no care",
    "therapy.toml": "prompts for a therapist's own words",
    "hazard_controls.csv": "what was built against each hazard, for the hazard log",
    "hazard_results.csv": "how the tests of each hazard ended, for the hazard log",
    "likeness.toml": "how alike two names look asks a question of the desk; it gates no care",
    "maintenance.toml": "rules point at a step that a clinician chooses, each with its own mark; their numbers are in schedules.toml",
    "monitors.toml": "which code of a monitor means what; the live page shows what was heard, and no dose rests on it",
    "plausibility.toml": "limits of belief: a slip of the hand is asked again, no dose and no decision rests on them",
    "portal.toml": "shown to the patient as the clinic's advice; what gates the dose is asked at the chair (M01)",
    "retention.toml": "how long a record is kept; the retention page shows its own mark",
    "codes": "which code means what; what is not matched defers (H017), and a match is shown beside what was read",
    "consent/evidence.toml": "words for patients, read aloud and signed one by one",
    "translations": "words of an instrument in another language; items, values and scoring stay those of the instrument",
    "instruments": "scoring and words of an instrument, shown with its own mark; what gates care is a named number",
    "papers": "words, codes and fields of documents; each shows its own mark where it stands, and none gates care",
    "evidence": "what trials found, for reading: recalled rows are left out unless asked for, and are marked; no care is gated",
    "pharmacology": "predictions say their own evidence and gate nothing",
    "fhir": "the codes of an exchange format",
    "given_elsewhere.toml": "codes that stay out of what is sent until looked up; an assumption that stands in its entry",
}
"""File or folder -> why its unverified rows are not in the walk."""
SETTING = {"shown_matches", "shown_guesses", "members", "infusion_mg_per_kg", "infusion_min", "weight_kg",
           "followed_h", "flat"}  # fmt: skip
"""Rows of reconciling.toml that only draw a comparison of exposures or shorten a list."""

READ_OFF = {p.id for p in safe().product} | {"loss_report"}
"""Rows of safe.toml that gate nothing: what stands on a container is read off it, and a list for a form."""


def unverified(table: Any, name: str = "") -> Iterator[str]:
    """The names of the rows that carry a mark: `verified` is false, or single fields are not."""
    if isinstance(table, list):
        for one in table:
            yield from unverified(one, name)
    elif isinstance(table, dict):
        own = str(table.get("id") or table.get("rule_id") or name)
        marks = (table.get("verified"), table.get("failures_verified"))
        if False in marks or table.get("unverified") or table.get("unverified_fields"):
            yield own
        for key, value in table.items():
            inside = {
                "id",
                "rule_id",
                "criterion",
                "severity",
            } & table.keys()  # a part of a row goes by the row's name
            yield from unverified(value, key if isinstance(value, dict) and not inside else own)


def marked_rows() -> Iterator[tuple[str, str]]:
    for path in sorted(DATA.rglob("*.toml")):
        file = str(path.relative_to(DATA))
        yield from ((file, name) for name in unverified(tomllib.loads(path.read_text())))
    for path in sorted(DATA.rglob("*.csv")):
        for row in DictReader(path.open()):
            if row.get("verified") == "no":
                yield str(path.relative_to(DATA)), f"{row.get('use')}|{row.get('agent')}"


def in_the_walk() -> set[str]:
    return {row.key[0] for row in answerables()} | {key[0] for key, _ in named_numbers()}


def expected(file: str, name: str, every: set[str]) -> bool:
    folder = file.partition("/")[0]
    if folder == "rules":
        return bool({name, f"rule:{name}", f"interaction:{name}"} & every)
    if folder in ("protocols", "own_plans"):
        given = open_fields(every_plan()[name])  # a field that is named and not given decides nothing
        return not given or any(key.startswith(f"protocol:{name}:") for key in every)
    if file == "schedules.toml":
        return bool({f"due:{name}", f"limit:{name}"} & every)
    if file == "safe.toml":
        return f"safe:{name}" in every or name in READ_OFF
    if file in KEY:
        return KEY[file](name) in every
    return SINGLE.get(file, {}).get(name) in every


@pytest.mark.hazard("H030")
def test_every_unverified_row_is_in_the_walk_or_says_why_not() -> None:
    every = in_the_walk()
    lost = [
        (file, name)
        for file, name in marked_rows()
        if file not in NOT_THERE
        and file.partition("/")[0] not in NOT_THERE
        and not (file == "reconciling.toml" and name in SETTING)
        and not (file == "consent/en.toml" and name not in SINGLE[file])  # words that are ticked one by one
        and not expected(file, name, every)
    ]
    assert not lost


def test_the_reasons_name_files_that_exist_and_are_marked() -> None:
    assert not [name for name in NOT_THERE if not (DATA / name).exists()]


def test_every_row_has_a_step_and_every_number_a_plausible_range() -> None:
    kinds = {kind for step in approving.steps() for kind in step.kinds}
    assert {"workup", "ledger", "tolerability", "consent", "booking", "prescreen", "programs"} <= kinds
    without = [part.key for row in answerables() for part in parts(row) if part.plausible is None]
    assert not without


@pytest.mark.parametrize("table", sorted({row.table for row in answerables()} - {"program"}))
def test_each_table_offers_numbers_to_change(table: str) -> None:
    assert [part for row in answerables() if row.table == table for part in parts(row)]
