"""A question as its page shows it: numbers filled in from the table of trials, dots, how sure each is, and its sources."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Any

from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lowtide.data.questions import HOLE, Dots, Part, Question, questions
from lowtide.pathway.course.trial_answers import Standing
from lowtide.portal.effects import dots
from lowtide.portal.people_ask.places import Place, merged, of_address, of_answers, of_study
from lowtide.science.evidence.judged import Judged, condition
from lowtide.science.evidence.named import SURE, Answer

SMALL = 10
FEW = 50
SHOWN = ("supported", "partly")


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
    """Rounded as one says it, to a tenth below ten and to the whole above, in the reader's way of writing: so that the gap
    between two numbers stays what it was."""
    exact = Decimal(str(value))
    tenths = exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
    whole = abs(tenths) >= SMALL or tenths == tenths.to_integral_value()
    return str(
        number_format(exact.quantize(Decimal(1), ROUND_HALF_UP) if whole else tenths, 0 if whole else 1)
    )


def page(question: Question, now: Standing) -> dict[str, Any]:
    """Everything of one question. A part whose number is gone is left out."""
    parts = [_part(part, now) for part in question.part]
    drawn = [_dots(one, now) for one in question.dots]
    shown = [one for one in drawn if one]
    claims = [claim(now.claims[key], now) for key in question.claims]
    short = question.short if _holds(question.when, now) else ""
    return {
        "question": question,
        "short": short,
        "short_sure": sure(question.rests_on, now),
        "parts": [part for part in parts if part],
        "drawn": shown,
        "several": len(shown) > 1,
        "changed": not short or not all(parts) or not all(drawn),
        "claims": claims,
        "sources": merged([*sources(question, now), *places_of(claims)]),
    }


def _holds(conditions: Iterable[str], now: Standing) -> bool:
    return all(condition(text, now.answers).holds for text in conditions)


def _part(part: Part, now: Standing) -> dict[str, Any] | None:
    text = filled(part.text, now.answers)
    if text is None or not _holds(part.when, now):
        return None
    return {
        "text": text,
        "on": mixed(part.answers, now),
        "sure": sure(part.answers, now),
        "places": _places(part, now),
    }


def _places(part: Part, now: Standing) -> list[Place]:
    of = (now.answers[name] for name in part.answers if name in now.answers)
    named = (of_study(now.tables.study[key]) for key in part.studies if key in now.tables.study)
    return merged([*of_answers(of, now.tables), *named, *map(of_address, part.source)])


def sure(names: Iterable[str], now: Standing) -> str:
    """How sure the least sure of these answers is, in words; nothing where none of them can be judged, as a count."""
    known = [now.answers[name] for name in names if name in now.answers]
    judged = [answer for answer in known if answer.certainty in SURE and answer.sure >= 0]
    return questions().certainty[min(judged, key=lambda a: a.sure).certainty] if judged else ""


def mixed(names: Iterable[str], now: Standing) -> str:
    """On whom the answers were found, where that was people of several sorts."""
    found = (now.answers[name].on for name in names if name in now.answers)
    return " ".join(dict.fromkeys(_(one.plain) for one in found if one.mixed and one.plain))


def _dots(one: Dots, now: Standing) -> dict[str, Any] | None:
    answer = now.answers.get(one.answer)
    of_100 = None if answer is None else answer.more_per_100 if one.more else answer.per_100
    if answer is None or of_100 is None:
        return None
    beside = answer.control_per_100 if one.without else None
    return {
        "number": of_100,
        "says": one.with_,
        "dots": _drawn(of_100),
        "beside": beside,
        "beside_says": one.without,
        "beside_dots": _drawn(beside, "dummy") if beside is not None else "",
        "sure": questions().certainty[answer.certainty],
        "on": _(answer.on.plain) if answer.on.plain else "",
        "few": few(answer),
        "people": answer.people,
        "took_part": answer.took_part,
        "people_at_most": answer.people_at_most,
        "places": of_answers([answer], now.tables),
    }


def few(answer: Answer) -> dict[str, int] | None:
    """The counts themselves where a group was so small that a hundred dots look like more than was seen."""
    counts = (answer.events, answer.n, answer.control_events, answer.control_n)
    if None in counts or min(answer.n or 0, answer.control_n or 0) >= FEW:
        return None
    return dict(zip(("a", "n", "b", "m"), (c or 0 for c in counts), strict=True))


def _drawn(of_100: int, class_: str = "with") -> SafeString:
    return mark_safe(dots(of_100, class_))  # noqa: S308  drawn from one number


def claim(judged: Judged, now: Standing) -> dict[str, Any]:
    """What people say, the verdict in plain words, what it was judged by, and when it was looked at; once rows have changed
    since, that day is no longer said to be the last. What studies are said to show has how sure the least sure answer that
    decided is beside it; of what is not shown or wrong there is nothing to be sure of. Its sources are those of all that was
    weighed, what spoke against it too."""
    by = tuple(dict.fromkeys(c.answer for c in judged.by))
    weighed = (text.partition(".")[0] for line in judged.claim.when for text in line.all)
    named = dict.fromkeys((*by, *weighed))
    read = of_answers((now.answers[name] for name in named if name in now.answers), now.tables)
    looked = judged.since.looked
    return {
        "id": judged.claim.id,
        "says": judged.claim.says,
        "verdict": judged.verdict,
        "word": questions().verdict[judged.verdict],
        "plain": judged.plain,
        "on": mixed(by, now),
        "sure": sure(judged.decided_by, now) if judged.verdict in SHOWN else "",
        "places": merged([*read, *map(of_address, judged.claim.source)]),
        "checked": looked and looked.day,
        "changed": not judged.since.stands,
    }


def places_of(claims: Iterable[dict[str, Any]]) -> list[Place]:
    """Every work by which the claims were judged, once."""
    return merged(place for one in claims for place in one["places"])


def sources(question: Question, now: Standing) -> list[Place]:
    """Each work that the page rests on, once."""
    answers = (now.answers[name] for name in question.answers if name in now.answers)
    said = (place for part in question.part for place in _places(part, now))
    return merged([*of_answers(answers, now.tables), *said])


def groups() -> list[tuple[str, list[Question]]]:
    """All questions under their headings, in the order of the headings' first question."""
    every = questions().question
    order = list(dict.fromkeys(q.group for q in every))
    ranked = sorted(every, key=lambda q: order.index(q.group))
    return [(name, list(its)) for name, its in groupby(ranked, key=lambda q: q.group)]
