"""Whether an earlier treatment was an adequate trial, and why, in words (pure).

Adequate needs dose, time and adherence, as far as the kind of treatment has them; what is not known leaves it open, and
nothing is inferred in its place: taking an answer away never makes a trial count. A clinician's own judgement stands
before all of it.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import msgspec

from lowtide.data.expression import Span
from lowtide.data.trials import Kind, minimum_doses, tables
from lowtide.pathway.evaluate.words import plain

ANTIDEPRESSANT = "antidepressant"


class Trial(msgspec.Struct, frozen=True):
    """A treatment tried. `agent` is one name for one medicine; None means not known.

    `said_dose` is somebody's word that the dose was (or was not) enough; `worked` that it helped, `judged` a clinician's
    word on its adequacy. `by_form`: told in a filled-in intake form, which asks neither adherence nor result and whose own
    word on the dose is the answer. `kind_told` is False where only its name says what kind of treatment it was.
    """

    agent: str
    classes: frozenset[str]
    weeks: Span | None
    said_dose: bool | None
    current_episode: bool | None
    kind: str = ANTIDEPRESSANT
    daily_mg: Decimal | None = None
    sessions: int | None = None
    adherent: bool | None = None
    worked: bool | None = None
    judged: bool | None = None
    by_form: bool = False
    kind_told: bool = True


class Part(msgspec.Struct, frozen=True):
    """One thing that adequacy rests on: whether it is met, and the words for it. `default`: no source was read for it."""

    met: bool | None
    text: str
    default: bool = False


class Verdict(msgspec.Struct, frozen=True):
    adequate: bool | None
    parts: tuple[Part, ...]
    judged: bool = False

    @property
    def why(self) -> str:
        """What decided, in words: what falls short, else what is not known, else what is enough."""
        deciding = [p.text for p in self.parts if p.met is self.adequate]
        return "; ".join(deciding or [p.text for p in self.parts])

    @property
    def on_default(self) -> bool:
        """Whether a number decided that nobody has checked."""
        return any(p.default for p in self.parts if p.met is self.adequate or self.adequate)


def verdict(trial: Trial, min_weeks: float) -> Verdict:
    """`min_weeks` are those of an antidepressant under a policy; the other kinds have their own."""
    kind = tables().kind[trial.kind]
    if trial.judged is not None:
        word = "a clinician judged it adequate" if trial.judged else "a clinician judged it not adequate"
        return Verdict(trial.judged, (Part(trial.judged, word),), judged=True)
    parts = tuple(_parts(trial, kind, min_weeks))
    met = [p.met for p in parts]
    adequate = False if False in met else None if None in met or not met else True
    return Verdict(adequate, parts or (Part(None, "nothing says what is adequate for this kind"),))


def counts(trial: Trial, min_weeks: float) -> Part:
    """Whether it is one of the failed adequate antidepressants of this episode, and why not."""
    if trial.kind != ANTIDEPRESSANT:
        return Part(False, f"{tables().kind[trial.kind].one}: only antidepressants are counted")
    found = verdict(trial, min_weeks)
    return _together(
        Part(True if trial.kind_told else None, "" if trial.kind_told else UNTOLD),
        Part(found.adequate, found.why, found.on_default),
        Part(trial.current_episode, EPISODE[trial.current_episode]),
        _failed(trial),
    )


def failures(trials: Iterable[Trial], min_weeks: float) -> Span:
    """How many different treatments had an adequate trial and failed: surely, and perhaps."""
    marks = [(t.agent, failed(t, min_weeks).met) for t in trials]
    sure = {agent for agent, met in marks if met}
    return Span(len(sure), len(sure | {agent for agent, met in marks if met is None}))


def failed(trial: Trial, min_weeks: float) -> Part:
    """Whether it was an adequate trial that did not help, in whatever episode, and why not."""
    found = verdict(trial, min_weeks)
    return _together(Part(found.adequate, found.why, found.on_default), _failed(trial))


def _together(*parts: Part) -> Part:
    """One answer of several, with the words for what decides."""
    met = [p.met for p in parts]
    answer = False if False in met else None if None in met else True
    shown = [p for p in parts if p.met is answer and p.text]
    return Part(answer, "; ".join(p.text for p in shown), any(p.default for p in shown))


def _failed(trial: Trial) -> Part:
    if trial.worked is None and not trial.by_form:
        return Part(None, "what came of it is not recorded")
    return Part(not trial.worked, "it helped: no failure" if trial.worked else "")


UNTOLD = "whether it was given for depression is not recorded"
EPISODE = {
    True: "in this episode",
    False: "in an earlier episode",
    None: "it is not known whether it was in this episode",
}


def _parts(trial: Trial, kind: Kind, min_weeks: float) -> Iterator[Part]:
    if "dose" in kind.measured or ("dose_if_known" in kind.measured and minimum(trial)):
        yield _dose(trial)
    if "weeks" in kind.measured:
        own = kind.min_weeks
        yield _weeks(
            trial.weeks, min_weeks if own is None else own, default=own is not None and not kind.verified
        )
    if "sessions" in kind.measured and kind.min_sessions is not None:
        yield _sessions(trial.sessions, kind.min_sessions, default=not kind.verified)
    if trial.adherent is False:
        yield Part(False, "not taken as prescribed")
    elif trial.adherent is None and "weeks" in kind.measured and not trial.by_form:
        yield Part(None, "whether it was taken as prescribed is not recorded")


def minimum(trial: Trial) -> Decimal | None:
    """The lowest dose a day that counts for this use of the medicine, mg; None where the table has none."""
    found = minimum_doses().get((trial.kind, trial.agent))
    return found.mg_day if found else None


def _dose(trial: Trial) -> Part:
    """Somebody's word that the dose was enough, where the number does not contradict it.

    A no stands whatever the number. Where the table has a lowest dose, both are needed for a yes: with one of them
    missing it is not known, since the one that is missing may be a no.
    """
    least, mg = minimum_doses().get((trial.kind, trial.agent)), trial.daily_mg
    if trial.by_form:
        return Part(trial.said_dose, FORM_DOSE[trial.said_dose])
    given = f"{plain(float(mg))} mg a day" if mg is not None else "the dose"
    floor = f"the minimum of {plain(float(least.mg_day))} mg" if least else "the minimum"
    if least is None or mg is None or (trial.said_dose is False and mg >= least.mg_day):
        return _unmeasured(trial, given, floor, known_least=least is not None)
    default = not least.verified
    if mg >= least.mg_day:
        if trial.said_dose:
            return Part(True, f"{given}: at least {floor}", default)
        return Part(None, f"{given} is at least {floor}, but nobody has said that it was enough", default)
    if trial.said_dose:
        return Part(None, f"{given} is below {floor}, though the dose was said to be enough", default)
    return Part(False, f"{given}: below {floor}", default)


def _unmeasured(trial: Trial, given: str, floor: str, *, known_least: bool) -> Part:
    """The dose where no number decides."""
    if trial.said_dose is False:
        return Part(False, f"{given} was said to be below {floor}")
    if trial.said_dose and not known_least:
        return Part(True, f"{given} was said to be at least {floor}")
    if trial.daily_mg is None:
        return Part(None, "the dose a day is not recorded")
    return Part(None, "no minimum dose is known, and nobody has said that it was enough")


FORM_DOSE = {
    True: "the dose was said to be at least the minimum",
    False: "the dose was said to be below the minimum",
    None: "whether the dose was at least the minimum is not known",
}


def _weeks(weeks: Span | None, least: float, *, default: bool) -> Part:
    asked = f"at least {plain(least)} {'is' if least == 1 else 'are'} asked"
    if weeks is None:
        return Part(None, f"how many weeks is not known: {asked}", default)
    if weeks.low == weeks.high:
        return Part(weeks.low >= least, f"{of_weeks(weeks)}: {asked}", default)
    met = True if weeks.low >= least else False if weeks.high < least else None
    return Part(
        met, f"{of_weeks(weeks)} by its dates, the time at that dose is not recorded: {asked}", default
    )


def of_weeks(weeks: Span) -> str:
    """The weeks in words; where only the dates are known, the most that they allow."""
    known = weeks.low == weeks.high
    return f"{'' if known else 'at most '}{plain(weeks.high)} week{'' if weeks.high == 1 else 's'}"


def _sessions(sessions: int | None, least: int, *, default: bool) -> Part:
    if sessions is None:
        return Part(None, f"how many sessions is not known: at least {least} are asked", default)
    return Part(sessions >= least, f"{sessions} sessions: at least {least} are asked", default)
