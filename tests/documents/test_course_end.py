"""The letters at the end of a course: what was given, what it did with its dates, what to watch, how to come back."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from django.test import Client

from lowtide.documents.papers import end_for_patient, end_letter
from lowtide.documents.papers.course_end import NO_SESSION, Scene, scene
from lowtide.documents.papers.model import Document, NotNeeded
from lowtide.documents.papers.sources import Sources
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer
from lowtide.record.entries.care import CourseEnded
from lowtide.record.entries.events import AdverseEvent
from lowtide.record.entries.papers import Correspondent
from tests.pathway.course.story import Story

pytestmark = pytest.mark.either

SignIn = Callable[..., Client]
WELL = (20, 16, 13, 12, 10, 8, 7)


def ended(totals: tuple[int | None, ...] = WELL, *, now: int | None = None, why: str = "well") -> Story:
    story = Story(at=datetime.now(UTC) - timedelta(days=60)).took_history().decided().planned()
    story.induced(totals)
    story.say(AdverseEvent(term="nausea", grade=2, serious=Answer.NO))
    if now is not None:
        story.after(days=8).phq9(now)
    story.after(days=2).say(
        CourseEnded(
            course=story.course,
            outcome="as agreed",
            why=why,
            achieved=("walks the dog again",),
            goes_on_with="Dr Lund, Bergen",
            ask_on=(date(2027, 1, 11),),
            told=("Sleep gets worse for more than a few days",),
        )
    )
    return story


def scene_of(story: Story) -> Scene:
    sources = Sources(
        session=NO_SESSION,
        whole=story.chart,
        audience=frozenset(),
        safes={},
        clinic=Chart("clinic:main"),
        names={"staff:test": "Pia Prescriber"},
        zone=UTC,
    )
    found = scene(sources)
    assert found
    return found


def letter(story: Story) -> Document:
    made = end_letter.made(scene_of(story))
    assert isinstance(made, Document)
    return made


def text(document: Document) -> str:
    return "\n".join(field.text for field in document.fields())


def test_the_letter_says_what_was_given_and_what_it_did_with_the_dates() -> None:
    story = ended()
    said, x = text(letter(story)), scene_of(story)
    assert "219 mg" in said
    assert "6" in said
    first, last = x.one.found.baseline, x.one.found.since[-1]
    assert first
    assert f"PHQ-9 20 on {x.s.date(first.at)}, 7 on {x.s.date(last.at)}, 65 % lower: response." in said
    for words in (
        "walks the dog again",
        "Dr Lund, Bergen",
        "11 Jan 2027",
        "Pia Prescriber",
        "within 18 days",
    ):
        assert words in said


def test_every_figure_leads_to_the_entries_it_was_made_from() -> None:
    document = letter(ended())
    untraced = [
        f.label
        for f in document.fields()
        if any(c.isdigit() for c in f.text) and not f.entries and f.label not in ("Note", "Reached")
    ]
    assert set(untraced) <= {"Measure", "Began", "What to watch"}
    assert len(document.entries) > 10


def test_two_letters_of_the_same_chart_say_the_same() -> None:
    story = ended()
    assert letter(story).digest == letter(story).digest


@pytest.mark.parametrize(
    ("story", "plain", "formal"),
    [
        (lambda: ended(), "half or more of what troubled you", "65 % lower: response"),
        (lambda: ended(now=16, why="own_wish"), "a part of it came back", "20 % lower: relapse"),
        (
            lambda: ended((20, 19, 19, 18, 18, 18, 18), why="no_benefit"),
            "That is not your fault",
            "no response",
        ),
        (
            lambda: ended((20, *[None] * 6)),
            "cannot say how much it helped",
            "not known: no PHQ-9 since the first",
        ),
    ],
    ids=["it held", "it came back", "it did not help", "nobody knows"],
)
def test_a_course_is_told_as_it_went(story: Callable[[], Story], plain: str, formal: str) -> None:
    told = story()
    assert plain in text(end_for_patient.made(scene_of(told)))
    assert formal in text(letter(told))


def test_the_patients_letter_promises_nothing_and_says_how_to_come_back() -> None:
    parts = [part.title for part in end_for_patient.made(scene_of(ended())).parts]
    assert parts == [
        "What you had",
        "How it went",
        "What you reached",
        "Watch out for this",
        "What happens next",
    ]


def test_nobody_gets_a_letter_that_the_patient_does_not_want() -> None:
    story = ended()
    story.say(Correspondent(name="Dr Lund", role="referrer", address="Bergen", agreed=Answer.NO))
    made = end_letter.made(scene_of(story))
    assert isinstance(made, NotNeeded)
    assert "does not want" in made.why


def test_a_dose_that_was_not_read_off_is_told_and_not_counted_as_nothing() -> None:
    story = Story(at=datetime.now(UTC) - timedelta(days=40)).took_history().decided().phq9(20).planned((0, 3))
    story.now = story.first_at
    story.held(1)
    story.after(days=3).ordered(2).started(2)
    story.after(days=1).say(CourseEnded(course=story.course, outcome="moved away", why="elsewhere"))
    said = text(letter(story))
    assert "not read off" in said
    assert Decimal("36.5") == scene_of(story).state.given[0].dose.given_mg  # type: ignore[union-attr]


@pytest.mark.django_db
def test_the_letters_open_from_the_end_of_the_course_and_print(sign_in: SignIn, clinic: object) -> None:
    story = ended().tell()
    client, root = sign_in("prescriber"), f"/patients/{story.patient}"
    ending = client.get(f"{root}/maintenance/ending").content.decode()
    for name, words in (("letter", "What to watch"), ("for-you", "What you reached")):
        assert f"{root}/course-end/{name}" in ending
        page = client.get(f"{root}/course-end/{name}").content.decode()
        assert words in page
        printed = client.get(f"{root}/course-end/{name}.pdf")
        assert printed.status_code == 200
        if printed["Content-Type"] == "application/pdf":
            assert printed.content.startswith(b"%PDF")
    assert sign_in("front_desk").get(f"{root}/course-end/letter").status_code == 403


@pytest.mark.django_db
def test_without_an_end_there_is_no_letter(sign_in: SignIn, clinic: object) -> None:
    story = Story(at=datetime.now(UTC) - timedelta(days=60)).took_history().decided().planned().induced(WELL)
    root = f"/patients/{story.tell().patient}/course-end"
    client = sign_in("prescriber")
    assert "o course has ended here" in client.get(f"{root}/letter").content.decode()
    assert client.get(f"{root}/letter.pdf")["Location"] == f"{root}/letter"


def test_what_is_kept_for_few_eyes_is_in_neither_letter() -> None:
    from lowtide.record.entries.chair import Note

    story = ended()
    story.say(Note(text="hidden words", topic="therapy"), visible_to=("therapist",))
    x = scene_of(story)
    assert "hidden words" not in text(letter(story)) + text(end_for_patient.made(x))
    assert msgspec.structs.replace(x.s, audience=frozenset()).chart is not None
