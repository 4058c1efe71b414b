"""The same kinetics written down once more, as differential equations, and solved by scipy's matrix exponential."""

from collections.abc import Callable

import numpy as np
from scipy.linalg import expm

from lowtide.science.pharmacology.regimen import Inputs
from lowtide.science.pharmacology.structure import Channel, Parameters, Shape

Equation = Callable[[str, str, float], None]


class Equations:
    """dx/dt = A x + B u, y = C x for one member; states by name, amounts in mg (filters in mg/L)."""

    def __init__(
        self, p: dict[str, float], shape: Shape, channels: tuple[Channel, ...], kas: list[float | None]
    ):
        self.p, self.shape = p, shape
        self.names: list[str] = []
        self.rates: dict[tuple[str, str], float] = {}
        self._parent()
        self._metabolites()
        self._filters()
        self.b: list[dict[str, float]] = [
            self._way(c, ka, i) for i, (c, ka) in enumerate(zip(channels, kas, strict=True))
        ]

    def _add(self, name: str, source: str, rate: float) -> None:
        for state in (name, source):
            if state not in self.names:
                self.names.append(state)
        self.rates[name, source] = self.rates.get((name, source), 0.0) + rate

    def _exchange(self, one: str, other: str, there: float, back: float) -> None:
        self._add(one, one, -there)
        self._add(other, one, there)
        self._add(other, other, -back)
        self._add(one, other, back)

    def _parent(self) -> None:
        p = self.p
        self._exchange("C", "P1", p["q2"] / p["v1"], p["q2"] / p["v2"])
        if "v3" in p:
            self._exchange("C", "P2", p["q3"] / p["v1"], p["q3"] / p["v3"])
        if "vh" in p:
            self._exchange("C", "L", p["qh"] / p["v1"], p["qh"] / p["vh"])
            self._add("L", "L", -p["kel"] - p["kmet"])
            self.broken_at, self.broken = "L", p["kmet"]
        else:
            self._add("C", "C", -p["cl"] / p["v1"])
            self.broken_at, self.broken = "C", p["cl"] / p["v1"]

    def _metabolites(self) -> None:
        p = self.p
        self.norketamine_of = p["f_nk"] * p["nk_mass"]
        self.first_nk = self._through(
            "nk", self.broken_at, self.broken * self.norketamine_of, self.shape.transit_nk
        )
        formed = p["cl_nk"] / p["v1_nk"] * p["f_hnk"] * p["hnk_mass"]
        self._through("hnk", "nk", formed, self.shape.transit_hnk)

    def _through(self, name: str, source: str, formed: float, transit: bool) -> str:
        p, first = self.p, name
        if transit:
            k = 2 / p[f"mtt_{name}"]
            first = f"{name} a"
            self._add(first, first, -k)
            self._add(f"{name} b", first, k)
            self._add(f"{name} b", f"{name} b", -k)
            self._add(name, f"{name} b", k)
        self._add(first, source, formed)
        self._add(name, name, -p[f"cl_{name}"] / p[f"v1_{name}"])
        self._exchange(name, f"{name}2", p[f"q_{name}"] / p[f"v1_{name}"], p[f"q_{name}"] / p[f"v2_{name}"])
        return first

    def _filters(self) -> None:
        volume = {"C": self.p["v1"], "nk": self.p["v1_nk"], "hnk": self.p["v1_hnk"]}
        follow = [(f"lag {s}", s, self.p["venous_rate"]) for s in volume] if self.shape.linked else []
        if "mind" in self.shape.outputs:
            follow += [(site, "C", self.p[f"ke0_{site}"]) for site in ("mind", "pressure", "pain")]
        for name, source, rate in follow:
            self._add(name, source, rate / volume[source])
            self._add(name, name, -rate)

    def _way(self, channel: Channel, ka: float | None, number: int) -> dict[str, float]:
        into = {"centre": ("C", 1.0), "liver": ("L", 1.0), "metabolism": (self.first_nk, self.norketamine_of)}
        place, share = into[channel.into]
        if ka is None:
            return {place: share}
        self._add(place, f"D{number}", ka * share)
        self._add(f"D{number}", f"D{number}", -ka)
        return {f"D{number}": 1.0}

    def matrices(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        at = {name: i for i, name in enumerate(self.names)}
        a = np.zeros((len(at), len(at)))
        for (row, column), rate in self.rates.items():
            a[at[row], at[column]] = rate
        b = np.zeros((len(at), len(self.b)))
        for c, way in enumerate(self.b):
            for name, share in way.items():
                b[at[name], c] = share
        return a, b, np.stack([self._row(output, at) for output in self.shape.outputs])

    def _row(self, output: str, at: dict[str, int]) -> np.ndarray:
        row = np.zeros(len(at))
        if output in at:
            row[at[output]] = 1.0
            return row
        site, analyte = output.split()
        state = {"ketamine": "C", "norketamine": "nk", "hydroxynorketamine": "hnk"}[analyte]
        volume = self.p["v1"] if state == "C" else self.p[f"v1_{state}"]
        lagging = site == "venous" and self.shape.linked
        share = self.p["venous_share"] if lagging else 1.0
        row[at[state]] = share / volume
        if lagging:
            row[at[f"lag {state}"]] = 1 - share
        return row * self.p.get(f"times {output}", 1.0)


def equations(p: Parameters, shape: Shape, channels: tuple[Channel, ...], member: int) -> Equations:
    own = {name: float(value[member]) for name, value in p.items()}
    return Equations(own, shape, channels, [None if c.ka is None else float(c.ka[member]) for c in channels])


def solved(found: Equations, inputs: Inputs, times_h: np.ndarray, member: int) -> np.ndarray:
    """Levels (outputs, times) in mg/L from rest at the first time; a bolus at an asked time counts after it."""
    a, b, c = found.matrices()
    size, ways = b.shape
    begins = np.broadcast_to(inputs.window_at, inputs.window[member].shape)
    ends = begins + inputs.window_for[member]
    edges = np.unique(np.concatenate([times_h, begins.ravel(), ends.ravel(), inputs.bolus_at.ravel()]))
    edges = edges[(edges >= times_h[0]) & (edges <= times_h[-1])]
    whole = np.zeros((size + ways, size + ways))
    whole[:size, :size], whole[:size, size:] = a, b
    steps = expm(whole * np.diff(edges)[:, None, None])
    x, levels = np.zeros(size), {edges[0]: np.zeros(len(c))}
    for edge, after, step in zip(edges, edges[1:], steps, strict=False):
        x = x + b @ (inputs.bolus[member] * (inputs.bolus_at == edge)).sum(1)
        running = (begins <= edge) & (edge < ends)
        rate = (inputs.window[member] / inputs.window_for[member] * running).sum(1)
        x = (step @ np.concatenate([x, rate]))[:size]
        levels[after] = c @ x
    return np.stack([levels[t] for t in times_h], 1)
