"""What a medicine means for a session: hours reckoned from the table, exposure from the models, the worst first."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.policies import policy
from lowtide.data.rules import Hold, interactions
from lowtide.pathway.evaluate.reconciling.lines import medicines
from lowtide.pathway.evaluate.reconciling.meaning import Treatment, window
from lowtide.pathway.evaluate.reconciling.names import guesses, search
from lowtide.pathway.plan.medicines.exposure import exposure
from lowtide.pathway.plan.medicines.page import Scene, held, rows
from lowtide.record.chart import Chart
from lowtide.record.entries.history import Medicine, ProblemStatus
from tests.pathway.evaluate.charts import NOW, chart, entry
from tests.pathway.plan.test_medicines_pages import take, url

BERLIN = ZoneInfo("Europe/Berlin")
SESSION = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
IV = Treatment("trd", "racemic_ketamine", "iv", "")
ORAL = Treatment("trd", "racemic_ketamine", "po", "")
NASAL = Treatment("trd", "esketamine_nasal", "in", "")


def taking(*names: str, status: ProblemStatus = ProblemStatus.ACTIVE, stopped: str | None = None) -> Chart:
    return chart(*(Medicine(name=name, status=status, stopped=stopped) for name in names))


def scene(asked: Treatment = IV, session: datetime | None = SESSION) -> Scene:
    return Scene(asked, session, 1, policy("default").numbers(), {}, 70.0, BERLIN, NOW)


def held_of(name: str, **more: object) -> list[str]:
    [line] = medicines(taking(name), NOW).lines
    return [h.text for h in held(line, scene(**more))]  # type: ignore[arg-type]


def exposure_of(name: str, asked: Treatment) -> str:
    [line] = medicines(taking(name), NOW).lines
    return exposure(line, asked, 70.0).text


# -- hours ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Ativan", "None from Mon 23 Nov, 22:30 until the dose"),
        ("Ativan", "Not stopped for a session"),
        ("alcohol", "None from Mon 23 Nov, 10:30 until Wed 25 Nov, 10:30"),
        ("Concerta", "None on Tue 24 Nov until discharge"),
        ("OxyNorm", "No extra dose from Tue 24 Nov, 06:30 until the dose"),
        ("Xyrem", "None from Mon 23 Nov, 10:30 until Wed 25 Nov, 10:30"),
        ("dextromethorphan", "None from Mon 23 Nov, 10:30 until the dose"),
        ("Nardil", "The prescriber decides whether a dose is held"),
        ("Norvasc", "Not stopped for a session"),
    ],
)
def test_what_is_held_has_its_hours(name: str, text: str) -> None:
    assert text in held_of(name)


def test_without_a_session_the_hours_are_said_in_words() -> None:
    assert "None within 12 h before a session" in held_of("Ativan", session=None)


def test_a_hold_of_one_medicine_of_a_class_does_not_reach_the_others() -> None:
    assert held_of("memantine") == []


def test_a_way_in_that_an_interaction_does_not_concern_is_left_out() -> None:
    assert held_of("oxymetazoline", asked=NASAL) == ["None from Tue 24 Nov, 09:30 until the dose"]
    assert held_of("oxymetazoline", asked=IV) == []


def test_every_timing_that_names_hours_is_typed_with_the_same_hours() -> None:
    for row in interactions().values():
        if " h" in row.timing and row.hold.is_timed:
            assert f"{row.hold.before_h} h" in row.timing


def test_hours_that_no_source_gives_stand_in_a_row_that_waits_for_approval() -> None:
    loose = [row for row in interactions().values() if not row.hold.verified]
    assert loose
    assert not [row.id for row in loose if row.verified and not row.unverified_fields]


@given(st.integers(1, 400), st.datetimes(datetime(2026, 1, 2), datetime(2027, 12, 1)))  # noqa: DTZ001
def test_a_window_starts_so_many_real_hours_before_the_session(hours: int, at: datetime) -> None:
    session = at.replace(tzinfo=UTC)
    found = window(Hold(before_h=hours), session, BERLIN)
    assert found is not None
    assert found.starts is not None
    assert round((session - found.starts).total_seconds() / 3600) == hours


# -- exposure ---------------------------------------------------------------------------------------------------


def test_a_measured_inhibitor_raises_oral_exposure_as_was_measured() -> None:
    assert "Whole exposure × 2.40" in exposure_of("Ticlid", ORAL)


def test_an_inducer_lowers_oral_exposure_much_and_intravenous_little() -> None:
    assert "Whole exposure × 0.14" in exposure_of("Rifadin", ORAL)
    assert "Whole exposure × 0.86" in exposure_of("Rifadin", IV)


def test_an_inhibitor_without_a_measurement_is_named_and_not_guessed() -> None:
    assert "none is guessed" in exposure_of("ketoconazole", ORAL)
    assert exposure_of("metformin", ORAL) == "No measured effect on exposure is known."


# -- the order, and what may be meant ---------------------------------------------------------------------------


@pytest.mark.hazard("H033")
def test_among_twenty_medicines_the_mao_inhibitor_is_the_first() -> None:
    many = (
        "sertraline", "metformin", "ramipril", "omeprazole", "atorvastatin", "lithium", "topiramate", "gabapentin",
        "levothyroxine", "amlodipine", "cetirizine", "paracetamol", "ibuprofen", "salbutamol", "montelukast",
        "aspirin", "furosemide", "bisoprolol", "folic acid", "Nardil",
    )  # fmt: skip
    found = rows(medicines(taking(*many), NOW).taken, scene(), {})
    assert len(found) == 20
    assert found[0]["generic"] == "phenelzine"


@pytest.mark.hazard("H032")
def test_an_unmatched_medicine_stands_before_all_others() -> None:
    found = rows(medicines(taking("Nardil", "Zyxaprol"), NOW).taken, scene(), {})
    assert [row["word"] for row in found] == ["Unmatched", "Major"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sertralline", "sertraline"),
        ("lorazepan", "lorazepam"),
        ("clopidrogel", "clopidogrel"),
        ("ritalim", "methylphenidate"),
    ],
)
def test_a_misspelling_asks_for_what_may_be_meant(typed: str, meant: str) -> None:
    assert meant in [guess.name for guess in guesses(typed)]


def test_a_search_finds_by_brand_and_by_generic_name() -> None:
    assert "lorazepam" in [guess.name for guess in search("tem")]
    assert "lorazepam" in [guess.name for guess in search("loraz")]
    assert search("") == ()


def test_an_inducer_that_was_stopped_last_week_still_acts() -> None:
    stopped = taking("carbamazepine", status=ProblemStatus.PAST, stopped="2026-11-15")
    [row] = rows(medicines(stopped, NOW).lines, scene(), {})
    assert "14 more days" in row["lingers"]


def test_the_same_medicine_told_by_two_people_is_one_line_whoever_came_first() -> None:
    told = [
        entry(Medicine(name=n, status=ProblemStatus.ACTIVE), days=d)
        for d, n in enumerate(("Zoloft", "sertraline"))
    ]
    assert len(medicines(chart(*told), NOW).lines) == len(medicines(chart(*reversed(told)), NOW).lines) == 1


def test_who_reads_but_does_not_write_finds_nothing_to_settle(
    new_patient: Callable[..., UUID], sign_in: Callable[..., Client]
) -> None:
    patient = new_patient()
    for name in ("Temesta", "Imovane", "Elvanse", "Lamictal"):
        take(patient, name)
    html = sign_in("therapist").get(url(patient)).content.decode()
    assert html.count('class="med"') == 4
    assert "Settle" not in html
