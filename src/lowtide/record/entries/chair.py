"""Entries of a supervised session. Each carries the session's id in its envelope."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.plausibility import implausible
from lowtide.problems import Problem
from lowtide.record.dates import PartialDate
from lowtide.record.entries.base import Answer, Body


class SessionScheduled(Body, tag="session_scheduled.1", frozen=True, kw_only=True):
    """A session of a course, planned for an instant; `chair` is set when it is booked.

    `sooner_because` is a prescriber's reason for a dose sooner than the protocol's interval, `outside_because` the
    reason for one outside the clinic's opening hours, `departs_because` the reason for another day than the one that a
    clinician chose, `last_ate` what was said where the visit comes sooner than the fast.
    """

    course: UUID
    number: int
    planned_at: datetime
    chair: str | None = None
    escort: str | None = None
    sooner_because: str | None = None
    outside_because: str | None = None
    last_ate: str | None = None
    departs_because: str | None = None


class SessionCancelled(Body, tag="session_cancelled.1", frozen=True, kw_only=True):
    """The session will not happen; the reason is the entry's."""


class TimeOutItem(msgspec.Struct, frozen=True, omit_defaults=True):
    item: str
    answer: Answer
    detail: str | None = None


class TimeOut(Body, tag="time_out.1", frozen=True, kw_only=True):
    """The pause before dosing: each item asked, identity by two identifiers, the nurse who takes the session."""

    items: tuple[TimeOutItem, ...]
    second_identifier: str
    nurse: str
    chair: str


class FigureRead(msgspec.Struct, frozen=True):
    """One figure as the checker read it off the vial, the syringe or the pump, and whether it is the ordered one."""

    figure: str
    read: str
    agrees: bool


class PreparationChecked(Body, tag="preparation_checked.1", frozen=True, kw_only=True):
    """A second person read the preparation without seeing the order `order`: the figures, and by whom.

    `checker` read them, `preparer` made it up; both signed in for it. `container` is the bag or syringe that was read, where
    it is one of several.
    """

    order: UUID
    preparer: str
    checker: str
    figures: tuple[FigureRead, ...]
    container: UUID | None = None

    @property
    def agrees(self) -> bool:
        return all(figure.agrees for figure in self.figures)

    def problems(self) -> Iterator[Problem]:
        if self.preparer == self.checker:
            yield Problem(
                "nobody checks their own preparation", "checker", "Another nurse or prescriber checks it."
            )
        if not self.figures:
            yield Problem(
                "no figure was read", "figures", "Read them off the vial, the syringe and the pump."
            )


class DoseStarted(Body, tag="dose_started.1", frozen=True, kw_only=True):
    """The pump was started by hand at this rate; Lowtide records, it never drives a pump.

    `container` is the first of the bags or syringes that were made up with a label, `scanned` the code read off it. `lot` is
    the vial's, as it was made up or as the second person read it.
    """

    order: UUID
    rate_ml_per_h: Decimal
    mg_per_ml: Decimal
    volume_ml: Decimal
    container: UUID | None = None
    scanned: str | None = None
    lot: str | None = None

    def problems(self) -> Iterator[Problem]:
        if self.rate_ml_per_h <= 0:
            yield Problem(
                "an infusion starts with a rate above zero", "rate_ml_per_h", "Read it off the pump."
            )


class RateChanged(Body, tag="rate_changed.1", frozen=True, kw_only=True):
    """The pump's rate was changed; 0 is a pause."""

    rate_ml_per_h: Decimal

    def problems(self) -> Iterator[Problem]:
        if self.rate_ml_per_h < 0:
            yield Problem("a rate cannot be negative", "rate_ml_per_h", "Read it off the pump; 0 is a pause.")


class DoseStopped(Body, tag="dose_stopped.1", frozen=True, kw_only=True):
    """The infusion ended or was stopped; what the pump says went in."""

    delivered_ml: Decimal
    complete: bool

    def problems(self) -> Iterator[Problem]:
        if self.delivered_ml < 0:
            yield Problem("a delivered volume cannot be negative", "delivered_ml", "Read it off the pump.")


