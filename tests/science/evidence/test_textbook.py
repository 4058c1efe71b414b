"""The engine against the textbook's matrices, written out: generalised least squares, moments and restricted likelihood.

Each trial is its contrasts with its first arm; their covariance is the variance of that arm, plus their own, plus half
of tau2 shared (Salanti and others, Stat Methods Med Res 2008;17:279).
"""

from math import log

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.linalg import block_diag
from scipy.optimize import minimize_scalar

from lowtide.science.evidence.analysis import Island, analyse
from lowtide.science.evidence.table import EventArm, MeanArm, Row
from tests.science.evidence.test_laws import mean_networks
from tests.science.evidence.test_network import networks

Own = tuple[str, float, float]
"""Treatment, what the arm gives to contrasts, its variance."""


class Matrices(msgspec.Struct):
    """Contrasts seen (m), which treatments they part (m, t - 1), their covariance and that of a unit of tau2 (m, m)."""

    y: np.ndarray
    x: np.ndarray
    v: np.ndarray
    unit: np.ndarray

    def fitted(self, tau2: float) -> tuple[np.ndarray, np.ndarray, float, float]:
        """Values, covariance, Q, and minus twice the restricted log-likelihood."""
        whole = self.v + tau2 * self.unit
        weights = np.linalg.inv(whole)
        covariance = np.linalg.inv(self.x.T @ weights @ self.x)
        values = covariance @ self.x.T @ weights @ self.y
        left = self.y - self.x @ values
        q = float(left @ weights @ left)
        volume = float(np.linalg.slogdet(whole)[1] - np.linalg.slogdet(covariance)[1])
        return values, covariance, q, q + volume

    def least_deviance(self, most: float) -> float:
        best = minimize_scalar(lambda tau2: self.fitted(tau2)[3], bounds=(0, most), method="bounded")
        return min(float(best.fun), self.fitted(0.0)[3])

    def moments(self) -> float:
        weights = np.linalg.inv(self.v)
        hat = self.x @ np.linalg.inv(self.x.T @ weights @ self.x) @ self.x.T @ weights
        df = len(self.y) - self.x.shape[1]
        if df == 0:
            return 0.0
        per_unit = float(np.trace((np.eye(len(hat)) - hat) @ self.unit @ weights))
        return max(0.0, (self.fitted(0.0)[2] - df) / per_unit) if per_unit > 1e-12 else 0.0


def own(row: Row, measure: str) -> Own:
    if isinstance(row, MeanArm):
        return row.treatment, row.mean, row.sd**2 / row.n
    assert isinstance(row, EventArm)
    e, n = row.events, row.n
    given_by = {
        "OR": (log(e / (n - e)), 1 / e + 1 / (n - e)),
        "RR": (log(e / n), 1 / e - 1 / n),
        "RD": (e / n, e * (n - e) / n**3),
    }
    return row.treatment, *given_by[measure]


def matrices(rows: list[Row], island: Island, measure: str) -> Matrices:
    names = island.found.treatments
    trials: dict[str, list[Own]] = {}
    for row in rows:
        if row.treatment in names:  # type: ignore[union-attr]
            trials.setdefault(row.study, []).append(own(row, measure))
    y, x, v, unit = [], [], [], []
    for (first, value, variance), *others in trials.values():
        for name, other, _ in others:
            y.append(other - value)
            line = np.zeros(len(names))
            line[names.index(name)] += 1
            line[names.index(first)] -= 1
            x.append(line[1:])
        v.append(np.diag([o[2] for o in others]) + variance)
        unit.append((np.eye(len(others)) + 1) / 2)
    return Matrices(np.array(y), np.array(x), block_diag(*v), block_diag(*unit))


def assert_as_the_textbook(rows: list[Row], measure: str) -> None:
    for method in ("DL", "REML"):
        for island in analyse(rows, measure, method=method).islands:  # type: ignore[arg-type]
            book, its = matrices(rows, island, measure), island.found
            values, covariance, _, _ = book.fitted(its.tau2)
            places = range(1, len(its.treatments))
            assert [its.estimate(i, 0) for i in places] == pytest.approx(list(values), rel=1e-6, abs=1e-8)
            assert [its.se(i, 0) ** 2 for i in places] == pytest.approx(list(np.diag(covariance)), rel=1e-6)
            assert island.parted.total == pytest.approx(book.fitted(0.0)[2], rel=1e-6, abs=1e-7)
            if method == "DL":
                assert its.tau2 == pytest.approx(book.moments(), rel=1e-6, abs=1e-9)
            elif island.parted.df > 0:
                assert book.fitted(its.tau2)[3] <= book.least_deviance(4 * (its.tau2 + 1)) + 1e-6


@settings(max_examples=20, deadline=None)
@given(networks(), st.sampled_from(["OR", "RR", "RD"]))
def test_counts_are_analysed_as_the_textbook_says(rows: list[Row], measure: str) -> None:
    assert_as_the_textbook(rows, measure)


@settings(max_examples=20, deadline=None)
@given(mean_networks())
def test_means_are_analysed_as_the_textbook_says(rows: list[Row]) -> None:
    assume(len({row.study for row in rows}) > 1)
    assert_as_the_textbook(rows, "MD")
