"""How mood and chronic pain answer to sessions: what is expected and what comes by itself, and what the drug does.

A member's score is baseline x (1 - fall(drug + expectancy + background)), each part a fraction of the baseline, kept
apart to the end; `fall` keeps the score on its scale. The drug part is driven by exposure, never by dissociation (doi:10.1016/j.jad.2017.09.023 and post hoc
analyses disagree on any link). Days from the first session; arrays (members, days).
"""

import math
from collections.abc import Mapping

import msgspec
import numpy as np

from lowtide.data.pharmacology import Condition, Parameter, Response
from lowtide.problems import bad
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.response import months
from lowtide.science.pharmacology.response.waning import course
from lowtide.science.pharmacology.structure import Array

DAY_H = 24.0
NEAR_END = 0.03  # of what a score can fall


class Session(msgspec.Struct, frozen=True):
    """One treatment: its day, weighted exposure in ng h/mL ((members,) or one number), and how long it runs in days."""

    day: float
    exposure_ng_h_ml: Array | float
    over_d: float = 0.0


class Members(msgspec.Struct):
    """What virtual people differ in; each (members,). `emax` holds the condition's part of the drug's effect; `drift`, what
    months have brought by the days of `knots`, (knots, members)."""

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
    knots: Array
    numbers: Response
    concomitant: str


def in_single(people: Members) -> Members:
    """The same people in single precision: what is told of them is not read as finely as that, and takes half the time."""
    held = msgspec.structs.asdict(people)
    arrays = {
        name: value for name, value in held.items() if isinstance(value, np.ndarray) and name != "knots"
    }
    return msgspec.structs.replace(
        people, **{name: value.astype(np.float32) for name, value in arrays.items()}
    )


class Parts(msgspec.Struct, frozen=True):
    """What takes points away, as fractions of the baseline, (members, days) each. Negative is worse than baseline."""

    drug: Array
    expectancy: Array
    background: Array

    @property
    def whole(self) -> Array:
        found = self.drug + self.expectancy
        found += self.background
        return np.asarray(found)


def members(
    numbers: Response,
    condition: Condition,
    draws: Draws,
    *,
    setting: str = "real_world",
    concomitant: str | None = None,
    control: str | None = None,
    world: Mapping[str, Array] | None = None,
    knots: Array | None = None,
) -> Members:
    """Draw the members for one condition. `setting`: blinded, open or real_world; `concomitant`: what else is begun;
    `control`: what they get in place of the drug. `world` holds typical values by path, one a member, as a trial has
    them; without it each member bears what is not known of the typical values too. `knots`: as `months` has them.

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
    at = months.knots(numbers) if knots is None else knots
    drift = np.stack([draws.normal(name) for name in months.names(len(at))])
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
        drift=months.walked(numbers, at, drift),
        knots=at,
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
    return Parts(
        drug(people, sessions, days),
        people.expectancy[:, None] * hope(people, sessions, days),
        _by_itself(people, days),
    )


def drug(people: Members, sessions: tuple[Session, ...], days: Array) -> Array:
    """The drug's part by itself, (members, days)."""
    return _pain(people, sessions, days) if people.process == "pain" else _mood(people, sessions, days)


def _by_itself(people: Members, days: Array) -> Array:
    """What comes by itself and what months bring, (members, days)."""
    found = months.brought(people.knots, people.drift, days)
    found += settled(people, days).astype(found.dtype)[:, None] * people.background
    return np.asarray(found.T)


def summed(brought: Array, normals: Array) -> Array:
    """What several normals bring together, (days, members), of what each brings of one, (normals, days). Not by a matrix
    product: its threads would keep another core busy for longer than all else takes."""
    return np.asarray(np.einsum("kd,km->dm", brought, normals))


def fall(numbers: Response, whole: Array) -> Array:
    """The fall of the score, as a part of the baseline, that a sum of parts shows as: none at 0, bent towards the ends of the
    scale, and straight on in somebody who gets worse, whom only the top of the instrument stops. In place: a forecast
    asks for half a million."""
    other, best, slope = _scale(numbers)
    from_, turned, least = _straight(numbers)
    found = np.asarray(np.exp(-slope * whole - math.log(-other / best)))
    found += 1
    np.divide(best - other, found, out=found)
    found += other
    np.copyto(found, turned + least * (whole - from_), where=np.asarray(whole < from_))
    return found


def bent(numbers: Response, fallen: Array) -> tuple[Array, Array]:
    """How steeply a fall follows the sum of parts where it is so large, and how that changes with the sum."""
    other, best, slope = _scale(numbers)
    _, turned, least = _straight(numbers)
    steep = slope * (fallen - other) * (best - fallen) / (best - other)
    bend = slope * steep * (other + best - 2 * fallen) / (best - other)
    worse = fallen < turned
    return np.where(worse, least, steep), np.where(worse, 0.0, bend)


def sum_of(numbers: Response, fallen: Array) -> Array:
    """The sum of parts that shows as such a fall; of one at the end of the scale or beyond, of one near it."""
    other, best, slope = _scale(numbers)
    from_, turned, least = _straight(numbers)
    inside = np.clip(fallen, turned, best - NEAR_END)
    curved = (np.log((inside - other) / (best - inside)) - np.log(-other / best)) / slope
    return np.asarray(np.where(fallen < turned, from_ + (fallen - turned) / least, curved))


