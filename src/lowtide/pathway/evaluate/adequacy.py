"""Whether an earlier treatment was an adequate trial, and why, in words (pure).

Adequate needs dose, time and adherence, as far as the kind of treatment has them; what is not known leaves it open.
Where dates are partial the trial is adequate only if the shortest reading is long enough, and too short only if the
longest is. A clinician's own judgement stands before all of it.
"""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from lowtide.data.expression import Span
from lowtide.data.trials import Kind, minimum_doses, tables
from lowtide.pathway.evaluate.words import plain

ANTIDEPRESSANT = "antidepressant"


class Trial(msgspec.Struct, frozen=True):
    """A treatment tried. `agent` is one name for one medicine; None means not known.

    `said_dose` is somebody's word that the dose was (or was not) enough; `worked` that it helped, `judged` a clinician's
    word on its adequacy.
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
    parts = (
        Part(found.adequate, found.why, found.on_default),
        Part(trial.current_episode, EPISODE[trial.current_episode]),
        Part(trial.worked is not True, "it helped: no failure" if trial.worked else ""),
    )
    met = [p.met for p in parts]
    answer = False if False in met else None if None in met else True
    shown = [p for p in parts if p.met is answer and p.text]
    return Part(answer, "; ".join(p.text for p in shown), any(p.default for p in shown))


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
        yield _weeks(trial.weeks, min_weeks if own is None else own, default=own is not None)
    if "sessions" in kind.measured and kind.min_sessions is not None:
        yield _sessions(trial.sessions, kind.min_sessions)
    if trial.adherent is False:
        yield Part(False, "not taken as prescribed")


def minimum(trial: Trial) -> Decimal | None:
    """The lowest dose a day that counts for this use of the medicine, mg; None where the table has none."""
    found = minimum_doses().get((trial.kind, trial.agent))
    return found.mg_day if found else None


def _dose(trial: Trial) -> Part:
    """Dose against the lowest one; what somebody said of it stands unless the numbers contradict a yes."""
    least, mg = minimum_doses().get((trial.kind, trial.agent)), trial.daily_mg
    enough = None if least is None or mg is None else mg >= least.mg_day
    given = f"{plain(float(mg))} mg a day" if mg is not None else "the dose"
    floor = f"the minimum of {plain(float(least.mg_day))} mg" if least else "the minimum"
    default = enough is not None and least is not None and not least.verified
    if trial.said_dose is False:
        return Part(False, f"{given} was said to be below {floor}")
    if trial.said_dose and enough is False:
        return Part(None, f"{given} is below {floor}, though the dose was said to be enough", default)
    if trial.said_dose:
        return Part(True, f"{given} was said to be at least {floor}")
    if enough is None:
        known = "the dose a day is not known" if mg is None else "no minimum dose is known"
        return Part(None, known)
    return Part(enough, f"{given}: {'at least' if enough else 'below'} {floor}", default)


def _weeks(weeks: Span | None, least: float, *, default: bool) -> Part:
    asked = f"at least {plain(least)} {'is' if least == 1 else 'are'} asked"
    if weeks is None:
        return Part(None, f"how many weeks is not known: {asked}", default)
    if weeks.low == weeks.high:
        return Part(weeks.low >= least, f"{_of_weeks(weeks.low)}: {asked}", default)
    met = True if weeks.low >= least else False if weeks.high < least else None
    return Part(met, f"{plain(weeks.low)} to {_of_weeks(weeks.high)} by its dates: {asked}", default)


def _of_weeks(weeks: float) -> str:
    return f"{plain(weeks)} week{'' if weeks == 1 else 's'}"


def _sessions(sessions: int | None, least: int) -> Part:
    if sessions is None:
        return Part(None, f"how many sessions is not known: at least {least} are asked", default=True)
    return Part(sessions >= least, f"{sessions} sessions: at least {least} are asked", default=True)
