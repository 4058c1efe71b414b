"""Long-term safety in the stories of the demonstration: what is asked again, what stops, treatment elsewhere."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from lowtide.pathway.safety import actions as safety
from lowtide.pathway.safety.longterm import actions
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

    def checked_again(self, at: datetime) -> None:
        """Nobody is booked while a check is late: the two that block are done."""
        self.ask_again(at, "bladder")
        self.liver_panel(at)

    @told
    def was_treated_elsewhere(self, at: datetime, **more: Any) -> None:
        actions.told_elsewhere(self._of(at, "elsewhere"), TreatedElsewhere(told_by="patient", **more))

    @told
    def dipped(self, at: datetime, showed: str) -> None:
        """A dipstick in the words of whoever read it."""
        body = Result(label="Urinalysis", test="urinalysis", text=showed, abnormal=Answer.YES)
        store.append([Draft(stream=self.stream, body=body, by=acting("nurse").by, at=at)], now=at)

    @told
    def was_noticed(self, at: datetime, signal: str, said: str, days_early: int | None = None) -> None:
        body = UseSignal(signal=signal, said=said, days_early=days_early)
        actions.observe(self._of(at, f"noticed {signal}"), body)

    @told
    def was_told_at_the_desk(self, at: datetime, signal: str, said: str, days_early: int) -> None:
        body = UseSignal(signal=signal, said=said, days_early=days_early, told_at="phone")
        actions.note_at_desk(self._of(at, f"told {signal}", "frontdesk"), body)

    def lived_over_months(self, now: datetime, number: str) -> None:
        """In some something turns up, beside what their own stories tell."""
        happened = HAPPENED.get(number)
        if happened:
            happened(self, now)

    def _of(self, at: datetime, key: str, who: str = "nurse") -> safety.Act:
        return safety.Act(
            person=acting(who), patient_id=self.patient_id, entry_id=self._id(f"{key} {at}"), now=at
        )

    def _id(self, what: str) -> UUID:
        raise NotImplementedError


def _much_elsewhere(care: LongTerm, now: datetime) -> None:
    """Nine times in another place over the last weeks, told when it was asked for."""
    first, last = ((now - days * DAY).date().isoformat() for days in (52, 8))
    care.was_treated_elsewhere(
        now - DAY, drug="ketamine", route="im", sessions=9, first=first, last=last, still=Answer.NO, where="a clinic near work"
    )  # fmt: skip


def _liver(care: LongTerm, now: datetime) -> None:
    care.liver_panel(now - 2 * DAY, alt=171)


def _long_ago_elsewhere(care: LongTerm, now: datetime) -> None:
    care.liver_panel(now - 8 * DAY)
    care.was_treated_elsewhere(
        now - 8 * DAY, drug="esketamine", route="in", first="2025", still=Answer.NO, where="a clinic in another town"
    )  # fmt: skip


def _asks_sooner(care: LongTerm, now: datetime) -> None:
    hard = "A hard week at work; is afraid of going back."
    care.was_told_at_the_desk(now - 3 * DAY, "early_request", hard, 4)
    care.was_noticed(now - DAY, "asks_for_more", "Feels that the effect is shorter now.")


def _bladder(care: LongTerm, now: datetime) -> None:
    care.ask_again(now - 3 * DAY, "bladder", often="worse")
    care.dipped(now - 2 * DAY, "blood ++, leucocytes neg")


HAPPENED: dict[str, Callable[[LongTerm, datetime], None]] = {
    "LT-0430": _much_elsewhere,
    "LT-0431": _liver,
    "LT-0432": _asks_sooner,
    "LT-0434": _long_ago_elsewhere,
    "LT-0436": _bladder,
}
"""By the number of the person: whatever else their story tells, so that none of it is left to chance."""
