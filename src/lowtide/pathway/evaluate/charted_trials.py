"""Earlier treatments of a chart as the rules read them: dates counted, judgements and the episode applied (pure)."""

from datetime import date
from uuid import UUID

import msgspec

from lowtide.data.expression import Span
from lowtide.data.trials import tables
from lowtide.pathway.evaluate.adequacy import Trial
from lowtide.pathway.evaluate.facts import daily_mg
from lowtide.pathway.evaluate.facts import trial as trial_fact
from lowtide.record.chart import Chart
from lowtide.record.dates import PartialDate, earliest, latest
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.history import DepressiveEpisode, TreatmentTrial, TrialJudged

TRUTH = {Answer.YES: True, Answer.NO: False, Answer.NOT_KNOWN: None}
ADHERENT = {"good": True, "partial": False, "poor": False}
DAYS_A_WEEK = 7


class Charted(msgspec.Struct, frozen=True):
    """A treatment with the entry that says it and the standing judgement on it."""

    entry: Entry
    body: TreatmentTrial
    trial: Trial
    judgement: Entry | None


def charted(chart: Chart) -> list[Charted]:
    """Every treatment on record, in the order in which they were told."""
    episode, judged = episode_of(chart), judgements(chart)
    return [
        Charted(entry, body, trial_of(body, episode, judged.get(entry.id)), judged.get(entry.id))
        for entry, body in chart.said(TreatmentTrial)
    ]


def episode_of(chart: Chart) -> DepressiveEpisode | None:
    """The latest word on the present episode."""
    found = chart.last(DepressiveEpisode)
    return found[1] if found else None


def judgements(chart: Chart) -> dict[UUID, Entry]:
    """Entry of a treatment -> the latest judgement on it as it was then written."""
    return {body.trial: entry for entry, body in chart.said(TrialJudged)}


def trial_of(
    body: TreatmentTrial, episode: DepressiveEpisode | None = None, judgement: Entry | None = None
) -> Trial:
    return trial_fact(
        body.agent,
        weeks=weeks_of(body),
        adequate_dose=TRUTH[body.minimum_effective_dose],
        current_episode=_in_episode(body, episode),
        kind=body.treatment,
        daily_mg=body.daily_dose_mg if body.daily_dose_mg is not None else daily_mg(body.dose),
        sessions=body.sessions,
        adherent=ADHERENT.get(body.adherence or ""),
        worked=worked(body),
        judged=judgement.body.adequate if judgement else None,
    )


def weeks_of(body: TreatmentTrial) -> Span | None:
    """The weeks that were told, though never more than the dates allow; else what the dates leave open."""
    told = None if body.weeks is None else float(body.weeks)
    by_dates = _between(body.started, body.stopped)
    if told is None:
        return by_dates
    most = told if by_dates is None else min(told, by_dates.high)
    return Span(most, most)


def _between(started: PartialDate | None, stopped: PartialDate | None) -> Span | None:
    if not started or not stopped:
        return None
    fewest = (earliest(stopped) - latest(started)).days
    most = (latest(stopped) - earliest(started)).days
    return Span(_weeks(fewest), _weeks(most))


def _weeks(days: int) -> float:
    """Whole tenths, cut off: a trial is never longer than it was."""
    return max(0, days) * 10 // DAYS_A_WEEK / 10


def worked(body: TreatmentTrial) -> bool | None:
    """Whether it helped, by the result or the change that was told; None where neither was."""
    if body.result is not None:
        return tables().result[body.result].worked
    if body.improvement_pct is not None:
        return body.improvement_pct >= tables().response_from_pct.value
    return None


def _in_episode(body: TreatmentTrial, episode: DepressiveEpisode | None) -> bool | None:
    """What was said of it; else what the dates settle against the start of the episode."""
    if body.current_episode is not Answer.NOT_KNOWN or episode is None or episode.started is None:
        return TRUTH[body.current_episode]
    if body.stopped and latest(body.stopped) < earliest(episode.started):
        return False
    return True if body.started and earliest(body.started) >= latest(episode.started) else None


def months_since(started: PartialDate, on: date) -> tuple[int, int]:
    """(fewest, most) whole months from a partial date to a day."""
    return _months(latest(started), on), _months(earliest(started), on)


def _months(since: date, on: date) -> int:
    return max(0, (on.year - since.year) * 12 + on.month - since.month - (on.day < since.day))
