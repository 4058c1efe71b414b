"""How mood and chronic pain answer to sessions: what is expected and what comes by itself, and what the drug does.

A member's score is baseline x (1 - drug - expectancy - background), each part a fraction of the baseline, kept apart to
the end. The drug part is driven by exposure, never by dissociation (doi:10.1016/j.jad.2017.09.023 and post hoc
analyses disagree on any link). Days from the first session; arrays (members, days).
"""

import msgspec
import numpy as np

from lowtide.data.pharmacology import Condition, Parameter, Response
from lowtide.problems import bad
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.structure import Array

DAY_H = 24.0


class Session(msgspec.Struct, frozen=True):
    """One treatment: its day, weighted exposure in ng h/mL ((members,) or one number), and how long it runs in days."""

    day: float
    exposure_ng_h_ml: Array | float
    over_d: float = 0.0


class Members(msgspec.Struct):
    """What virtual people differ in; each (members,). `size`: the condition's part of the drug's effect."""

    process: str
    emax: Array
    half: Array
    onset_d: Array
    offset_d: Array
    tolerance: Array
    expectancy: Array
    expectancy_offset_d: Array
    background: Array
    numbers: Response
    concomitant: str


class Parts(msgspec.Struct, frozen=True):
    """What takes points away, as fractions of the baseline, (members, days) each. Negative is worse than baseline."""

    drug: Array
    expectancy: Array
    background: Array

    @property
    def whole(self) -> Array:
        return np.asarray(self.drug + self.expectancy + self.background)


def members(
    numbers: Response,
    condition: Condition,
    draws: Draws,
    *,
    setting: str = "real_world",
    concomitant: str | None = None,
) -> Members:
    """Draw the members for one condition. `setting`: blinded, open or real_world; `concomitant`: what else is begun.

    Raises BadInput for an unknown setting or concomitant treatment, naming the choices.
    """
    beside = concomitant or "none"
    for given, known, where in (
        (setting, numbers.settings, "setting"),
        (beside, numbers.background, "concomitant"),
    ):
        if given not in known:
            raise bad(f"unknown {where} “{given}”", where, f"Use one of: {', '.join(known)}.")
    drug = numbers.pain if condition.process == "pain" else numbers.mood
    answers = draws.normal("answers") < _edge(drug.get("responders"))
    mood = numbers.mood
    return Members(
        process=condition.process,
        emax=condition.size * np.clip(_spread(draws, "emax", drug["emax"]), 0.0, 0.95) * answers,
        half=draws.value(
            "response half", drug["c50_ng_ml" if condition.process == "pain" else "half_exposure"]
        ),
        onset_d=draws.value("onset", mood["onset_h"]) / DAY_H,
        offset_d=draws.value("offset", drug["slow_d" if condition.process == "pain" else "offset_d"]),
        tolerance=mood["tolerance"].value
        ** np.exp(mood["tolerance"].log_sd * draws.normal("response tolerance")),
        expectancy=_spread(draws, "expectancy", numbers.expectancy["size"]) * numbers.settings[setting].value,
        expectancy_offset_d=draws.value("expectancy offset", numbers.expectancy["offset_d"]),
        background=_spread(draws, "background", numbers.background[beside].size),
        numbers=numbers,
        concomitant=beside,
    )


def _spread(draws: Draws, name: str, parameter: Parameter) -> Array:
    """Normal on the natural scale: people differ both ways."""
    return np.asarray(parameter.value + parameter.sd * draws.normal(f"response {name}"))


def _edge(share: Parameter | None) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(share.value) if share else np.inf


def weighted(numbers: Response, s_ng_h_ml: Array | float, r_ng_h_ml: Array | float) -> Array | float:
    """The exposure that counts, out of the areas under both enantiomers."""
    return numbers.exposure["s_weight"].value * s_ng_h_ml + numbers.exposure["r_weight"].value * r_ng_h_ml


def parts(people: Members, sessions: tuple[Session, ...], days: Array) -> Parts:
    """The three parts at these days. Sessions in order of time; a day before a session knows nothing of it."""
    drug = _pain(people, sessions, days) if people.process == "pain" else _mood(people, sessions, days)
    return Parts(drug, _expectancy(people, sessions, days), _background(people, days))


def scores(people: Members, sessions: tuple[Session, ...], days: Array, baseline: Array | float) -> Array:
    """The course of the score, without the noise of one measurement, never below 0; (members, days)."""
    base = np.broadcast_to(np.asarray(baseline, float), people.emax.shape)[:, None]
    return np.asarray(np.maximum(base * (1 - parts(people, sessions, days).whole), 0.0))


