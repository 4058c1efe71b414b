"""What a form of the intake says, read into entries; what cannot be read is answered beside its field (pure)."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec

from lowtide.data import intake
from lowtide.data.charted import charted
from lowtide.pathway.evaluate.answers import checked
from lowtide.pathway.evaluate.asking.sheet import NOT_KNOWN, Given, Row, is_measured
from lowtide.pathway.evaluate.charted_answers import typed
from lowtide.people.patients.spelling import dates
from lowtide.problems import BadInput, bad
from lowtide.record.dates import PartialDate, earliest
from lowtide.record.entries.base import Answer
from lowtide.record.entries.history import HistoryItem, Measurement
from lowtide.record.entries.words import day
from lowtide.science.units import with_point


class Said(msgspec.Struct, frozen=True):
    """One item's answer as an entry, beside the entry that stood when the page was made."""

    item: intake.Item
    body: HistoryItem | Measurement
    was: str


def read(rows: Iterable[Row], posted: Mapping[str, str], today: date) -> tuple[list[Said], dict[str, Row]]:
    """The answers of one section, and the rows whose answers cannot be read, with what was typed kept."""
    said: list[Said] = []
    faulty: dict[str, Row] = {}
    for row in rows:
        if row.fixed:
            continue
        given = typed_in(row.item, posted)
        if row.again and not given.answer:
            continue
        try:
            body = body_of(row.item, given, today)
        except BadInput as error:
            problem = error.problems[0]
            text = f"{problem.what[:1].upper()}{problem.what[1:]}. {problem.mend}"
            faulty[row.item.id] = msgspec.structs.replace(row, given=given, error=text)
        else:
            if body is not None:
                said.append(Said(row.item, body, given.was))
    return said, faulty


def typed_in(item: intake.Item, posted: Mapping[str, str]) -> Given:
    """The fields of one item as they arrived."""

    def field(name: str) -> str:
        return posted.get(f"{name}-{item.id}", "").strip()

    was = posted.get(f"was-{item.id}_id", "")
    return Given(field("answer"), field("value"), field("date"), field("detail"), was)


def body_of(item: intake.Item, given: Given, today: date) -> HistoryItem | Measurement | None:
    """The entry an answer makes; None where nothing was said. Raises BadInput for what is no answer."""
    on = _date(given.date, today)
    if is_measured(item) and given.value:
        return _measurement(item, given, None if on == today.isoformat() else on)
    answer, value = _answer(item, given)
    if answer is None:
        _nothing(given)
        return None
    if value is not None:
        checked(item, typed(item, value), item.label)
    return HistoryItem(item=item.id, answer=answer, value=value, date=on, detail=given.detail or None)


def _answer(item: intake.Item, given: Given) -> tuple[Answer | None, str | None]:
    """(yes, no or not known, and the value that goes with a yes)"""
    if given.answer == NOT_KNOWN:
        if given.value and item.kind in ("number", "word"):
            raise bad("a value and “not known”", item.label, "Keep one of the two.")
        return Answer.NOT_KNOWN, None
    if item.kind == "condition":
        return _condition(item, given.answer)
    if item.choices:
        return (Answer.YES, given.answer) if given.answer else (None, None)
    if item.kind in ("number", "word"):
        return (
            (Answer.YES, _number(given.value) if item.kind == "number" else given.value)
            if given.value
            else (None, None)
        )
    if item.kind == "several":
        return _several(given)
    return (Answer(given.answer), None) if given.answer in ("yes", "no") else (None, None)


def _condition(item: intake.Item, answer: str) -> tuple[Answer | None, str | None]:
    if answer in ("active", "past"):
        return Answer.YES, answer
    return (Answer.NO, None) if answer == "never" else (None, None)


def _several(given: Given) -> tuple[Answer | None, str | None]:
    if given.answer == "yes" and not given.value:
        raise bad("nothing is named", "value", "Name them, with commas between, or choose “None”.")
    if given.answer == "no" and given.value:
        raise bad("“none” and names", "value", "Keep one of the two.")
    if given.value:
        return Answer.YES, given.value
    return (Answer.NO, None) if given.answer == "no" else (None, None)


def _number(written: str) -> str:
    """A number in one spelling: a decimal comma counts as a point."""
    try:
        return f"{Decimal(with_point(written)):f}"
    except InvalidOperation:
        raise bad(f"“{written}” is no number", "value", "Write digits, such as 72 or 72.5.") from None


def _measurement(item: intake.Item, given: Given, on: PartialDate | None) -> Measurement:
    quantity = next(name for name, to in charted().measurement.items() if to == item.id)
    value = Decimal(_number(given.value))
    body = Measurement(quantity=quantity, value=value, read_value=value, read_unit=item.unit, dated=on)
    if problems := list(body.problems()):
        raise BadInput(*problems)
    return body


def _nothing(given: Given) -> None:
    """Nothing was said; but what was said before is not unsaid by emptying its field."""
    if given.was:
        raise bad("the answer is gone", "answer", "Write it again, or say that it is not known.")
    if given.date or given.detail:
        raise bad("a date or detail without an answer", "answer", "Choose an answer.")


def _date(written: str, today: date) -> PartialDate | None:
    if not written:
        return None
    meant = [d for d in dates(written) if earliest(d) <= today]
    if not meant:
        what = "lies in the future" if dates(written) else "is no date"
        raise bad(f"“{written}” {what}", "date", "Write 14 Mar 2019, Mar 2019 or 2019.")
    if len(meant) > 1:
        raise bad(f"{' or '.join(map(day, meant))}?", "date", "Write the month as a word.")
    return meant[0]
