"""Drawings of trials: nothing overlaps or leaves the frame, recalled is told by texture, islands stay apart."""

from collections.abc import Iterator

import pytest

from lowtide.data.evidence_pages import pages
from lowtide.pathway.course.trial_answers import known, standing
from lowtide.science.evidence.selection import Question
from lowtide.site.evidence_pages import forest, harms, lasting, league, page
from lowtide.site.evidence_pages.analysed import Compared, compared
from lowtide.site.evidence_pages.drawing import lanes, web
from lowtide.site.evidence_pages.pictures import onset_picture, onset_sheet, picture, web_picture
from tests.pathway.course import drawn

TABLES = known().tables


def every(*, unverified: bool) -> Iterator[Compared]:
    for one in pages().values():
        for outcome, at in one.asked:
            yield compared(Question(one.id, outcome, at or None, unverified))


def sheets() -> Iterator[lanes.Sheet]:
    yield onset_sheet(standing())
    for found in every(unverified=True):
        for i, network in enumerate(found.networks):
            yield forest.sheet(network, TABLES, f"forest-{i}", "Trials", more_is_better=True)
        yield from forest.published(found.answer.comparisons, TABLES, "published", more_is_better=True)
    for one in pages():
        ids = [s.study_id for s in page.studies(TABLES, one)]
        kept = lasting.sheet(TABLES, lasting.rows_of(TABLES, ids, unverified=True))
        yield from [kept] if kept else []
        groups = harms.groups(TABLES, known().words, known().rates, one, ids, unverified=True)
        yield from (harms.sheet(group, f"harms-{i}") for i, group in enumerate(groups))


@pytest.mark.parametrize("narrow", [False, True])
def test_lanes_fit_their_frame_and_no_words_overlap(narrow: bool) -> None:
    for sheet in sheets():
        drawing = drawn.parse(lanes.draw(sheet, narrow=narrow))
        assert not drawn.overlaps(drawing), sheet.title
        assert not drawn.outside(drawing), sheet.title


@pytest.mark.parametrize("narrow", [False, True])
def test_webs_fit_their_frame_and_no_words_overlap(narrow: bool) -> None:
    for found in every(unverified=True):
        for network in found.networks:
            drawing = drawn.parse(web.draw(league.drawn(network, TABLES, "web", "Who"), narrow=narrow))
            assert not drawn.overlaps(drawing)
            assert not drawn.outside(drawing)


@pytest.mark.hazard("H048")
def test_recalled_marks_are_hatched_and_said_not_only_coloured() -> None:
    found = compared(Question("trd", "response", "24h", unverified=True))
    recalled = [n for n in found.networks if any(not u.verified for u in n.units)]
    assert recalled
    for network in recalled:
        sheet = forest.sheet(network, TABLES, "forest", "Trials", more_is_better=True)
        drawing = drawn.parse(lanes.draw(sheet))
        assert all(e.get("fill", "").startswith("url(#") for e in drawn.of_class(drawing, "c-recalled"))
        assert any("(recalled)" in word for word in drawn.words(drawing))


def test_without_asking_no_recalled_trial_is_drawn() -> None:
    for found in every(unverified=False):
        for network in found.networks:
            assert all(unit.verified for unit in network.units)


def test_every_head_of_a_forest_names_its_control() -> None:
    network = compared(Question("trd", "response", "28d")).networks[0]
    sheet = forest.sheet(network, TABLES, "forest", "Trials", more_is_better=True)
    heads = [lane.label for lane in sheet.lanes if lane.head]
    assert "A course of ketamine infusions against electroconvulsive therapy" in heads
    assert any("(control: placebo + new antidepressant)" in head for head in heads)


def test_islands_get_a_table_each_and_nothing_between_them() -> None:
    network = compared(Question("trd", "response", "28d")).networks[0]
    tables = league.leagues(network, TABLES)
    assert len(tables) == 2
    for one in tables:
        assert all(cell.same or cell.text for *_, cells in one.rows for cell in cells)
    names = [set(one.names) for one in tables]
    assert not names[0] & names[1]


