"""The window of a next session in words, the same on every page (pure)."""

from datetime import tzinfo

from lowtide.data import schedules
from lowtide.pathway.course import words
from lowtide.pathway.outcomes.fade.asking import Fade


def title(found: Fade, here: tzinfo) -> str:
    if found.opens_at is None:
        return f"Not before {words.day(found.until_at, here)}"
    if found.closes_at is None:
        return f"From {words.day(found.opens_at, here)} on"
    return words.window((found.opens_at, found.closes_at), here)


def text(found: Fade) -> str:
    """What the window means, in counts."""
    opens, closes = (schedules.thresholds()[f"fade_{end}_pct"].value for end in ("opens", "closes"))
    given = "if nothing more is given"
    if found.opens_at is None:
        return (
            f"Until then fewer than {opens} of 100 virtual people with these scores have relapsed, {given}."
        )
    if found.closes_at is None:
        return f"From then on more than {opens} of 100 virtual people with these scores have relapsed, {given}; fewer than {closes} by the end of the weeks looked at."
    return f"The days between which {opens} and {closes} of 100 virtual people with these scores have relapsed, {given}."
