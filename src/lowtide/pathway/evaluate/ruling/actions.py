"""The verbs of the clinic's rules: answer for numbers, set an own value, put off; adopt a policy with own numbers."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID, uuid5

import msgspec

from lowtide.data import approving, own
from lowtide.data.policies import policies
from lowtide.pathway.course import refolding
from lowtide.pathway.course.answerable import answerables, contradiction
from lowtide.pathway.course.approved import canonical, last_words, own_values, row_of
from lowtide.pathway.course.in_force import values_in_force
from lowtide.pathway.evaluate.ruling.adopted import adopted, own_number
from lowtide.pathway.evaluate.ruling.line import Line, Part
from lowtide.pathway.evaluate.ruling.tables import lines
from lowtide.people.clinic import CLINIC
from lowtide.people.retry import append
from lowtide.people.who import Person
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body, Draft, Entry
from lowtide.record.entries.clinic import (
    EnteredInError,
    NumberApproved,
    NumberChanged,
    NumberPostponed,
    PolicyAdopted,
)
from lowtide.record.store import Charts, Guard

LOOK_AGAIN = "Look at it again, then decide."


class Pick(msgspec.Struct, frozen=True, array_like=True):
    """A number as it stood on the page; `seen` is the last entry about it, empty where there was none."""

    key: str
    value: str
    seen: str


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """Who signs, when, and why. `entry_id` was made with the form."""

    person: Person
    entry_id: UUID
    now: datetime
    reason: str = ""


def accept(signing: Signing, picks: Sequence[Pick]) -> list[Entry]:
    """Answer for these numbers as they stand: one entry each, all or none."""

    def body(line: Line) -> Body:
        return NumberApproved(
            number=line.key,
            value=line.value,
            told=line.title,
            printed_name=signing.person.name,
            meaning=approving.meaning().accept,
        )

    if not picks:
        raise bad("no number was chosen", "pick", "Choose at least one.")
    return _sign(signing, picks, body)


def postpone(signing: Signing, pick: Pick) -> list[Entry]:
    """Say that somebody has looked and does not decide yet: the number stays marked."""
    _needs_a_reason(signing.reason)

    def body(line: Line) -> Body:
        return NumberPostponed(
            number=line.key,
            value=line.value,
            told=line.title,
            printed_name=signing.person.name,
            meaning=approving.meaning().postpone,
        )

    return _sign(signing, [pick], body)


def change(signing: Signing, pick: Pick, typed: str, which: str = "") -> list[Entry]:
    """Set the clinic's own value of one number; the other own values stay as they are. `which` names the number where
    a row has several: whoever changes one answers for the row as it then stands."""
    _needs_a_reason(signing.reason)

    def body(line: Line) -> Body:
        part = _part(line, which)
        value = _own_value(line, part, typed)
        name = f" ({part.label})" if part.label else ""
        return NumberChanged(
            number=part.key,
            value=value,
            was=part.value,
            told=f"{line.title}{name}, here {value} {part.unit}".strip(),
            printed_name=signing.person.name,
            meaning=approving.meaning().change,
            row=line.key if ":" in line.key else "",
            stands=_as_it_stands_with(line, part, value) if ":" in line.key else "",
        )

    entries = _sign(signing, [pick], body)
    refolding.refold_soon()
    return entries


def _part(line: Line, which: str) -> Part:
    """The number of the row that is meant. Raises BadInput where there is none, or where it is not said which."""
    choices = line.changeable
    if not choices:
        raise bad(f"“{line.title}” cannot be changed here", "own", "Accept or postpone it.")
    found = choices if len(choices) == 1 else tuple(part for part in choices if part.key == which)
    if not found:
        raise bad("several numbers stand in this row", "which", "Choose the one that you change.")
    return found[0]


def _own_value(line: Line, part: Part, typed: str) -> str:
    """What was typed as a value of this number. Raises BadInput for what cannot be meant."""
    low, high = part.plausible or (0.0, 0.0)
    try:
        value = Decimal(typed.strip().replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not low <= float(value) <= high:
        within = f"between {low:g} and {high:g} {part.unit}".strip()
        raise bad(f"“{typed}” cannot be meant", "own", f"Write a number {within}.")
    if part.whole and value != int(value):
        raise bad(f"“{typed}” cannot be meant", "own", f"Write a whole number of {part.unit or 'them'}.")
    text = f"{value.normalize():f}" if ":" in line.key else canonical(line.key, str(value))
    if text == part.value:
        raise bad(f"it is {text} already", "own", "Accept it, or write another value.")
    return text


def _as_it_stands_with(line: Line, part: Part, value: str) -> str:
    """The row's own fingerprint once this value is in it. Raises BadInput where its numbers contradict one another."""
    here = values_in_force(store.load(CLINIC))
    values = dict(here.values) | {part.key: value}
    with own.laying(own.own(tuple(sorted(values.items())), own.NONE, here.policy)):
        row = next(row for row in answerables() if row.key[0] == line.key)
    if wrong := contradiction(row):
        raise bad(f"{part.label or line.title} {value}: {wrong}", "own", "Write another value.")
    return row.key[1]


