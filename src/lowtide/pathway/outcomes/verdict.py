"""Did it help: the word and the numbers behind it (pure)."""

from lowtide.data.instruments import Instrument
from lowtide.pathway.course.response import Outcome, Response
from lowtide.pathway.course.state import CourseState
from lowtide.science.instruments.change import change

WORDS = {
    Outcome.UNKNOWN: ("unknown", "Not known yet"),
    Outcome.REMISSION: ("clear", "Remission"),
    Outcome.RESPONSE: ("clear", "Response"),
    Outcome.LOST: ("caution", "Response lost"),
    Outcome.RELAPSE: ("hold", "Relapse"),
    Outcome.NEVER: ("hold", "No response"),
}
PARTLY = ("note", "Partly better, reliably; no response yet")
WORSE = ("hold", "Reliably worse, no response")
UNSURE = "{word}, not confirmed"
VERDICTS = tuple(
    said for _, word in (*WORDS.values(), PARTLY, WORSE) for said in (word, UNSURE.format(word=word))
)
"""Every word that is said of how it went."""


def headline(found: Response, measure: Instrument) -> tuple[str, str]:
    """(how it is shown, the word): what rests on a preliminary score says so, and is never shown as good."""
    level, word = _headline(found, measure)
    if not found.unconfirmed or found.outcome is Outcome.UNKNOWN:
        return level, word
    return ("caution" if level in ("clear", "note") else level), UNSURE.format(word=word)


def _headline(found: Response, measure: Instrument) -> tuple[str, str]:
    if found.outcome is Outcome.NEVER and found.baseline:
        so_far = change(measure, found.baseline.value, found.since[-1].value)
        if so_far.reliably_better:
            return PARTLY
        if so_far.deteriorated:
            return WORSE
    return WORDS[found.outcome]


def numbers(state: CourseState, found: Response) -> str:
    """The scores behind the word."""
    name = state.measure.name
    if found.baseline is None:
        return f"There is no {name} from before the first dose to compare with."
    if not found.since:
        return f"{name} {found.baseline.value} so far. The first score after a dose will say."
    change = (
        f", {abs(round(found.fall_pct))} % {'lower' if found.fall_pct >= 0 else 'higher'}"
        if found.fall_pct
        else ""
    )
    said = f"{name} {found.baseline.value} before the first dose, {found.since[-1].value} now{change}."
    if found.unconfirmed:
        said += f" Not confirmed: {found.unconfirmed}."
    if not found.lost or not found.best:
        return said
    by = f" A relapse is {found.cut.text}." if found.relapse and found.cut else ""
    return f"{said} The best was {found.best.value}.{by}"
