"""Who is named when nobody answers a reminder (pure)."""

from lowtide.pathway.session.rules.facts import Facts


def second_person(facts: Facts) -> str:
    """The prescriber who signed the dose order, unless it is the nurse of the session; empty when nobody is named."""
    by = facts.order[0].by if facts.order else ""
    return by if by != facts.nurse and by.startswith("staff:") else ""
