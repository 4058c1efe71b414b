"""The table of trials: every row is kept as its source gives it, and whoever adds a study is told each fault by its place."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data import evidence_checks
from lowtide.data.evidence import ROWS, shipped
from lowtide.data.evidence_cells import Fault, columns, rows
from lowtide.data.evidence_checks import check, tables
from lowtide.data.evidence_words import indications_of, scale, window, words
from lowtide.problems import BadInput

Lines = list[dict[str, str]]


def lines(table: str) -> Lines:
    return list(csv.DictReader(io.StringIO(shipped()[table])))


def written(its: Lines) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, its[0])
    writer.writeheader()
    writer.writerows(its)
    return out.getvalue()


def changed(table: str, found: Callable[[dict[str, str]], bool], **cells: str) -> tuple[str, int]:
    """The table with the first such row changed, and the line of that row."""
    its = lines(table)
    place = next(i for i, line in enumerate(its) if found(line))
    its[place] |= cells
    return written(its), place + 2


def test_the_tables_have_no_fault_and_lose_no_row() -> None:
    found = check(shipped())
    assert not found.faults
    assert found.rows == {name: len(lines(name)) for name in ROWS}


def test_trials_that_found_nothing_are_in() -> None:
    named = set(tables().study)
    assert {"Takahashi2021", "Lii2023", "KARMADep2", "Abdallah2022"} <= named


def test_what_is_not_known_is_none_and_a_printed_range_stays_one() -> None:
    found = tables()
    assert found.arm["KADS2023", "KET_FIX"].n_arm is None
    dose = found.arm["TRANSFORM2", "ESK"].dose_value
    assert dose is not None
    assert (dose.text, str(dose.low), str(dose.high), dose.exact) == ("56-84", "56", "84", None)


def test_every_recalled_number_says_so() -> None:
    recalled = {row.study_id for row in tables().outcomes if not row.verified}
    assert {"Zarate2006", "Murrough2013RCT", "KADS2023"} <= recalled
    assert all(row.source_url for row in tables().outcomes if row.verified)


def test_arms_reported_together_are_found_apart() -> None:
    found = tables()
    assert [a.arm_id for a in found.arms_of("Fava2018", "K01+K05+K10")] == ["K01", "K05", "K10"]
    assert {a.study_id for a in found.arms_of("TRANSFORM1", "ESK_all")} == {"TRANSFORM1", "TRANSFORM2"}
    assert not found.arms_of("Fava2018", "K01+K99")


def first(**cells: str) -> Callable[[dict[str, str]], bool]:
    return lambda line: all(line[column] == value for column, value in cells.items())


LII = first(study_id="Lii2023", metric="response", arm_id="KET")
FAULTS = [
    ("outcomes", LII, {"study_id": "Lii2032"}, "study_id", "no study “Lii2032”", "Did you mean Lii2023?"),
    ("outcomes", LII, {"arm_id": "KTE"}, "arm_id", "Lii2023 has no arm “KTE”", "Did you mean KET?"),
    ("outcomes", LII, {"comparator_arm_id": "KET"}, "comparator_arm_id", "“KET” is compared with itself", "Name"),
    ("outcomes", LII, {"events": "21", "percent": ""}, "events", "21 events in 20 people", "one a person"),
    ("outcomes", LII, {"percent": "45.0"}, "percent", "12 of 20 are 60.0 percent, not 45.0", "Mend"),
    ("outcomes", LII, {"percent": "140"}, "percent", "140 is not between 0 and 100 percent", "Look"),
    ("outcomes", LII, {"time_days": "24"}, "time_days", "“day 1” is 1 days, not 24", "in days"),
    ("outcomes", LII, {"metric": "respons"}, "metric", "“respons” is not known", "Use one of: response"),
    ("outcomes", LII, {"instrument": "MADSR"}, "instrument", "“MADSR” is not a known instrument", "Did you mean MADRS?"),
    ("outcomes", LII, {"instrument": "MADR"}, "instrument", "“MADR” is not a known instrument", "Did you mean MADRS?"),
    ("outcomes", LII, {"n_analysed": "twenty"}, "n_analysed", "“twenty” is not a whole number", "count"),
    ("outcomes", LII, {"n_analysed": "26", "percent": ""}, "n_analysed", "it is 26, but 20 people are in the arm", "Mend"),
    ("outcomes", LII, {"n_analysed": "0", "events": "", "percent": ""}, "n_analysed", "it is 0", "leave it empty"),
    ("outcomes", LII, {"source_url": ""}, "verified", "it says yes without a source", "source_url"),
    ("outcomes", LII, {"source_url": "see paper"}, "source_url", "“see paper” is not an address", "https://"),
    ("outcomes", LII, {"verified": "maybe"}, "verified", "“maybe” says neither yes nor no", "yes if"),
    ("outcomes", first(effect="-5.82"), {"effect_ci_low": "-4"}, "effect", "-5.82 lies outside its interval, -4 to 1.64", ""),
    ("outcomes", first(effect="-5.82"), {"effect_ci_low": "3"}, "effect_ci_low", "begins at 3 and ends at 1.64", "lower"),
    ("outcomes", first(effect="-5.82"), {"effect": "small"}, "effect", "“small” is not a number", "text"),
    ("outcomes", first(effect="-5.82"), {"comparator_arm_id": ""}, "comparator_arm_id", "against which arm", "other arm"),
    ("outcomes", first(effect="2.85"), {"effect": "-2.85", "effect_ci_low": ""}, "effect", "a ratio of -2.85", "above 0"),
    ("outcomes", first(sd="7.6"), {"sd": "-7.6"}, "sd", "it is -7.6", "above 0"),
    ("outcomes", first(sd="7.6"), {"mean": ""}, "mean", "a spread without its mean", "Give the mean"),
    ("arms", first(study_id="Lii2023"), {"nma_node": "salin"}, "nma_node", "no node “salin”", "Did you mean saline or saline_anaesthesia?"),
    ("arms", first(study_id="Lii2023"), {"dose_unit": ""}, "dose_unit", "the dose 0.5 has no unit", "mg/kg"),
    ("arms", first(study_id="Lii2023"), {"dose_value": "half"}, "dose_value", "no number and no range", "56-84"),
    ("arms", first(study_id="Lii2023", arm_id="PBO"), {"n_arm": "25"}, "n_arm", "it is 45, but 40 people were randomised", "Mend"),
    ("outcomes", first(effect="-5.82"), {"p_value": "1.3"}, "p_value", "“1.3” is not a chance", "<0.001"),
    ("outcomes", first(effect="-5.82"), {"p_value": "p small"}, "p_value", "“p small” is not a chance", "0.03"),
    ("studies", first(study_id="Lii2023"), {"doi": "doi:10.1/x"}, "doi", "is not a DOI", "10.1038"),
    ("studies", first(study_id="Lii2023"), {"pmid": "PM12"}, "pmid", "is not a PubMed number", "digits"),
    ("studies", first(study_id="Lii2023"), {"year": "2019"}, "year", "the citation does not say 2019", "Mend"),
    ("studies", first(study_id="Lii2023"), {"n_analysed": "41"}, "n_analysed", "it is 41, but 40 people", "Mend"),
    ("studies", first(study_id="Lii2023"), {"condition": "asthma"}, "condition", "no indication reads “asthma”", "TRD"),
    ("studies", first(study_id="Lii2023"), {"doi": "10.1038/s41380-018-0256-5"}, "doi", "Fava2018 has the same", "family"),
    ("studies", first(study_id="Lii2023"), {"study_id": "Lii 2023"}, "study_id", "is not an id", "without spaces"),
    ("adverse_events", first(study_id="SUSTAIN1"), {"n_events": "200"}, "n_events", "200 events in 152 people", "one"),
    ("durability", first(value="0.49"), {"ci_low": "0.6"}, "value", "0.49 lies outside its interval", "Mend"),
    ("durability", first(value="42.9"), {"value": "24.9"}, "value", "it says 24.9, percent says 42.9", "Mend"),
    ("pooled", first(pooled_id="DEAN-MDZ-RESP"), {"ci_low": "3"}, "effect", "2.48 lies outside its interval", "Mend"),
    ("nodes", first(node="saline"), {"control": ""}, "control", "a control without its sort", "saline"),
    ("arms", first(study_id="Lii2023"), {"nma_node": "ketamine_iv"}, "nma_node", "no node “ketamine_iv”", "mean ketamine_iv_single or"),
    ("outcomes", first(study_id="Lii2023", mean="12.7"), {"mean": "95"}, "mean", "it is 95, and MADRS goes from 0 to 60", "instrument"),
    ("outcomes", first(study_id="Lii2023", mean="12.7"), {"mean": "-3"}, "mean", "it is -3, and MADRS goes from 0 to 60", "its sign"),
    ("outcomes", first(mean="-18.9"), {"mean": "-95"}, "mean", "it is -95, and MADRS goes from 0 to 60", "its sign"),
    ("outcomes", first(effect="-5.82"), {"effect": "-72", "effect_ci_low": "-90"}, "effect", "it is -72, and MADRS goes", "instrument"),
    ("outcomes", first(study_id="Lii2023", mean="12.7"), {"sd": "0.6"}, "sd", "0.6 is next to nothing for 20 people", "the SD is 2.7"),
    ("outcomes", first(study_id="Lii2023", mean="12.7"), {"sd": "45"}, "sd", "people cannot lie 45 about their mean", "Look"),
    ("outcomes", first(study_id="Sigtermans2009", mean="2.68"), {"se": "2.7"}, "se", "would be an SD of 14.8: NRS 0-10", "put it into sd"),
    ("arms", first(study_id="Lii2023"), {"dose_value": "500"}, "dose_value", "500 mg/kg of racemic ketamine is more than", "15 mg/kg"),
    ("arms", first(study_id="Lii2023"), {"dose_value": "50000", "dose_unit": "mcg/kg"}, "dose_value", "more than anybody", "15 mg/kg"),
    ("arms", first(study_id="TRANSFORM1"), {"dose_value": "5.6", "dose_unit": "g"}, "dose_value", "5.6 g of esketamine", "1000 mg"),
    ("arms", first(study_id="Lii2023"), {"baseline_mean": "71"}, "baseline_mean", "it is 71, and MADRS goes from 0 to 60", "Look"),
    ("studies", first(study_id="Grunebaum2018"), {"comparator_class": "saline"}, "comparator_class", "the arms were given: midazolam", "nma_node"),
    ("groups", first(group_id="ESK_all"), {"members": "TRANSFORM9/E56"}, "members", "no arm “TRANSFORM9/E56”", "STUDY/ARM"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "which", "cells", "column", "what", "mend"), FAULTS)
def test_a_fault_is_told_with_line_column_and_how_to_mend_it(
    table: str,
    which: Callable[[dict[str, str]], bool],
    cells: dict[str, str],
    column: str,
    what: str,
    mend: str,
) -> None:
    text, line = changed(table, which, **cells)
    told = [f for f in check({table: text}).faults if f.row == line]
    fault = next(f for f in told if f.column == column)
    assert what in fault.what
    assert mend in fault.mend
    assert str(fault.problem).startswith(f"{table}.csv, line {line}, {column}: ")


@pytest.mark.parametrize("written", ["madrs", "MADRS ", "M.A.D.R.S.", "Montgomery-Åsberg"])
def test_an_instrument_in_other_capitals_or_by_another_name_is_the_same_scale(written: str) -> None:
    text, line = changed("outcomes", LII, instrument=written)
    found = check({"outcomes": text})
    assert {r.instrument for r in found.tables.outcomes if r.line == line} == {"MADRS"}
    assert not found.faults


@pytest.mark.parametrize("written", ["PHQ-8", "HAM-A", "BAI", "PCL-C", "CAPS-4", "A scale of our own"])
def test_another_scale_is_not_taken_for_a_misspelt_one(written: str) -> None:
    text, line = changed("outcomes", LII, instrument=written)
    found = check({"outcomes": text})
    assert {r.instrument for r in found.tables.outcomes if r.line == line} == {written}
    assert not [f for f in found.faults if f.column == "instrument"]


def test_every_instrument_of_the_tables_is_known() -> None:
    assert all(scale(row.instrument) == row.instrument for row in tables().outcomes)


def test_a_spread_that_the_source_calls_small_is_believed_and_one_of_few_people_is_not_judged() -> None:
    row = first(study_id="Lii2023", mean="12.7")
    for cells in ({"sd": "0.6", "notes": "SD as printed"}, {"sd": "0.6", "n_analysed": "8"}):
        text, _ = changed("outcomes", row, **cells)
        assert not check({"outcomes": text}).faults


def test_a_row_that_is_given_twice_points_at_the_first() -> None:
    its = lines("outcomes")
    (fault,) = check({"outcomes": written([*its, its[3]])}).faults
    assert (fault.row, fault.what) == (len(its) + 2, "the same as line 5")


@pytest.mark.parametrize(
    ("table", "which", "cells"),
    [
        ("studies", first(study_id="Lii2023"), {"year": "20l3"}),
        ("studies", first(study_id="Lii2023"), {"verified": ""}),
        ("arms", first(study_id="Lii2023"), {"n_arm": "-4"}),
        ("arms", first(study_id="Lii2023"), {"nma_node": ""}),
        ("arms", first(study_id="Lii2023"), {"route": "IVV"}),
        ("studies", first(study_id="Lii2023"), {"design": "a trial"}),
    ],
)
def test_one_fault_is_told_once_and_not_again_by_every_row_that_names_it(
    table: str, which: Callable[[dict[str, str]], bool], cells: dict[str, str]
) -> None:
    text, line = changed(table, which, **cells)
    (fault,) = check({**shipped(), table: text}).faults
    assert (fault.row, fault.column) == (line, next(iter(cells)))


def test_a_file_that_cannot_be_read_is_told_alone() -> None:
    found = check({**shipped(), "studies": "study_id;family_id\n"})
    assert [f.what for f in found.faults] == ["its cells are parted by “;”"]


def test_a_study_that_was_taken_out_is_missed_by_its_rows() -> None:
    its = [line for line in lines("studies") if line["study_id"] != "Lii2023"]
    found = check({**shipped(), "studies": written(its)})
    assert {f.what for f in found.faults} == {"no study “Lii2023”"}


def test_rows_of_a_new_study_rest_on_the_tables_that_are_not_given() -> None:
    study = lines("studies")[3] | {"study_id": "New2026", "family_id": "New2026", "doi": "", "pmid": "", "registry_id": "",
                                   "year": "2026", "citation": "New N et al. 2026"}  # fmt: skip
    arm = next(line for line in lines("arms") if line["study_id"] == "Fava2018") | {"study_id": "New2026"}
    assert not check({"studies": written([study]), "arms": written([arm])}).faults
    assert [f.what for f in check({"arms": written([arm])}).faults] == ["no study “New2026”"]


@pytest.mark.parametrize(
    ("text", "row", "column", "what"),
    [
        ("", None, None, "it is empty"),
        ("study_id;arm_id\nLii2023;KET\n", 1, None, "its cells are parted by “;”"),
        ("study_id,arm_id\n", 1, "event", "the column is missing"),
        (f"{','.join(columns('adverse_events'))},mood\n", 1, "mood", "no such column is known"),
        (f"{','.join(columns('adverse_events'))},event\n", 1, "event", "the column stands there twice"),
        (
            f"{','.join(columns('adverse_events'))}\nLii2023,KET\n",
            2,
            None,
            "it has 2 cells, the heading has 12",
        ),
        (
            f'{",".join(columns("adverse_events"))}\n"Lii2023\n',
            2,
            None,
            "not CSV (unexpected end of data)",
        ),
    ],
)
def test_a_file_that_is_not_the_table_is_told_what_it_lacks(
    text: str, row: int | None, column: str | None, what: str
) -> None:
    found = rows("adverse_events", text, "a.csv")
    assert all(row.line in found.broken for row in found.rows)
    assert any((f.row, f.column, f.what) == (row, column, what) for f in found.faults)


@given(st.text(max_size=200), st.sampled_from(sorted(ROWS)))
def test_whatever_a_file_holds_is_rows_or_faults(text: str, table: str) -> None:
    heading = ",".join(columns(table))
    for given_text in (text, f"{heading}\n{text}"):
        found = rows(table, given_text, "a.csv")
        assert all(isinstance(f, Fault) and f.what and f.mend for f in found.faults)
        assert all(row.line > 1 for row in found.rows)


def _cells() -> Iterator[tuple[str, str]]:
    for table in ("studies", "arms", "outcomes", "adverse_events", "durability", "pooled"):
        yield from ((table, column) for column in columns(table) if column in lines(table)[0])


@given(
    st.sampled_from(list(_cells())), st.integers(0, 30), st.text(max_size=12).filter(lambda t: "\r" not in t)
)
def test_one_changed_cell_never_stops_the_check(where: tuple[str, str], row: int, cell: str) -> None:
    its = lines(where[0])[:31]
    its[row % len(its)][where[1]] = cell
    for fault in check({where[0]: written(its)}).faults:
        assert re.fullmatch(r".+: .+\. .+", str(fault.problem), re.DOTALL)


def test_faults_come_together_when_the_tables_are_read_for_use() -> None:
    text, _ = changed("outcomes", LII, metric="respons", events="21")
    with pytest.raises(BadInput) as found:
        tables({"outcomes": text})
    assert len(found.value.problems) >= 2


def test_a_condition_says_indication_and_population() -> None:
    assert indications_of("TRD non-psychotic") == ("trd",)
    assert indications_of("MDD with suicidal ideation (SSI>=4)") == ("mdd", "mdsi")
    assert indications_of("MDD/bipolar inpatients") == ("mdd", "bipolar")
    assert indications_of("SAD") == ("social_anxiety",)
    assert words().population_of("TRD veterans real-world").id == "resistant"
    assert words().population_of("TRD primary care (>=6 weeks AD, BDI>=14)").id == "resistant_milder"
    assert words().population_of("PTSD").id == "not_selected"


def test_windows_do_not_overlap() -> None:
    found = sorted(words().window.values(), key=lambda w: w.from_days)
    assert all(w.from_days <= w.days <= w.to_days for w in found)
    assert all(one.to_days < two.from_days for one, two in pairwise(found))


def test_a_time_is_asked_by_the_name_of_its_window_or_by_any_time_inside() -> None:
    assert [window(given) for given in ("24h", "1d", "day 1", "7d", "28d", "4 weeks", "21d", "6mo")] == [
        *("24h", "24h", "24h", "7d", "28d", "28d", "28d", "182d")
    ]
    for wrong in ("17h", "9x", "", "-1d", "9999d"):
        with pytest.raises(BadInput, match="Use one of: 2h, 24h"):
            window(wrong)


def test_the_tables_are_known_by_their_text() -> None:
    text, _ = changed("outcomes", LII, events="11", percent="55.0")
    other = tables({"outcomes": text})
    assert other != tables()
    assert other == tables({"outcomes": text})
    assert evidence_checks.tables() is evidence_checks.tables()
