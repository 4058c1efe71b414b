"""Scoring: one function for every instrument, driven by its data.

Totals are exact; a missing answer is never taken as zero. Where the instrument's own rule allows prorating, its parts
are prorated; everywhere else a missing item leaves the total unknown. Flags are raised from whatever was answered.
"""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import msgspec

from lowtide.data.instruments import Band, FlagRule, Instrument, Need, Part
from lowtide.problems import bad
from lowtide.science.instruments.answers import About, Answers, read, readable
from lowtide.science.instruments.notes import Flag, notes


class Score(msgspec.Struct, frozen=True):
    """`total` and a subscale are None while an answer they need is missing; `band` also where there are no bands. Where no
    total is banded, it is that of the subscale which speaks for the whole; `subscale_bands` are all of these.
    `unverified` names what the score rests on that is recalled or a default."""

    instrument: str
    total: Fraction | None
    subscales: dict[str, Fraction | None]
    band: str | None
    flags: tuple[Flag, ...]
    prorated: bool
    missing: tuple[str, ...]
    unverified: tuple[str, ...] = ()
    subscale_bands: dict[str, str | None] = {}


def score(instrument: Instrument, given: Mapping[str, Any], about: About | None = None) -> Score:
    """The score of these answers (see `answers.read` for what they may look like); `about` is what is known of the
    person beside them.

    Raises BadInput when the instrument has no score, nothing was answered, or an answer cannot be read; the message
    then still says which urgent flags the readable answers raise.
    """
    if instrument.total == "unscored":
        raise bad(
            f"{instrument.name} cannot be scored: {instrument.unscored_why}",
            instrument.id,
            "Record it as it is.",
        )
    answers = read(instrument, given)
    if about is not None:
        answers = msgspec.structs.replace(answers, about=_joined(answers.about, about))
    if not answers.values and not answers.not_applicable:
        raise bad(
            f"no answer to any item of {instrument.name}", "answers", f"Items: {', '.join(instrument.ids)}."
        )
    return scored(instrument, answers)


def _joined(said: About, known: About) -> About:
    """What came with the answers counts before what is known otherwise."""
    years = known.school_years if said.school_years is None else said.school_years
    return About(said.sex or known.sex, years)


def scored(instrument: Instrument, answers: Answers) -> Score:
    """The score of answers already read."""
    counted = _counted(instrument, answers.values)
    missing = tuple(unanswered(instrument, answers.values))
    subscales = {part.id: _part(instrument, part, counted, missing) for part in instrument.parts}
    part_bands = {
        name: None if (figure := subscales[name]) is None else _within(bands, figure)
        for name, bands in instrument.part_bands.items()
    }
    total = _schooled(instrument, _total(instrument, counted, subscales), answers.about)
    return Score(
        instrument=instrument.id,
        total=total,
        subscales=subscales,
        band=_triaged(instrument, answers.values, missing)
        if instrument.total == "triage"
        else band(instrument, total, answers.about.sex) or next(iter(part_bands.values()), None),
        flags=(*_raised(instrument, answers.values, total), *notes(instrument, answers, total)),
        prorated=any(
            subscales[part.id] is not None and part.take != "max" and not set(part.items).isdisjoint(missing)
            for part in instrument.parts
        ),
        missing=missing,
        unverified=tuple(
            name for name in ("bands", "flags", "detail", "min_answered") if name in instrument.unverified
        ),
        subscale_bands=part_bands,
    )


def urgent(instrument: Instrument, given: Mapping[str, Any]) -> tuple[Flag, ...]:
    """The urgent flags of whatever can be read, even from a form that is unfinished or faulty (hazard H026)."""
    flags = _raised(instrument, readable(instrument, given).values, None)
    return tuple(flag for flag in flags if flag.level == "urgent")


def triaged(instrument: Instrument, values: Mapping[str, int]) -> str | None:
    """The band that these yes answers alone put somebody in; None for an instrument that is not triaged."""
    found = (r.band for r in instrument.triage if any(values.get(item) for item in r.any_yes))
    return next(found, None)


def _counted(instrument: Instrument, values: Mapping[str, int]) -> dict[str, int]:
    """Answers as they count: a reversed item counts its maximum and minimum minus the answer."""
    counted = {}
    for item_id, value in values.items():
        detail = instrument.item(item_id)
        counted[item_id] = sum(detail.range or (0, 0)) - value if detail.reversed else value
    return counted


