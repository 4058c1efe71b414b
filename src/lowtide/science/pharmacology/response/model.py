"""How mood and chronic pain answer to sessions: what is expected and what comes by itself, and what the drug does.

A member's score is baseline x (1 - fall(drug + expectancy + background)), each part a fraction of the baseline, kept
apart to the end; `fall` keeps the score on its scale. The drug part is driven by exposure, never by dissociation (doi:10.1016/j.jad.2017.09.023 and post hoc
analyses disagree on any link). Days from the first session; arrays (members, days).
"""

from collections.abc import Mapping

import msgspec
import numpy as np

from lowtide.data.pharmacology import Condition, Parameter, Response
from lowtide.problems import bad
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.response.waning import course
from lowtide.science.pharmacology.structure import Array

DAY_H = 24.0
WANDER = tuple(f"response drift {wave} {part}" for wave in range(2) for part in ("there", "back"))
"""Names of the normals behind what months bring: two for each wave of `drift.waves`."""


class Session(msgspec.Struct, frozen=True):
    """One treatment: its day, weighted exposure in ng h/mL ((members,) or one number), and how long it runs in days."""

    day: float
    exposure_ng_h_ml: Array | float
    over_d: float = 0.0


class Members(msgspec.Struct):
    """What virtual people differ in; each (members,). `emax` holds the condition's part of the drug's effect."""

    process: str
    emax: Array
    half: Array
    onset_d: Array
    offset_d: Array
    tolerance: Array
    expectancy: Array
    expectancy_offset_d: Array
    background: Array
    drift: Array
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
    control: str | None = None,
    world: Mapping[str, Array] | None = None,
) -> Members:
    """Draw the members for one condition. `setting`: blinded, open or real_world; `concomitant`: what else is begun;
    `control`: what they get in place of the drug. `world` holds typical values by path, one a member, as a trial has
    them; without it each member bears what is not known of the typical values too.

    Raises BadInput for an unknown setting, concomitant treatment or control, naming the choices.
    """
    beside = concomitant or "none"
    for given, known, where in (
        (setting, numbers.settings, "setting"),
        (beside, numbers.background, "concomitant"),
        (control or "saline", numbers.controls, "control"),
    ):
        if given not in known:
            raise bad(f"unknown {where} “{given}”", where, f"Use one of: {', '.join(known)}.")
    pain = condition.process == "pain"
    of = _Typical(numbers, draws, world)
    drug = "pain" if pain else "mood"
    answers = draws.normal("answers") < _edge(getattr(numbers, drug).get("responders"))
    belief = of.value(f"settings.{setting}") * (of.value(f"controls.{control}") if control else 1.0)
    return Members(
        process=condition.process,
        emax=condition.size * np.clip(of.natural(f"{drug}.emax", "response emax"), 0.0, 0.95) * answers,
        half=of.log("pain.c50_ng_ml" if pain else "mood.half_exposure", "response half"),
        onset_d=of.log("mood.onset_h", "onset") / DAY_H,
        offset_d=of.log("pain.slow_d" if pain else "mood.offset_d", "offset"),
        tolerance=of.value("mood.tolerance")
        ** np.exp(numbers.mood["tolerance"].log_sd * draws.normal("response tolerance")),
        expectancy=of.natural("expectancy.size", "response expectancy") * belief,
        expectancy_offset_d=of.log("expectancy.offset_d", "expectancy offset"),
        background=of.natural(f"background.{beside}", "response background"),
        drift=np.stack([draws.normal(name) for name in WANDER], 1),
        numbers=numbers,
        concomitant=beside,
    )