def _scale(numbers: Response) -> tuple[float, float, float]:
    other, best, slope = (numbers.scale[name].value for name in ("other", "best", "slope"))
    return other, best, slope


def _straight(numbers: Response) -> tuple[float, float, float]:
    """From which sum of parts downwards the curve goes on straight, the fall there, and how steep it is from there on."""
    (other, best, slope), least = _scale(numbers), numbers.scale["least"].value
    middle, half = (best + other) / 2, (best - other) / 2
    turned = middle - math.sqrt(half * half - 2 * half * least / slope)
    from_ = (math.log((turned - other) / (best - turned)) - math.log(-other / best)) / slope
    return from_, turned, least


def scores(people: Members, sessions: tuple[Session, ...], days: Array, baseline: Array | float) -> Array:
    """The course of the score, without the noise of one measurement, never below 0; (members, days)."""
    left = fall(people.numbers, parts(people, sessions, days).whole)
    np.subtract(1, left, out=left)
    left *= np.broadcast_to(baseline, people.emax.shape)[:, None]
    return left


def noisy(course: Array, baseline: Array | float, people: Members, seed: int, top: float) -> Array:
    """The course as an instrument would read it: noise for each day, the same whatever days follow, within 0 and `top`."""
    sd = people.numbers.residual["sd"].value * np.broadcast_to(baseline, people.emax.shape).astype(
        course.dtype
    )
    rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(2, 6))))
    read = sd[:, None] * rng.standard_normal(course.shape[::-1], np.float32).T
    read += course
    return np.asarray(np.clip(read, 0.0, top, out=read))


def _mood(people: Members, sessions: tuple[Session, ...], days: Array) -> Array:
    """Each session adds a share of what is still to be gained; it comes within hours and wanes over days, the slower
    the larger the exposure and the more sessions came before."""
    if not sessions:
        return np.zeros((len(people.emax), len(days)))
    mood, reference = people.numbers.mood, people.numbers.exposure["reference_ng_h_ml"].value
    exposure = np.stack(np.broadcast_arrays(*(np.atleast_1d(s.exposure_ng_h_ml) for s in sessions)))
    lasting = (exposure / reference) ** mood["durability_exponent"].value
    lasting *= mood["durability_per_session"].value ** np.arange(len(sessions))[:, None]
    lasting = np.clip(lasting, 1e-3, mood["durability_most"].value)
    own = (people.half, people.tolerance, people.offset_d, people.onset_d)
    starts, shape = np.array([session.day for session in sessions]), mood["offset_shape"].value
    total = course(starts, (exposure, lasting), own, days, shape, mood["tolerance_floor"].value)
    return np.asarray(people.emax[:, None] * total)


def _pain(people: Members, sessions: tuple[Session, ...], days: Array) -> Array:
    """A slow site that fills and empties with one half-life, and a saturating relief (doi:10.1016/j.ejpain.2010.06.016).

    A session of some hours fills it at once; one of days as it runs. What has run its course is carried on together.
    """
    rate, ends = np.log(2) / people.offset_d, sorted(sessions, key=lambda s: s.day + s.over_d)
    site, held, at, ended = np.empty((len(days), len(rate))), np.zeros(len(rate)), -np.inf, 0
    for i in np.argsort(days, kind="stable"):
        while ended < len(ends) and ends[ended].day + ends[ended].over_d <= days[i]:
            one, before = ends[ended], at
            at, ended = one.day + one.over_d, ended + 1
            held = held * np.exp(-rate * (at - before)) + _filled(one, rate, one.over_d)
        site[i] = held * np.exp(-rate * (days[i] - at))
        for one in (s for s in ends[ended:] if s.day < days[i]):
            site[i] += _filled(one, rate, days[i] - one.day)
    return np.asarray(people.emax[:, None] * (site / (site + people.half)).T)


def _filled(session: Session, rate: Array, ran_d: float) -> Array:
    """What a session has brought to the site after it ran for so long; one of some hours brings it at once."""
    share = -np.expm1(-rate * ran_d) / session.over_d if session.over_d > 0 else rate
    return np.asarray(session.exposure_ng_h_ml / DAY_H * share)


def hope(people: Members, sessions: tuple[Session, ...], days: Array) -> Array:
    """How much of what is expected, hope and attention, is there, (members, days): within a day of the first session, held
    up by each further one, fading after the last."""
    onset = people.numbers.expectancy["onset_d"].value
    starts = np.array([session.day for session in sessions])
    if not len(starts):
        return np.zeros((len(people.emax), len(days)))
    last = starts[np.maximum(np.searchsorted(starts, days, side="right") - 1, 0)]
    rise = -np.expm1(-np.log(2) * np.maximum(days - starts[0], 0.0) / onset)
    faded = -1 / people.expectancy_offset_d
    fade = np.exp2(np.maximum(days - last, 0.0)[:, None].astype(faded.dtype) * faded)
    fade *= rise[:, None]
    return np.asarray(fade.T)


def settled(people: Members, days: Array) -> Array:
    """How much of what comes by itself, or with another treatment that is begun on day 0, is there, (days,)."""
    half_d = people.numbers.background[people.concomitant].half_d.value
    return np.asarray(-np.expm1(-np.log(2) * np.maximum(days, 0.0) / half_d))