def unanswered(instrument: Instrument, values: Mapping[str, int]) -> Iterator[str]:
    """What was asked and not answered: not what another answer makes needless."""
    excused = {i for group in instrument.either if not values.keys().isdisjoint(group) for i in group}
    for item_id in instrument.ids:
        asked_if = instrument.item(item_id).asked_if
        asked = asked_if is None or values.get(asked_if, 1) > 0
        if asked and item_id not in values and item_id not in excused:
            yield item_id


def _total(
    instrument: Instrument, counted: Mapping[str, int], subscales: Mapping[str, Fraction | None]
) -> Fraction | None:
    if instrument.total in ("none", "triage"):
        return None
    if instrument.total == "parts":
        return _summed(subscales.values())
    total = _summed(counted.get(item_id) for item_id in instrument.ids)
    if total is not None and instrument.total == "mean":
        return total / len(instrument.ids)
    return total


def _part(
    instrument: Instrument, part: Part, counted: Mapping[str, int], missing: tuple[str, ...]
) -> Fraction | None:
    answered = [counted[item_id] for item_id in part.items if item_id in counted]
    is_whole = set(part.items).isdisjoint(missing) or _is_decided(instrument, part, answered)
    if not is_whole and (part.min_answered is None or len(answered) < part.min_answered):
        return None
    if part.take == "max":
        return Fraction(max(answered)) / part.divide
    mean = Fraction(sum(answered), len(answered))
    return (mean if part.take == "mean" else mean * len(part.items)) / part.divide


def _is_decided(instrument: Instrument, part: Part, answered: list[int]) -> bool:
    """Of a maximum: no missing answer could raise it any more."""
    highest = max((instrument.item(item).range or (0, 0))[1] for item in part.items)
    return part.take == "max" and max(answered, default=None) == highest


def _schooled(instrument: Instrument, total: Fraction | None, about: About) -> Fraction | None:
    rule, years = instrument.school, about.school_years
    if rule is None or total is None or years is None or years > rule.at_most_years:
        return total
    return min(total + rule.add, Fraction(rule.highest))


def _summed(values: Iterable[int | Fraction | None]) -> Fraction | None:
    total = Fraction(0)
    for value in values:
        if value is None:
            return None
        total += value
    return total


def band(instrument: Instrument, total: Fraction | None, sex: str | None = None) -> str | None:
    """The band a total lies in. Where cuts differ by sex and it is not known: the band that both agree on, or none."""
    if total is None:
        return None
    if not instrument.by_sex:
        return _within(instrument.bands, total)
    scales = [instrument.by_sex[sex]] if sex in instrument.by_sex else instrument.by_sex.values()
    found = {_within(bands, total) for bands in scales}
    return found.pop() if len(found) == 1 else None


def _within(bands: tuple[Band, ...], total: Fraction) -> str | None:
    return next((band.label for band in reversed(bands) if total >= band.at_least), None)


def _triaged(instrument: Instrument, values: Mapping[str, int], missing: tuple[str, ...]) -> str | None:
    """The first row that holds. With answers missing only the worst band is sure; any other is unknown."""
    worst = instrument.triage[0].band
    for row in instrument.triage:
        off = row.unless_answered is not None and row.unless_answered in values
        if not off and any(values.get(item_id) for item_id in row.any_yes):
            return row.band if row.band == worst or not missing else None
    return None if missing else "none"


def _raised(instrument: Instrument, values: Mapping[str, int], total: Fraction | None) -> list[Flag]:
    return [Flag(rule.id, rule.level, rule.text) for rule in instrument.flags if _holds(rule, values, total)]


def _holds(rule: FlagRule, values: Mapping[str, int], total: Fraction | None) -> bool:
    if rule.total_at_least is not None and (total is None or total < rule.total_at_least):
        return False
    return all(_met(need, values) for need in rule.needs)


def _met(need: Need, values: Mapping[str, int]) -> bool:
    answered = (values[item_id] for item_id in need.items if item_id in values)
    within = [
        value
        for value in answered
        if (need.at_least is None or value >= need.at_least)
        and (need.at_most is None or value <= need.at_most)
    ]
    return len(within) >= need.count
