"""A question as its page shows it: numbers filled in from the table of trials, dots, certainty in words, sources."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import msgspec
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lowtide.data.evidence import Tables
from lowtide.data.questions import HOLE, Dots, Part, Question, questions
from lowtide.pathway.course.trial_answers import Standing
from lowtide.portal.effects import dots
from lowtide.science.evidence.judged import Judged, condition
from lowtide.science.evidence.named import Answer


class Source(msgspec.Struct, frozen=True):
    """Where it can be read; `title` is the study's citation, empty where only the address is known."""

    url: str
    title: str = ""


def filled(text: str, answers: Mapping[str, Answer]) -> str | None:
    """The text in the reader's language with its numbers; None while the table does not give one of them."""
    told = _(text)
    for name, what in HOLE.findall(told):
        answer = answers.get(name)
        value = getattr(answer, what, None) if answer else None
        if value is None:
            return None
        told = told.replace(f"{{{name}.{what}}}", number(value))
    return told


def number(value: float) -> str:
    """As the reader's language writes it, without zeros that say nothing."""
    decimals = len(f"{value:g}".partition(".")[2])
    return str(number_format(value, decimals))


def page(question: Question, now: Standing) -> dict[str, Any]:
    """Everything of one question. A part whose number is gone is left out."""
    parts = [_part(part, now) for part in question.part]
    drawn = [_dots(one, now) for one in question.dots]
    return {
        "question": question,
        "parts": [part for part in parts if part],
        "drawn": [one for one in drawn if one],
        "changed": not all(parts) or not all(drawn),
        "claims": [claim(now.claims[key]) for key in question.claims],
        "sources": sources(question.answers, now),
    }


def _part(part: Part, now: Standing) -> dict[str, Any] | None:
    text = filled(part.text, now.answers)
    if text is None or not all(condition(text, now.answers).holds for text in part.when):
        return None
    return {"text": text, "source": part.source, "counted": bool(part.answers)}


def _dots(one: Dots, now: Standing) -> dict[str, Any] | None:
    answer = now.answers.get(one.answer)
    if answer is None or answer.per_100 is None:
        return None
    beside = answer.control_per_100 if one.without else None
    return {
        "number": answer.per_100,
        "says": one.with_,
        "dots": _drawn(answer.per_100),
        "beside": beside,
        "beside_says": one.without,
        "beside_dots": _drawn(beside, "dummy") if beside is not None else "",
        "sure": questions().certainty[answer.certainty],
        "people": answer.people,
    }


def _drawn(of_100: int, class_: str = "with") -> SafeString:
    return mark_safe(dots(of_100, class_))  # noqa: S308  drawn from one number


def claim(judged: Judged) -> dict[str, Any]:
    """What people say, the verdict in plain words, and when it was looked at."""
    return {
        "id": judged.claim.id,
        "says": judged.claim.says,
        "verdict": judged.verdict,
        "word": questions().verdict[judged.verdict],
        "plain": judged.plain,
        "checked": judged.claim.last_checked,
    }


def sources(names: Iterable[str], now: Standing) -> list[Source]:
    """Each place that the answers were read at, once, with what is read there."""
    found: dict[str, str] = {}
    for answer in (now.answers[name] for name in names if name in now.answers):
        for url in answer.source:
            found.setdefault(url, _title(answer, now.tables))
    return [Source(url, title) for url, title in found.items()]


def _title(answer: Answer, tables: Tables) -> str:
    if answer.studies:
        known = tables.study.get(answer.studies[0])
        return known.citation if known else ""
    cited = next((getattr(row, "citation", "") for _, row in answer.rows), "")
    return "" if cited.startswith("as above") else cited


def groups() -> list[tuple[str, list[Question]]]:
    """All questions under their headings, in the order of the headings' first question."""
    every = questions().question
    order = list(dict.fromkeys(q.group for q in every))
    ranked = sorted(every, key=lambda q: order.index(q.group))
    return [(name, list(its)) for name, its in groupby(ranked, key=lambda q: q.group)]
