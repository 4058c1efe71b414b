"""Treatments that are made of parts: what each part adds, if the effects of parts add up.

Additive component network meta-analysis: Rücker, Petropoulou and Schwarzer, Biom J 2020;62:808
(doi 10.1002/bimj.201800167). The parts of a treatment are told by its name; the inactive one adds nothing. Adding up is
an assumption: `beyond` says how much worse the additive model fits than the network alone.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from lowtide.problems import bad
from lowtide.science.evidence.agreement import tail
from lowtide.science.evidence.network import Array, Fit, Network, fit


class Part(msgspec.Struct, frozen=True):
    """What one part adds, on the scale of the network; None where the trials do not part it from others."""

    name: str
    estimate: float | None
    se: float | None


class Additive(msgspec.Struct, frozen=True):
    """The parts; Q of the additive model and, `beyond`, what it has more than that of the network."""

    parts: tuple[Part, ...]
    tau2: float
    q: float
    df: int
    beyond: float
    df_beyond: int

    @property
    def p_beyond(self) -> float | None:
        return tail(self.beyond, self.df_beyond)


def components(
    network: Network, *, separator: str = "+", inactive: str | None = None, random: bool = True
) -> Additive:
    """The parts of an island's treatments. Raises BadInput for an inactive treatment that no trial has."""
    names, made_of = _made_of(network.treatments, separator, inactive)
    common = fit(network, 0.0)
    rank = _rank(made_of)
    _, _, extra = _solved(common, made_of)
    df = network.df + len(network.treatments) - 1 - rank
    q = common.q + extra
    tau2 = _moments(common, made_of, q, df) if random else 0.0
    at = fit(network, tau2)
    values, covariance, _ = _solved(at, made_of)
    parts = tuple(
        Part(name, float(values[i]), float(np.sqrt(covariance[i, i])))
        if _identified(made_of, i)
        else Part(name, None, None)
        for i, name in enumerate(names)
    )
    return Additive(parts, tau2, q, df, extra, len(network.treatments) - 1 - rank)


def _made_of(treatments: Sequence[str], separator: str, inactive: str | None) -> tuple[list[str], Array]:
    """The parts' names, and which treatment (t) has which part (c), as 0 or 1."""
    nothing = " ".join(inactive.casefold().split()) if inactive else None
    parts = [[" ".join(p.split()) for p in name.split(separator) if p.strip()] for name in treatments]
    if nothing is not None and not any(p.casefold() == nothing for its in parts for p in its):
        raise bad(f"no trial has “{inactive}”", "inactive", f"Use one of: {', '.join(treatments)}.")
    names = sorted({p for its in parts for p in its if p.casefold() != nothing}, key=str.casefold)
    made_of = np.array([[float(name in its) for name in names] for its in parts])
    return names, made_of.reshape(len(treatments), len(names))


def _rank(made_of: Array) -> int:
    """Independent contrasts of treatments that the parts can make."""
    return int(np.linalg.matrix_rank(made_of - made_of.mean(0)))


def _solved(at: Fit, made_of: Array) -> tuple[Array, Array, float]:
    """The parts' values and covariance, and the weighted squares by which they miss the network's own estimates."""
    covariance = _covariance(at, made_of)
    values = covariance @ made_of.T @ at.laplacian @ at.potentials
    missed = at.potentials - made_of @ values
    return values, covariance, max(float(missed @ at.laplacian @ missed), 0.0)


def _covariance(at: Fit, made_of: Array) -> Array:
    found = np.linalg.pinv(made_of.T @ at.laplacian @ made_of, hermitian=True)
    return np.asarray(found, dtype=np.float64)


def _moments(common: Fit, made_of: Array, q: float, df: int) -> float:
    if df <= 0:
        return 0.0
    of_treatments = made_of @ _covariance(common, made_of) @ made_of.T
    per_unit = 0.0
    for batch in common.network.batches:
        weights = batch.laplacians(0.0)
        taken = np.einsum("kij,kjl,kli->", weights, weights, batch.of(of_treatments))
        per_unit += (float(np.trace(weights, axis1=1, axis2=2).sum()) - float(taken)) / 2
    return max(0.0, (q - df) / per_unit) if per_unit > 0 else 0.0


def _identified(made_of: Array, part: int) -> bool:
    """Whether differences of treatments determine the part: taking it away costs a rank."""
    return _rank(made_of) > _rank(np.delete(made_of, part, axis=1))
