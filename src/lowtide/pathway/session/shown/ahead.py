"""What is said beside the forecast of a running session (pure): whose estimate it is, on how much it rests, and which
reading it did not expect. Never an alarm: the bedside monitor alarms."""

from collections.abc import Iterator

import msgspec

from lowtide.data.chair import parameters
from lowtide.pathway.session.following import Band, Unlike
from lowtide.pathway.session.rules.facts import Facts

ESTIMATE = "Population estimate, not a measurement"


class AheadWords(msgspec.Struct, frozen=True):
    """`says` in one line; `warns` what to look at; `details` for who wants to know more."""

    says: str
    warns: tuple[str, ...]
    details: tuple[str, ...]


def ahead_words(band: Band, facts: Facts) -> AheadWords:
    if not (band.systolic or band.dissociation):
        return AheadWords(f"No forecast: {band.why_not}", (), ())
    return AheadWords(_says(band), tuple(_warns(band)), tuple(_details(band, facts)))


def _says(band: Band) -> str:
    weighed = f"weighed by {band.readings} reading{'' if band.readings == 1 else 's'} of this session"
    return f"{ESTIMATE}; {weighed if band.readings else 'not weighed by a reading yet'}"


def _warns(band: Band) -> Iterator[str]:
    if band.why_not:
        yield f"No pressure forecast: {band.why_not}."
    yield from (_unlike(each) for each in band.unlike)
    if band.poor:
        yield (
            f"Few virtual people fit these readings ({band.worth} of {band.members}): the band rests on little."
        )


def _unlike(each: Unlike) -> str:
    row, seen = parameters()[each.observed.row], each.observed
    what = "systolic" if seen.kind == "sbp" else row.label.lower()
    side = "above" if seen.value > each.high else "below"
    return (
        f"{what.capitalize()} {seen.value:g} at T+{int(seen.minute)} lies {side} what was forecast "
        f"({each.low:.0f} to {each.high:.0f}). One reading in ten does; look at the patient."
    )


def _details(band: Band, facts: Facts) -> Iterator[str]:
    yield f"Models: {', '.join(band.models)}"
    yield f"{band.members} virtual people, worth {band.worth} after the readings"
    yield "Dark band: half of readings; light band: nine in ten; line: the middle"
    yield "Dissociation from 0 to 10 is taken for the models’ feeling high, 0 to 10, a CADSS total for their CADSS (assumed)"
    if facts.infusion and facts.infusion.paused:
        yield "While the pump is paused the forecast has nothing more go in"
    elif facts.stopped is None:
        yield "What is still to be given is taken as ordered"
    if band.unmeasured:
        yield f"Not in it: {', '.join(band.unmeasured)} may change the level; by how much nobody measured"
