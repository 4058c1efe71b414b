"""Tables as they are published: in any order and from any spreadsheet; what is not known is told, never taken as 0."""

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lowtide.problems import BadInput
from lowtide.science.evidence.analysis import analyse
from lowtide.science.evidence.reading import read
from lowtide.science.evidence.table import MEASURES, EventArm, MeanArm
from lowtide.site.networks import document, lines

PLAIN = "study,treatment,events,n\none,ketamine,12,20\none,saline,3,21\n"


def told(text: str, measure: str = "OR") -> str:
    with pytest.raises(BadInput) as refused:
        analyse(read(text, measure, "trials.csv"), measure)
    return str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "\ufeff" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        "N, Events ,TREATMENT,Study,note\n20,12,ketamine,one,\n21,3,saline,one,\n",
        'study,treatment,events,n\n"one","ketamine","12","20"\none," saline ",3.0,21\n\n',
        PLAIN + "\n,,,\n",
        "\n\n" + PLAIN,
        ",,,\n" + PLAIN,
        "sep=;\n" + PLAIN.replace(",", ";"),
        "\ufeffsep=,\r\n" + PLAIN,
    ],
)
def test_the_same_table_is_read_in_many_dresses(text: str) -> None:
    assert read(text, "OR", "trials.csv") == [
        EventArm("one", "ketamine", 12, 20),
        EventArm("one", "saline", 3, 21),
    ]


def test_a_comma_may_be_the_decimal_point_where_semicolons_part_the_columns() -> None:
    rows = read(
        "study;treatment;mean;sd;n\none;ketamine;\u22121,5;2,25;20\none;saline;0,5;2;20\n", "MD", "trials.csv"
    )
    assert rows[0] == MeanArm("one", "ketamine", -1.5, 2.25, 20)


def test_a_name_may_hold_a_comma_or_a_new_line_in_quotes_and_lines_are_still_counted() -> None:
    text = 'study,treatment,events,n\n"one,\nof two","ketamine, iv",12,20\n"one,\nof two",saline,x,21\n'
    assert "line 5, events: “x” is not a number" in told(text)


def test_one_table_may_hold_both_kinds_of_outcome() -> None:
    text = "study,treatment,events,n,mean,sd\none,a,3,20,1.5,2\none,b,5,20,2.5,2\n"
    assert analyse(read(text, "MD", "t"), "MD").main.found.estimate(0, 1) == pytest.approx(-1)
    assert analyse(read(text, "OR", "t"), "OR").main.found.estimate(0, 1) < 0


@pytest.mark.parametrize("value", ["", " ", "NA", "n/a", "?", "NaN", "-"])
def test_an_arm_that_is_not_known_is_left_out_and_told(value: str) -> None:
    text = PLAIN + f"one,midazolam,{value},20\ntwo,ketamine,4,20\ntwo,saline,1,{value}\n"
    found = document(analyse(read(text, "OR", "t"), "OR"))
    assert found["treatments"] == ["ketamine", "saline"]
    assert found["aside"] == [{"study": "one", "of": "midazolam", "reason": "events not given"}]
    assert found["dropped"] == [{"study": "two", "reason": "it has one treatment only; saline: n not given"}]


@pytest.mark.parametrize(
    ("measure", "heading", "good", "row", "reason"),
    [
        ("OR", "study,treatment,events,n", ["x,3,20", "y,5,20"], ["x,0,0", "y,5,20"], "x: n is 0: nobody was in it"),
        ("MD", "study,treatment,mean,sd,n", ["x,3,1,20", "y,5,1,20"], ["x,3,0,20", "y,5,1,20"], "x: sd is 0"),
        ("SMD", "study,treatment,mean,sd,n", ["x,3,1,20", "y,5,1,20"], ["x,3,1,1", "y,5,1,20"], "x: n is 1: nothing spreads"),
        ("MD", "study,treatment1,treatment2,estimate,se", ["x,y,3,1"], ["x,y,3,0"], "x and y: se is 0"),
    ],
)  # fmt: skip
def test_one_arm_of_which_nothing_can_be_worked_out_leaves_its_study_out_and_keeps_the_others(
    measure: str, heading: str, good: list[str], row: list[str], reason: str
) -> None:
    lines_of = [f"one,{each}" for each in good] + [f"two,{each}" for each in row]
    found = document(analyse(read("\n".join([heading, *lines_of]), measure, "t"), measure))
    (dropped,) = found["dropped"]
    assert dropped["study"] == "two"
    assert reason in dropped["reason"]
    assert found["treatments"] == ["x", "y"]
    assert found["studies"] == 1


def test_lines_are_counted_from_the_top_of_the_file_whatever_stands_above_the_heading() -> None:
    assert "line 5, events: “x” is not a number" in told("sep=,\n\n" + PLAIN.replace(",3,", ",x,"))


