"""Whether two charts may be one person, and why: a question for a reviewer, never an answer (pure)."""

from collections.abc import Iterator

from lowtide.data.likeness import likeness
from lowtide.people.names import digits, fold, sound, sounds, words
from lowtide.record.dates import PartialDate, earliest, is_partial_date, latest
from lowtide.record.entries.identity import Identifier, Patient


def reasons(a: Patient, b: Patient) -> tuple[str, ...]:
    """Why these two may be one person, in words; empty when nothing suggests it."""
    return tuple(_reasons(a, b))


def _reasons(a: Patient, b: Patient) -> Iterator[str]:
    same_sound = not set(_family_sounds(a)).isdisjoint(_family_sounds(b))
    similar_given = _similar_given(a, b)
    if same_sound and (near := _near_births(a, b)):
        yield f"the family name sounds the same and the birth date is {near}"
    elif same_sound and similar_given and not (a.birth_date and b.birth_date):
        yield "the names sound the same and a birth date is missing"
    elif similar_given and a.birth_date and a.birth_date == b.birth_date:
        yield "the birth date is the same and the given name is similar"
    if _same_phone(a.contact.phone, b.contact.phone):
        yield "the telephone number is the same"
    if shared := _shared_identifiers(a, b):
        yield f"the number {shared[0].value} is the same"


def _family_sounds(patient: Patient) -> tuple[str, ...]:
    return sounds(patient.family, *patient.former_names)


def _similar_given(a: Patient, b: Patient) -> bool:
    return any(_alike(x, y) for x in _given(a) for y in _given(b))


def _given(patient: Patient) -> tuple[str, ...]:
    return words(patient.given, patient.preferred or "")


def _alike(x: str, y: str) -> bool:
    shared = min(len(x), len(y), likeness().shared_given_letters)
    return sound(x) == sound(y) or (shared > 1 and x[:shared] == y[:shared])


def _same_phone(x: str | None, y: str | None) -> bool:
    shortest = likeness().shared_phone_digits
    a, b = digits(x or ""), digits(y or "")
    return len(a) >= shortest and a[-shortest:] == b[-shortest:]


def _shared_identifiers(a: Patient, b: Patient) -> list[Identifier]:
    have = {(i.system, fold(i.value)) for i in b.identifiers}
    return [i for i in a.identifiers if (i.system, fold(i.value)) in have]


def _near_births(a: Patient, b: Patient) -> str:
    return nearness(a.birth_date, b.birth_date) if a.birth_date and b.birth_date else ""


def nearness(x: PartialDate, y: PartialDate) -> str:
    """How near two birth dates are, in words; empty when they are not."""
    if x == y:
        return "the same"
    if earliest(x) <= latest(y) and earliest(y) <= latest(x):
        return "not known to differ"
    apart = min(abs((earliest(x) - latest(y)).days), abs((earliest(y) - latest(x)).days))
    if apart <= likeness().close_birth_days:
        return f"{apart} day{'s' * (apart != 1)} apart"
    return "one slip of the pen apart" if _one_slip(x, y) else ""


def _one_slip(x: str, y: str) -> bool:
    """True when one wrong digit, two swapped neighbours, or day and month swapped lie between the two."""
    if len(x) != len(y):
        return False
    differ = [i for i, (a, b) in enumerate(zip(x, y, strict=True)) if a != b]
    neighbours = len(differ) == 2 and differ[1] == differ[0] + 1
    swapped = neighbours and x[differ[0]] == y[differ[1]] and x[differ[1]] == y[differ[0]]
    return len(differ) == 1 or swapped or _day_and_month_swapped(x, y)


def _day_and_month_swapped(x: str, y: str) -> bool:
    if len(x) < 10:
        return False
    turned = f"{x[:5]}{x[8:10]}-{x[5:7]}"
    return is_partial_date(turned) and turned == y
