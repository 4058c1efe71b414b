"""The prior ensemble of possible truths, what each says of every printed figure, and how well it fits.

.venv/bin/python -m tests.science.pharmacology.calibration.fit writes the fitted worlds and prints the numbers for
response.toml. A trial's own part (drug, expectancy, background) is integrated out by its first derivatives.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache

import msgspec
import numpy as np
from scipy.linalg import block_diag
from scipy.special import logsumexp, ndtri
from scipy.stats import norm, qmc

from lowtide.data.designs import areas
from lowtide.data.pharmacology import response
from lowtide.science.pharmacology.response import months
from lowtide.science.pharmacology.response.model import scores
from lowtide.science.pharmacology.response.trial import given, readings
from lowtide.science.pharmacology.response.worlds import Worlds, crowd
from lowtide.science.pharmacology.structure import Array
from lowtide.science.pharmacology.updating.tempering import condition, part
from tests.science.pharmacology.calibration.table import FITTED, HERE, ArmRow, Row, Trial, families, trials

PEOPLE, BLOCK, SEED = 128, 128, 11
STEPS = {"drug": 0.3, "expectancy": 0.08, "background": 0.08}
RATES = ("response", "remission", "relapse")
CENTRE_PEOPLE = 8192
VISIT_D = 14.0  # a trial counts a relapse at any of its visits


class Prior(msgspec.Struct, frozen=True):
    middle: float
    sd: float = 0.0
    log: float = 0.0
    at_least: float | None = None

    def value(self, z: Array) -> Array:
        found = self.middle * np.exp(self.log * z) if self.log else self.middle + self.sd * z
        return np.asarray(found if self.at_least is None else np.maximum(found, self.at_least))


@cache
def prior() -> dict[str, Prior]:
    return msgspec.convert(tomllib.loads((HERE / "prior.toml").read_text(encoding="utf-8")), dict[str, Prior])


def worlds_of(z: Array) -> Worlds:
    return Worlds({path: p.value(z[:, i]) for i, (path, p) in enumerate(prior().items())})


def standard(count: int, seed: int) -> Array:
    """Even standard normals (count, parameters)."""
    sobol = qmc.Sobol(len(prior()), scramble=True, rng=np.random.default_rng(seed))
    u = sobol.random_base2((count - 1).bit_length())[:count]
    return np.asarray(ndtri(u.clip(1e-9, 1 - 1e-9)))


# -- what a world says -------------------------------------------------------------------------------------------


def of_people(
    t: Trial, arm: ArmRow, worlds: Worlds, people: int, seed: int, *, alike: bool = True
) -> dict[int, Array]:
    """By row: each person's own contribution, (worlds, people); a relapse is a share of those who had responded."""
    asked, numbers = t.asked(arm), response()
    of = crowd(worlds, people, seed, months.knots(numbers, max(asked.days)), alike=alike)
    before, after = readings(asked, arm.arm, numbers, areas(), of)
    found = {}
    for i, row in enumerate(t.rows):
        if arm.id not in (*row.arms, row.against):
            continue
        at = after[..., asked.days.index(row.day)]
        if row.what == "response":
            found[i] = at <= (1 - t.response_fall) * before
        elif row.what == "remission":
            found[i] = at <= (asked.remission_cut if row.cut is None else row.cut)
        elif row.what == "relapse":
            found[i] = _relapsed(t, arm, row, of, before, after[..., asked.days.index(row.from_day)])
        else:
            found[i] = at - before
    return {i: np.asarray(v, float) for i, v in found.items()}


