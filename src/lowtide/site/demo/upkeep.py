"""Stories of maintenance: an interval that is stretched, a relapse, a pause, somebody not heard of, an end that is a good one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from lowtide.pathway.maintenance.choosing import EndingSaid
from lowtide.site.demo.care import DAY, MINUTE, Care

Course = Callable[..., list[datetime]]
Story = Callable[[Care, Any], None]


def stretched(course: Course) -> Story:
    """Three sessions beyond the induction, each further apart; the fourth has its chair."""

    def tell(care: Care, calendar: Any) -> None:
        course(care, calendar, 6, last=61)
        for number, (ago, step, why) in enumerate(STRETCH, start=7):
            start, chair = calendar.slot(calendar.today - ago * DAY)
            care.phq9(start - 5 * DAY, max(care.person.final_phq9 - 1, 2))
            care.next_step(start - 4 * DAY, step, why, start)
            care.checked_again(start - 4 * DAY + MINUTE)
            care.whole_session(number, start, chair)
        care.phq9(calendar.now - 2 * DAY, max(care.person.final_phq9, 3))
        start, chair = calendar.slot(calendar.today + 9 * DAY)
        care.next_step(calendar.now - DAY, "step_down", "holds over three weeks; four are tried", start)
        care.book(calendar.now - DAY + 9 * MINUTE, 10, start, chair)

    return tell


STRETCH = (
    (53, "next", "well after the series; weekly first"),
    (39, "step_down", "holds; two weeks"),
    (18, "step_down", "still holds, and work has begun again"),
)


def relapsed(course: Course) -> Story:
    """Well after the series, then a bad fortnight: the decision waits."""

    def tell(care: Care, calendar: Any) -> None:
        course(care, calendar, 6, last=26)
        care.phq9(calendar.now - 19 * DAY, max(care.person.final_phq9, 4))
        care.phq9(calendar.now - 26 * 60 * MINUTE, max(care.person.baseline_phq9 - 5, 12))

    return tell


def lost(course: Course) -> Story:
    """Ten weeks after the last session nobody has heard anything."""

    def tell(care: Care, calendar: Any) -> None:
        course(care, calendar, 6, last=72)

    return tell


def paused(course: Course) -> Story:
    """Abroad, with a day on which somebody looks again."""

    def tell(care: Care, calendar: Any) -> None:
        course(care, calendar, 6, last=24)
        again = calendar.today + 12 * DAY
        care.next_step(calendar.now - 20 * DAY, "pause", "abroad for a month", look_again_on=again)

    return tell


def ended_well(course: Course) -> Story:
    """A course that ended because it had done its work."""

    def tell(care: Care, calendar: Any) -> None:
        course(care, calendar, 6, last=60)
        said = EndingSaid(
            why="well",
            achieved=("walks the dog every morning", "back at work three days a week"),
            goes_on_with="Dr Lena Ahlgren, the psychiatrist who sent them",
            ask_on=(calendar.today - DAY, calendar.today + 27 * DAY, calendar.today + 54 * DAY),
        )
        care.next_step(
            calendar.now - 30 * DAY, "stop", "well for a month; continues with therapy", ending=said
        )

    return tell
