"""What a person's answers mean for a talk with a clinician: topics, never a verdict and never a dose (pure)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from lowtide.data import consent
from lowtide.data.prescreen import Question, prescreen, questions
from lowtide.record.entries.referral import ReferralAnswer

CONDITION = "condition"
Answers = Mapping[str, str]


class Point(msgspec.Struct, frozen=True):
    """One thing to bring up, and the answer that makes it one."""

    tell: str
    asked: str
    said: str


def read(posted: Mapping[str, Any]) -> dict[str, str]:
    """The answers that this page knows; anything else that was sent is dropped."""
    given = {q.id: str(posted.get(q.id, "")) for q in questions().values()}
    found = {key: said for key, said in given.items() if said in questions()[key].options}
    condition = str(posted.get(CONDITION, ""))
    return found | ({CONDITION: condition} if condition in conditions() else {})


def conditions() -> dict[str, str]:
    """What one may want help with: key -> words."""
    return {key: known.label for key, known in consent.evidence().items()} | {"other": prescreen().other}


def is_urgent(answers: Answers) -> bool:
    """An answer spoke of suicide, or left it open."""
    return any(answers.get(q.id) in q.crisis for q in questions().values())


def topics(answers: Answers) -> dict[str, list[Point]]:
    """What to bring up with a clinician, by topic."""
    found: dict[str, list[Point]] = {}
    for q, said in _said(answers):
        if said in q.matters:
            found.setdefault(q.topic, []).append(Point(q.tell, q.text, q.options[said]))
    return found


def left_open(answers: Answers) -> list[str]:
    """What was not answered is to be talked about too: it is not “no”."""
    return [q.text for q in questions().values() if q.id not in answers]


def to_ask(answers: Answers) -> list[str]:
    """Questions one could ask, the person's own first."""
    own = [q.ask for q in questions().values() if q.ask and answers.get(q.id) in q.matters]
    return [*own, *prescreen().ask]


def condition(answers: Answers) -> dict[str, Any]:
    """What is known for the person's condition; nothing where we know nothing of it."""
    known = consent.evidence().get(answers.get(CONDITION, ""))
    if known is None:
        return {}
    labelled = consent.scope("esketamine_nasal", "in", known.indication).standing == "label"
    return {"known": known, "sure": consent.strengths()[known.strength], "labelled": labelled}


def kept(answers: Answers) -> tuple[ReferralAnswer, ...]:
    """Every answer with the words it was asked in."""
    return tuple(ReferralAnswer(q.id, q.text, said, q.options[said]) for q, said in _said(answers))


def _said(answers: Answers) -> list[tuple[Question, str]]:
    return [(q, answers[q.id]) for q in questions().values() if q.id in answers]
