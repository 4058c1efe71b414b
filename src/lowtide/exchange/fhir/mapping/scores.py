"""Observations that belong to a questionnaire: its total, its panel, or one of its items (pure)."""

from collections.abc import Iterator

from lowtide.data.observations import Instrument, instruments
from lowtide.exchange.fhir.mapping import questionnaire
from lowtide.exchange.fhir.mapping.parts import (
    Context,
    Json,
    Moment,
    Reading,
    Said,
    believed,
    kept,
    loinc,
    moment,
    number,
    span,
)
from lowtide.exchange.fhir.mapping.questionnaire import Answered
from lowtide.record.entries.care import Total

FINAL = ("final", "amended", "corrected")


def read(resource: Json, context: Context) -> Reading | None:
    """None when the observation belongs to no questionnaire."""
    codes = set(loinc(resource["code"]))
    for name, instrument in instruments().items():
        parts = codes & {*instrument.total, *instrument.panel, *instrument.items.values()}
        if not parts:
            continue
        if _read_elsewhere(resource, context):
            return kept("read from the questionnaire response it was derived from")
        if parts & set(instrument.total):
            return _total(name, instrument, resource, context)
        return _items(name, instrument, resource, context)
    return None


def _read_elsewhere(resource: Json, context: Context) -> bool:
    sources = (context.find(reference) for reference in resource.get("derivedFrom", ()))
    responses = (s for s in sources if s and s["resourceType"] == "QuestionnaireResponse")
    return any(questionnaire.read(response, context).said for response in responses)


def _total(name: str, instrument: Instrument, resource: Json, context: Context) -> Reading:
    """A total by itself; where all items are here it is worked out from them, never trusted."""
    if context.panel and _answered(context.panel, instrument, context).complete(instrument):
        return kept("the total is worked out from the items")
    given = resource.get("valueQuantity", {}).get(
        "value", resource.get("valueInteger", resource.get("valueString"))
    )
    value = number(given)
    if value is None or not 0 <= value <= (instrument.highest_total or 0):
        return kept(
            f"“{given}” is no total of {name}" if given is not None else f"it gives no total of {name}"
        )
    answered = when(resource, context)
    if answered is None:
        return kept("when it was answered is not said")
    return believed(
        [Said(f"total:{name}", Total(instrument=name, value=value, dated=answered[1]), answered[0])]
    )


def _items(name: str, instrument: Instrument, resource: Json, context: Context) -> Reading:
    if context.panel:
        return kept("counted with its panel")
    found = _answered(resource, instrument, context)
    if not found.worth_keeping(instrument):
        unread = f"; not read: item {', '.join(found.unread)}" if found.unread else ""
        return kept(
            f"{len(found.items)} of {len(instrument.items)} items of {name}: too few to score{unread}"
        )
    return questionnaire.answers(name, instrument, found, when(resource, context))


def _answered(resource: Json, instrument: Instrument, context: Context) -> Answered:
    """The items an observation holds: its own value, those of its components and of its members."""
    items: dict[str, int] = {}
    unread: list[str] = []
    for part in _parts(resource, context):
        codes = loinc(part["code"])
        name = next((n for n, code in instrument.items.items() if code in codes), None)
        if name is None or name in items:
            continue
        value = questionnaire.points(part, instrument, {})
        if value is None:
            unread.append(name)
        else:
            items[name] = value
    return Answered(items, tuple(unread))


def _parts(resource: Json, context: Context) -> Iterator[Json]:
    yield resource
    yield from resource.get("component", ())
    members = (context.find(reference) for reference in resource.get("hasMember", ()))
    yield from (m for m in members if m and m["resourceType"] == "Observation" and m["status"] in FINAL)


def when(resource: Json, context: Context) -> Moment | None:
    """When it was observed; else when it was released."""
    start, end = span(resource, "effective")
    return moment(start or end or resource.get("issued"), context.zone)
