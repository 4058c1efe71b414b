"""The same systems as matrices: the way for members whose modes lie too close together for closed forms.

Off the diagonal a compartmental matrix has no negative entry, so scaling and squaring after a shift adds positive
numbers only and cancels nothing.
"""

import numpy as np

from lowtide.science.pharmacology.lanes import compiled
from lowtide.science.pharmacology.regimen import Inputs
from lowtide.science.pharmacology.structure import SITES, Array, Parameters, Shape, System

Rates = dict[tuple[str, str], Array]
METABOLITES = ("nk", "hnk")


@compiled
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


def generator(system: System, members: Array) -> tuple[Array, Array, Array]:
    """These members' matrices (n, s, s), where each way in enters (n, s, channels), their outputs (n, outputs, s) in mg/L."""
    p = {name: value[members] for name, value in system.parameters.items()}
    moves, makes = _moves(p, system.shape), _makes(p, system.shape)
    for number, channel in enumerate(system.channels):
        if channel.ka is not None:
            target = _entry(system, channel.into)
            rate = channel.ka[members]
            if channel.into == "metabolism":
                moves[f"ka{number}", ""] = rate
                makes[f"ka{number}", target] = rate * p["f_nk"] * p["nk_mass"]
            else:
                moves[f"ka{number}", target] = rate
    names = sorted({name for pair in (*moves, *makes) for name in pair} - {""})
    at = {name: i for i, name in enumerate(names)}
    a = np.zeros((len(members), len(names), len(names)))
    for (source, target), rate in moves.items():
        a[:, at[source], at[source]] -= rate
        if target:
            a[:, at[target], at[source]] += rate
    for (source, target), rate in makes.items():
        a[:, at[target], at[source]] += rate
    return a, _inputs(system, p, at), _outputs(system, p, at)


def _entry(system: System, into: str) -> str:
    if into == "metabolism":
        return "to nk 0" if system.shape.transit_nk else "nk"
    return f"parent {system.shape.liver}" if into == "liver" else "parent"


def _moves(p: Parameters, shape: Shape) -> Rates:
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


def _makes(p: Parameters, shape: Shape) -> Rates:
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


def _filters(p: Parameters, shape: Shape) -> list[tuple[str, str, Array]]:
    """Each filter: its name, what it follows, its rate 1/h."""
    lags = (
        [(f"lag {name}", name, p["venous_rate"]) for name in ("parent", "nk", "hnk")] if shape.linked else []
    )
    sites = [(site, "parent", p[f"ke0_{site}"]) for site in SITES] if "mind" in shape.outputs else []
    return lags + sites


def _inputs(system: System, p: Parameters, at: dict[str, int]) -> Array:
    enters = np.zeros((len(p["v1"]), len(at), len(system.channels)))
    for number, channel in enumerate(system.channels):
        place = _entry(system, channel.into) if channel.ka is None else f"ka{number}"
        enters[:, at[place], number] = 1.0
    for number, channel in enumerate(system.channels):
        if channel.into == "metabolism" and channel.ka is None:
            enters[:, :, number] *= (p["f_nk"] * p["nk_mass"])[:, None]
    return enters


def _outputs(system: System, p: Parameters, at: dict[str, int]) -> Array:
    shape, volumes = system.shape, {"parent": p["v1"], "nk": p["v1_nk"], "hnk": p["v1_hnk"]}
    rows = np.zeros((len(p["v1"]), len(system.outputs), len(at)))
    for o, name in enumerate(system.outputs):
        if name in SITES:
            rows[:, o, at[name]] = 1.0
            continue
        watched = tuple(volumes)[shape.outputs.index(name) % 3]
        lagging = shape.linked and name.startswith("venous")
        share = p["venous_share"] if lagging else np.ones_like(p["v1"])
        rows[:, o, at[watched]] = share / volumes[watched]
        if lagging:
            rows[:, o, at[f"lag {watched}"]] = 1 - share
        if f"times {name}" in p:
            rows[:, o] *= p[f"times {name}"][:, None]
    return rows


def travelled(
    system: System, inputs: Inputs, times_h: Array, members: Array, places: Array | None
) -> tuple[Array, Array, Array]:
    """These members' levels (n, outputs, times) in mg/L, areas in mg h/L and where they end up, (n, s): by matrix
    exponentials from `places` (n, s) at the first time, None for rest."""
    a, enters, reads = generator(system, members)
    start = np.zeros(a.shape[:2]) if places is None else places
    states, given = _follow(
        a,
        enters,
        start,
        times_h,
        inputs.bolus_at,
        inputs.bolus[members],
        inputs.window_at,
        inputs.window_for[members],
        inputs.window[members],
    )
    whole = np.linalg.solve(-a, (given - (states[:, -1] - start))[:, :, None])
    return reads @ states.transpose(0, 2, 1), (reads @ whole)[:, :, 0], states[:, -1].copy()


@compiled
def _follow(generators, enters, start, times, bolus_at, bolus, window_at, window_for, window):
    """The states (n, times, s) just before what is given at each time, and what was given in all, (n, s)."""
    members, size, channels = enters.shape
    states, total = np.zeros((members, times.size, size)), np.zeros((members, size))
    for i in range(members):
        whole = np.zeros((size + channels, size + channels))
        whole[:size, :size], whole[:size, size:] = generators[i], enters[i]
        edges = _edges(times, bolus_at, window_at, window_for[i])
        known, powers = [-1.0], [whole]
        x = np.zeros(size + channels)
        x[:size] = start[i]
        states[i, 0] = start[i]
        at = 1
        for e in range(edges.size - 1):
            dt = edges[e + 1] - edges[e]
            x[size:] = 0.0
            _give(
                x,
                size,
                edges[e],
                dt,
                enters[i],
                bolus_at,
                bolus[i],
                window_at,
                window_for[i],
                window[i],
                total[i],
            )
            x = _power(whole, dt, known, powers) @ x
            if edges[e + 1] == times[at]:
                states[i, at] = x[:size]
                at += 1
    return states, total


@compiled
def _edges(times, bolus_at, window_at, window_for):
    """Every moment at which something is asked or a rate changes, within the asked span."""
    every = np.concatenate((times, bolus_at.ravel(), window_at.ravel(), (window_at + window_for).ravel()))
    every = np.unique(every)
    return every[(every >= times[0]) & (every <= times[-1])]


@compiled
def _give(x, size, now, dt, enters, bolus_at, bolus, window_at, window_for, window, total):
    """Boluses at `now` into the state, running rates (mg/h) into its tail."""
    for c in range(bolus_at.shape[0]):
        amount = 0.0
        for b in range(bolus_at.shape[1]):
            if bolus_at[c, b] == now:
                amount += bolus[c, b]
        for v in range(window_at.shape[1]):
            if window_at[c, v] <= now + dt / 2 < window_at[c, v] + window_for[c, v]:
                x[size + c] += window[c, v] / window_for[c, v]
        for k in range(size):
            x[k] += amount * enters[k, c]
            total[k] += (amount + x[size + c] * dt) * enters[k, c]


@compiled
def _power(whole, dt, known, powers):
    """exp(whole dt), remembered by its step."""
    for j in range(len(known)):
        if abs(known[j] - dt) <= 1e-12:
            return powers[j]
    found = exponential(whole, dt)
    if len(known) < 64:
        known.append(dt)
        powers.append(found)
    return found


def steady(system: System, members: Array) -> Array:
    """Level that one mg an hour for ever would hold, (n, channels, outputs), which is the area of one mg."""
    a, enters, reads = generator(system, members)
    return np.asarray((reads @ np.linalg.solve(-a, enters)).transpose(0, 2, 1))
