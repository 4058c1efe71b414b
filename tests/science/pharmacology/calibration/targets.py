"""Every calibration target as printed, beside the fitted model's own answer."""

import tomllib
from collections.abc import Iterator

import msgspec
import numpy as np

from lowtide.data.pharmacology import response
from lowtide.science.pharmacology.structure import Array
from tests.science.pharmacology.calibration.fit import fitted, said, times
from tests.science.pharmacology.calibration.table import HERE, ArmRow, Row, Trial

WORLDS, PEOPLE, SEED = 128, 128, 31
DOSES = {"ketamine": ("iv", "0.5 mg/kg"), "esketamine": ("in", "70 mg")}


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: str
    what: str
    day: float
    drug: str | None = None
    control: str | None = None
    route: str = ""
    dose: str = ""
    days: tuple[float, ...] = (0.0,)
    repeat: tuple[float, float, float] | None = None
    setting: str = "blinded"
    concomitant: str | None = None
    condition: str = "trd"
    from_day: float | None = None
    cut: float | None = None
    baseline: float = 33.0

    @property
    def trial(self) -> Trial:
        route, dose = DOSES.get(self.drug or "", ("", ""))
        more = tuple(np.arange(*self.repeat)) if self.repeat else ()
        arm = ArmRow(
            "arm",
            1000,
            (*self.days, *more),
            self.drug,
            self.route or route,
            self.dose or dose,
            self.control,
        )
        row = Row(("arm",), self.what, self.day, 0.0, cut=self.cut, from_day=self.from_day)
        return Trial(
            "target",
            "MADRS",
            (self.baseline, 6.0),
            "",
            self.setting,
            "",
            (arm,),
            (row,),
            concomitant=self.concomitant,
            condition=self.condition,
        )


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    question: str
    printed: str
    why: str = ""
    ask: tuple[Ask, ...] = ()


def table() -> tuple[Target, ...]:
    text = (HERE / "targets.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["target"], tuple[Target, ...])


def lines() -> Iterator[tuple[str, ...]]:
    """One line a target."""
    for target in table():
        answer = "; ".join(f"{ask.words} {_told(ask, answered(ask))}" for ask in target.ask)
        yield target.id, target.question, target.printed, answer or "not answered", target.why


def answered(ask: Ask) -> Array:
    """What each world has in a whole population."""
    worlds = (
        fitted()
        .resampled(WORLDS, seed=SEED)
        .trials(SEED, response().tails["freedom"].value, times(ask.trial))
    )
    return said(ask.trial, worlds, PEOPLE, SEED)[:, 0]


def _told(ask: Ask, values: Array) -> str:
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    if ask.what == "change":
        return f"{middle:.1f} ({low:.1f} to {high:.1f})"
    return f"{100 * middle:.0f} % ({100 * low:.0f} to {100 * high:.0f})"
