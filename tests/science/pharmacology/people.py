"""Random members of every shape and random regimens for them, for the laws of propagation."""

import numpy as np

from lowtide.science.pharmacology import structure
from lowtide.science.pharmacology.regimen import Inputs
from lowtide.science.pharmacology.structure import Channel, Parameters, System

RANGES = {  # L, L/h, h, 1/h: wider than any published member
    "v1": (3, 60), "v2": (10, 200), "v3": (50, 400), "vh": (0.5, 5), "cl": (20, 140), "q2": (20, 250), "q3": (10, 150),
    "qh": (30, 120), "kel": (5, 60), "kmet": (5, 60), "f_nk": (0.3, 1), "v1_nk": (10, 150), "v2_nk": (20, 250),
    "cl_nk": (15, 90), "q_nk": (20, 250), "f_hnk": (0.2, 1), "v1_hnk": (10, 150), "v2_hnk": (20, 250),
    "cl_hnk": (10, 90), "q_hnk": (20, 250), "nk_mass": (0.9, 1), "hnk_mass": (1, 1.1), "mtt_nk": (0.05, 1.5),
    "mtt_hnk": (0.05, 1.5), "ke0_mind": (1, 60), "ke0_pressure": (1, 60), "ke0_pain": (0.5, 30), "venous_rate": (1, 20),
    "venous_share": (0.2, 0.8), "times venous norketamine": (0.7, 1.4),
}  # fmt: skip
ALWAYS = [n for n in RANGES if n not in ("v3", "q3", "vh", "qh", "kel", "kmet", "cl", "mtt_nk", "mtt_hnk")]
SHAPES = {  # optional parameters; arterial; linked
    "liver": (("vh", "qh", "kel", "kmet", "mtt_nk", "mtt_hnk"), True, True),
    "four": (("v3", "q3", "vh", "qh", "kel", "kmet", "mtt_hnk"), True, True),
    "three": (("v3", "q3", "cl", "mtt_nk"), True, False),
    "two": (("cl",), False, False),
}


def drawn(rng: np.random.Generator, shape: str, members: int) -> Parameters:
    extra, _, linked = SHAPES[shape]
    names = [n for n in [*ALWAYS, *extra] if linked or not n.startswith(("venous", "times"))]
    return {n: np.exp(rng.uniform(np.log(RANGES[n][0]), np.log(RANGES[n][1]), members)) for n in names}


def ways(rng: np.random.Generator, shape: str, members: int) -> tuple[Channel, ...]:
    def ka() -> np.ndarray:
        return np.exp(rng.uniform(np.log(0.3), np.log(20), members))

    first = [Channel("centre"), Channel("centre", ka())]
    gut = [Channel("liver", ka())] if "vh" in SHAPES[shape][0] else [Channel("metabolism", ka())]
    return tuple(first + gut)[: int(rng.integers(1, 4))]


def system(p: Parameters, shape: str, channels: tuple[Channel, ...]) -> System:
    _, arterial, linked = SHAPES[shape]
    return structure.build(p, structure.shape_of(p, arterial=arterial, linked=linked), channels)


def regimen(rng: np.random.Generator, channels: tuple[Channel, ...], members: int, until_h: float) -> Inputs:
    """A bolus and two windows through each way, at moments of their own; windows of each member's own length."""
    many = (members, len(channels))
    return Inputs(
        channels,
        rng.uniform(0, until_h, (len(channels), 1)),
        rng.uniform(1, 40, (*many, 1)),
        rng.uniform(0, until_h, (len(channels), 2)),
        rng.uniform(0.05, 2, (*many, 2)),
        rng.uniform(5, 80, (*many, 2)),
    )


def off(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference as a share of each output's peak; times last."""
    peak = np.abs(expected).max(-1, keepdims=True)
    return float((np.abs(found - expected) / np.where(peak > 0, peak, 1.0)).max())
