"""Entries of an infusion that outlasts a bag or a shift. Each carries the session's id in its envelope."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from lowtide.problems import Problem
from lowtide.record.entries.base import Body


class ContainerPrepared(Body, tag="container_prepared.1", frozen=True, kw_only=True):
    """A bag or syringe was made up for the order `order`: so much of a vial, made up to a final volume.

    `number` counts the containers of the session from 1, `code` stands on its label. `preparer` made it up; who checked
    it is another entry. `draw` is what was taken out of the safe for it, `also_drawn` what more where one vial did not do.
    `beyond` says what it went beyond, for the reason of the entry: the order, or what was drawn for the session.
    """

    order: UUID
    number: int
    container: str
    drug: str
    vial_mg_per_ml: Decimal
    vial_volume_ml: Decimal
    final_volume_ml: Decimal
    lot: str
    use_by: datetime
    preparer: str
    code: str
    diluent: str | None = None
    vial_expires: date | None = None
    draw: UUID | None = None
    also_drawn: tuple[UUID, ...] = ()
    beyond: tuple[str, ...] = ()

    @property
    def draws(self) -> tuple[UUID, ...]:
        return (self.draw, *self.also_drawn) if self.draw else ()

    @property
    def mg(self) -> Decimal:
        return self.vial_mg_per_ml * self.vial_volume_ml

    @property
    def mg_per_ml(self) -> Decimal:
        return self.mg / self.final_volume_ml

    @property
    def diluent_ml(self) -> Decimal:
        return self.final_volume_ml - self.vial_volume_ml

    def problems(self) -> Iterator[Problem]:
        if self.vial_volume_ml <= 0 or self.vial_mg_per_ml <= 0:
            yield Problem(
                "nothing was drawn", "vial_volume_ml", "Enter the volume that went in, and its strength."
            )
        if self.final_volume_ml < self.vial_volume_ml:
            yield Problem("it holds less than was drawn into it", "final_volume_ml", "Check both volumes.")
        if not self.lot.strip():
            yield Problem("the lot is missing", "lot", "Read it off the vial.")
        if self.number < 1:
            yield Problem("containers are counted from 1", "number", "Open the page again.")


class ContainerChanged(Body, tag="container_changed.1", frozen=True, kw_only=True):
    """One container ended with `residual_ml` measured in it, the next began; `rate_ml_per_h` was read off the pump after it.

    `ended` and `begun` name what was made up; `ended` is absent for a first one that was not. `scanned` is the code that was
    read off the label of the one that began.
    """

    begun: UUID
    residual_ml: Decimal
    volume_ml: Decimal
    mg_per_ml: Decimal
    rate_ml_per_h: Decimal
    ended: UUID | None = None
    scanned: str | None = None

    def problems(self) -> Iterator[Problem]:
        if self.residual_ml < 0:
            yield Problem("a rest cannot be negative", "residual_ml", "Measure it; 0 for empty.")
        if self.volume_ml <= 0 or self.mg_per_ml <= 0:
            yield Problem("the new one holds nothing", "volume_ml", "Read the label again.")
        if self.rate_ml_per_h < 0:
            yield Problem("a rate cannot be negative", "rate_ml_per_h", "Read it off the pump; 0 is a pause.")


class HandedOver(Body, tag="handed_over.1", frozen=True, kw_only=True):
    """The person at the chair changed: who went, who came, and how everything stood. Both signed in for it.

    `ready` is how many checked containers the record knew of, beside the one that ran; `counted` how many the two found.
    """

    outgoing: str
    incoming: str
    phase: str
    ready: int
    counted: int
    rate_ml_per_h: Decimal | None = None
    delivered_ml: Decimal | None = None
    left_ml: Decimal | None = None
    due: tuple[str, ...] = ()
    reminders: tuple[str, ...] = ()
    said: str | None = None

    @property
    def agrees(self) -> bool:
        return self.ready == self.counted

    def problems(self) -> Iterator[Problem]:
        if self.outgoing == self.incoming:
            yield Problem("nobody hands over to themselves", "incoming", "The one who takes over signs in.")
        if self.counted < 0:
            yield Problem("a count cannot be negative", "counted", "Write 0 where there is none.")