def take_back(signing: Signing, word: UUID) -> Entry:
    """Withdraw the latest word on a number: what stood before it stands again."""
    _needs_a_reason(signing.reason)
    clinic = store.load(CLINIC)
    if stored := store.find(signing.entry_id):
        return stored

    def guard(charts: Charts) -> None:
        if word not in {entry.id for entry in last_words(charts[CLINIC]).values()}:
            raise refuse("somebody has signed this number meanwhile", "value", LOOK_AGAIN)

    if word not in clinic.entries:
        raise refuse("this word is not known here", "value", "Open the page again.")
    draft = msgspec.structs.replace(_draft(signing, signing.entry_id, EnteredInError()), corrects=word)
    entry = append([draft], guard, now=signing.now)[0]
    refolding.refold_soon()
    return entry


def _sign(signing: Signing, picks: Sequence[Pick], body: Callable[[Line], Body]) -> list[Entry]:
    """Append one entry a number, unless one of them has moved since the page was shown."""
    if stored := _signed_already(signing, len(picks)):
        return stored
    found = _by_key(store.load(CLINIC))
    drafts = [
        _draft(signing, uuid5(signing.entry_id, pick.key), body(_standing(found, pick))) for pick in picks
    ]
    return append(drafts, _unmoved(picks), now=signing.now)


def _signed_already(signing: Signing, count: int) -> list[Entry]:
    """The entries of this very form, if it was sent before."""
    entries = store.load(CLINIC).entries.values()
    kinds = NumberApproved | NumberChanged | NumberPostponed
    found = [
        e for e in entries if isinstance(e.body, kinds) and e.id == uuid5(signing.entry_id, row_of(e.body))
    ]
    return found if len(found) == count else []


def _by_key(clinic: Chart) -> dict[str, Line]:
    return {line.key: line for line in lines(clinic) if line.key}


def _standing(found: dict[str, Line], pick: Pick) -> Line:
    line = found.get(pick.key)
    if line is None:
        raise refuse("this number is not known here", "value", "Open the page again.")
    if line.value != pick.value:
        raise refuse(f"“{line.title}” is another one than the page showed", "value", LOOK_AGAIN)
    return line


def _unmoved(picks: Sequence[Pick]) -> Guard:
    """Refuses where somebody has signed one of these since the page was shown."""

    def guard(charts: Charts) -> None:
        found, signed = _by_key(charts[CLINIC]), last_words(charts[CLINIC])
        for pick in picks:
            line, last = _standing(found, pick), signed.get(pick.key)
            if str(last.id if last else "") != pick.seen:
                raise refuse(f"somebody has signed “{line.title}” meanwhile", "value", LOOK_AGAIN)

    return guard


def approve(person: Person, entry_id: UUID, key: str, value: str, reason: str, *, now: datetime) -> Entry:
    """Take responsibility for a number or rule as it stands. Refused where it is another one by now."""
    _needs_a_reason(reason)
    signing = Signing(person=person, entry_id=entry_id, now=now, reason=reason)
    if stored := store.find(entry_id):
        return stored

    def guard(charts: Charts) -> None:
        _standing(_by_key(charts[CLINIC]), Pick(key, value, ""))

    line = _standing(_by_key(store.load(CLINIC)), Pick(key, value, ""))
    body = NumberApproved(
        number=key,
        value=value,
        told=line.title,
        printed_name=person.name,
        meaning=approving.meaning().accept,
    )
    return append([_draft(signing, entry_id, body)], guard, now=now)[0]


def policy_seen(clinic: Chart) -> str:
    """What a page about the policy was made from: the latest entries that set it."""
    taken = adopted(clinic)
    own = (entry for _, entry in own_values(clinic).values())
    latest = max([*([taken[0]] if taken else []), *own], key=lambda entry: entry.seq, default=None)
    return str(latest.id) if latest else ""


def adopt(
    person: Person,
    entry_id: UUID,
    policy: str,
    overrides: dict[str, str],
    reason: str,
    *,
    now: datetime,
    seen: str | None = None,
) -> Entry:
    """Work under this policy from now on, with the clinic's own values of single numbers.

    Refused where somebody adopted another one, or changed a number, since the page was shown (`seen`).
    """
    if policy not in policies():
        raise bad(f"there is no policy “{policy}”", "policy", f"One of: {', '.join(policies())}.")
    for name, value in overrides.items():
        if own_number(name, value) is None:
            raise bad(f"“{value}” is no value of {name}", "value", "Write a number, such as 30.")
    _needs_a_reason(reason)

    def guard(charts: Charts) -> None:
        if seen is not None and seen != policy_seen(charts[CLINIC]):
            raise refuse("somebody has changed the policy meanwhile", "policy", LOOK_AGAIN)

    body = PolicyAdopted(policy=policy, version=policies()[policy].version, overrides=overrides)
    signing = Signing(person=person, entry_id=entry_id, now=now, reason=reason)
    entry = append([_draft(signing, entry_id, body)], guard, now=now)[0]
    refolding.refold_soon()
    return entry


def _needs_a_reason(reason: str) -> None:
    if not reason.strip():
        raise bad("a reason is needed", "reason", "Say in a few words why.")


def _draft(signing: Signing, entry_id: UUID, body: Body) -> Draft:
    reason = signing.reason.strip() or None
    return Draft(id=entry_id, stream=CLINIC, body=body, by=signing.person.by, at=signing.now, reason=reason)
