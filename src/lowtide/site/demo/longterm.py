"""Long-term safety in the stories of the demonstration: what is asked again, what stops, treatment elsewhere."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from lowtide.data import own
from lowtide.pathway.course.state import fold
from lowtide.pathway.safety import actions as safety
from lowtide.pathway.safety.longterm import actions
from lowtide.pathway.safety.longterm.schedule import standings
from lowtide.people.charts import whole_chart
from lowtide.record import store
from lowtide.record.entries.base import Answer, Draft, Source
from lowtide.record.entries.history import Result
from lowtide.record.entries.longterm import SafetyAsked, TreatedElsewhere, UseSignal
from lowtide.site.demo.acting import acting
from lowtide.site.demo.at_the_safe import AtTheSafe
from lowtide.site.demo.telling import told

DAY = timedelta(days=1)
WELL = {
    "bladder": {"pain": "no", "urgency": "no", "often": "no", "blood": "no", "night": "1"},
    "dependence": {"craving": "1", "liking": "3", "new_use": "no", "between": "no"},
    "cognition": {"moca": "28", "noticed": "no"},
}
PANEL = (
    ("ALT", "alt_u_l", 26, 45),
    ("AST", "ast_u_l", 24, 40),
    ("ALP", "alp_u_l", 70, 120),
    ("GGT", "ggt_u_l", 22, 55),
)


class LongTerm(AtTheSafe):
    """What goes on beside the sessions, over months."""

    stream: str
    patient_id: UUID

    @told
    def ask_again(self, at: datetime, check: str, **other: str) -> None:
        actions.ask(self._of(at, f"asked {check}"), SafetyAsked(check=check, answers=WELL[check] | other))

    @told
    def liver_panel(self, at: datetime, alt: int | None = None) -> None:
        """A panel from the laboratory; with an ALT of one's own where it is raised."""
        drafts = [
            Draft(
                stream=self.stream,
                body=Result(
                    label=label,
                    test=test,
                    value=Decimal(alt if alt and test == "alt_u_l" else value),
                    unit="U/L",
                    reference_high=Decimal(limit),
                    abnormal=Answer.YES if alt and test == "alt_u_l" else Answer.NO,
                ),
                by="system:import",
                at=at,
                source=Source.IMPORT,
            )
            for label, test, value, limit in PANEL
        ]
        store.append(drafts, now=at)

    @told
    def was_treated_elsewhere(self, at: datetime) -> None:
        body = TreatedElsewhere(
            drug="esketamine",
            route="in",
            first="2025",
            still=Answer.NO,
            where="a clinic in another town",
            told_by="patient",
        )
        actions.told_elsewhere(self._of(at, "elsewhere"), body)

    @told
    def was_noticed(self, at: datetime, signal: str, said: str, days_early: int | None = None) -> None:
        body = UseSignal(signal=signal, said=said, days_early=days_early)
        actions.observe(self._of(at, f"noticed {signal}"), body)

    @told
    def was_told_at_the_desk(self, at: datetime, signal: str, said: str, days_early: int) -> None:
        body = UseSignal(signal=signal, said=said, days_early=days_early, told_at="phone")
        actions.note_at_desk(self._of(at, f"told {signal}", "frontdesk"), body)

    def puts_off_what_is_late(self, at: datetime) -> None:
        """A date is booked although a check is late: the prescriber lets it be done at the visit."""
        chart, policy = whole_chart(self.stream), own.laid().policy
        for one in standings(chart, fold(chart), policy):
            if one.blocks(at, policy):
                act = self._of(at, f"puts off {one.check.key}", "prescriber")
                until = (at + 14 * DAY).date()
                actions.postpone(act, one.check.key, until, "is done at the visit, before the dose")

    def lived_over_months(self, now: datetime, which: int) -> None:
        """In some something turns up."""
        if which == 0:
            self.liver_panel(now - 2 * DAY, alt=171)
        elif which == 1:
            self.liver_panel(now - 8 * DAY)
            self.was_treated_elsewhere(now - 8 * DAY)
        elif which == 2:
            self.liver_panel(now - 8 * DAY)
            hard = "A hard week at work; is afraid of going back."
            self.was_told_at_the_desk(now - 6 * DAY, "early_request", hard, 4)
            self.was_noticed(now - DAY, "asks_for_more", "Feels that the effect is shorter now.")
        else:
            self.ask_again(now - 3 * DAY, "bladder", often="worse")

    def _of(self, at: datetime, key: str, who: str = "nurse") -> safety.Act:
        return safety.Act(
            person=acting(who), patient_id=self.patient_id, entry_id=self._id(f"{key} {at}"), now=at
        )

    def _id(self, what: str) -> UUID:
        raise NotImplementedError
