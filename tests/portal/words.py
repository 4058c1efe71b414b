"""Every word that the patient's own place says, found where it is written: in templates, in code, in the tables."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from django.utils.translation.template import templatize

from lowtide.data import claims, consent, documents, longterm, portal, prescreen, vocabulary
from lowtide.data.maintenance import maintenance
from lowtide.data.mechanism import mechanism
from lowtide.data.questions import questions
from lowtide.data.trajectory import goal_scale
from lowtide.pathway.course.drawing.bands_data import OWN_WORDS
from lowtide.pathway.course.state import Phase
from lowtide.pathway.outcomes.verdict import VERDICTS
from lowtide.portal.how_it_works import chain, levels

SRC = Path(__file__).parents[2] / "src/lowtide"
CATALOGUE = SRC / "portal/locale/es/LC_MESSAGES"
PUBLIC = ("how_it_works", "picture", "prescreen", "public")
TEMPLATES = [
    *(p for p in sorted((SRC / "portal/templates/portal").glob("*.html")) if not p.stem.startswith(PUBLIC)),
    *sorted((SRC / "documents/templates/documents").glob("own_*.html")),
    SRC / "pathway/outcomes/templates/outcomes/hand.html",
    SRC / "pathway/outcomes/templates/outcomes/questions.html",
]
PUBLIC_TEMPLATES = [
    p for p in sorted((SRC / "portal/templates/portal").glob("*.html")) if p.stem.startswith(PUBLIC)
]
PUBLIC_TEMPLATES.append(SRC / "documents/templates/documents/passport.html")  # for clinicians first
CODE = [
    *sorted((SRC / "portal").rglob("*.py")),
    SRC / "people/own_place.py",
    SRC / "documents/own_views.py",
]
CALLS = {"_", "gettext", "gettext_lazy", "ngettext"}
CALL = re.compile(r"\b(?:_|gettext|ngettext)\(")
FORMATS = ("l j F", "j M Y", "j M")


def in_templates(templates: list[Path]) -> Iterator[tuple[str, ...]]:
    for path in templates:
        for call in ast.walk(ast.parse(_calls(templatize(path.read_text())))):
            if isinstance(call, ast.Call):
                yield tuple(
                    a.value.replace("%%", "%")
                    for a in call.args
                    if isinstance(a, ast.Constant) and isinstance(a.value, str)
                )


def _calls(text: str) -> str:
    """The calls that the framework's own extraction makes of a template, one a line."""
    found, at = [], 0
    while match := CALL.search(text, at):
        depth, end, quote = 1, match.end(), ""
        while depth:
            c = text[end]
            if quote:
                if c == "\\":
                    end += 1
                elif c == quote:
                    quote = ""
            elif c in "'\"":
                quote = c
            else:
                depth += {"(": 1, ")": -1}.get(c, 0)
            end += 1
        found.append(text[match.start() : end])
        at = end
    return "\n".join(found)


def in_code() -> Iterator[tuple[str, ...]]:
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
                said = tuple(
                    a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
                )
                if said:
                    yield said


def in_tables() -> Iterator[str]:
    yield from FORMATS
    feed = maintenance().feed
    yield from (feed.patient_summary, feed.patient_text, feed.alarm_text)
    for step in portal.every_step():
        yield from (
            step.text,
            step.small,
            step.when if step.at_min is None and "day" not in step.when else "",
        )
    yield from portal.bands().values()
    yield from (goal_scale().question, goal_scale().low_text, goal_scale().high_text)
    pages = portal.pages()
    for line in pages.session:
        yield from (line.part, line.text)
    for table in pages.rates:
        yield from (table.title, table.from_whom)
        for effect in table.effect:
            yield from (effect.says, effect.bother)
    yield from (known.text for known in pages.known)
    yield from (measured.says for measured in pages.measured)
    yield from instructions()
    yield from chain_words()
    for sheet in (one for one in longterm.sheets().values() if one.by_patient):
        yield from (sheet.title, sheet.intro, sheet.at_once, *(question.text for question in sheet.question))
    yield from documents.bill().payer_kinds.values()
    yield from agreed()
    yield from asked()
    scale = goal_scale()
    yield from (scale.question, scale.low_text, scale.high_text)
    for kind in ("drug", "route"):
        yield from (word.label for word in vocabulary.words()[kind].values())


def chain_words() -> Iterator[str]:
    """The picture of how it may work."""
    yield from (chain.TITLE, chain.ALONG, chain.SPAN, chain.DAYS, chain.RUNS)
    yield from (step.label for step in mechanism().step)
    yield from (*chain.WORDS.values(), *chain.TICKS.values())


def instructions() -> Iterator[str]:
    for line in documents.instructions().line:
        yield from (line.part, line.text)
    yield from ("(we will tell you)", "your {escort}", "your escort")


def asked() -> Iterator[str]:
    """What people ask, the answers, and the verdicts on what people say."""
    found = questions()
    yield from (*found.certainty.values(), *found.verdict.values())
    for one in found.question:
        yield from (one.group, one.ask, one.short)
        yield from (part.text for part in one.part)
        for dots in one.dots:
            yield from (dots.with_, dots.without)
    for claim in claims.claims().values():
        yield from (claim.says, *(line.plain for line in claim.when))


def agreed() -> Iterator[str]:
    """The words of the consent form."""
    for element in consent.elements():
        yield from (element.title, element.text)
    for evidence in consent.every_evidence():
        yield from (evidence.label, evidence.text)
    yield consent.other_product()
    yield from consent.strengths().values()


def told() -> list[tuple[str, ...]]:
    """All of it, each once: (singular,) or (singular, plural)."""
    found = [*in_templates(TEMPLATES), *in_code(), *((text,) for text in in_tables() if text)]
    return [words for words in dict.fromkeys(found) if words and words[0].strip()]


def told_to_anybody() -> list[tuple[str, ...]]:
    """What the pages say that anybody may open."""
    found = [
        *in_templates(PUBLIC_TEMPLATES),
        *((text,) for text in (*asked_first(), *how(), *passport()) if text),
    ]
    return [words for words in dict.fromkeys(found) if words[0].strip()]


def asked_first() -> Iterator[str]:
    """“Is this for me?”"""
    found = prescreen.prescreen()
    yield from (found.other, found.consent.text, *found.alternatives, *found.ask, *found.steps.values())
    for one in prescreen.questions().values():
        yield from (one.text, one.help, one.topic, one.tell, one.ask, *one.options.values())


def passport() -> Iterator[str]:
    yield from (phase.value for phase in Phase)
    yield from VERDICTS
    yield from (word.label for word in vocabulary.words()["indication"].values())


def how() -> Iterator[str]:
    """How it works, with its pictures."""
    found = mechanism()
    yield found.feeling.text
    yield from (one.text for one in found.open)
    for step in found.step:
        yield from (step.label, step.plain, step.doubt, *(source.says for source in step.sources))
    yield from (*levels.SAID, *chain.HEAD, *chain.TIMED.values(), *chain.FROM.values())
    for said in msgspec.structs.astuple(OWN_WORDS):
        yield from said if isinstance(said, tuple) else (said,)