class _Typical(msgspec.Struct, frozen=True):
    """Typical values by path, and people about them."""

    numbers: Response
    draws: Draws
    world: Mapping[str, Array] | None

    def value(self, path: str) -> Array | float:
        known = None if self.world is None else self.world.get(path)
        return self.numbers.number(path).value if known is None else known

    def natural(self, path: str, name: str) -> Array:
        """Normal on the natural scale: people differ both ways."""
        number = self.numbers.number(path)
        sd = number.sd * self.value("people.spread")
        if self.world is None:
            sd = np.hypot(sd, number.se)
        return np.asarray(self.value(path) + sd * self.draws.normal(name))

    def log(self, path: str, name: str) -> Array:
        number = self.numbers.number(path)
        sd = number.between if self.world is not None else float(np.hypot(number.between, number.log_se))
        return np.asarray(self.value(path) * np.exp(sd * self.draws.normal(name)))


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


def fall(numbers: Response, whole: Array) -> Array:
    """The fall of the score, as a part of the baseline, that a sum of parts shows as: none at 0, within the scale."""
    worst, best, slope = (numbers.scale[name].value for name in ("worst", "best", "slope"))
    at_rest = np.log(-worst / best)
    return np.asarray(worst + (best - worst) / (1 + np.exp(-(at_rest + slope * whole))))


def scores(people: Members, sessions: tuple[Session, ...], days: Array, baseline: Array | float) -> Array:
    """The course of the score, without the noise of one measurement, never below 0; (members, days)."""
    base = np.broadcast_to(np.asarray(baseline, float), people.emax.shape)[:, None]
    return np.asarray(base * (1 - fall(people.numbers, parts(people, sessions, days).whole)))


def noisy(course: Array, baseline: Array | float, people: Members, draws: Draws, top: float) -> Array:
    """The course as an instrument would read it: noise for each day, within 0 and `top`."""
    sd = people.numbers.residual["sd"].value * np.broadcast_to(np.asarray(baseline, float), people.emax.shape)
    noise = np.stack([draws.normal(f"score {i}") for i in range(course.shape[1])], 1)
    return np.asarray(np.clip(course + sd[:, None] * noise, 0.0, top))


def _mood(people: Members, sessions: tuple[Session, ...], days: Array) -> Array:
    """Each session adds a share of what is still to be gained; it comes within hours and wanes over days, the slower
    the larger the exposure and the more sessions came before."""
    if not sessions:
        return np.zeros((len(people.emax), len(days)))
    mood, reference = people.numbers.mood, people.numbers.exposure["reference_ng_h_ml"].value
    exposure = np.stack(
        [np.broadcast_to(np.asarray(s.exposure_ng_h_ml, float), people.emax.shape) for s in sessions]
    )
    before = np.arange(len(sessions))[:, None]
    shares = exposure / (exposure + people.half)
    shares *= np.maximum(people.tolerance**before, mood["tolerance_floor"].value)
    lasting = (exposure / reference) ** mood["durability_exponent"].value
    lasting = np.minimum(
        lasting * mood["durability_per_session"].value ** before, mood["durability_most"].value
    )
    offset_d = people.offset_d * np.maximum(lasting, 1e-3)
    starts = np.array([session.day for session in sessions])
    total = course(starts, shares, offset_d, people.onset_d, days, mood["offset_shape"].value)
    return np.asarray(people.emax[:, None] * total)


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
    """What comes by itself or with another treatment that is begun on day 0, and what months bring."""
    since = np.maximum(days, 0.0)
    half_d = people.numbers.background[people.concomitant].half_d.value
    soon = people.background[:, None] * -np.expm1(-np.log(2) * since[None, :] / half_d)
    return np.asarray(soon + people.drift @ waves(people.numbers, since))


def waves(numbers: Response, since: Array) -> Array:
    """How far each normal of `WANDER` has moved the sum of parts by these days, (normals, days): nothing on day 0, and
    from then on as much in any stretch of the same length, for better or worse."""
    lengths = np.array([wave.value for wave in numbers.drift_waves.values()])
    sizes = numbers.drift["size"].value * np.sqrt(lengths / lengths.sum())
    angle = 2 * np.pi * since[None, :] / lengths[:, None]
    there, back = sizes[:, None] * np.sin(angle), sizes[:, None] * (np.cos(angle) - 1)
    return np.asarray(np.stack([there, back], 1).reshape(2 * len(lengths), len(since)))
