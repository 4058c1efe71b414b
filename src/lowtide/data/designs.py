"""What a trial's design or a person's file may say, and what stands in where it is silent."""

import re
from functools import cache

import msgspec

from lowtide.data import read
from lowtide.problems import bad


class Round(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days of one round of sessions, repeated every `every_d` days; none is once."""

    days: tuple[float, ...]
    every_d: float = 0.0
    aliases: tuple[str, ...] = ()


class Of(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an instrument stands for: indication and usual baseline (mean, SD). `note`: on what ground the model answers
    for it, where no trial in the fit was scored by it; `aliases` name its parts."""

    condition: str
    baseline: tuple[float, float]
    aliases: tuple[str, ...] = ()
    verified: bool = True
    note: str = ""


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: float
    seen: str
    meaning: str


class Studied(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The single doses that trials of mood gave by one way, in mg, or in mg/kg where `per_kg`."""

    drug: str
    route: str
    least: float
    most: float
    source: str
    per_kg: bool = False


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    most_sessions: int
    most_days: float
    most_people: int
    most_scores: int
    weight_kg: float
    trusted_scores: int
    most_mg_per_kg: float
    trusted_d: float
    trusted_after_score_d: float


class Designs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`designs.toml` explains the fields."""

    schedule: dict[str, Round]
    instrument: dict[str, Of]
    unanswered: dict[str, str]
    limits: Limits
    studied: tuple[Studied, ...]
    relapse: dict[str, Setting]
    next_session: dict[str, Setting]
    futures: dict[str, Setting]
    people: dict[str, Setting]

    def of(self, instrument_id: str, where: str = "instrument") -> Of:
        """What the instrument stands for. Raises BadInput where the response model does not answer for it."""
        if instrument_id not in self.instrument:
            why = self.unanswered.get(instrument_id, "")
            what = f"the response model does not answer for {instrument_id}{f': {why}' if why else ''}"
            raise bad(what, where, f"Use one of: {', '.join(self.instrument)}.")
        return self.instrument[instrument_id]

    def named(self, given: str) -> str:
        """The instrument of which this names a part, or what was given."""
        wanted = _bare(given)
        found = (name for name, one in self.instrument.items() if wanted in map(_bare, one.aliases))
        return next(found, given)

    def round(self, given: str, where: str) -> Round:
        """The round of a schedule by any of its names. Raises BadInput naming the choices."""
        wanted = _bare(given)
        for name, found in self.schedule.items():
            if wanted in {_bare(spelling) for spelling in (name, *found.aliases)}:
                return found
        choices = ", ".join(self.schedule)
        raise bad(f"unknown schedule “{given}”", where, f"Use a list of days, or one of: {choices}.")


def _bare(given: str) -> str:
    return re.sub(r"[^a-z0-9/]", "", given.lower())


@cache
def designs() -> Designs:
    return read.toml("pharmacology/designs.toml", Designs)


class Area(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Area under S- and R-ketamine for ever, ng h/mL a mg of base in the reference person, and how people differ.

    `device_mg`: what one device holds; `later`: share that a mg of the devices after the first counts.
    """

    s: float
    r: float
    log_sd: float
    device_mg: float | None = None
    later: float = 1.0


class Areas(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    method: str
    weight_kg: float
    area: dict[str, dict[str, Area]]


@cache
def areas() -> Areas:
    """By drug and route, computed from the ensemble once, so that a forecast needs no simulation of levels."""
    return read.toml("pharmacology/areas.toml", Areas)


@cache
def worlds() -> tuple[dict[str, float], ...]:
    """Equally likely typical values of the response model by path, one row a possible truth."""
    return tuple({k: float(v) for k, v in row.items()} for row in read.csv_rows("pharmacology/worlds.csv"))


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How well arms were predicted by a model that had not seen their study; `calibration.toml` explains the fields."""

    method: str
    families: int
    arms: int
    figures: int
    inside_50: int
    inside_90: int
    brier: float
    crps_points: float
    source: str


@cache
def calibration() -> Calibration:
    return read.toml("pharmacology/calibration.toml", Calibration)
