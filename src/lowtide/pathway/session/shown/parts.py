"""A dose without a pump in words (pure): what went in so far, and what comes next."""

from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.giving import coming
from lowtide.science.units import plain


def so_far(facts: Facts) -> str:
    """28 of 56 mg so far."""
    given = plain(facts.parts.given_mg) if facts.parts else "0"
    ordered = facts.order[1].dose_mg if facts.order else None
    of = f" of {plain(ordered)}" if ordered is not None else ""
    return f"{given}{of} mg so far"


def next_words(facts: Facts) -> str:
    """Device 2; nothing where nothing more can be given."""
    following = coming(facts)
    if not following.of_mg:
        return ""
    return facts.way.said(facts.route or "", following.number).removesuffix(" given")