def noisy(course: Array, baseline: Array | float, people: Members, draws: Draws, top: float) -> Array:
    """The course as an instrument would read it: noise for each day, within 0 and `top`."""
    sd = people.numbers.residual["sd"].value * np.broadcast_to(np.asarray(baseline, float), people.emax.shape)
    noise = np.stack([draws.normal(f"score {i}") for i in range(course.shape[1])], 1)
    return np.asarray(np.clip(course + sd[:, None] * noise, 0.0, top))


def _mood(people: Members, sessions: tuple[Session, ...], days: Array) -> Array:
    """Each session adds a share of what is still to be gained; it comes within hours and wanes over days, the slower
    the larger the exposure and the more sessions came before."""
    mood = people.numbers.mood
    reference = people.numbers.exposure["reference_ng_h_ml"].value
    shape = people.emax.shape
    gained: list[tuple[Session, Array, Array]] = []
    for number, session in enumerate(sessions):
        exposure = np.broadcast_to(np.asarray(session.exposure_ng_h_ml, float), shape)
        share = exposure / (exposure + people.half)
        share = share * np.maximum(people.tolerance**number, mood["tolerance_floor"].value)
        held = np.zeros(shape)
        for before, add, offset_d in gained:
            held = held + add * np.exp2(-(session.day - before.day) / offset_d)
        lasting = (exposure / reference) ** mood["durability_exponent"].value
        lasting = np.minimum(
            lasting * mood["durability_per_session"].value ** number, mood["durability_most"].value
        )
        gained.append(
            (session, share * np.maximum(1 - held, 0.0), people.offset_d * np.maximum(lasting, 1e-3))
        )
    total = sum((_risen(people, *each, days) for each in gained), np.zeros((*shape, len(days))))
    return np.asarray(people.emax[:, None] * total)


def _risen(people: Members, session: Session, add: Array, offset_d: Array, days: Array) -> Array:
    """One session's share of saturation over the days: rises with onset_d, falls with offset_d (half-lives)."""
    since = np.maximum(days - session.day, 0.0)[None, :]
    fall = np.exp2(-since / offset_d[:, None])
    rise = -np.expm1(-np.log(2) * since / people.onset_d[:, None])
    return np.asarray(add[:, None] * fall * rise)


def _pain(people: Members, sessions: tuple[Session, ...], days: Array) -> Array:
    """A slow site that fills and empties with one half-life, and a saturating relief (doi:10.1016/j.ejpain.2010.06.016).

    A session of some hours fills it at once; one of days as it runs.
    """
    rate = (np.log(2) / people.offset_d)[:, None]
    site = np.zeros((len(people.emax), len(days)))
    for session in sessions:
        area_ng_d_ml = (
            np.broadcast_to(np.asarray(session.exposure_ng_h_ml, float), people.emax.shape)[:, None] / DAY_H
        )
        since = np.maximum(days - session.day, 0.0)[None, :]
        if session.over_d > 0:
            ran = np.minimum(since, session.over_d)
            filled = -np.expm1(-rate * ran) / session.over_d * np.exp(-rate * (since - ran))
        else:
            filled = rate * np.exp(-rate * since) * (days >= session.day)
        site += area_ng_d_ml * filled
    return np.asarray(people.emax[:, None] * site / (site + people.half[:, None]))


def _expectancy(people: Members, sessions: tuple[Session, ...], days: Array) -> Array:
    """Hope and attention: within a day of the first session, held up by each further one, fading after the last."""
    onset = people.numbers.expectancy["onset_d"].value
    starts = np.array([session.day for session in sessions])
    if not len(starts):
        return np.zeros((len(people.emax), len(days)))
    last = starts[np.maximum(np.searchsorted(starts, days, side="right") - 1, 0)]
    rise = -np.expm1(-np.log(2) * np.maximum(days - starts[0], 0.0) / onset)
    fade = np.exp2(-np.maximum(days - last, 0.0)[None, :] / people.expectancy_offset_d[:, None])
    return np.asarray(people.expectancy[:, None] * rise[None, :] * fade)


def _background(people: Members, days: Array) -> Array:
    """What comes by itself or with another treatment that is begun on day 0."""
    half = people.numbers.background[people.concomitant].half_d.value
    return np.asarray(
        people.background[:, None] * -np.expm1(-np.log(2) * np.maximum(days, 0.0) / half)[None, :]
    )
