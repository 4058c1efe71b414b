"""The table of trials as the response model is asked about them."""

import tomllib
from functools import cache
from pathlib import Path

import msgspec

from lowtide.data.designs import designs
from lowtide.data.instruments import instrument
from lowtide.data.pharmacology import response
from lowtide.science import units
from lowtide.science.pharmacology.response.trial import Arm, Asked

HERE = Path(__file__).parent


class ArmRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    n: int
    days: tuple[float, ...]
    drug: str | None = None
    route: str = ""
    dose: str = ""
    control: str | None = None
    over_d: float = 0.0
    baseline: tuple[float, float] | None = None

    @property
    def arm(self) -> Arm:
        return Arm(self.id, self.days, self.drug, self.route, self.mg, self.control, self.over_d)

    @property
    def mg(self) -> float:
        if not self.dose:
            return 0.0
        dose = units.dose(self.dose)
        return float(dose.value) * (designs().limits.weight_kg if dose.per_kg else 1.0)


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    arms: tuple[str, ...]
    what: str
    day: float
    value: float
    n: int | None = None
    sd: float | None = None
    cut: float | None = None
    from_day: float | None = None
    against: str | None = None
    note: str = ""


class Trial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    instrument: str
    baseline: tuple[float, float]
    assumed: str
    setting: str
    source: str
    arms: tuple[ArmRow, ...]
    rows: tuple[Row, ...]
    family: str = ""
    scored: str = "yes"
    null: bool = False
    concomitant: str | None = None
    condition: str = "trd"
    remission_cut: float | None = None
    response_fall: float = 0.5
    scale_top: float | None = None

    @property
    def left_out_with(self) -> str:
        return self.family or self.id

    def arm(self, name: str) -> ArmRow:
        return next(a for a in self.arms if a.id == name)

    def n(self, row: Row) -> int:
        return row.n or sum(self.arm(name).n for name in row.arms)

    def asked(self, arm: ArmRow) -> Asked:
        cut = self.remission_cut
        if cut is None:
            change = instrument(self.instrument).change
            assert change is not None
            below = change.remission_below
            cut = float(change.remission_at_most) if change.remission_at_most is not None else None
            cut = float(below) - 1 if cut is None and below is not None else cut
        top = self.scale_top or float(instrument(self.instrument).total_range.rsplit("-", 1)[-1])
        days = sorted({d for row in self.rows for d in (row.day, row.from_day) if d is not None})
        return Asked(
            response().conditions[self.condition],
            arm.baseline or self.baseline,
            top,
            cut,
            tuple(days),
            self.setting,
            self.concomitant,
            arm.n,
        )


@cache
def trials() -> tuple[Trial, ...]:
    text = (HERE / "trials.toml").read_text(encoding="utf-8")
    return tuple(msgspec.convert(tomllib.loads(text)["trial"], tuple[Trial, ...]))


FITTED = ("yes", "target")
"""What speaks in the fit: arms that are scored, and pooled targets."""


def families(*scored: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t.left_out_with for t in trials() if t.scored in scored))
