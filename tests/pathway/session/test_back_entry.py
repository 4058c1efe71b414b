"""A paper sheet typed in afterwards: all or nothing, each line at its own time, and who measured it is not who typed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from lowtide.pathway.session.actions import back_entry, dosing
from lowtide.pathway.session.actions.back_entry import Read, Sheet
from lowtide.pathway.session.rules.containers import containers
from lowtide.pathway.session.rules.facts import Facts, session_facts
from lowtide.pathway.session.rules.from_paper import who_measured
from lowtide.pathway.session.shown.lines import lines
from lowtide.pathway.session.typed.lines import cells
from lowtide.people.clinic import zone
from lowtide.problems import Conflict, Refused
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import ChairEvent, DoseStarted, DoseStopped, RateChanged, Rating, Vitals
from lowtide.record.entries.downtime import PaperTyped
from lowtide.record.entries.events import RescueGiven
from lowtide.record.entries.longrun import ContainerChanged
from lowtide.record.verify import verify
from tests.pathway.session.conftest import Care, person
from tests.pathway.session.test_containers import begin, checked, long_care
from tests.pathway.session.test_pages import NOON, SignIn, running, url

SAM = person("nurse", "Sam Second")
Row = dict[str, str]
__all__ = ["running"]


@pytest.fixture
def begun(care: Care) -> Care:
    """A dose that is running; the line went down afterwards."""
    care.prepare()
    care.begin()
    return care


def clock(care: Care, minutes: float) -> str:
    return f"{care.at(minutes).astimezone(zone()):%H:%M}"


def sheet(care: Care, *rows: Row, **changes: Any) -> Sheet:
    fields: dict[str, Any] = {
        "written_by": SAM.by,
        "why": "no network from 10:10 on",
        "day": care.start.astimezone(zone()).date(),
        "zone": zone(),
        "rows": rows,
        "names": {SAM.by: SAM.name, care.nurse.by: care.nurse.name},
    }
    return Sheet(**(fields | changes))


def look(care: Care, *rows: Row) -> Read:
    return back_entry.look(care.act(90), sheet(care, *rows))


def type_in(care: Care, *rows: Row, **changes: Any) -> list[Entry]:
    return back_entry.type_in(care.act(90, **changes), sheet(care, *rows))


def facts(care: Care) -> Facts:
    return session_facts(care.chart, care.session)


def whole(care: Care) -> tuple[Row, ...]:
    return (
        {
            "time": clock(care, 10),
            "sbp_mmhg": "136",
            "dbp_mmhg": "84",
            "heart_rate_bpm": "80",
            "spo2_pct": "97",
        },
        {"time": clock(care, 12), "did": "floating", "who": care.nurse.by},
        {"time": clock(care, 15), "did": "pause", "words": "asked for a pause"},
        {"time": clock(care, 20), "did": "rate", "number": "75"},
        {"time": clock(care, 20), "moaas": "4", "dissociation": "6"},
        {"time": clock(care, 46), "did": "stop", "number": "50"},
    )


def test_every_line_lands_at_its_own_time_in_one_append(begun: Care) -> None:
    written = type_in(begun, *whole(begun))
    assert [type(e.body) for e in written] == [
        PaperTyped, Vitals, ChairEvent, RateChanged, RateChanged, Rating, Rating, DoseStopped,
    ]  # fmt: skip
    assert [e.at for e in written[1:4]] == [begun.at(10), begun.at(12), begun.at(15)]
    assert facts(begun).given_ml == 50
    assert facts(begun).infusion.delivered_ml(begun.at(17)) == facts(begun).infusion.delivered_ml(
        begun.at(19)
    )  # type: ignore[union-attr]
    assert verify().ok


def test_the_typist_is_the_author_and_the_sheet_says_who_measured(begun: Care) -> None:
    written = type_in(begun, *whole(begun))
    assert {e.by for e in written} == {begun.nurse.by}
    assert who_measured(begun.chart, written[1]) == "Sam Second"
    assert who_measured(begun.chart, written[2]) == "Nora Nurse"
    assert who_measured(begun.chart, facts(begun).entries[0]) == ""


def test_a_line_of_the_session_says_that_it_came_from_paper(begun: Care) -> None:
    type_in(begun, *whole(begun))
    marks = {m for line in lines(begun.chart, facts(begun), zone()) for m in line.marks}
    assert "typed from paper, by Sam Second" in marks
    assert "written late" not in marks


@pytest.mark.parametrize(
    ("cell", "row"),
    [
        ("time", {"sbp_mmhg": "120"}),
        ("time", {"time": "25:10", "sbp_mmhg": "120"}),
        ("sbp_mmhg", {"time": "now", "sbp_mmhg": "12", "dbp_mmhg": "8"}),
        ("sbp_mmhg", {"time": "now", "sbp_mmhg": "80", "dbp_mmhg": "120"}),
        ("spo2_pct", {"time": "now", "spo2_pct": "nine"}),
        ("moaas", {"time": "now", "moaas": "7"}),
        ("number", {"time": "now", "did": "rate"}),
        ("number", {"time": "now", "spo2_pct": "97", "number": "75"}),
        ("did", {"time": "now", "did": "start", "number": "75"}),
        ("did", {"time": "now", "did": "rate", "number": "95"}),
        ("did", {"time": "now", "did": "nothing known"}),
    ],
)
def test_what_is_wrong_is_said_at_its_cell_and_nothing_of_the_sheet_is_saved(
    begun: Care, cell: str, row: Row
) -> None:
    good = {"time": clock(begun, 10), "spo2_pct": "97"}
    wrong = row | ({"time": clock(begun, 20)} if row.get("time") == "now" else {})
    before = begun.chart.seq
    assert (1, cell) in look(begun, good, wrong).faults
    with pytest.raises(Refused, match="1 line of the sheet"):
        type_in(begun, good, wrong)
    assert begun.chart.seq == before


def test_a_time_that_is_still_to_come_is_refused(begun: Care) -> None:
    assert (0, "time") in look(begun, {"time": clock(begun, 95), "spo2_pct": "97"}).faults


def test_a_line_is_held_against_what_had_happened_by_then_not_against_what_came_later(begun: Care) -> None:
    dosing.stop(begun.act(60), delivered_ml=Decimal(50), complete=True)
    pause = {"time": clock(begun, 15), "did": "pause", "words": "asked for it"}
    resumed = {"time": clock(begun, 20), "did": "rate", "number": "75"}
    late = {"time": clock(begun, 70), "did": "pause"}
    assert not look(begun, pause, resumed).faults
    assert (0, "did") in look(begun, late).faults


def test_what_would_make_the_session_contradict_itself_is_refused(begun: Care) -> None:
    assert (0, "did") in look(begun, {"time": clock(begun, 40), "did": "stop", "number": "60"}).faults
    dosing.stop(begun.act(60), delivered_ml=Decimal(50), complete=True)
    found = look(begun, {"time": clock(begun, 40), "did": "stop", "number": "48"})
    assert "recorded already" in found.faults[0, "did"]


def test_what_is_charted_already_is_shown_and_somebody_says_whether_it_was_measured_twice(
    begun: Care,
) -> None:
    begun.measure(10, sbp_mmhg=136, dbp_mmhg=84)
    row = {"time": clock(begun, 10), "sbp_mmhg": "136", "dbp_mmhg": "84"}
    found = look(begun, row)
    assert [(t.label, t.same) for t in found.twice] == [("BP", True)]
    with pytest.raises(Refused):
        type_in(begun, row)
    other = {"time": clock(begun, 30), "spo2_pct": "97"}
    assert len(type_in(begun, row | {"twice": "leave"}, other)) == 2
    assert len(type_in(begun, row | {"twice": "keep"})) == 2


def test_a_start_on_paper_is_recorded_with_who_took_the_time_out_there(care: Care) -> None:
    care.book()
    care.weigh()
    care.order()
    care.measure(-8)
    row = {"time": clock(care, 0), "did": "start", "number": "75"}
    assert (0, "did") in look(care, row).faults
    type_in(care, row | {"words": "time-out and check on paper by Sam and Nora"})
    entry, _ = care.chart.said(DoseStarted)[0]
    assert entry.reason == "time-out and check on paper by Sam and Nora"


def test_pressing_twice_writes_once_and_another_sheet_under_the_same_id_is_a_conflict(begun: Care) -> None:
    key = uuid4()
    type_in(begun, *whole(begun), entry_id=key)
    seq = begun.chart.seq
    assert type_in(begun, *whole(begun), entry_id=key)[0].id == key
    with pytest.raises(Conflict):
        type_in(begun, *whole(begun)[:2], entry_id=key)
    assert begun.chart.seq == seq


def test_through_midnight_a_line_names_its_own_day(new_care: Callable[..., Care]) -> None:
    care = new_care()
    care.prepare()
    care.begin()
    tomorrow = (care.start + timedelta(days=1)).astimezone(zone()).date()
    act = care.act(60 * 26)
    row = {"time": "00:40", "day": tomorrow.isoformat(), "spo2_pct": "96"}
    written = back_entry.type_in(act, sheet(care, row))
    assert written[1].at.astimezone(zone()).date() == tomorrow


def test_the_grid_has_every_row_of_the_flowsheet() -> None:
    assert {"sbp_mmhg", "dbp_mmhg", "heart_rate_bpm", "spo2_pct", "moaas", "pain"} <= {
        c.name for c in cells()
    }


@pytest.mark.parametrize("clinic_zone", [NOON])  # all of the sheet is of one day
def test_the_page_shows_the_fault_at_its_line_and_keeps_what_was_typed(
    running: Care, sign_in: SignIn
) -> None:
    nurse = sign_in("nurse")
    assert "Type in a paper sheet" in nurse.get(url(running, "paper")).content.decode()
    given = {
        "entry_id": uuid4(),
        "written_by": "other",
        "other": "Agency Nurse",
        "why": "no network",
        "day": running.start.astimezone(zone()).date().isoformat(),
        "r0-time": clock(running, 15),
        "r0-sbp_mmhg": "80",
        "r0-dbp_mmhg": "120",
        "r1-time": clock(running, 25),
        "r1-spo2_pct": "97",
    }
    answer = nurse.post(url(running, "paper"), given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "systolic is not above diastolic" in page
    assert 'value="120"' in page
    assert "Nothing was saved" in page
    assert not running.chart.said(PaperTyped)
    nurse.post(url(running, "paper"), given | {"r0-sbp_mmhg": "140", "r0-dbp_mmhg": "80"})
    assert running.chart.said(PaperTyped)[0][1].written_by == "Agency Nurse"


def medicine(care: Care, words: str) -> Row:
    return {"time": clock(care, 20), "did": "medicine", "number": "4", "words": words}


@pytest.mark.hazard("H017")
def test_a_medicine_on_the_sheet_says_what_by_which_way_and_by_whose_word(begun: Care) -> None:
    type_in(begun, medicine(begun, "Ondansetron, mg, iv, Dr Reed"), medicine(begun, "Sugar, g, po, Dr Reed"))
    found = [e.body for e in facts(begun).entries if isinstance(e.body, RescueGiven)]
    assert {(b.medicine, b.dose, b.unit, b.route, b.ordered_by, b.name) for b in found} == {
        ("ondansetron", Decimal(4), "mg", "iv", "Dr Reed", None),
        ("other", Decimal(4), "g", "po", "Dr Reed", "Sugar"),
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Ondansetron 4 mg", "medicine, unit, way, who ordered it"),
        ("Ondansetron, mg, toe, Dr Reed", "no way in"),
        ("Ondansetron, puff, iv, Dr Reed", "not given in puff"),
    ],
)
def test_a_medicine_that_cannot_be_read_is_asked_for_again(begun: Care, words: str, said: str) -> None:
    assert said in look(begun, medicine(begun, words)).faults[0, "words"]


def test_a_bag_that_was_changed_on_paper_is_the_one_whose_label_was_read(clinic: Entry) -> None:
    care = long_care()
    one, two = checked(care, -4), checked(care, -3)
    begin(care, one)
    changed = {"time": clock(care, 60), "did": "bag", "number": "0.5"}
    wrong = look(care, changed | {"words": one.body.code})
    assert "was hung before" in wrong.faults[0, "words"]
    type_in(care, changed | {"words": two.body.code})
    (body,) = [e.body for e in facts(care).entries if isinstance(e.body, ContainerChanged)]
    assert (body.begun, body.residual_ml, body.rate_ml_per_h) == (two.id, Decimal("0.5"), Decimal(25))


def bags(clinic: Entry) -> tuple[Care, Entry, Entry, Entry]:
    """A long infusion whose first of three bags hangs; then the line went down."""
    care = long_care()
    one, two = checked(care, -4), checked(care, -3)
    spare = checked(care, -2, because="one to spare")
    begin(care, one)
    return care, one, two, spare


def hung(care: Care, minute: float, one: Entry, left: str = "3") -> Row:
    return {"time": clock(care, minute), "did": "bag", "number": left, "words": one.body.code}


@pytest.mark.hazard("H012")
@pytest.mark.hazard("H017")
def test_two_bags_changed_on_one_sheet_are_each_changed_from_the_one_that_hung_then(clinic: Entry) -> None:
    care, one, two, spare = bags(clinic)
    type_in(care, hung(care, 80, spare, "5"), hung(care, 40, two, "20"))  # in no order
    changes = [e.body for e in facts(care).entries if isinstance(e.body, ContainerChanged)]
    assert [(b.ended, b.residual_ml) for b in changes] == [(one.id, Decimal(20)), (two.id, Decimal(5))]
    assert [c.residual_ml for c in containers(facts(care))] == [20, 5, None]


@pytest.mark.hazard("H014")
@pytest.mark.parametrize(
    ("row", "runs"),
    [
        ({"did": "rate", "number": "20", "words": "dizzy, Dr Reed"}, 20),
        ({"did": "pause", "words": "dizzy"}, 0),
    ],
)
@pytest.mark.parametrize("minute", [30, 40])  # 40: the line above, of the same minute
def test_a_bag_hung_on_paper_runs_at_the_rate_that_was_set_on_paper(
    clinic: Entry, row: Row, runs: int, minute: float
) -> None:
    care, _, two, _ = bags(clinic)
    type_in(care, {"time": clock(care, minute)} | row, hung(care, 40, two))
    infusion = facts(care).infusion
    assert infusion
    assert infusion.rate_at(care.at(41)) == runs


def test_of_two_lines_of_one_minute_the_lower_one_came_later(begun: Care) -> None:
    minutes = range(21, 27)
    rows = ({"did": "rate", "number": "75"}, {"did": "pause"})
    type_in(begun, *({"time": clock(begun, minute)} | row for minute in minutes for row in rows))
    infusion = facts(begun).infusion
    assert infusion
    assert [infusion.rate_at(begun.at(minute + 0.5)) for minute in minutes] == [0] * 6


@pytest.mark.hazard("H012")
def test_a_bag_is_hung_once_on_a_sheet_and_no_more_is_left_than_it_held(clinic: Entry) -> None:
    care, _, two, _ = bags(clinic)
    assert "was hung before" in look(care, hung(care, 40, two), hung(care, 80, two)).faults[1, "words"]
    assert "held 50 mL" in look(care, hung(care, 40, two, "500")).faults[0, "did"]


def test_a_whole_infusion_goes_onto_one_sheet(clinic: Entry) -> None:
    care = long_care()
    one, two = checked(care, -4), checked(care, -3)
    start = {"time": clock(care, 0), "did": "start", "number": "25", "words": one.body.code}
    stop = {"time": clock(care, 80), "did": "stop", "number": "75"}
    rows = (start, hung(care, 40, two, "25"), stop)
    assert (
        "say in words why" in look(care, *rows).faults[2, "did"]
    )  # of 100 mL: the rest of bag 1 was poured away
    type_in(care, *rows[:2], stop | {"words": "enough, says Dr Reed"})
    ended = facts(care).stopped
    assert ended
    assert (ended[1].complete, ended[0].reason) == (False, "enough, says Dr Reed")  # type: ignore[union-attr]
    assert facts(care).given_mg == 75 * Decimal("0.73")


@pytest.mark.hazard("H024")
@pytest.mark.parametrize("clinic_zone", ["Europe/Berlin"])
def test_in_the_night_in_which_the_clock_is_moved_a_time_is_the_one_that_was_meant(
    new_care: Callable[..., Care],
) -> None:
    care = new_care(datetime(2026, 10, 24, 23, 30, tzinfo=UTC))
    care.prepare()
    care.begin()
    row = {"time": "02:30", "spo2_pct": "96"}
    night = {"day": date(2026, 10, 25)}
    faults = back_entry.look(care.act(300), sheet(care, row, **night)).faults
    assert "02:30a for the first" in faults[0, "time"]
    rows = (row | {"time": "2:30b"}, row | {"time": "02:30a", "spo2_pct": "95"})
    written = back_entry.type_in(care.act(300), sheet(care, *rows, **night))
    assert [(e.at.hour, e.body.spo2_pct) for e in written[1:]] == [(0, 95), (1, 96)]  # type: ignore[union-attr]
    spring = sheet(care, row, day=date(2026, 3, 29))
    assert "there was no 02:30" in back_entry.look(care.act(300), spring).faults[0, "time"]
