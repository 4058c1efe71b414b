"""The dose chosen for the next session beside what the protocol's rule says (pure)."""

from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

import msgspec

from lowtide.data.protocols import Amount, Protocol
from lowtide.pathway.course.approved import NOTHING, Approvals, as_approved
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.state import CourseState, fold
from lowtide.pathway.plan.candidates import allowed
from lowtide.pathway.plan.reviewing import Finding, findings, unreviewed
from lowtide.pathway.plan.titration import Advice, advise, amount
from lowtide.record.chart import Chart
from lowtide.record.entries.care import CoursePlanned, Titrated
from lowtide.science.units import plain

MOST_DOSES = 6


class Chosen(msgspec.Struct, frozen=True):
    """`dose` is what the sheet is worked out for: chosen on the page, or else the last dose once more."""

    plan: Protocol
    advice: Advice
    dose: Decimal
    unit: str

    @property
    def needs_reason(self) -> bool:
        """Another dose than the rule leads to, or any dose where it asks for a review first."""
        advised = self.advice.dose
        if self.advice.action == "review":
            return True
        return self.dose != (advised or self.advice.last or Amount(self.dose, "mg")).value

    @property
    def advised_words(self) -> str:
        return amount(self.advice.dose)

    def kept(self, because: str | None) -> Titrated:
        return Titrated(
            dose=self.dose,
            unit=self.unit,
            advice=self.advice.action,
            reasons=tuple(reason.text for reason in self.advice.reasons),
            advised=self.advice.dose.value if self.advice.dose else None,
            because=because,
        )


def standing(
    chart: Chart,
    running: CoursePlanned,
    dose: Decimal | None,
    approved: Approvals = NOTHING,
    now: datetime | None = None,
) -> Chosen | None:
    """None where the protocol is not known here or has no dose. What is `approved` carries no mark."""
    known = protocol_of(running)
    if known is None or known.dose is None:
        return None
    plan = as_approved(known, approved)
    assert plan.dose
    said = advise(chart, fold(chart), plan, now)
    usual = said.last.value if said.last else plan.dose.value
    return Chosen(plan, said, usual if dose is None else dose, plan.dose.unit)


def waiting(
    chart: Chart,
    state: CourseState,
    approved: Approvals = NOTHING,
    now: datetime | None = None,
    zone: tzinfo = UTC,
) -> tuple[Finding, ...]:
    """The findings of stopping and review rules that nobody has spoken to."""
    plan = protocol_of(state.course) if state.course else None
    return unreviewed(chart, state, as_approved(plan, approved), approved, now, zone) if plan else ()


def going_on(
    chart: Chart, state: CourseState, approved: Approvals = NOTHING, zone: tzinfo = UTC
) -> tuple[Finding, ...]:
    """What says to continue: nobody has to answer it, and whoever would stop should have read it."""
    plan = protocol_of(state.course) if state.course else None
    said = findings(chart, state, as_approved(plan, approved), approved, zone) if plan else ()
    return tuple(f for f in said if not f.asks)


def block(chosen: Chosen) -> dict[str, Any]:
    """What the titration block of the order page shows."""
    said = chosen.advice
    doses = allowed(chosen.plan, MOST_DOSES)
    level = {"step_up": "caution", "step_down": "hold", "review": "stop", "hold": "hold"}.get(
        said.action, "note"
    )
    return {
        "level": level,
        "words": said.words,
        "advised": amount(said.dose) if said.dose else "",
        "last": amount(said.last) if said.last else "",
        "dose": f"{plain(chosen.dose)} {chosen.unit}",
        "reasons": said.reasons,
        "differs": said.differs,
        "needs_reason": chosen.needs_reason,
        "doses": [(plain(v), f"{plain(v)} {chosen.unit}", v == chosen.dose) for v in doses]
        if len(doses) > 1
        else [],
    }
