"""Earlier treatments of a chart as the rules read them: dates counted, judgements and the episode applied (pure).

A chart is an open world: what is not recorded of a treatment is not known, and other entries may only speak against it.
"""

from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from lowtide.data.expression import Span
from lowtide.data.trials import tables
from lowtide.pathway.evaluate.adequacy import Trial, minimum
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
    found = trial_fact(
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
    return msgspec.structs.replace(found, kind_told=body.treatment is not None)


def enough(agent: str, kind: str | None, mg: Decimal | None) -> Answer:
    """Whether a dose a day is at least the lowest of the table; not known without one."""
    tried = trial_fact(agent, weeks=None, adequate_dose=None, current_episode=None, kind=kind)
    least = minimum(tried)
    if least is None or mg is None:
        return Answer.NOT_KNOWN
    return Answer.YES if mg >= least else Answer.NO


def weeks_of(body: TreatmentTrial) -> Span | None:
    """The weeks at that dose as told, though never more than the dates allow.

    The dates alone say how long it was taken at most, not for how long at that dose.
    """
    most = _most(body.started, body.stopped)
    if body.weeks is None:
        return None if most is None else Span(0, most)
    told = float(body.weeks) if most is None else min(float(body.weeks), most)
    return Span(told, told)


def _most(started: PartialDate | None, stopped: PartialDate | None) -> float | None:
    """The most weeks between two dates."""
    if not started or not stopped:
        return None
    return _weeks((latest(stopped) - earliest(started)).days)


def _weeks(days: int) -> float:
    """Whole tenths, cut off: a trial is never longer than it was."""
    return max(0, days) * 10 // DAYS_A_WEEK / 10


def worked(body: TreatmentTrial) -> bool | None:
    """Whether it helped, by the result that was told; without one a change large enough is a response.

    A small change alone leaves it open: only the result says that it was no remission.
    """
    if body.result is not None:
        return tables().result[body.result].worked
    enough = tables().response_from_pct.value
    return True if body.improvement_pct is not None and body.improvement_pct >= enough else None


def _in_episode(body: TreatmentTrial, episode: DepressiveEpisode | None) -> bool | None:
    """What was said of it; else no where it ended before the episode began. Dates alone never make it count."""
    if body.current_episode is not Answer.NOT_KNOWN or episode is None or episode.started is None:
        return TRUTH[body.current_episode]
    return False if body.stopped and latest(body.stopped) < earliest(episode.started) else None


def months_since(started: PartialDate, on: date) -> tuple[int, int]:
    """(fewest, most) whole months from a partial date to a day."""
    return _months(latest(started), on), _months(earliest(started), on)


def _months(since: date, on: date) -> int:
    return max(0, (on.year - since.year) * 12 + on.month - since.month - (on.day < since.day))
