"""Did it help: the word and the numbers behind it (pure)."""

from lowtide.pathway.course.response import Response, Verdict
from lowtide.pathway.course.state import CourseState


def headline(found: Response) -> tuple[str, str]:
    """(how it is shown, the word)"""
    if found.latest is Verdict.UNKNOWN:
        return "unknown", "Not known yet"
    if found.lost:
        return "caution", "Response lost"
    return {
        Verdict.REMISSION: ("clear", "Remission"),
        Verdict.RESPONSE: ("clear", "Response"),
        Verdict.NONE: ("hold", "No response"),
    }[found.latest]


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
    return f"{name} {found.baseline.value} before the first dose, {found.since[-1].value} now{change}."