def test_a_league_reads_the_same_from_both_sides() -> None:
    for found in every(unverified=False):
        for network in found.networks:
            for one in league.leagues(network, TABLES):
                for i, (*_, cells) in enumerate(one.rows):
                    for j, cell in enumerate(cells):
                        assert cell.clear == one.rows[j][-1][i].clear


def test_limits_beyond_the_axis_end_in_an_arrow() -> None:
    axis = lanes.Axis(0.1, 10, ((1, "1"),), "odds ratio", True, 1)
    mark = lanes.Mark(2, "trial", 0.01, 90)
    drawing = drawn.parse(lanes.draw(lanes.Sheet("a", "a", "a", axis, (lanes.Lane("one", (mark,)),))))
    assert len(drawn.of_class(drawing, "c-arrow")) == 2


def test_what_was_looked_for_and_not_shown_is_a_dashed_ring() -> None:
    drawing = drawn.parse(lanes.draw(onset_sheet(standing())))
    assert len(drawn.of_class(drawing, "c-absent")) == 1
    assert "not shown" in drawn.words(drawing)


def test_a_published_effect_is_drawn_with_the_limits_that_were_printed() -> None:
    told = {
        ("trd", "relapse", ""): {"0.49 (0.29 to 0.84)", "0.30 (0.16 to 0.55)"},
        ("ptsd", "change", "14d"): {"-1.13 (-1.91 to -0.36)"},
    }
    for (indication, outcome, at), wanted in told.items():
        found = compared(Question(indication, outcome, at or None))
        drawings = [forest.sheet(n, TABLES, "f", "Trials", more_is_better=False) for n in found.networks]
        figures = {lane.figures for sheet in drawings for lane in sheet.lanes}
        assert wanted <= figures
        tips = {mark.tip for sheet in drawings for lane in sheet.lanes for mark in lane.marks}
        assert wanted <= tips


def test_the_onset_twin_holds_each_number_its_time_and_what_was_not_shown() -> None:
    rows = onset_picture(standing())["table"].rows
    by_time = {(row[1], row[2]): row[3] for row in rows}
    assert by_time["One infusion: responders of 100, no control", "3 days"] == "48 of 100"
    assert by_time["First infusion, open label: change of MADRS, in points", "2 h"] == "-18.9"
    saline = by_time["One infusion against saline: odds ratio of response", "1 day"]
    assert saline.startswith("OR 3.94 (")
    assert "not shown" in {row[3] for row in rows}
    assert all(row[4] for row in rows)


def test_the_onset_sentence_says_numbers_and_times() -> None:
    said = onset_sheet(standing()).sentence
    assert "1 day: 52 of 100; 3 days: 48 of 100" in said
    assert "13 days: not shown" in said


def test_the_twin_and_the_sentence_of_a_web_name_treatments_and_show_no_codes() -> None:
    codes = set(TABLES.node)
    for found in every(unverified=False):
        for network in found.networks:
            drawing = league.drawn(network, TABLES, "web", "Who")
            told = {cell for row in web_picture(drawing)["table"].rows for cell in row[1:3]}
            assert not {word for word in told if "_" in word or "+" in word}
            assert not {code for code in codes if "_" in code and code in drawing.sentence}


def test_a_number_that_was_worked_out_does_not_say_that_it_was_read() -> None:
    tables = known().tables
    found = compared(Question("trd", "change", "28d")).networks
    sheets = [forest.sheet(one, tables, "f", "t", more_is_better=False) for one in found]
    rows = [row for sheet in sheets for row in picture(sheet)["table"].rows]
    assert {row[-1] for row in rows if row[1].startswith("Together")} == {"worked out from the rows above"}
    assert {row[-1] for row in rows if "2019" in row[1]} == {"read in its source"}
