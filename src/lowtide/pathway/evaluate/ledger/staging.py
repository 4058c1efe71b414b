"""The Maudsley staging of depression, worked out from the ledger and the present episode (pure).

It describes and never gates. What is not known is named; a part that can be several scores makes the total a range.
"""

from collections.abc import Sequence
from datetime import date

import msgspec

from lowtide.data.instruments import instrument
from lowtide.data.trials import Maudsley, tables
from lowtide.pathway.evaluate.adequacy import ANTIDEPRESSANT, counts
from lowtide.pathway.evaluate.charted_trials import Charted, months_since
from lowtide.record.entries.history import DepressiveEpisode


class Dimension(msgspec.Struct, frozen=True):
    """One part of the score: what it rests on and the score it gives; None while it is not known."""

    name: str
    text: str
    score: tuple[int, int] | None
    default: bool = False

    @property
    def shown(self) -> str:
        return "not known" if self.score is None else _range(self.score)


class Staging(msgspec.Struct, frozen=True):
    """`score` and `band` are empty while something that they need is missing."""

    dimensions: tuple[Dimension, ...]
    missing: tuple[str, ...]
    score: str
    band: str


def stage(
    ledger: Sequence[Charted], episode: DepressiveEpisode | None, on: date, min_weeks: float, *, whole: bool
) -> Staging:
    """`whole`: somebody said that every treatment is listed, so that what is not listed was not used."""
    table = tables().maudsley
    dimensions = (
        _duration(table, episode, on),
        _severity(table, episode),
        _failures(table, ledger, min_weeks, whole=whole),
        _used("Augmentation", "augmentation", table.augmentation, ledger, whole=whole),
        _used("ECT", "ect", table.ect, ledger, whole=whole),
    )
    missing = tuple(d.name.lower() for d in dimensions if d.score is None)
    if missing:
        return Staging(dimensions, missing, "", "")
    scores = [d.score for d in dimensions if d.score is not None]
    total = (sum(low for low, _ in scores), sum(high for _, high in scores))
    bands = dict.fromkeys(_band(table, score) for score in total)
    return Staging(dimensions, (), _range(total), " or ".join(bands))


def _duration(table: Maudsley, episode: DepressiveEpisode | None, on: date) -> Dimension:
    if episode is None or episode.started is None:
        return Dimension("Duration", "the start of the episode is not recorded", None)
    months = months_since(episode.started, on)
    steps = [next(s for s in table.duration if s.up_to_months is None or m <= s.up_to_months) for m in months]
    text = " or ".join(dict.fromkeys(s.label for s in steps))
    return Dimension("Duration", text, (steps[0].score, steps[1].score), not table.verified)


def _severity(table: Maudsley, episode: DepressiveEpisode | None) -> Dimension:
    if episode is None or episode.severity is None:
        return Dimension("Severity", "the severity of the episode is not recorded", None)
    found = next(s for s in table.severity if s.key == episode.severity)
    return Dimension("Severity", found.label.lower(), (found.score, found.score), not table.verified)


def _failures(table: Maudsley, ledger: Sequence[Charted], min_weeks: float, *, whole: bool) -> Dimension:
    marks = [
        (c.trial.agent, counts(c.trial, min_weeks).met) for c in ledger if c.trial.kind == ANTIDEPRESSANT
    ]
    sure = {agent for agent, met in marks if met}
    perhaps = sure | {agent for agent, met in marks if met is None}
    name, default = "Failed antidepressants", not table.failures_verified
    if not perhaps:
        text = "none that was adequate failed in this episode: the method stages from the first"
        return Dimension(name, text if whole else "none is recorded as failed in this episode", None, default)
    open_ = "" if whole else ", and the list is not called whole"
    few = len(sure) == len(perhaps)
    text = f"{len(sure)}{open_}" if few else f"{len(sure)} to {len(perhaps)}{open_}"
    low = max(len(sure), 1)
    return Dimension(name, text, (_failed(table, low), _failed(table, len(perhaps))), default)


def _failed(table: Maudsley, count: int) -> int:
    return next(step.score for step in table.failures if step.up_to is None or count <= step.up_to)


def _used(name: str, kind: str, score: int, ledger: Sequence[Charted], *, whole: bool) -> Dimension:
    used = [c for c in ledger if c.trial.kind == kind]
    if any(c.trial.current_episode for c in used):
        return Dimension(name, "used in this episode", (score, score))
    if any(c.trial.current_episode is None for c in used):
        return Dimension(name, "used, perhaps in this episode", (0, score))
    return Dimension(name, "not used", (0, 0)) if whole else Dimension(name, "none is listed", (0, score))


def _band(table: Maudsley, score: int) -> str:
    found = [b.label for b in instrument(table.instrument).bands if b.at_least <= score]
    return found[-1] if found else ""


def _range(score: tuple[int, int]) -> str:
    return str(score[0]) if score[0] == score[1] else f"{score[0]} to {score[1]}"
