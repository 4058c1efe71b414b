"""The letter to the patient at the end of a course, in plain sentences: what they had, how it went, how to come back (pure)."""

from lowtide.data.course_letters import letters
from lowtide.data.maintenance import maintenance
from lowtide.documents.papers.course_end import Scene, lines, words
from lowtide.documents.papers.model import Document, Field, Part

REACHED, WATCH = "What you reached", "Watch out for this"


def made(x: Scene) -> Document:
    said = list(lines(x, letters().patient, words(x)))
    parts = {name: tuple(f for f in said if f.label == name) for name in dict.fromkeys(f.label for f in said)}
    reached = tuple(Field(REACHED, text, (x.entry.id,)) for text in x.over.achieved)
    told = tuple(Field(WATCH, text, (x.entry.id,)) for text in x.over.told or maintenance().come_back.lines)
    order = ("What you had", "How it went", REACHED, WATCH, "What happens next", "How to come back")
    every = {**parts, REACHED: reached, WATCH: told}
    made_of = tuple(Part(name, lines=every[name]) for name in order if every.get(name))
    return Document(
        "end_for_you", "For you: the end of your treatment", "how it went and how to come back", made_of
    )
