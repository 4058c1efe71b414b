"""The same systems as matrices: the way for members whose modes lie too close together for closed forms.

Off the diagonal a compartmental matrix has no negative entry, so scaling and squaring after a shift adds positive
numbers only and cancels nothing.
"""

import numpy as np

from lowtide.science.pharmacology import kernel
from lowtide.science.pharmacology.regimen import Inputs
from lowtide.science.pharmacology.structure import SITES, Array, Shape, System

Rates = dict[tuple[str, str], float]
METABOLITES = ("nk", "hnk")


@kernel.compiled
def exponential(generator, t):
    """exp(generator t) of a matrix without negative entries off the diagonal: (s, s) in 1/h, t in h."""
    size = generator.shape[0]
    shift = 0.0
    for i in range(size):
        shift = max(shift, -generator[i, i])
    halvings = 0
    while shift * t / 2.0**halvings > 0.5:
        halvings += 1
    step = t / 2.0**halvings
    positive = generator.copy()
    for i in range(size):
        positive[i, i] += shift
    total, term = np.eye(size), np.eye(size)
    for k in range(1, 16):
        term = term @ positive * (step / k)
        total += term
    total *= np.exp(-shift * step)
    for _ in range(halvings):
        total = total @ total
    return total


def generator(system: System, member: int) -> tuple[Array, Array, Array]:
    """One member's matrix (s, s), where each way in enters (s, channels), and its outputs (outputs, s) in mg/L."""
    p = {name: float(value[member]) for name, value in system.parameters.items()}
    moves, makes = _moves(p, system.shape), _makes(p, system.shape)
    for number, channel in enumerate(system.channels):
        if channel.ka is not None:
            target = _entry(system, channel.into)
            rate = float(channel.ka[member])
            if channel.into == "metabolism":
                moves[f"ka{number}", ""] = rate
                makes[f"ka{number}", target] = rate * p["f_nk"] * p["nk_mass"]
            else:
                moves[f"ka{number}", target] = rate
    names = sorted({name for pair in (*moves, *makes) for name in pair} - {""})
    at = {name: i for i, name in enumerate(names)}
    a = np.zeros((len(names), len(names)))
    for (source, target), rate in moves.items():
        a[at[source], at[source]] -= rate
        if target:
            a[at[target], at[source]] += rate
    for (source, target), rate in makes.items():
        a[at[target], at[source]] += rate
    return a, _inputs(system, p, at), _outputs(system.shape, p, at)


def _entry(system: System, into: str) -> str:
    if into == "metabolism":
        return "to nk 0" if system.shape.transit_nk else "nk"
    return f"parent {system.shape.liver}" if into == "liver" else "parent"


def _moves(p: dict[str, float], shape: Shape) -> Rates:
    """What leaves one place for another, or for good (“”), 1/h."""
    moves = {("parent", "parent 0"): p["q2"] / p["v1"], ("parent 0", "parent"): p["q2"] / p["v2"]}
    if "v3" in p:
        moves |= {("parent", "parent 1"): p["q3"] / p["v1"], ("parent 1", "parent"): p["q3"] / p["v3"]}
    if shape.liver is None:
        moves["parent", ""] = p["cl"] / p["v1"]
    else:
        liver = f"parent {shape.liver}"
        moves |= {("parent", liver): p["qh"] / p["v1"], (liver, "parent"): p["qh"] / p["vh"]}
        moves[liver, ""] = p["kel"] + p["kmet"]
    for name, transit in zip(METABOLITES, (shape.transit_nk, shape.transit_hnk), strict=True):
        moves[name, ""] = p[f"cl_{name}"] / p[f"v1_{name}"]
        moves[name, f"{name} 0"] = p[f"q_{name}"] / p[f"v1_{name}"]
        moves[f"{name} 0", name] = p[f"q_{name}"] / p[f"v2_{name}"]
        if transit:
            rate = 2 / p[f"mtt_{name}"]
            moves |= {(f"to {name} 0", f"to {name} 1"): rate, (f"to {name} 1", name): rate}
    return moves | {(name, ""): rate for name, _, rate in _filters(p, shape)}


def _makes(p: dict[str, float], shape: Shape) -> Rates:
    """What one place makes in another without losing it: metabolites for parent metabolised, and filters, 1/h."""
    source = "parent" if shape.liver is None else f"parent {shape.liver}"
    broken = p["cl"] / p["v1"] if shape.liver is None else p["kmet"]
    makes = {
        (source, "to nk 0" if shape.transit_nk else "nk"): broken * p["f_nk"] * p["nk_mass"],
        ("nk", "to hnk 0" if shape.transit_hnk else "hnk"): p["cl_nk"]
        / p["v1_nk"]
        * p["f_hnk"]
        * p["hnk_mass"],
    }
    volumes = {"parent": p["v1"], "nk": p["v1_nk"], "hnk": p["v1_hnk"]}
    return makes | {(watched, name): rate / volumes[watched] for name, watched, rate in _filters(p, shape)}


