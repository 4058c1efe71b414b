"""A QuestionnaireResponse that says which instrument it answers, read by the instrument's own table (pure).

It is for instruments whose items have no codes that are checked: what goes out of Lowtide comes back, and so does a
form whose address ends in the instrument's name or in its panel's code.
"""

import re
from collections.abc import Mapping

from lowtide.data.instruments import Instrument, instruments
from lowtide.exchange.fhir.mapping.parts import Context, Json, Reading, Said, believed, joined, kept, moment
from lowtide.pathway.course.raised_forms import risk_items
from lowtide.problems import BadInput
from lowtide.record.entries.care import Answers
from lowtide.science.instruments.answers import read as read_answers
from lowtide.science.instruments.answers import readable
from lowtide.science.instruments.forms import given_pairs
from lowtide.science.instruments.naming import named, plain
from lowtide.science.instruments.score import unanswered, urgent

IMPORTED = "import"


def read(resource: Json, context: Context) -> Reading | None:
    """None where the response names no instrument that has a score."""
    one = _named(resource.get("questionnaire", ""))
    if one is None:
        return None
    why = ""
    try:
        found = read_answers(one, resource)
    except BadInput as error:
        found, why = readable(one, resource), error.problems[0].what
    by_hand = _by_hand(one, resource, found.values)
    whole = not why and set(unanswered(one, found.values)) <= set(found.not_applicable)
    if why and not (by_hand or urgent(one, found.values)):
        return kept(f"answers of {one.name} that could not be read: {why}")
    if not by_hand and (not found.values or not (whole or urgent(one, found.values))):
        return kept(f"{len(found.values)} of {len(one.ids)} items of {one.name}: too few to score")
    when = moment(resource.get("authored"), context.zone)
    body = Answers(
        instrument=one.id,
        version=IMPORTED,
        items=found.values,
        mode=IMPORTED,
        complete=whole and resource["status"] in ("completed", "amended"),
        dated=when[1] if when else None,
        not_applicable=found.not_applicable,
        unread=by_hand,
    )
    undated = None if when else "when it was answered is not said"
    others = f"not read: {', '.join(found.unread)}" if found.unread else None
    asked = f"item {', '.join(by_hand)} could not be read{f': {why}' if why else ''}" if by_hand else None
    return believed(
        [Said(f"answers:{one.id}", body, when[0] if when else None)], joined(asked or others, undated)
    )


def _by_hand(one: Instrument, resource: Json, values: Mapping[str, int]) -> tuple[str, ...]:
    """Risk items that were answered and not read, or may be what an answer is about that names no item."""
    open_ = [item for item in risk_items(one) if item not in values]
    try:
        pairs, _ = given_pairs(one, resource)
    except BadInput:
        return tuple(open_)
    names = named(one, [key for key, _ in pairs])
    answered = {names[key] for key, answer in pairs if answer is not None}
    return tuple(item for item in open_ if item in answered or None in answered)


def _named(canonical: str) -> Instrument | None:
    end = plain(re.split(r"[/:]", canonical.partition("|")[0].rstrip("/"))[-1])
    for one in instruments().values():
        names = {one.id, one.name, *one.aliases, *([one.loinc_panel] if one.loinc_panel else [])}
        spelt = {plain(name) for name in names}
        if (
            end
            and one.total != "unscored"
            and (end in spelt or (end.endswith(plain(one.id)) and one.id[-1].isdigit()))
        ):
            return one
    return None


def is_whole(name: str, items: dict[str, int]) -> bool:
    """Whether all that the instrument asks was answered, its own skipping counted in."""
    one = instruments().get(name)
    return one is not None and not tuple(unanswered(one, items))
