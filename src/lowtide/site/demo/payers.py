"""What the demonstration's payers said: one agreed and runs out soon, one refused, one has not answered yet."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import cycle
from uuid import UUID, uuid5

from lowtide.pathway.course.consent import scope_of
from lowtide.pathway.course.state import fold
from lowtide.record import store
from lowtide.record.entries.authorising import (
    DENIED,
    GRANTED,
    AuthorisationAnswered,
    AuthorisationAsked,
)
from lowtide.record.entries.base import Body, Draft
from lowtide.record.entries.papers import Coverage
from lowtide.site.demo.acting import acting
from lowtide.site.demo.care import Care
from lowtide.site.demo.staff import NAMESPACE

DAY = timedelta(days=1)
Answer = Callable[[UUID, datetime], AuthorisationAnswered | None]
ANSWERS: tuple[Answer, ...] = (
    lambda case, now: AuthorisationAnswered(
        case=case, answer=GRANTED, sessions=12, last=(now + 9 * DAY).date(), number="HM-20418"
    ),
    lambda case, now: AuthorisationAnswered(
        case=case,
        answer=DENIED,
        why="they see one adequate antidepressant trial, not two",
        by=(now + 12 * DAY).date(),
    ),
    lambda case, now: None,
)


def ask(now: datetime, told: Iterable[Care]) -> None:
    """Those who have an insurer and a course: one answer after the other."""
    asked = (care for care in told if store.load(care.stream).said(Coverage))
    for care, answer in zip(asked, cycle(ANSWERS), strict=False):
        course = fold(store.load(care.stream)).course
        of = scope_of(course) if course else None
        if of is None:
            continue
        body = AuthorisationAsked(payer="Harbour Mutual", product=of.product, sessions=12, how="fax")
        case = _write(care.stream, body, "authorisation asked", now - 16 * DAY)
        if said := answer(case, now):
            _write(care.stream, said, "authorisation answered", now - 2 * DAY)


def _write(stream: str, body: Body, what: str, at: datetime) -> UUID:
    entry = uuid5(NAMESPACE, f"{stream} {what}")
    draft = Draft(id=entry, stream=stream, body=body, by=acting("frontdesk").by, at=at)
    store.append([draft], now=at)
    return entry
