"""Lines of a paper sheet that say more than a number: a medicine that was given, a bag that was changed, a label (pure)."""

import re
from datetime import datetime
from decimal import Decimal

from lowtide.data.rescue import medicines, routes
from lowtide.pathway.session.rules.containers import Container, containers, running, scanned
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.rescue import never
from lowtide.problems import BadInput
from lowtide.record.entries.events import RescueGiven
from lowtide.record.entries.longrun import ContainerChanged

MEDICINE, BAG = "medicine", "bag"
DIGITS = re.compile(r"\d(?:[ .-]?\d){15}")
HOW = "Write in the words: medicine, unit, way, who ordered it. Like: Ondansetron, mg, iv, Dr Reed."


def medicine(dose: Decimal, words: str) -> RescueGiven | str:
    """The medicine that the words name, or what is wrong with them."""
    said = [part.strip() for part in words.split(",", 3)]
    if len(said) < 4 or not all(said):
        return HOW
    name, unit, way, orderer = said
    key = next((k for k, one in medicines().items() if name.casefold() in (k, one.label.casefold())), "other")
    route = next((k for k, label in routes().items() if way.casefold() in (k, label.casefold())), "")
    if not route:
        return f"“{way}” is no way in: one of {', '.join(routes())}."
    named = name if key == "other" else None
    body = RescueGiven(medicine=key, dose=dose, unit=unit, route=route, ordered_by=orderer, name=named)
    if wrong := next((f"{p.what[:1].upper()}{p.what[1:]}. {p.mend}" for p in body.problems()), ""):
        return wrong
    slip = never(body)
    return f"{slip}. Read the number and its unit once more." if slip else body


def begun(words: str, facts: Facts, at: datetime) -> tuple[Container | None, str] | str:
    """(what was begun by the label whose digits stand in the words, the words without them), or what is wrong. Where nothing
    was made up with a label none is asked for."""
    if not containers(facts):
        return None, words
    found = DIGITS.search(words)
    try:
        one = scanned(facts, found[0] if found else "", at)
    except BadInput as error:
        return _digits(error)
    rest = words.replace(found[0], "").strip(" ,;:") if found else words
    return one, rest


def _digits(error: BadInput) -> str:
    what = error.problems[0].what
    return f"{what[:1].upper()}{what[1:]}. Write the label’s digits in the words."


def bag(residual_ml: Decimal, words: str, facts: Facts, then: Facts, at: datetime) -> ContainerChanged | str:
    """The change to the bag whose label's digits stand in the words, from the one that hung then and at the rate that ran
    then; or what is wrong."""
    infusion, ending = then.infusion, running(then)
    if infusion is None:
        return "No infusion is recorded that a bag could be changed at: type in its start first."
    try:
        following = scanned(facts, words, at)
    except BadInput as error:
        return _digits(error)
    if following is None:
        return "Nothing was made up with a label for this session."
    return ContainerChanged(
        ended=ending.id if ending else None,
        residual_ml=residual_ml,
        begun=following.id,
        volume_ml=following.body.final_volume_ml,
        mg_per_ml=infusion.mg_per_ml,
        rate_ml_per_h=infusion.rate_at(at),
        scanned=following.body.code,
    )
