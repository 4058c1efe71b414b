"""The verbs of outcomes: answer a questionnaire, correct an answer, act on a raised one."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from lowtide.data import instruments
from lowtide.data.instruments import Instrument
from lowtide.pathway.outcomes.risk import Risk, closing_problem
from lowtide.people import retry
from lowtide.problems import BadInput, Conflict, Refused, bad, refuse
from lowtide.record import store
from lowtide.record.entries.base import Draft, Entry, Source
from lowtide.record.entries.care import Answers, RiskReviewed
from lowtide.science.instruments.score import unanswered

_encode = msgspec.json.Encoder(order="sorted").encode
TRIES = 5


class Answerer(msgspec.Struct, frozen=True):
    """Who writes the answers down, and how they came: tablet, phone, paper or interview. `at` is when they were given,
    where they are typed later; `rater` who rated, `window` the period asked about, where not the usual; `language` that
    of the words that were read, where not the house's own."""

    by: str
    source: Source
    mode: str
    at: datetime | None = None
    rater: str = ""
    window: str = ""
    language: str = ""


class Given(msgspec.Struct, frozen=True):
    """What was sent: values by item, and the items that do not apply to this person. `left_open`: the form was ended
    although answers are missing."""

    items: Mapping[str, int]
    not_applicable: tuple[str, ...] = ()
    left_open: bool = False


def is_whole(measure: Instrument, items: Mapping[str, int], not_applicable: tuple[str, ...] = ()) -> bool:
    """Whether all that is asked of this person was answered: what another answer makes needless is not asked."""
    return set(unanswered(measure, items)) <= set(not_applicable)


def answer(
    stream: str,
    form: UUID,
    measure: Instrument,
    given: Given | Mapping[str, int],
    who: Answerer,
    now: datetime,
    *,
    finish: bool = True,
) -> Entry:
    """Save what is answered so far. Answers the standing entry.

    The form is complete once every item is answered and whoever answers says so with `finish`: until then each
    answer can still be changed.

    Said twice it is recorded once. Answers that overtake each other are merged: the later value of an item counts.
    Raises BadInput when nothing is answered, Refused when the form is finished and an answer differs: a finished
    form is corrected instead.
    """
    given = given if isinstance(given, Given) else Given(given)
    for _ in range(TRIES):
        latest = _standing(stream, form, measure)
        try:
            return _save(stream, form, measure, given, who, now, latest, finish)
        except (Conflict, Refused):
            if _standing(stream, form, measure) == latest:
                raise
    raise refuse("the form is being answered elsewhere at the same time", "answers", "Send it again.")


def _standing(stream: str, form: UUID, measure: Instrument) -> Entry | None:
    """The latest version of the form. Raises Refused when it was withdrawn or the id names something else."""
    chart = store.load(stream)
    if form not in chart.entries:
        return None
    latest = chart.line(form)[-1]
    if not isinstance(latest.body, Answers) or latest.body.instrument != measure.id:
        raise refuse("this form was withdrawn", "answers", "Open a new one.")
    return latest


def _save(
    stream: str,
    form: UUID,
    measure: Instrument,
    given: Given,
    who: Answerer,
    now: datetime,
    latest: Entry | None,
    finish: bool,
) -> Entry:
    body = _body(measure, _merged(measure, given, latest), who, finish)
    said = (body.items, body.not_applicable)
    is_same = latest is not None and said == (latest.body.items, latest.body.not_applicable)
    if latest and is_same and latest.body.complete and not body.complete:
        return latest
    if latest and is_same and body == latest.body and who.at in (None, latest.at):
        return latest
    if not body.items:
        raise bad("nothing was answered", "answers", "Answer at least one question.")
    if latest and latest.body.complete and not is_same:
        raise refuse("this form is finished", "answers", "Correct the answer on the outcomes page.")
    draft = Draft(stream=stream, body=body, by=who.by, at=who.at or now, id=form, source=who.source)
    return store.append([_continuing(draft, latest) if latest else draft], now=now)[0]


def _continuing(draft: Draft, latest: Entry) -> Draft:
    """The same form with more answers; the id follows from what it says, so that a retry is recognised."""
    next_id = uuid5(latest.id, _encode(draft.body).decode())
    return msgspec.structs.replace(draft, id=next_id, reason="answered on").correcting(latest)


def _merged(measure: Instrument, given: Given, latest: Entry | None) -> Given:
    """What stands with what was sent laid over it; an item that does not apply has no value, and the other way round."""
    before: dict[str, int] = latest.body.items if latest else {}
    skipped = set(latest.body.not_applicable if latest else ()) - given.items.keys() | set(
        given.not_applicable
    )
    merged = {**before, **given.items}
    items = {item: merged[item] for item in measure.ids if item in merged and item not in skipped}
    return Given(items, tuple(item for item in measure.ids if item in skipped), given.left_open)


def _body(measure: Instrument, said: Given, who: Answerer, finish: bool) -> Answers:
    whole = is_whole(measure, said.items, said.not_applicable)
    return Answers(
        instrument=measure.id,
        version=instruments.version(measure.id),
        items=dict(said.items),
        mode=who.mode,
        complete=finish and whole,
        left_open=said.left_open and not whole,
        rater=who.rater,
        window=who.window,
        not_applicable=said.not_applicable,
        language=who.language,
    )


def correct(
    entry: Entry, given: Given | dict[str, int], reason: str, by: str, now: datetime, entry_id: UUID
) -> Entry:
    """Put right what was mistyped; the form keeps the time at which it was answered.

    Raises Refused when it was corrected in the meantime, BadInput without a reason.
    """
    measure = instruments.instrument(entry.body.instrument)
    said = given if isinstance(given, Given) else Given(given)
    body = msgspec.structs.replace(
        entry.body,
        items=dict(said.items),
        not_applicable=said.not_applicable,
        complete=is_whole(measure, said.items, said.not_applicable),
        left_open=False,
    )
    draft = Draft(stream=entry.stream, body=body, by=by, at=entry.at, id=entry_id, reason=reason)
    return store.append([draft.correcting(entry)], now=now)[0]


def review(
    stream: str, body: RiskReviewed, by: str, now: datetime, entry_id: UUID, raised: Risk | None = None
) -> Entry:
    """Write one line of the contact trail, closing the task or leaving it open.

    Raises BadInput where a `raised` answer is closed without a reason, or before anybody spoke with the patient.
    """
    problem = closing_problem(raised.trail, body) if raised and store.find(entry_id) is None else None
    if problem:
        raise BadInput(problem)
    return retry.append([Draft(stream=stream, body=body, by=by, at=now, id=entry_id)], now=now)[0]