class DoseGiven(Body, tag="dose_given.1", frozen=True, kw_only=True):
    """One part of a dose without a pump went in: an injection, one nasal device, what was swallowed or put under the
    tongue. `mg` is what reached the patient; of a device that failed it is less than `of_mg`, or nothing.

    `number` counts the parts of the session from 1; the reason of a part given sooner than ordered, or not whole, is
    the entry's. `container` is the syringe with a label that it was given from, `scanned` the code read off that.
    """

    order: UUID
    form: str
    route: str
    number: int
    mg: Decimal
    of_mg: Decimal
    volume_ml: Decimal | None = None
    count: Decimal | None = None
    site: str | None = None
    lot: str | None = None
    container: UUID | None = None
    scanned: str | None = None

    @property
    def whole(self) -> bool:
        return self.mg == self.of_mg

    def problems(self) -> Iterator[Problem]:
        if self.mg < 0 or self.of_mg <= 0:
            yield Problem("an amount cannot be negative", "mg", "Enter what went in; 0 for nothing.")
        if self.mg > self.of_mg:
            yield Problem(f"{self.mg} mg is more than the {self.of_mg} mg there were", "mg", "Check it.")
        if self.number < 1:
            yield Problem("parts are counted from 1", "number", "Check the number.")


class DosingEnded(Body, tag="dosing_ended.1", frozen=True, kw_only=True):
    """Nothing more is given in this session, although not all of the order went in; why is the entry's reason."""


class Vitals(Body, tag="vitals.1", frozen=True, kw_only=True):
    """Vital signs, each with its unit in its name; what was not measured is absent.

    `dated` is set when they come from elsewhere without a time of day: `at` is then the first instant of that date.
    `extremes` are the least and the greatest of the minute that a monitor's value stands for.
    """

    sbp_mmhg: int | None = None
    dbp_mmhg: int | None = None
    map_mmhg: int | None = None
    heart_rate_bpm: int | None = None
    spo2_pct: int | None = None
    resp_rate_per_min: int | None = None
    temp_c: Decimal | None = None
    on_oxygen: bool = False
    site: str | None = None
    dated: PartialDate | None = None
    extremes: dict[str, tuple[Decimal, Decimal]] = {}

    def problems(self) -> Iterator[Problem]:
        names = [n for n in self.__struct_fields__ if n not in ("on_oxygen", "site", "dated", "extremes")]
        values = {n: v for n in names if (v := getattr(self, n)) is not None}
        if not values:
            yield Problem("no value was entered", "vitals", "Enter at least one.")
        for name, value in values.items():
            yield from implausible(name, value)
        if self.sbp_mmhg is not None and self.dbp_mmhg is not None and self.sbp_mmhg <= self.dbp_mmhg:
            yield Problem(
                f"{self.sbp_mmhg}/{self.dbp_mmhg}: systolic is not above diastolic",
                "sbp_mmhg",
                "The two may be swapped: enter the systolic pressure first, or measure again.",
            )


class Rating(Body, tag="rating.1", frozen=True, kw_only=True):
    """A rating at the chair: MOAA/S sedation, dissociation 0-10, nausea, pain, distress, Aldrete, orientation."""

    scale: str
    value: Decimal

    def problems(self) -> Iterator[Problem]:
        yield from implausible(self.scale, self.value)


class NotDone(Body, tag="not_done.1", frozen=True, kw_only=True):
    """A due item was not done, and why (asleep, refused, equipment)."""

    item: str
    why: str


class ChairEvent(Body, tag="chair_event.1", frozen=True, kw_only=True):
    """Something seen or done, in a word (calm, floating, music) or in free text."""

    what: str
    detail: str | None = None


class Note(Body, tag="note.1", frozen=True, kw_only=True):
    """Free text. `topic` is clinical, therapy or substance use; the audience is the entry's `visible_to`."""

    text: str
    topic: str = "clinical"

    def problems(self) -> Iterator[Problem]:
        if not self.text.strip():
            yield Problem("the note is empty", "text", "Write something, or leave the page.")


class Acknowledged(Body, tag="acknowledged.1", frozen=True, kw_only=True):
    """Somebody saw a reminder about entry `about` and says, as the reason, what they do; `lifts` ends a hold.

    Only a prescriber's word lifts a hold.
    """

    rule: str
    about: UUID
    lifts: bool = False


class AgainstAdvice(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was done before somebody left against advice: who advised, which risks were told (keys of the table), how it
    was signed, who else was there, and how they can be reached."""

    advised_by: str
    risks: tuple[str, ...]
    signature: str
    witness: str | None = None
    phone: str | None = None


class Discharged(Body, tag="discharged.1", frozen=True, kw_only=True):
    """The patient left: criteria as found, with whom, and whether against advice.

    `advice` is how it was spoken about, where somebody left against it.
    """

    criteria: tuple[TimeOutItem, ...]
    escort: str | None = None
    against_advice: bool = False
    advice: AgainstAdvice | None = None


class SessionAbandoned(Body, tag="session_abandoned.1", frozen=True, kw_only=True):
    """The session was broken off before or during dosing; the reason is the entry's."""


class SessionSigned(Body, tag="session_signed.1", frozen=True, kw_only=True):
    """The session's record is closed; what follows is an addendum."""

    printed_name: str
    known: dict[str, int]