def _relapsed(t: Trial, arm: ArmRow, row: Row, of, before: Array, then: Array) -> Array:
    asked, numbers = t.asked(arm), response()
    people = of.members(numbers, asked.condition, asked.setting, asked.concomitant, arm.control)
    flat = before.reshape(-1)
    visits = np.linspace(row.from_day, row.day, max(2, int((row.day - row.from_day) // VISIT_D) + 1))[1:]
    course = of.split(scores(people, given(arm.arm, numbers, areas(), of), visits, flat))
    responded = then <= (1 - t.response_fall) * before
    cut = np.minimum(row.cut, 0.8 * before)
    share = (responded & (course >= cut[..., None]).any(2)).sum(1) / np.maximum(responded.sum(1), 1)
    return np.asarray(np.broadcast_to(share[:, None], before.shape))


def said(t: Trial, worlds: Worlds, people: int, seed: int) -> Array:
    """(worlds, rows): the printed figures as each world would have them in a whole population."""
    blocks = []
    for first in range(0, worlds.count, BLOCK):
        some = Worlds({p: c[first : first + BLOCK] for p, c in worlds.columns.items()})
        blocks.append(_said(t, {a.id: of_people(t, a, some, people, seed) for a in t.arms}, some.count))
    return np.concatenate(blocks)


def _said(t: Trial, found: Mapping[str, dict[int, Array]], count: int) -> Array:
    rows = np.zeros((count, len(t.rows)))
    for i, row in enumerate(t.rows):
        for name, share in shares(t, row):
            rows[:, i] += share * found[name][i].mean(1)
    return rows


def shares(t: Trial, row: Row) -> Iterator[tuple[str, float]]:
    """The arms of a row with what each counts; an arm it is set against counts less than nothing."""
    total = sum(t.arm(name).n for name in row.arms)
    for name in row.arms:
        yield name, t.arm(name).n / total
    if row.against:
        yield row.against, -1.0


class Answers(msgspec.Struct, frozen=True):
    """Of one trial: what each world says, and how that moves with the trial's own part, (worlds, rows, 3); shares as
    probits, on which a trial's own part acts nearly in a straight line."""

    said: Array
    slopes: Array


def answers(t: Trial, worlds: Worlds, people: int = PEOPLE) -> Answers:
    plain = _straight(t, said(t, worlds, people, SEED))
    slopes = []
    for name, step in STEPS.items():
        moved = worlds.shifted(**{"drug": 0.0, "expectancy": 0.0, "background": 0.0, name: step})
        slopes.append((_straight(t, said(t, moved, people, SEED)) - plain) / step)
    return Answers(plain, np.stack(slopes, 2))


def _straight(t: Trial, found: Array) -> Array:
    """Shares as probits; a share of nobody is half a person of the virtual ones."""
    is_rate = np.array([row.what in RATES for row in t.rows])
    return np.where(is_rate, ndtri(found.clip(0.004, 0.996)), found)


# -- how well it fits --------------------------------------------------------------------------------------------


@cache
def chance(trial_id: str) -> Array:
    """Covariance (rows, rows) of the printed figures by who happened to be recruited: how they go together at the
    prior's middle, and as large as the figures themselves make it."""
    t = next(t for t in trials() if t.id == trial_id)
    centre = worlds_of(np.zeros((1, len(prior()))))
    found = {a.id: of_people(t, a, centre, CENTRE_PEOPLE, SEED, alike=False) for a in t.arms}
    rows = np.zeros((len(t.rows), len(t.rows)))
    for i, one in enumerate(t.rows):
        for j, other in enumerate(t.rows):
            rows[i, j] = _shared(t, found, (i, one), (j, other))
    at_centre = np.sqrt(np.maximum(np.diag(rows), 1e-6))
    own = np.array([_own_sd(t, row, at) for row, at in zip(t.rows, at_centre, strict=True)])
    together = 0.95 * rows / np.outer(at_centre, at_centre)
    np.fill_diagonal(together, 1.0)
    return np.asarray(together * np.outer(own, own))


def _own_sd(t: Trial, row: Row, at_centre: float) -> float:
    n = t.n(row)
    if row.what in RATES:
        p = _smoothed(row, n)
        return float(np.sqrt(p * (1 - p) / n) / norm.pdf(ndtri(p)))
    return row.sd / np.sqrt(n) if row.sd is not None else at_centre


def _smoothed(row: Row, n: int) -> float:
    return (row.value * n + 0.5) / (n + 1)


def _seen(t: Trial) -> Array:
    return np.array([ndtri(_smoothed(r, t.n(r))) if r.what in RATES else r.value for r in t.rows])


def _shared(t: Trial, found, one: tuple[int, Row], other: tuple[int, Row]) -> float:
    (i, a), (j, b) = one, other
    if "relapse" in (a.what, b.what):
        return 1.0 if i == j else 0.0
    if a.note != b.note:
        return 0.0  # other people of the same arm
    total = 0.0
    other_shares = dict(shares(t, b))
    for name, share in shares(t, a):
        if name in other_shares:
            people = t.arm(name).n if len(a.arms) > 1 or a.against else t.n(a)
            both = np.cov(found[name][i][0], found[name][j][0])[0, 1] if i != j else found[name][i][0].var()
            total += share * other_shares[name] * both / people
    return float(total)


def times(t: Trial) -> float:
    return response().between_times[t.setting].value


def log_fit(family: str, told: Mapping[str, Answers], worlds: Worlds) -> Array:
    """Log-likelihood (worlds,) of a family's figures."""
    own = [t for t in trials() if t.left_out_with == family]
    gap = np.concatenate([_seen(t) - told[t.id].said for t in own], 1)
    slopes = np.concatenate([times(t) * told[t.id].slopes for t in own], 1)
    between = np.stack([worlds.columns[f"between.{name}"] for name in STEPS], 1)
    scaled = slopes * between[:, None, :]
    by_chance = block_diag(*(chance(t.id) for t in own))
    by_chance += np.diag(0.02 * np.diag(by_chance))
    covariance = by_chance[None] + scaled @ scaled.transpose(0, 2, 1)
    root = np.linalg.cholesky(covariance)
    white = np.linalg.solve(root, gap[..., None])[..., 0]
    return np.asarray(-0.5 * (white**2).sum(1) - np.log(np.diagonal(root, axis1=1, axis2=2)).sum(1))


# -- fast answers ------------------------------------------------------------------------------------------------


class Surface(msgspec.Struct, frozen=True):
    """Answers as second-degree polynomials of the worlds' normals, fitted to simulated ones."""

    coefficients: dict[str, tuple[Array, Array]]

    def answers(self, z: Array) -> dict[str, Answers]:
        terms = _terms(z)
        return {
            name: Answers(terms @ said, (terms @ slopes).reshape(len(z), -1, len(STEPS)))
            for name, (said, slopes) in self.coefficients.items()
        }

    def by_family(self, z: Array) -> dict[str, Array]:
        told, worlds = self.answers(z), worlds_of(z)
        return {f: log_fit(f, told, worlds) for f in families(*FITTED)}


def surface(z: Array) -> Surface:
    """From simulations of these worlds, with the root mean square of what it misses printed."""
    worlds, terms, found = worlds_of(z), _terms(z), {}
    for t in trials():
        if t.scored in FITTED:
            real = answers(t, worlds)
            flat = real.slopes.reshape(len(z), -1)
            said, slopes = (_solved(terms, y) for y in (real.said, flat))
            found[t.id] = said, slopes
    return Surface(found)


def _terms(z: Array) -> Array:
    i, j = np.triu_indices(z.shape[1])
    return np.concatenate([np.ones((len(z), 1)), z, z[:, i] * z[:, j]], 1)


def _solved(terms: Array, y: Array) -> Array:
    """Least squares with a little ridge on everything but the constant."""
    ridge = np.eye(terms.shape[1]) * 0.5
    ridge[0, 0] = 0.0
    return np.asarray(np.linalg.solve(terms.T @ terms + ridge, terms.T @ y))


# -- the ensemble ------------------------------------------------------------------------------------------------


class Fitted(msgspec.Struct, frozen=True):
    """One stored ensemble: normals, worlds, log-likelihood by family, and log of prior over proposal."""

    z: Array
    worlds: Worlds
    by_family: dict[str, Array]
    log_prior: Array

    def weights(self, without: str | None = None) -> Array:
        log = self.log_prior + sum(v for name, v in self.by_family.items() if name != without)
        found = np.exp(log - log.max())
        return np.asarray(found / found.sum())

    def ess(self, without: str | None = None) -> float:
        """Worlds in effect; copies of one count as one."""
        _, same = np.unique(self.z, axis=0, return_inverse=True)
        w = np.bincount(same.ravel(), self.weights(without))
        return float(1 / (w * w).sum())

    def resampled(self, count: int, without: str | None = None, seed: int = 5) -> Worlds:
        """Equally likely worlds: systematic resampling."""
        edges = np.cumsum(self.weights(without))
        places = (np.arange(count) + np.random.default_rng(seed).random()) / count
        chosen = np.minimum(np.searchsorted(edges, places), len(edges) - 1)
        return Worlds({p: c[chosen] for p, c in self.worlds.columns.items()})


DESIGN, WALKERS, STORED, BROADER = 1024, 1200, 40_000, 1.3
LEAST = 120.0  # worlds that must be left in effect when one study is left out


KEPT = HERE / "ensemble.npz"
KEEP = 3000  # of the worlds drawn, those that matter with all studies or with one left out


@cache
def fitted() -> Fitted:
    """The stored ensemble; `writing` makes it anew."""
    with np.load(KEPT) as kept:
        z, log_prior, logs = (kept[name].astype(float) for name in ("z", "log_prior", "by_family"))
        names = [str(name) for name in kept["families"]]
    return Fitted(z, worlds_of(z), dict(zip(names, logs.T, strict=True)), log_prior)


def kept(found: Fitted) -> Fitted:
    """Fewer worlds that say the same: drawn by how much they weigh, with all studies and with each left out."""
    shares = [found.weights(name) for name in (None, *families("yes"))]
    often = np.mean(shares, axis=0)
    edges = np.cumsum(often)
    places = (np.arange(KEEP) + np.random.default_rng(SEED).random()) / KEEP * edges[-1]
    chosen = np.minimum(np.searchsorted(edges, places), len(edges) - 1)
    z = found.z[chosen].astype(np.float16).astype(float)
    by_family = {name: logs[chosen] for name, logs in found.by_family.items()}
    return Fitted(z, worlds_of(z), by_family, found.log_prior[chosen] - np.log(often[chosen]))


def keep(found: Fitted) -> None:
    np.savez_compressed(
        KEPT,
        z=found.z.astype(np.float16),
        log_prior=found.log_prior.astype(np.float32),
        by_family=np.stack(list(found.by_family.values()), 1).astype(np.float32),
        families=np.array(list(found.by_family)),
        made_of=np.array(made_of()),
    )


def made_of() -> str:
    """A fingerprint of the figures and the prior that the ensemble was made of."""
    texts = ((HERE / name).read_bytes() for name in ("trials.toml", "prior.toml"))
    return hashlib.sha256(b"\n".join(texts)).hexdigest()[:12]


def drawn() -> Fitted:
    """Worlds about where the figures leave them likely, each weighed by prior, figures and how it was drawn.

    Looked for twice: with a surface over the whole prior, and with one over what that left; then about where leaving
    out one of the studies that say most leads, so that re-weighting finds worlds there.
    """
    z = standard(DESIGN, SEED)
    for number in range(2):
        found = surface(z)
        places = [_posterior(found, seed=SEED + number)]
        z, _ = _proposed(places, DESIGN, SEED + number)
    found = surface(z)
    places = [_posterior(found, seed=SEED + 2)]
    first = _stored(found, places)
    for family in families("yes"):
        if first.ess(family) < LEAST:
            places.append(_posterior(found, seed=SEED + 2, without=family))
    return _stored(found, places) if len(places) > 1 else first


def _stored(found: Surface, places: list[tuple[Array, Array]]) -> Fitted:
    z, log_prior = _proposed(places, STORED, SEED + 3)
    by_family = [found.by_family(z[i : i + 2000]) for i in range(0, len(z), 2000)]
    joined = {f: np.concatenate([b[f] for b in by_family]) for f in families(*FITTED)}
    return Fitted(z, worlds_of(z), joined, log_prior)


def _posterior(found: Surface, seed: int, without: str | None = None) -> tuple[Array, Array]:
    """Mean and covariance of the normals after the figures."""

    def likelihood(z: Array) -> Array:
        return np.asarray(sum(v for f, v in found.by_family(z).items() if f != without))[:, None]

    one = part(standard(WALKERS, seed), likelihood, (True,))
    condition([one], seed)
    return one.normals.mean(0), np.cov(one.normals.T)


def _proposed(places: list[tuple[Array, Array]], count: int, seed: int) -> tuple[Array, Array]:
    """Draws from wide bells about these places, and the log of prior over what they were drawn from."""
    roots = [BROADER * np.linalg.cholesky(covariance) for _, covariance in places]
    each = count // len(places)
    z = np.concatenate(
        [
            mean + standard(each, seed + i) @ root.T
            for i, ((mean, _), root) in enumerate(zip(places, roots, strict=True))
        ]
    )
    logs = [
        -0.5 * (np.linalg.solve(root, (z - mean).T) ** 2).sum(0) - np.log(np.diag(root)).sum()
        for (mean, _), root in zip(places, roots, strict=True)
    ]
    return z, -0.5 * (z**2).sum(1) - logsumexp(np.stack(logs), axis=0)