def _filters(p: dict[str, float], shape: Shape) -> list[tuple[str, str, float]]:
    """Each filter: its name, what it follows, its rate 1/h."""
    lags = (
        [(f"lag {name}", name, p["venous_rate"]) for name in ("parent", "nk", "hnk")] if shape.linked else []
    )
    sites = [(site, "parent", p[f"ke0_{site}"]) for site in SITES] if "mind" in shape.outputs else []
    return lags + sites


def _inputs(system: System, p: dict[str, float], at: dict[str, int]) -> Array:
    enters = np.zeros((len(at), len(system.channels)))
    for number, channel in enumerate(system.channels):
        place = _entry(system, channel.into) if channel.ka is None else f"ka{number}"
        enters[at[place], number] = 1.0
    for number, channel in enumerate(system.channels):
        if channel.into == "metabolism" and channel.ka is None:
            enters[:, number] *= p["f_nk"] * p["nk_mass"]
    return enters


def _outputs(shape: Shape, p: dict[str, float], at: dict[str, int]) -> Array:
    volumes = {"parent": p["v1"], "nk": p["v1_nk"], "hnk": p["v1_hnk"]}
    rows = np.zeros((len(shape.outputs), len(at)))
    for o, name in enumerate(shape.outputs):
        if name in SITES:
            rows[o, at[name]] = 1.0
            continue
        watched = tuple(volumes)[o % 3]
        share = p["venous_share"] if shape.linked and name.startswith("venous") else 1.0
        rows[o, at[watched]] = share / volumes[watched]
        if share < 1.0:
            rows[o, at[f"lag {watched}"]] = 1 - share
        rows[o] *= p.get(f"times {name}", 1.0)
    return rows


def travelled(system: System, inputs: Inputs, times_h: Array, member: int) -> tuple[Array, Array]:
    """One member's levels (outputs, times) in mg/L and areas in mg h/L, from rest, by matrix exponentials."""
    a, enters, reads = generator(system, member)
    size, channels = enters.shape
    edges = np.array(_edges(inputs, times_h, member))
    whole = np.zeros((size + channels, size + channels))
    whole[:size, :size], whole[:size, size:] = a, enters
    steps, which = np.unique(np.round(np.diff(edges), 12), return_inverse=True)
    exponentials = np.stack([exponential(whole, step) for step in steps])
    rates = _rates(inputs, (edges[:-1] + edges[1:]) / 2, member)
    boluses = _at_once(inputs, edges, member) @ enters.T
    states = _follow(exponentials, which, rates, boluses, size)
    given = boluses[:-1].sum(0) + enters @ (rates * np.diff(edges)[:, None]).sum(0)
    areas = reads @ np.linalg.solve(-a, given - states[-1])
    return reads @ states[np.isin(edges, times_h)].T, areas


@kernel.compiled
def _follow(exponentials, which, rates, boluses, size):
    """The states just before each edge's bolus, (edges, size)."""
    states = np.zeros((boluses.shape[0], size))
    x = np.zeros(exponentials.shape[1])
    for i in range(which.size):
        x[:size] += boluses[i]
        x[size:] = rates[i]
        x = exponentials[which[i]] @ x
        states[i + 1] = x[:size]
    return states


def _edges(inputs: Inputs, times_h: Array, member: int) -> list[float]:
    """Every moment at which something is asked or a rate changes, within the asked span."""
    begins = np.broadcast_to(inputs.window_at, inputs.window[member].shape)
    ends = begins + inputs.window_for[member]
    used = inputs.window[member] != 0
    boluses = inputs.bolus_at[inputs.bolus[member] != 0]
    found = sorted({*times_h.tolist(), *begins[used].tolist(), *ends[used].tolist(), *boluses.tolist()})
    return [edge for edge in found if times_h[0] <= edge <= times_h[-1]]


def _at_once(inputs: Inputs, edges: Array, member: int) -> Array:
    """What is given at each edge, (edges, channels)."""
    here = np.abs(inputs.bolus_at - edges[:, None, None]) < 1e-12
    return np.asarray((inputs.bolus[member] * here).sum(2))


def _rates(inputs: Inputs, moments: Array, member: int) -> Array:
    """The rates at each moment, mg/h (moments, channels)."""
    begins, lasts, moment = inputs.window_at, inputs.window_for[member], moments[:, None, None]
    running = (begins <= moment) & (moment < begins + lasts)
    return np.asarray((inputs.window[member] / lasts * running).sum(2))


def steady(system: System, member: int) -> Array:
    """Level that one mg an hour for ever would hold, (channels, outputs), which is the area of one mg."""
    a, enters, reads = generator(system, member)
    return np.asarray((reads @ np.linalg.solve(-a, enters)).T)
