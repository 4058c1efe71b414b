"""What the patient takes home: plain sentences, by what was given and what happened, with times that are right."""

import re
from datetime import timedelta, timezone

import msgspec
import pytest

from lowtide.data import documents as tables
from lowtide.documents.papers import instructions
from lowtide.documents.papers.model import Document
from lowtide.pathway.session.actions import charting
from lowtide.record.entries.base import Entry
from tests.documents.story import Morning, text


@pytest.fixture
def morning(clinic: Entry) -> Morning:
    return Morning(country="US").infusion()


def test_after_an_infusion_the_instructions_speak_of_the_arm_and_not_of_the_nose(morning: Morning) -> None:
    words = text(morning.document("instructions"))
    assert "where the needle was" in words
    assert "nose spray" not in words
    assert "You felt sick" not in words


@pytest.mark.hazard("H024")
@pytest.mark.hazard("H025")
def test_who_leaves_after_midnight_reads_the_right_day_for_the_first_drink(clinic: Entry) -> None:
    made = Morning(country="US").infusion()
    late = msgspec.structs.replace(made.sources, zone=timezone(timedelta(hours=13)))
    paper = instructions.made(late)
    assert isinstance(paper, Document)
    words = text(paper)
    assert "from 22:02 on 22 Nov 2026 to 22:42 on 22 Nov 2026. You left at 00:49 on 23 Nov 2026." in words
    assert "Do not drink alcohol until 00:49 on 24 Nov 2026." in words


def test_who_leaves_on_the_same_day_reads_the_clock_alone_and_the_day_of_what_lies_ahead(
    morning: Morning,
) -> None:
    words = text(morning.document("instructions"))
    assert re.search(r"from 10:02 to \d\d:\d\d\. You left at \d\d:\d\d\.", words)
    assert re.search(r"alcohol until \d\d:\d\d on 23 Nov 2026", words)


def test_after_a_nasal_spray_they_speak_of_the_nose(clinic: Entry) -> None:
    sprayed = Morning(country="US", protocol="P01")
    sprayed.letterhead()
    words = text(sprayed.devices().document("instructions"))
    assert "nose spray" in words
    assert re.search(r"You had 56 mg of .* at 10:02\.", words)


def test_whoever_felt_sick_reads_what_to_do_about_it(clinic: Entry) -> None:
    made = Morning()
    made.begin()
    charting.event(made.care.act(25), what="vomited")
    made.end()
    assert "You felt sick here." in text(made.document("instructions"))


def test_they_name_who_came_along_and_leave_the_telephone_number_out(clinic: Entry) -> None:
    made = Morning()
    made.begin()
    made.end(escort="sister, 555 0177")
    assert "Stay with your sister or with another adult" in text(made.document("instructions"))
    assert "with sister" in text(made.document("summary"))
    assert "555 0177" not in text(made.document("letter"))


def grade(words: str) -> float:
    """Flesch and Kincaid's school grade: about five years less than the age of the reader."""
    sentences = len(re.findall(r"[.!?]", words))
    found = re.findall(r"[A-Za-z’']+", words)
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", w.lower())))) for w in found)
    return 0.39 * len(found) / sentences + 11.8 * syllables / len(found) - 15.59


def test_the_instructions_are_written_for_a_reader_of_twelve() -> None:
    lines = [line.text for line in tables.instructions().line]
    age = tables.kinds()["instructions"].language_age
    assert age == 12
    assert grade(" ".join(lines)) <= age - 5 - 1
    assert not [line for line in lines if grade(line) > age - 5 + 3], "one sentence too hard"