@pytest.mark.parametrize(
    ("text", "measure", "says"),
    [
        ("", "OR", "the columns are missing"),
        ("study,treatment,events,n\n", "OR", "there are no rows"),
        ("study,study,events,n\n", "OR", "stands there twice"),
        (PLAIN + "two,ketamine,5,0\n", "OR", "5 events in 0 people"),
        (PLAIN + "two,ketamine,-1,20\n", "OR", "line 4, events: it is -1. It must be a whole number from 0"),
        (PLAIN + "two,ketamine,21,20\n", "OR", "21 events in 20 people"),
        (PLAIN + "two,ketamine,1.5,20\n", "OR", "it is 1.5"),
        (PLAIN + "two,ketamine,1e400,20\n", "OR", "too large to be true"),
        (PLAIN + "two,ketamine,1_0,20\n", "OR", "not a number"),
        (PLAIN + "two,ketamine,0,52,20\n", "OR", "it has 5 values for 4 columns"),
        (PLAIN + "one,saline,3,21\n", "OR", "line 4: it repeats line 3"),
        ("study,treatment,events,n\none,a,1,20\ntwo,a,2,20\n", "OR", "no study compares two treatments"),
        ("study,treatment,mean,sd,n\none,a,1,-2,20\n", "MD", "above 0"),
        ("study,treatment,mean,sd,n\none,a,1,2,1.5\n", "SMD", "whole number from 0"),
        ("study,treatment,mean,sd,n\none,a,1,0,20\none,b,1,2,20\n", "MD", "a: sd is 0"),
        ("study,treatment,mean,sd,n\none,a,1,2,20\n", "RD", "RD cannot be worked out from"),
        ("study,treatment1,treatment2,estimate,se\none,a,b,1,-1\n", "OR", "above 0"),
        ("study,treatment1,treatment2,estimate,se\none,a,A,1,1\n", "OR", "compared with itself"),
    ],
)
def test_each_fault_is_told_with_its_place(text: str, measure: str, says: str) -> None:
    assert says in told(text, measure)


def test_a_thousand_faults_are_counted_not_listed() -> None:
    text = "study,treatment,events,n\n" + "one,ketamine,x,20\n" * 1000
    said = told(text)
    assert "992 more faults" in said
    assert len(said) < 2000


def test_capitals_do_not_make_another_treatment() -> None:
    text = PLAIN + "two,Ketamine,5,20\ntwo,SALINE,2,20\n"
    assert document(analyse(read(text, "OR", "t"), "OR"))["islands"] == [["ketamine", "saline"]]


def test_arms_of_one_treatment_are_put_together_and_told() -> None:
    found = analyse(read(PLAIN + "one,ketamine,2,20\n", "OR", "t"), "OR")
    alone = analyse(read("study,treatment,events,n\none,ketamine,14,40\none,saline,3,21\n", "OR", "t"), "OR")
    assert found.main.found.estimate(0, 1) == pytest.approx(alone.main.found.estimate(0, 1))
    assert [(a.study, a.of) for a in found.aside] == [("one", "ketamine")]


CELLS = st.one_of(
    st.integers(-2, 40).map(str),
    st.floats().map(str),
    st.sampled_from(
        ["", "NA", "a", "b", "A", "ketamine", "1e9", "-0.5", "0,5", '"', '""', "1e-9", "1e12", "\u22121"]
    ),
    st.text(max_size=6),
)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str]:
    """Tables that begin well and go on as they like."""
    measure = draw(st.sampled_from(sorted(MEASURES)))
    forms = [MEASURES[measure], ("study", "treatment1", "treatment2", "estimate", "se"), ("study", "n")]
    heads = draw(st.permutations(draw(st.sampled_from(forms))))
    rows = draw(st.lists(st.lists(CELLS, min_size=len(heads) - 1, max_size=len(heads) + 1), max_size=8))
    separator = draw(st.sampled_from([",", ";", "\t"]))
    return "\n".join([separator.join(heads), *(separator.join(row) for row in rows)]), measure


@settings(max_examples=150, deadline=None)
@given(files())
@example(("study,treatment1,treatment2,estimate,se\na,b,c,1,1e-9\nb,b,c,1,1e12\n", "OR"))
@example(("study,treatment,events,n\na,b,1e12,1e12\na,c,0,1\n", "RR"))
@example(("study,treatment,mean,sd,n\na,b,1e12,1e-9,2\na,c,0,1e12,1000000000000\n", "SMD"))
def test_whatever_the_file_holds_it_is_answered_or_refused(given_file: tuple[str, str]) -> None:
    text, measure = given_file
    for method in ("DL", "REML"):
        with suppress(BadInput):
            found = analyse(read(text, measure, "any.csv"), measure, method=method)  # type: ignore[arg-type]
            answered = document(found)
            assert lines(found)
            assert all(e["se"] > 0 and e["lower"] < e["upper"] for e in answered["effects"])


PEOPLE = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("abcd"), PEOPLE), max_size=12),
    st.sampled_from(["OR", "RR", "RD"]),
)
def test_any_counts_that_people_can_have_are_answered_or_refused(
    arms: list[tuple[str, str, tuple[int, int]]], measure: str
) -> None:
    rows = [EventArm(study, name, events, n) for study, name, (events, n) in arms]
    with suppress(BadInput):
        found = analyse(rows, measure, method="REML")
        assert all(0 <= score <= 1 for island in found.islands for score in island.p_scores.values())
